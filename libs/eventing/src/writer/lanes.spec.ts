import { expect, it } from '@jest/globals';
import { StoreUnavailable } from '../errors.js';
import type { Item } from './item.js';
import { Lanes } from './lanes.js';

const itemOf = (shard: number) => {
  const told = Promise.withResolvers<unknown>();
  const item: Item = { shard, commands: [], resolve: told.resolve, reject: told.reject, end: () => undefined };
  return { item, told: told.promise };
};

it('gives a lane up that hangs: its callers hear of it, and its shard goes on by another', async () => {
  const hung = itemOf(0);
  const lanes = new Lanes({
    shards: 2,
    lanes: 1,
    maxItems: 10,
    longestMs: 30,
    work: async (items) => {
      if (items.includes(hung.item)) return new Promise(() => undefined);
      for (const item of items) item.resolve('done');
    },
  });
  lanes.put(hung.item);
  await expect(hung.told).rejects.toBeInstanceOf(StoreUnavailable);
  const next = itemOf(0);
  lanes.put(next.item);
  expect(await next.told).toBe('done');
  await lanes.drained();
});
