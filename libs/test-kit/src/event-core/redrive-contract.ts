/** Parked facts that are driven again count once and in order, whatever fails meanwhile: on every store. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { type EventStore, StoreUnavailable } from '@mora/eventing';
import { failsOn, numbered, say, settled } from './facts.js';
import { countedIn, countFacts, createReader, createSource, factOf, type StoreLane, wrapStore } from './rig.js';

export const redriveContract = (name: string, lane: StoreLane): void => {
  describe(`the consumer on ${name}`, () => {
    it('drives a debtor’s parked facts again in order, and then lets new ones through', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 4));
      const store = await lane.fresh();
      let wrong = failsOn('a.2', 'a.3');
      const reader = createReader(store, [source.feed], { on: { Counted: countFacts((e) => wrong(e)) } });
      await reader.consumer.start();
      await settled(reader);
      wrong = failsOn('a.3');
      expect(await reader.consumer.redrive('a')).toBe(1);
      expect(await countedIn(store)).toEqual(numbered('a', 1, 2));
      const left = await store.parked({ subject: 'a', limit: 9 });
      expect(left.map((p) => [p.position, p.culprit])).toEqual([
        [3, true],
        [4, false],
      ]);
      await say(source, ['a.5']);
      await settled(reader);
      wrong = () => undefined;
      expect(await reader.consumer.redrive('a')).toBe(3);
      await say(source, ['a.6']);
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(numbered('a', 1, 6));
      expect(await store.parked({ limit: 9 })).toEqual([]);
      expect(await reader.consumer.redrive('a')).toBe(0);
    });

    it('leaves parked what still waits for an input when it is driven again', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 3));
      const store = await lane.fresh();
      let wrong: (e: EventEnvelope) => void = failsOn('a.1');
      const reader = createReader(store, [source.feed], { on: { Counted: countFacts((e) => wrong(e)) } });
      await reader.consumer.start();
      await settled(reader);
      wrong = (e) => {
        if (factOf(e) === 'a.2') throw Object.assign(new Error('not yet'), { retryLater: true });
      };
      expect(await reader.consumer.redrive('a')).toBe(1);
      await say(source, ['a.4']);
      await settled(reader);
      expect(await countedIn(store)).toEqual(['a.1']);
      wrong = () => undefined;
      expect(await reader.consumer.redrive('a')).toBe(3);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(numbered('a', 1, 4));
    });

    it('goes on after a redrive that the store refused', async () => {
      const source = createSource('intake');
      const store = await lane.fresh();
      let down = false;
      const flaky = wrapStore(store, {
        parked: (filter) => (down ? Promise.reject(new StoreUnavailable('down')) : store.parked(filter)),
      });
      let wrong = failsOn('a.1');
      const reader = createReader(flaky, [source.feed], { on: { Counted: countFacts((e) => wrong(e)) } });
      await reader.consumer.start();
      await say(source, ['a.1']);
      await settled(reader);
      wrong = () => undefined;
      down = true;
      await expect(reader.consumer.redrive('a')).rejects.toThrow('down');
      down = false;
      await say(source, ['b.1']);
      await settled(reader);
      expect(await reader.consumer.redrive('a')).toBe(1);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['b.1', 'a.1']);
    });

    it('counts a debtor’s parked facts once when two replicas drive them again at once', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 3));
      let wrong = failsOn('a.1');
      const on = { Counted: countFacts((e) => wrong(e)) };
      let asked = 0;
      let bothAsked: () => void = () => undefined;
      const both = new Promise<void>((resolve) => {
        bothAsked = resolve;
      });
      const meeting = (store: EventStore) =>
        wrapStore(store, {
          parked: async (filter) => {
            const rows = await store.parked(filter);
            if (filter.subject === undefined || asked >= 2) return rows;
            asked += 1;
            if (asked === 2) bothAsked();
            await both;
            return rows;
          },
        });
      const store = await lane.fresh();
      const one = createReader(meeting(store), [source.feed], { on });
      await one.consumer.start();
      await settled(one);
      const two = createReader(meeting(await lane.replica()), [source.feed], { on });
      await two.consumer.start();
      wrong = () => undefined;
      const driven = await Promise.all([one.consumer.redrive('a'), two.consumer.redrive('a')]);
      expect(driven.toSorted()).toEqual([0, 3]);
      await say(source, ['a.4']);
      await settled(one);
      await settled(two);
      await one.consumer.stop();
      await two.consumer.stop();
      expect(await countedIn(store)).toEqual(numbered('a', 1, 4));
      expect(await store.parked({ limit: 9 })).toEqual([]);
      expect([one, two].map(({ consumer }) => consumer.parked.size)).toEqual([0, 0]);
    });
  });
};
