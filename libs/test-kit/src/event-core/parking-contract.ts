/** What is wrong is parked with its cause and holds up its debtor alone; what only misses an input waits: on every store. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { append, command, type EventFeed, ref, type StoreWrite, UnstorableData } from '@mora/eventing';
import { failsOn, numbered, say, settled } from './facts.js';
import {
  countedIn,
  counter,
  countFacts,
  createReader,
  createSource,
  factOf,
  type StoreLane,
  wrapStore,
} from './rig.js';

export const parkingContract = (name: string, lane: StoreLane): void => {
  describe(`the consumer on ${name}`, () => {
    it('parks a poisonous fact with its cause, keeps its debtor waiting behind it and lets others go on', async () => {
      const source = createSource('intake');
      await say(source, ['a.1', 'a.2', 'b.1', 'a.3', 'b.2']);
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed], { on: { Counted: countFacts(failsOn('a.2')) } });
      await reader.consumer.start();
      await settled(reader);
      await say(source, ['a.4', 'b.3']);
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['a.1', 'b.1', 'b.2', 'b.3']);
      const parked = await store.parked({ processor: 'counting', limit: 9 });
      expect(parked.map((p) => [p.position, p.subject, p.culprit, p.error])).toEqual([
        [2, 'a', true, 'RangeError: cannot count a.2'],
        [4, 'a', false, 'waits behind a parked event'],
        [6, 'a', false, 'waits behind a parked event'],
      ]);
      expect([reader.consumer.parked.hasAny('a'), reader.consumer.parked.hasAny('b')]).toEqual([true, false]);
    });

    it('waits behind what another replica parked', async () => {
      const source = createSource('intake');
      const store = await lane.fresh();
      const first = createReader(store, [source.feed], { on: { Counted: countFacts(failsOn('a.1')) } });
      const second = createReader(await lane.replica(), [source.feed]);
      await second.consumer.start();
      await second.consumer.stop();
      await first.consumer.start();
      await say(source, ['a.1']);
      await settled(first);
      await first.consumer.stop();
      const third = createReader(store, [source.feed]);
      const fourth = createReader(await lane.replica(), [source.feed], { on: { Counted: countFacts(failsOn('c.1')) } });
      await third.consumer.start();
      await fourth.consumer.start();
      await third.consumer.stop();
      await say(source, ['b.1', 'c.1']);
      await settled(fourth);
      await fourth.consumer.stop();
      expect((await store.parked({ limit: 9 })).map((p) => p.subject)).toEqual(['a', 'c']);
      const fifth = createReader(store, [source.feed]);
      await fifth.consumer.start();
      await say(source, ['a.2', 'c.2', 'b.2']);
      await settled(fifth);
      await fifth.consumer.stop();
      expect(await countedIn(store)).toEqual(['b.1', 'b.2']);
    });

    it('learns at a moved checkpoint what another replica parked meanwhile', async () => {
      const source = createSource('intake');
      const store = await lane.fresh();
      const asleep: { wake: () => void }[] = [];
      const sleepy: EventFeed = {
        ...source.feed,
        onMore: (listener) => {
          asleep.push({ wake: () => listener(0) });
          return () => undefined;
        },
      };
      const late = createReader(await lane.replica(), [sleepy]);
      await late.consumer.start();
      await settled(late);
      const early = createReader(store, [source.feed], { on: { Counted: countFacts(failsOn('a.1')) } });
      await early.consumer.start();
      await say(source, ['a.1', 'b.1']);
      await settled(early);
      await early.consumer.stop();
      await say(source, ['a.2', 'b.2']);
      asleep[0]!.wake();
      await settled(late);
      await late.consumer.stop();
      expect(await countedIn(store)).toEqual(['b.1', 'b.2']);
    });

    it.each([
      [20, 'goes on'],
      [21, 'stops and says why'],
    ])('after %i debtors parked in a row %s', async (debtors, then) => {
      const source = createSource('intake');
      const store = await lane.fresh();
      const facts = Array.from({ length: debtors }, (_, i) => `d${i}.bad`);
      const reader = createReader(store, [source.feed], { on: { Counted: countFacts(failsOn(...facts)) } });
      await reader.consumer.start();
      await say(source, [...facts, 'z.1']);
      await settled(reader);
      await reader.consumer.stop();
      const stops = then !== 'goes on';
      expect([...reader.consumer.failures.keys()]).toEqual(stops ? ['intake/0'] : []);
      expect(reader.errors).toHaveLength(stops ? 1 : 0);
    });

    it('stays stopped whoever wakes it, also after a restart, alerts once, and goes on when a person resumes it', async () => {
      const source = createSource('intake');
      const store = await lane.fresh();
      const book = Array.from({ length: 60 }, (_, i) => `d${i}.bad`);
      let isMended = false;
      const on = { Counted: countFacts((event) => (isMended ? undefined : failsOn(...book)(event))) };
      const reader = createReader(store, [source.feed], { on });
      await say(source, book);
      await reader.consumer.start();
      await settled(reader);
      const parkedThen = await store.parked({ limit: 99 });
      expect(parkedThen).toHaveLength(21);
      await say(source, ['z.1']);
      await settled(reader);
      await reader.consumer.stop();
      const again = createReader(await lane.replica(), [source.feed], { on });
      await again.consumer.start();
      await say(source, ['z.2']);
      await settled(again);
      expect([reader.errors.length, again.errors.length]).toEqual([1, 0]);
      expect([...again.consumer.failures.keys()]).toEqual(['intake/0']);
      expect(await store.parked({ limit: 99 })).toEqual(parkedThen);
      isMended = true;
      expect(await again.consumer.resume()).toBe(1);
      await settled(again);
      await again.consumer.stop();
      expect(await countedIn(store)).toEqual([...book.slice(21), 'z.1', 'z.2']);
      expect([again.consumer.failures.size, await store.stoppedFeeds()]).toEqual([0, []]);
    });

    it('counts debtors in a row that fail, also when each has later facts that wait behind', async () => {
      const source = createSource('intake');
      const store = await lane.fresh();
      const facts = Array.from({ length: 30 }, (_, i) => `d${i}.bad`);
      const reader = createReader(store, [source.feed], { on: { Counted: countFacts(failsOn(...facts)) } });
      await say(
        source,
        facts.flatMap((fact) => [fact, fact.replace('bad', 'later')]),
      );
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect((await store.parked({ limit: 99 })).filter((p) => p.culprit)).toHaveLength(21);
    });

    it('parks only the fact whose effect the store cannot hold, and its debtor’s later ones', async () => {
      const source = createSource('intake');
      await say(source, ['a.1', 'b.1', 'a.2', 'a.3', 'b.2']);
      const store = await lane.fresh();
      const check = (write: StoreWrite) => {
        if (write.events.some((e) => e.data.includes('"a.2"'))) throw new UnstorableData('invalid byte \u0000');
        return write;
      };
      const picky = wrapStore(store, {
        commit: async (write) => store.commit(check(write)),
        locked: (shards, build) => store.locked(shards, async (session) => check(await build(session))),
      });
      const reader = createReader(picky, [source.feed]);
      await reader.consumer.start();
      await settled(reader);
      await say(source, ['a.4', 'b.3']);
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['a.1', 'b.1', 'b.2', 'b.3']);
      const parked = await store.parked({ limit: 9 });
      expect(parked.map((p) => [p.position, p.culprit])).toEqual([
        [3, true],
        [4, false],
        [6, false],
      ]);
    });

    it('parks what breaks its contract or its reaction', async () => {
      const source = createSource('intake');
      await say(source, ['a.1', 'b.1', 'c.1']);
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed], {
        check: (event) => (event.subject === 'a' ? 'amount: expected number' : null),
        on: {
          Counted: (event) => {
            if (event.subject === 'b') throw new TypeError('no such field');
            return countFacts()(event);
          },
        },
      });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect((await store.parked({ limit: 9 })).map((p) => p.error)).toEqual([
        'amount: expected number',
        'TypeError: no such field',
      ]);
      expect(await countedIn(store)).toEqual(['c.1']);
    });

    it('takes an event for what it is called, also when every object has something of that name', async () => {
      const names = ['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf'];
      const source = createSource('intake');
      for (const type of names) {
        const stream = ref(counter, 'a');
        const decide = () => [append(stream, { type, data: { of: type } } as never)];
        await source.writer.execute(command({ name: 'say', subject: 'a', shard: 0, streams: [stream], decide }));
      }
      await say(source, ['a.1']);
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed], { on: { Counted: countFacts(), valueOf: countFacts() } });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['valueOf', 'a.1']);
      expect([reader.errors, await store.parked({ limit: 9 })]).toEqual([[], []]);
    });

    it('waits for an input that has not arrived instead of parking', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 3));
      const store = await lane.fresh();
      let asked = 0;
      const notYet = (event: EventEnvelope) => {
        if (factOf(event) !== 'a.2') return;
        asked += 1;
        if (asked < 3) throw Object.assign(new Error('the strategy has not arrived'), { retryLater: true });
      };
      const reader = createReader(store, [source.feed], { on: { Counted: countFacts(notYet) } });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect(asked).toBe(3);
      expect(await store.parked({ limit: 9 })).toEqual([]);
      expect(await countedIn(store)).toEqual(numbered('a', 1, 3));
    });
  });
};
