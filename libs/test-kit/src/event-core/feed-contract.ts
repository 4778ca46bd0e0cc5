/** What every feed must do, whatever lies between the store and the reader. */
import { describe, expect, it } from '@jest/globals';
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { Activity, EventFeed, EventStore, ShardWriter } from '@mora/eventing';
import fc from 'fast-check';
import { count, factOf } from './rig.js';

export interface FeedUnderTest {
  readonly feed: EventFeed;
  readonly store: EventStore;
  /** The second one is another replica's. */
  readonly writers: readonly [ShardWriter, ShardWriter];
  readonly activity: Activity;
  /** Looks for what the other replica committed. */
  poll(): Promise<void>;
  close(): Promise<void>;
}

const readOn = async (feed: EventFeed, after: Cursor, limit: number) => {
  const result = await feed.read({ shard: 0, after, limit });
  const last = result.events.at(-1);
  return { result, at: last ? { epoch: last.epoch, position: last.position } : result.from };
};
const readAll = async (feed: EventFeed, from: Cursor, limit = 500): Promise<readonly EventEnvelope[]> => {
  const events: EventEnvelope[] = [];
  for (let at = from; ; ) {
    const next = await readOn(feed, at, limit);
    events.push(...next.result.events);
    if (next.result.events.length === 0 && next.at.epoch === at.epoch) return events;
    at = next.at;
  }
};
const START = { epoch: 0, position: 0 };
const names = (events: readonly EventEnvelope[]) => events.map(factOf);

export const feedContract = (name: string, fresh: () => Promise<FeedUnderTest>, runs = 10): void => {
  describe(`${name} as a feed`, () => {
    const using = async (work: (under: FeedUnderTest) => Promise<void>): Promise<void> => {
      const under = await fresh();
      try {
        await work(under);
      } finally {
        await under.close();
      }
    };
    const commit = async ({ writers, activity }: FeedUnderTest, facts: readonly string[], writer = 0) => {
      await Promise.all(facts.map((fact) => writers[writer]!.execute(count('a', fact, 0))));
      await activity.quiet();
    };

    it('hands every event over once and in order, page by page', () =>
      using(async (under) => {
        await commit(under, ['1', '2', '3', '4', '5']);
        expect(names(await readAll(under.feed, START, 2))).toEqual(['1', '2', '3', '4', '5']);
        expect((await readAll(under.feed, START)).map((e) => e.position)).toEqual([1, 2, 3, 4, 5]);
        const { result } = await readOn(under.feed, { epoch: 1, position: 3 }, 1);
        expect(names(result.events)).toEqual(['4']);
        expect(result.head).toEqual({ epoch: 1, position: 5 });
      }));

    it('calls its listeners for a commit, and no more after they left', () =>
      using(async (under) => {
        const woken: number[] = [];
        const leave = under.feed.onMore((shard) => woken.push(shard));
        await commit(under, ['1']);
        expect(woken).toContain(0);
        leave();
        woken.length = 0;
        await commit(under, ['2']);
        expect(woken).toEqual([]);
      }));

    it('gives a watermark only for what really was all', () =>
      using(async (under) => {
        await commit(under, ['1', '2']);
        const asked = Date.now();
        const mark = await under.feed.watermark(0);
        expect(Date.parse(mark.at)).toBeLessThanOrEqual(Date.now());
        const before = (await readAll(under.feed, START)).filter((e) => Date.parse(e.recordedAt) < Date.parse(mark.at));
        expect(mark.position).toBeGreaterThanOrEqual(before.length);
        expect(asked - Date.parse(mark.at)).toBeGreaterThanOrEqual(-1_000);
      }));

    it('goes on in a new epoch from where it began', () =>
      using(async (under) => {
        await commit(under, ['1', '2', '3']);
        await under.store.beginEpoch('test');
        await under.poll();
        await commit(under, ['4', '5']);
        expect((await readAll(under.feed, START)).map((e) => `${e.epoch}/${e.position}`)).toEqual([
          '1/1',
          '1/2',
          '1/3',
          '2/4',
          '2/5',
        ]);
        expect(names(await readAll(under.feed, { epoch: 1, position: 9 }))).toEqual(['4', '5']);
      }));

    it('hides no event, whoever of two writers commits and from wherever it is read', async () => {
      const step = fc.record({
        writer: fc.integer({ min: 0, max: 1 }),
        events: fc.integer({ min: 1, max: 4 }),
        limit: fc.integer({ min: 1, max: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), (script) =>
          using(async (under) => {
            const seen: EventEnvelope[] = [];
            let at: Cursor = START;
            let said = 0;
            for (const { writer, events, limit } of script) {
              await commit(
                under,
                Array.from({ length: events }, () => `${++said}`),
                writer,
              );
              await under.poll();
              const next = await readOn(under.feed, at, limit);
              seen.push(...next.result.events);
              at = next.at;
              const odd = Math.max(0, said - limit);
              const tail = await readAll(under.feed, { epoch: odd === 0 ? 0 : 1, position: odd });
              expect(tail.map((e) => e.position)).toEqual(Array.from({ length: said - odd }, (_, i) => odd + i + 1));
            }
            seen.push(...(await readAll(under.feed, at)));
            expect(seen.map((e) => e.position)).toEqual(Array.from({ length: said }, (_, i) => i + 1));
          }),
        ),
        { numRuns: runs },
      );
    });
  });
};
