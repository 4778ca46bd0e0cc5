import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createStoreFeed, MemoryStore, StoreUnavailable } from '@mora/eventing';
import {
  allOf,
  count,
  countedIn,
  createReader,
  type ServerAt,
  SHARDS,
  serverAt,
  serverFolder,
  sqlMigration,
  writerOn,
} from '@mora/test-kit';
import type { Pool } from 'pg';
import { EVENT_STORE_MIGRATION, PostgresStore } from './index.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const replicaOn = async (server: ServerAt) => {
  const pool: Pool = server.pool('dialer');
  cleanUps.push(() => pool.end());
  const store = await PostgresStore.open({ pool, source: 'dialer', shards: SHARDS });
  return { store, writer: writerOn(store) };
};
type Replica = Awaited<ReturnType<typeof replicaOn>>;

/** As every caller does: a store that does not answer is asked again. */
const say = async ({ writer }: Replica, fact: string) => {
  for (let tries = 0; ; tries++) {
    try {
      return (await writer.execute(count('a', fact, 0))).events[0]!;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || tries > 40) throw error;
      await pause(50);
    }
  }
};

describe('a server whose older copy takes over', () => {
  it('is written to in one new epoch by all replicas that ran meanwhile, and nobody drops a fact', async () => {
    const folder = await serverFolder();
    cleanUps.push(() => folder.remove());
    const first = await serverAt(folder);
    await first.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
    await say(await replicaOn(first), '1');
    for (const cleanUp of cleanUps.splice(1)) await cleanUp();
    await first.stop();
    await folder.backUp();

    const before = await serverAt(folder, first.port);
    const replicas = [await replicaOn(before), await replicaOn(before)] as const;
    for (const [i, replica] of replicas.entries()) await say(replica, `lost ${i}`);
    const subscriber = new MemoryStore('scoring', SHARDS);
    const follow = async ({ store, writer }: Replica) => {
      const reader = createReader(subscriber, [createStoreFeed(store, writer, { wall: () => Date.now() })]);
      await reader.consumer.start();
      await reader.activity.quiet();
      await reader.consumer.stop();
    };
    await follow(replicas[1]);
    await before.stop();
    await folder.restore();
    const after = await serverAt(folder, first.port);
    cleanUps.splice(1, 0, () => after.stop());

    const said = [await say(replicas[0], '2'), await say(replicas[1], '3'), await say(replicas[0], '4')];
    expect(said.map((e) => [e.epoch, e.position, e.version])).toEqual([
      [2, 2, 2],
      [2, 3, 3],
      [2, 4, 4],
    ]);
    expect((await allOf(replicas[1].store)).map((e) => `${e.epoch}/${e.position}`)).toEqual([
      '1/1',
      '2/2',
      '2/3',
      '2/4',
    ]);
    await follow(replicas[1]);
    expect(await countedIn(subscriber)).toEqual(['1', 'lost 0', 'lost 1', '2', '3', '4']);
  });
});
