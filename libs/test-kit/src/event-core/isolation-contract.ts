/** What cannot be folded, asked or taken for a command harms its own stream only: on every store. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import {
  type Aggregate,
  append,
  type Command,
  command,
  createActivity,
  type EventStore,
  ref,
  STREAMS,
  StreamUnreadable,
  type TimerRow,
} from '@mora/eventing';
import { failsOn, say, settled } from './facts.js';
import {
  type Counter,
  type CounterEvent,
  count,
  countedIn,
  counter,
  countFacts,
  createReader,
  createSource,
  type StoreLane,
  wrapStore,
  writerOn,
} from './rig.js';

/** The counter with a bug that meets one fact only. */
const broken: Aggregate<Counter, CounterEvent> = {
  ...counter,
  evolve: (state, event, at) => {
    if (event.type === 'Counted' && event.data.of === 'unfoldable') throw new TypeError('no such field');
    return counter.evolve(state, event, at);
  },
  timersOf: (state) => {
    if (state.of.includes('timeless')) throw new RangeError('no time');
    return counter.timersOf!(state);
  },
};
const countWith = (aggregate: Aggregate<Counter, CounterEvent>, id: string, of: string): Command => {
  const stream = ref(aggregate, id);
  const decide = () => [append(stream, { type: 'Counted', data: { of } } as const)];
  return command({ name: 'count', subject: id, shard: 0, streams: [stream], decide });
};
const outcomes = async (work: readonly Promise<unknown>[]) => (await Promise.allSettled(work)).map((r) => r.status);

export const isolationContract = (name: string, lane: StoreLane): void => {
  describe(`what is broken on ${name}`, () => {
    const holding = async (...facts: readonly string[]): Promise<EventStore> => {
      const store = await lane.fresh();
      for (const of of facts) await writerOn(store).execute(count('c', of, 0));
      return store;
    };

    it.each(['unfoldable', 'timeless'])(
      'is one command of five whose stream is %s; its debtor is parked',
      async (of) => {
        const store = await holding(of);
        const writer = writerOn(store);
        const work = ['a', 'b', 'c', 'd', 'e'].map((id) => writer.execute(countWith(broken, id, 'x')));
        const results = await Promise.allSettled(work);
        expect(results.map((r) => r.status === 'fulfilled')).toEqual([true, true, false, true, true]);
        expect(results[2]).toMatchObject({ reason: expect.any(StreamUnreadable) });
        expect(['a', 'b', 'c', 'd', 'e'].filter((id) => writer.cannotRead(id))).toEqual(['c']);
        expect(await store.parkedSubjects(STREAMS)).toEqual([{ source: 'counter-c', shard: 0, subject: 'c' }]);
        const later = writerOn(store);
        await later.recall();
        expect(later.cannotRead('c')).toBe(true);
        await later.execute(countWith(counter, 'c', 'mended'));
        expect([later.cannotRead('c'), await store.parkedSubjects(STREAMS)]).toEqual([false, []]);
      },
    );

    it('holds up its own debtor in a feed, and the feed goes on', async () => {
      const store = await holding('unfoldable');
      const source = createSource('intake');
      await say(source, ['a.1', 'c.1', 'b.1', 'c.2', 'a.2']);
      const on = { Counted: (event: { readonly subject: string }) => countWith(broken, event.subject, 'seen') };
      const reader = createReader(store, [source.feed], { on });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['unfoldable', 'seen', 'seen', 'seen']);
      expect((await store.parked({ processor: 'counting', limit: 9 })).map((p) => p.subject)).toEqual(['c', 'c']);
    });

    it('lets the timers of other streams fire', async () => {
      const store = await lane.fresh();
      const writer = writerOn(store);
      const dueAt = '2026-11-02T03:00:00.000Z';
      for (const id of ['a', 'b', 'c']) {
        const stream = ref(counter, id);
        const decide = () => [append(stream, { type: 'TimerSet', data: { name: 't', dueAt } } as const)];
        await writer.execute(command({ name: 'set', subject: id, shard: 0, streams: [stream], decide }));
      }
      await writerOn(store).execute(count('b', 'timeless', 0));
      const due = await store.dueTimers(dueAt, 9);
      const other = writerOn(store);
      const fire = (timer: TimerRow) => other.fire(timer, [countWith(broken, timer.subject, 'fired')]);
      expect(await outcomes(due.map(fire))).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await store.dueTimers(dueAt, 9)).map((t) => t.subject)).toEqual(['b']);
    });

    it('is a reaction that makes no command of its event: that event is parked', async () => {
      const store = await lane.fresh();
      const source = createSource('intake');
      await say(source, ['a.1', 'b.1', 'c.1', 'd.1', 'e.1']);
      const wrong: Readonly<Record<string, unknown>> = { b: [undefined], c: {}, d: 'text' };
      const on = {
        Counted: (event: EventEnvelope<string, never>) =>
          (event.subject in wrong ? wrong[event.subject] : countFacts()(event)) as Command,
      };
      const reader = createReader(store, [source.feed], { on });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['a.1', 'e.1']);
      expect((await store.parked({ limit: 9 })).map((p) => p.subject)).toEqual(['b', 'c', 'd']);
      expect(reader.errors).toEqual([]);
    });

    it('is a command that is none: it is refused alone, and nothing is left behind', async () => {
      const store = await lane.fresh();
      const activity = createActivity();
      const writer = writerOn(store, activity);
      const none = [undefined, {}, { streams: [] }] as unknown as readonly Command[];
      const work = [
        writer.execute(count('a', '1', 0)),
        ...none.map((one) => writer.execute(one)),
        writer.execute({ ...count('a', '2', 0), shard: 99 }),
        writer.execute(count('a', '3', 0)),
      ];
      expect(await outcomes(work)).toEqual(['fulfilled', ...Array(4).fill('rejected'), 'fulfilled']);
      expect(await countedIn(store)).toEqual(['1', '3']);
      await activity.quiet();
      expect(activity.busy).toBe(0);
    });

    it('is a bug that only the store meets: its item alone is refused, or parked', async () => {
      const store = await lane.fresh();
      const meets = (write: { readonly events: readonly { readonly data: string }[] }) => {
        if (write.events.some(({ data }) => data.includes('bug'))) throw new TypeError('cannot be written');
      };
      const buggy = wrapStore(store, {
        commit: async (write) => {
          meets(write);
          return store.commit(write);
        },
        locked: (shards, build) =>
          store.locked(shards, async (session) => {
            const write = await build(session);
            meets(write);
            return write;
          }),
      });
      const source = createSource('intake');
      await say(source, ['a.1', 'b.bug', 'c.1']);
      const reader = createReader(buggy, [source.feed], { on: { Counted: countFacts(failsOn()) } });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['a.1', 'c.1']);
      expect((await store.parked({ limit: 9 })).map((p) => p.subject)).toEqual(['b']);
    });

    it('is a snapshot that cannot be written: everything else is', async () => {
      const store = await lane.fresh();
      const endless: Aggregate<unknown, CounterEvent> = {
        category: 'endless',
        foldVersion: 1,
        snapshotEvery: 1,
        initial: 0n,
        evolve: () => 1n,
      };
      const stream = ref(endless, 'a');
      const decide = () => [append(stream, { type: 'Counted', data: { of: 'big' } } as const)];
      const writer = writerOn(store);
      const work = [
        writer.execute(command({ name: 'big', subject: 'a', shard: 0, streams: [stream], decide })),
        writer.execute(count('b', 'small', 0)),
      ];
      expect(await outcomes(work)).toEqual(['fulfilled', 'fulfilled']);
    });
  });
};
