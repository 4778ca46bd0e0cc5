/** Nobody sees an effect before its cause, however the two sources run ahead of each other: on every store. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { createStoreFeed, type EventFeed, type EventStore } from '@mora/eventing';
import fc from 'fast-check';
import {
  countedIn,
  countFacts,
  createReader,
  createSource,
  type FactSource,
  factOf,
  type Reader,
  type StoreLane,
} from './rig.js';

/** A feed that shows only so much of its source. */
const heldBack = (feed: EventFeed, open: () => number): EventFeed => ({
  ...feed,
  read: async (request) => {
    const limit = Math.min(request.limit, open() - request.after.position);
    if (limit <= 0) return { from: request.after, events: [], head: { epoch: 1, position: open() } };
    return feed.read({ ...request, limit });
  },
});

/** Another processor of the same service, which shares its writer and is always ahead. */
const aheadOf = (seen: Reader, cause: FactSource): Reader => {
  const other = createReader(seen.store, [cause.feed], { activity: cause.activity, processor: 'other', on: {} });
  Reflect.set(other.consumer, 'options', { ...Reflect.get(other.consumer, 'options'), writer: seen.writer });
  return other;
};

/** Causes are said and shown to the last reader by `moves`; their effects he always sees. @returns how many were said. */
const play = async (store: EventStore, moves: readonly number[]): Promise<number> => {
  const cause = createSource('intake');
  const effect = createSource('tiering', cause.activity);
  const middle = createReader(effect.store, [cause.feed], { activity: cause.activity });
  const effects = createStoreFeed(effect.store, middle.writer, { wall: () => Date.now() });
  await middle.consumer.start();
  let open = 0;
  const held = heldBack(cause.feed, () => open);
  const seen = createReader(store, [held, effects], { activity: cause.activity, batch: 2 });
  const other = aheadOf(seen, cause);
  await other.consumer.start();
  await seen.consumer.start();
  const look = async (): Promise<void> => {
    Reflect.get(seen.consumer, 'kick').call(seen.consumer, 'intake', 0);
    await cause.activity.quiet();
  };
  let said = 0;
  for (const move of moves) {
    if (move < 2) await cause.say('a', `a.${++said}`);
    else open = Math.min(said, open + move - 1);
    await cause.feed.poll();
    await look();
  }
  open = said;
  await look();
  for (const { consumer } of [other, seen, middle]) await consumer.stop();
  return said;
};

export const causalityContract = (name: string, lane: StoreLane, runs: number): void => {
  describe(`the consumer on ${name}`, () => {
    it('wakes what waits for a part of a batch, also when the rest of it waits', async () => {
      const cause = createSource('intake');
      const effect = createSource('tiering', cause.activity);
      for (const fact of ['a.1', 'a.2']) await cause.say('a', fact);
      effect.writer.noteTaken('intake', 0, { epoch: 1, position: 1 });
      await effect.say('a', 'of a.1');
      const store = await lane.fresh();
      const seen = new Set<string>();
      const waits = (event: EventEnvelope) => {
        if (factOf(event) === 'a.2' && !seen.has('of a.1'))
          throw Object.assign(new Error('not yet'), { retryLater: true });
        seen.add(factOf(event));
      };
      const on = { Counted: countFacts(waits) };
      const reader = createReader(store, [cause.feed, effect.feed], { activity: cause.activity, on });
      await reader.consumer.start();
      await cause.activity.quiet();
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['a.1', 'of a.1', 'a.2']);
    });

    it('never sees an effect before its cause', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 18 }), async (moves) => {
          const store = await lane.fresh();
          const said = await play(store, moves);
          const counted = await countedIn(store);
          expect(counted).toHaveLength(said * 2);
          for (let n = 1; n <= said; n++) expect(counted.filter((of) => of === `a.${n}`)).toHaveLength(2);
          const { events } = await store.read({ shard: 0, after: { epoch: 0, position: 0 }, limit: 500 });
          const notes = events.map((e) => (e.data as { note: string }).note);
          for (let n = 1; n <= said; n++)
            expect(notes.indexOf(`intake/1/0/${n}`)).toBeLessThan(notes.indexOf(`tiering/1/0/${n}`));
        }),
        { numRuns: runs },
      );
    });
  });
};
