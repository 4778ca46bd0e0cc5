/** What the shard writer promises on every store. */
import { describe, expect, it } from '@jest/globals';
import {
  append,
  type Command,
  CommandRefused,
  command,
  createActivity,
  type EventStore,
  fold,
  ref,
  ShardWriter,
  StoreUnavailable,
} from '@mora/eventing';
import fc from 'fast-check';
import {
  allOf,
  type Counter,
  count,
  countedIn,
  counter,
  countOnce,
  factOf,
  NOON,
  originOf,
  type StoreLane,
  wrapStore,
  writerOn,
} from './rig.js';

const refuse = (id: string, shard = 0) =>
  command({
    name: 'refuse',
    subject: id,
    shard,
    streams: [ref(counter, id)],
    decide: () => {
      throw new CommandRefused('NOT_ALLOWED', 'no');
    },
  });
const countAll = (ids: readonly string[], of: string) => {
  const streams = ids.map((id) => ref(counter, id));
  return command({
    name: 'count all',
    subject: ids[0]!,
    shard: 0,
    streams,
    decide: (states) =>
      (states as readonly Counter[]).some((s) => s.of.includes(of))
        ? []
        : streams.map((stream) => append(stream, { type: 'Counted', data: { of } })),
  });
};
const traceOfSpan = (span: string) => `00-0af7651916cd43dd8448eb211c80319c-${span}-01`;
const TRACE_A = traceOfSpan('b7ad6b7169203331');
const TRACE_B = traceOfSpan('00f067aa0ba902b7');

const fromZero = async (store: EventStore, id: string) => {
  const events = (await allOf(store)).filter((e) => e.stream === `counter-${id}`);
  const tail = events.map((e) => ({
    type: e.type,
    version: e.version,
    at: e.meta.at,
    data: e.data,
    traceparent: e.meta.traceparent,
  }));
  return fold(counter as never, { stream: `counter-${id}`, snapshot: null, tail }, 0);
};

export const writerContract = (name: string, lane: StoreLane, runs = 20): void => {
  describe(`the shard writer on ${name}`, () => {
    it('yields nothing when a command is repeated, also on another replica', async () => {
      const [a, b] = [writerOn(await lane.fresh()), writerOn(await lane.replica())];
      for (const writer of [a, a, b, a, b]) await writer.execute(countOnce('d', 'one', 0));
      const both = await Promise.all([a, b, a, b].map((writer) => writer.execute(countOnce('d', 'two', 0))));
      expect(both.flatMap((d) => d.events)).toHaveLength(1);
      expect((await a.execute(countOnce('d', 'one', 0))).events).toEqual([]);
      expect((await a.execute(countOnce('d', 'one', 0))).states).toMatchObject([{ of: ['one', 'two'] }]);
    });

    it('neither keeps silent nor refuses on memory that another replica has outdated', async () => {
      const [a, b] = [writerOn(await lane.fresh()), writerOn(await lane.replica())];
      const guarded = (wants: number) =>
        command({
          name: 'guarded',
          subject: 'd',
          shard: 0,
          streams: [ref(counter, 'd')],
          decide: ([state]) => {
            if (state.count < wants) throw new CommandRefused('TOO_FEW', 'no');
            return state.count > wants ? [] : [append(ref(counter, 'd'), { type: 'Counted', data: { of: 'g' } })];
          },
        });
      await a.execute(count('d', '1', 0));
      await b.execute(count('d', '2', 0));
      expect((await a.execute(guarded(2))).events).toHaveLength(1);
      await b.execute(count('d', '4', 0));
      const silent = command({
        name: 'silent',
        subject: 'd',
        shard: 0,
        streams: [ref(counter, 'd')],
        decide: () => [],
      });
      expect((await a.execute(silent)).states).toMatchObject([{ count: 4 }]);
    });

    it('lets a wrong command of a batch fail alone', async () => {
      const store = await lane.fresh();
      const writer = writerOn(store);
      const results = await Promise.allSettled([
        writer.execute(count('a', '1', 0)),
        writer.execute(refuse('a')),
        writer.execute(count('a', '2', 0)),
        writer.execute(
          command({
            name: 'astray',
            subject: 'a',
            shard: 0,
            streams: [],
            decide: () => [append(ref(counter, 'b'), { type: 'Counted', data: { of: 'lost' } })],
          }),
        ),
        writer.execute(count('a', '3', 0)),
      ]);
      expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { code: 'NOT_ALLOWED' } });
      expect(await countedIn(store)).toEqual(['1', '2', '3']);
    });

    it('appends to two streams in one command, both or none', async () => {
      const store = await lane.fresh();
      const writer = writerOn(store);
      const first = await writer.execute(countAll(['a', 'b'], 'x'));
      expect(first.events.map((e) => [e.stream, e.version, e.position])).toEqual([
        ['counter-a', 1, 1],
        ['counter-b', 1, 2],
      ]);
      expect(first.states).toMatchObject([{ count: 1 }, { count: 1 }]);
      const failing = writerOn(
        wrapStore(store, {
          commit: async () => Promise.reject(new StoreUnavailable('cut')),
          locked: async () => Promise.reject(new StoreUnavailable('cut')),
        }),
      );
      await expect(failing.execute(countAll(['a', 'b'], 'y'))).rejects.toThrow('cut');
      expect(await countedIn(store)).toEqual(['x', 'x']);
    });

    it('appends to every shard in one transaction, to all or to none', async () => {
      const store = await lane.fresh();
      const writer = writerOn(store);
      const inShard = (refusing: number) => (shard: number) =>
        shard === refusing ? refuse(`gate-${shard}`, shard) : count(`gate-${shard}`, 'halt', shard);
      await expect(writer.executeInEveryShard(inShard(2))).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
      expect((await store.heads()).map((h) => h.position)).toEqual([0, 0, 0]);
      expect(await writer.executeInEveryShard(inShard(-1))).toHaveLength(3);
      expect((await store.heads()).map((h) => h.position)).toEqual([1, 1, 1]);
    });

    it('goes on in the trace of its cause, else in that of its stream’s last event, also when that is loaded', async () => {
      const writer = writerOn(await lane.fresh());
      const traceOf = async (on: ShardWriter, command: Command, cause: string | null = null) =>
        (await on.execute(command, cause)).events[0]!.meta.traceparent;
      expect(await traceOf(writer, count('a', 'untraced', 0))).toBeNull();
      expect(await traceOf(writer, count('a', '1', 0), TRACE_A)).toBe(TRACE_A);
      expect(await traceOf(writer, count('b', '1', 0))).toBeNull();
      expect(await traceOf(writer, count('a', '2', 0))).toBe(TRACE_A);
      const other = writerOn(await lane.replica());
      expect(await traceOf(other, count('a', '3', 0))).toBe(TRACE_A);
      expect(await traceOf(other, count('b', '2', 0), TRACE_B)).toBe(TRACE_B);
      expect(await traceOf(writer, count('b', '3', 0))).toBe(TRACE_B);
    });

    it('answers who asked although somebody who hears of the commit fails', async () => {
      const store = await lane.fresh();
      const told: unknown[] = [];
      const heard: string[] = [];
      const writer = new ShardWriter({
        store,
        activity: createActivity(),
        origin: originOf('dialer', store.shards),
        onTellingFailed: (error) => void told.push(error),
        onCommit: () => {
          throw new TypeError('no metric');
        },
      });
      writer.onCommitted(() => {
        throw new RangeError('a listener of ours');
      });
      writer.onCommitted((events) => void heard.push(...events.map(factOf)));
      const both = await Promise.all([writer.execute(count('a', '1', 0)), writer.execute(count('b', '2', 0))]);
      expect(both.flatMap((d) => d.events)).toHaveLength(2);
      expect((await writer.execute(count('a', '3', 0))).events[0]).toMatchObject({ version: 2, position: 3 });
      expect([heard, told.length]).toEqual([['1', '2', '3'], 4]);
    });

    it('appends nothing by a real clock that is more than 2 seconds ahead of the store’s, and says by how much', async () => {
      const store = await lane.fresh();
      let off = 3_000;
      const now = () => new Date(Date.now() + off).toISOString();
      const clock = { kind: 'real', anchorId: 'test' } as const;
      const origin = { ...originOf('dialer', store.shards, now), clock };
      const writer = new ShardWriter({ store, activity: createActivity(), origin });
      const refused = { name: 'ClockAhead', code: 'STORE_UNAVAILABLE', aheadMs: expect.closeTo(3_000, -3) };
      await expect(writer.execute(count('a', '1', 0))).rejects.toMatchObject(refused);
      await expect(writer.executeInEveryShard((shard) => count(`g${shard}`, '1', shard))).rejects.toMatchObject(
        refused,
      );
      expect(writer.skewMs).toBeGreaterThan(2_000);
      expect((await store.heads()).map((h) => h.position)).toEqual([0, 0, 0]);
      off = 0;
      await writer.execute(count('a', '2', 0));
      expect(Math.abs(writer.skewMs)).toBeLessThan(2_000);
      expect(await countedIn(store)).toEqual(['2']);
    });

    it('tells a decision how far its time is ahead of the clock, and the clock behind the store’s', async () => {
      const store = await lane.fresh();
      let off = 0;
      const now = () => new Date(Date.now() + off).toISOString();
      const seen: number[] = [];
      const look = command({
        name: 'look',
        subject: 'a',
        shard: 0,
        streams: [ref(counter, 'a')],
        decide: (_, { skewMs }) => {
          seen.push(skewMs);
          return [append(ref(counter, 'a'), { type: 'Counted', data: { of: 'x' } })];
        },
      });
      const real = (kind: 'real' | 'stepped') => {
        const origin = { ...originOf('dialer', store.shards, now), clock: { kind, anchorId: 'test' } };
        return new ShardWriter({ store, activity: createActivity(), origin });
      };
      await real('real').execute(look);
      off = -5_000;
      const behind = real('real');
      await behind.measureSkew();
      await behind.execute(look);
      off = 12 * 3_600_000;
      await real('stepped').execute(look);
      off = 0;
      await real('real').execute(look);
      expect(seen.map((ms) => Math.abs(Math.round(ms / 1_000)))).toEqual([0, 5, 0, 12 * 3_600]);
    });

    it('never goes back in business time within a shard', async () => {
      const times = ['2026-11-02T04:00:00.000Z', '2026-11-02T03:00:00.000Z', '2026-11-02T05:00:00.000Z'];
      const store = await lane.fresh();
      for (const at of times) await writerOn(store, createActivity(), () => at).execute(count('a', at, 0));
      expect((await allOf(store)).map((e) => e.meta.at)).toEqual([times[0], times[0], times[2]]);
    });

    it('goes on in the epoch that another replica began, and writes nothing under the one before', async () => {
      const store = await lane.fresh();
      const other = await lane.replica();
      const writer = writerOn(store);
      await writer.execute(count('a', '1', 0));
      await writerOn(other).execute(count('a', '2', 0));
      await writer.execute(count('a', '3', 0));
      await other.beginEpoch('test');
      const next = await writer.execute(count('a', '4', 0));
      const every = await writer.executeInEveryShard((shard) => count(`gate-${shard}`, 'halt', shard));
      expect(next.events.map((e) => [e.epoch, e.position, e.version])).toEqual([[2, 4, 4]]);
      expect(every.map((e) => e.epoch)).toEqual([2, 2, 2]);
      expect(store.epoch()).toBe(2);
      expect((await allOf(other)).map((e) => `${e.epoch}/${e.position}`)).toEqual(['1/1', '1/2', '1/3', '2/4', '2/5']);
    });

    it('keeps neither silent nor asks its memory of an epoch that is over', async () => {
      const store = await lane.fresh();
      const other = await lane.replica();
      const writer = writerOn(store);
      await writer.execute(countOnce('a', '1', 0));
      await other.beginEpoch('test');
      expect((await writer.execute(countOnce('a', '1', 0))).events).toEqual([]);
      expect(store.epoch()).toBe(2);
      expect((await writer.execute(countOnce('a', '2', 0))).events[0]).toMatchObject({ epoch: 2, position: 2 });
    });

    it('answers a repeated command whose first answer got lost with silence', async () => {
      const store = await lane.fresh();
      let cut = true;
      const losing = (call: (...args: never[]) => Promise<unknown>) =>
        (async (...args: never[]) => {
          const result = await call(...args);
          if (cut) throw new StoreUnavailable('the answer got lost');
          return result;
        }) as never;
      const writer = writerOn(
        wrapStore(store, { commit: losing(store.commit.bind(store)), locked: losing(store.locked.bind(store)) }),
      );
      await expect(writer.execute(countOnce('a', 'x', 0))).rejects.toThrow('lost');
      cut = false;
      expect((await writer.execute(countOnce('a', 'x', 0))).events).toEqual([]);
      expect(await countedIn(store)).toEqual(['x']);
    });

    it('loads snapshot and tail to the same state as the fold from zero', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ id: fc.constantFrom('a', 'b'), times: fc.integer({ min: 1, max: 7 }) }), {
            minLength: 1,
            maxLength: 8,
          }),
          async (script) => {
            const store = await lane.fresh();
            let writer: ShardWriter = writerOn(store);
            for (const [i, { id, times }] of script.entries()) {
              await Promise.all(Array.from({ length: times }, (_, n) => writer.execute(count(id, `${i}.${n}`, 0))));
              if (i % 2) writer = writerOn(store);
            }
            for (const id of ['a', 'b']) {
              const key = { shard: 0, stream: `counter-${id}`, foldVersion: counter.foldVersion };
              const [loaded] = await store.load([key]);
              const zero = await fromZero(store, id);
              const snapshots = Math.floor(zero.version / 5);
              if (snapshots > 0) expect(loaded!.snapshot).not.toBeNull();
              if (loaded) expect(fold(counter as never, loaded, 0)).toEqual(zero);
            }
          },
        ),
        { numRuns: runs },
      );
    });

    it('ignores a snapshot of another fold version', async () => {
      const store = await lane.fresh();
      await writerOn(store).execute(count('a', 'x', 0));
      for (let i = 0; i < 6; i++) await writerOn(store).execute(count('a', `${i}`, 0));
      const doubled = { ...counter, foldVersion: 2, evolve: (s: Counter) => ({ ...s, count: s.count + 2 }) };
      const asked = command({
        name: 'ask',
        subject: 'a',
        shard: 0,
        streams: [ref(doubled, 'a')],
        decide: () => [],
      });
      expect((await writerOn(store).execute(asked)).states).toMatchObject([{ count: 14 }]);
    });

    it('carries place, time, cause and what was taken in on every event', async () => {
      const writer = writerOn(await lane.fresh());
      writer.noteTaken('intake', 0, { epoch: 1, position: 7 });
      const { events } = await writer.execute({ ...count('a', 'x', 0), cause: 'cmd:1' });
      expect(events[0]).toMatchObject({ source: 'dialer', epoch: 1, shard: 0, position: 1, version: 1, subject: 'a' });
      expect(events[0]!.meta).toMatchObject({ at: NOON, cause: 'cmd:1', after: { intake: [1, 7] } });
    });
  });
};
