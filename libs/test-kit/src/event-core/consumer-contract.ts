/** Effects exactly once, in order, causes first, whatever is repeated, lost, killed or wrong: on every store. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import {
  append,
  type CommitResult,
  command,
  createMemoryTopic,
  createStoreFeed,
  type EventFeed,
  type EventStore,
  type LockedSession,
  Relay,
  ref,
  StoreUnavailable,
  type StoreWrite,
  UnstorableData,
} from '@mora/eventing';
import fc from 'fast-check';
import {
  countedIn,
  counter,
  countFacts,
  createReader,
  createSource,
  type FactSource,
  factOf,
  type Reader,
  type StoreLane,
  wrapStore,
} from './rig.js';

const say = async (source: FactSource, facts: readonly string[]): Promise<void> => {
  for (const fact of facts) await source.say(fact.split('.')[0]!, fact);
};
const numbered = (subject: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${subject}.${from + i}`);
const settled = async (reader: Reader): Promise<void> => reader.activity.quiet();
const failsOn =
  (...facts: readonly string[]) =>
  (event: EventEnvelope) => {
    if (facts.includes(factOf(event))) throw new RangeError(`cannot count ${factOf(event)}`);
  };

/** Steps of the loop at which a process may die. */
const KILLS = [
  'before the lock',
  'after the lock',
  'before the insert',
  'after the insert',
  'after the commit',
] as const;
type Kill = (typeof KILLS)[number];

/** The store as a process sees it that dies once at a step: nothing it does afterwards reaches the store. */
const dying = (store: EventStore, kill: Kill, after: number, cut: string | undefined): EventStore => {
  let calls = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new StoreUnavailable(`killed ${kill}`);
  };
  const atTurn = () => {
    if (dead) die();
    calls += 1;
    return calls > after;
  };
  const cutIn = (write: StoreWrite): StoreWrite => ({ ...write, sql: [...write.sql, { text: cut!, values: [] }] });
  const end = async (call: Promise<CommitResult>, isLast: boolean): Promise<CommitResult> => {
    const result = await call;
    return isLast && kill === 'after the commit' ? die() : result;
  };
  return wrapStore(store, {
    commit: async (write) => {
      const isLast = atTurn();
      if (isLast && (kill === 'before the lock' || kill === 'after the lock' || kill === 'before the insert')) die();
      return end(store.commit(isLast && kill === 'after the insert' ? cutIn(write) : write), isLast);
    },
    locked: async (shards, build) => {
      const isLast = atTurn();
      if (isLast && kill === 'before the lock') die();
      const dyingBuild = async (session: LockedSession): Promise<StoreWrite> => {
        if (isLast && kill === 'after the lock') die();
        const write = await build(session);
        if (isLast && kill === 'before the insert') die();
        return isLast && kill === 'after the insert' ? cutIn(write) : write;
      };
      return end(store.locked(shards, dyingBuild), isLast);
    },
  });
};

export const consumerContract = (name: string, lane: StoreLane, runs = 10): void => {
  describe(`the consumer on ${name}`, () => {
    it('counts every fact once, in order, also those from before it started', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 5));
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed], { batch: 2 });
      await reader.consumer.start();
      await say(source, numbered('a', 6, 9));
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(numbered('a', 1, 9));
      expect(reader.errors).toEqual([]);
    });

    it('takes a batch in once that is delivered twice', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 3));
      const { events } = await source.store.read({ shard: 0, after: { epoch: 0, position: 0 }, limit: 9 });
      const store = await lane.fresh();
      await store.prepareCheckpoints('p', ['intake']);
      const work = {
        processor: 'p',
        source: 'intake',
        shard: 0,
        from: { epoch: 0, position: 0 },
        steps: events.map((event) => ({ event, commands: [countFacts()(event as never)], park: null })),
      };
      const [one, two] = [createReader(store, []), createReader(store, [])];
      const outcomes = await Promise.all([one.writer.take(work), two.writer.take(work), one.writer.take(work)]);
      expect(outcomes.map((o) => o.status).sort()).toEqual(['checkpoint-moved', 'checkpoint-moved', 'done']);
      expect(await countedIn(store)).toEqual(numbered('a', 1, 3));
    });

    for (const kill of KILLS) {
      if (kill === 'after the insert' && lane.cut === undefined) continue;
      it(`counts every fact once when it is killed ${kill}`, async () => {
        for (const after of [0, 2]) {
          const source = createSource('intake');
          const store = await lane.fresh();
          const first = createReader(dying(store, kill, after, lane.cut), [source.feed], { batch: 2 });
          await first.consumer.start();
          await say(source, numbered('a', 1, 8));
          const deadline = performance.now() + 5_000;
          while (first.errors.length === 0 && performance.now() < deadline) await new Promise((r) => setTimeout(r, 2));
          await first.consumer.stop();
          expect(first.errors[0]).toBeInstanceOf(StoreUnavailable);
          expect((await countedIn(store)).length).toBeLessThan(8);
          const second = createReader(await lane.replica(), [source.feed], { batch: 2 });
          await second.consumer.start();
          await settled(second);
          await second.consumer.stop();
          expect(await countedIn(store)).toEqual(numbered('a', 1, 8));
        }
      });
    }

    it('counts every fact once when two replicas read the same shard', async () => {
      const source = createSource('intake');
      const store = await lane.fresh();
      const readers = [
        createReader(store, [source.feed], { batch: 3 }),
        createReader(await lane.replica(), [source.feed], { batch: 2 }),
      ];
      for (const reader of readers) await reader.consumer.start();
      for (let i = 0; i < 10; i++) await say(source, numbered(`d${i % 3}`, i * 5, i * 5 + 4));
      for (const reader of readers) await settled(reader);
      for (const reader of readers) await reader.consumer.stop();
      const counted = await countedIn(store);
      expect(counted).toEqual(Array.from({ length: 10 }, (_, i) => numbered(`d${i % 3}`, i * 5, i * 5 + 4)).flat());
    });

    const overTopic = async (deliver: (events: readonly EventEnvelope[]) => readonly EventEnvelope[]) => {
      const source = createSource('intake');
      const topic = createMemoryTopic(source.store.shards, deliver);
      const relay = new Relay({
        feed: source.feed,
        shards: source.store.shards,
        publisher: topic,
        activity: source.activity,
        batch: 4,
      });
      const store = await lane.fresh();
      const reader = createReader(store, [topic.feed(source.store)], { batch: 3, activity: source.activity });
      await reader.consumer.start();
      await relay.start();
      await Promise.all(numbered('a', 1, 20).map((fact) => source.say('a', fact)));
      await settled(reader);
      await relay.stop();
      await reader.consumer.stop();
      return { counted: await countedIn(store), errors: reader.errors };
    };
    const deliveries: Record<string, (events: readonly EventEnvelope[]) => readonly EventEnvelope[]> = {
      'with a gap': (events) => events.filter((e) => e.position % 3 !== 0),
      'that loses everything': () => [],
      twice: (events) => [...events, ...events],
      'in another order': (events) => events.toReversed(),
    };
    for (const [how, deliver] of Object.entries(deliveries))
      it(`counts every fact once, in order, of a delivery ${how}`, async () => {
        const { counted, errors } = await overTopic(deliver);
        expect(counted).toEqual(numbered('a', 1, 20));
        expect(errors).toEqual([]);
      });

    it('counts every fact once, in order, of any mangled delivery', async () => {
      const one = fc.record({ drop: fc.boolean(), twice: fc.boolean(), key: fc.integer({ min: 0, max: 9 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(one, { minLength: 20, maxLength: 20 }), async (fates) => {
          const { counted } = await overTopic((events) =>
            events
              .flatMap((e) => {
                const fate = fates[e.position - 1]!;
                return fate.drop ? [] : fate.twice ? [e, e] : [e];
              })
              .toSorted((a, b) => fates[a.position - 1]!.key - fates[b.position - 1]!.key),
          );
          expect(counted).toEqual(numbered('a', 1, 20));
        }),
        { numRuns: runs },
      );
    });

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

    it('takes all commands of a fact or none', async () => {
      const source = createSource('intake');
      await say(source, ['a.1', 'b.1']);
      const store = await lane.fresh();
      const second = (event: EventEnvelope) =>
        command({
          name: 'second',
          subject: event.subject,
          shard: event.shard,
          streams: [ref(counter, `second-${event.subject}`)],
          decide: () => {
            if (event.subject === 'a') throw new RangeError('no');
            return [append(ref(counter, 'second-b'), { type: 'Counted', data: { of: 'second' } })];
          },
        });
      const reader = createReader(store, [source.feed], {
        on: { Counted: (event) => [countFacts()(event), second(event)] },
      });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['b.1', 'second']);
    });

    it('stores at its stop how far it read over facts that concern nobody', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 3));
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed], { on: {} });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      const row = (await store.checkpoints('counting')).find((c) => c.shard === 0);
      expect(row).toMatchObject({ epoch: 1, position: 3 });
    });

    it('goes on in the new epoch of a source whose history was lost, and drops no fact', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 5));
      const store = await lane.fresh();
      const before = createReader(store, [source.feed]);
      await before.consumer.start();
      await settled(before);
      await before.consumer.stop();
      const restored = createSource('intake');
      await say(restored, numbered('a', 1, 3));
      await restored.store.beginEpoch('restored');
      await say(restored, ['a.4*', 'a.5*', 'a.6*']);
      const after = createReader(store, [restored.feed], { batch: 2 });
      await after.consumer.start();
      await settled(after);
      await after.consumer.stop();
      expect(await countedIn(store)).toEqual([...numbered('a', 1, 5), 'a.4*', 'a.5*', 'a.6*']);
    });

    it('never sees an effect before its cause', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 18 }), async (moves) => {
          const cause = createSource('intake');
          const effect = createSource('tiering', cause.activity);
          const middle = createReader(effect.store, [cause.feed], { activity: cause.activity });
          const effects = createStoreFeed(effect.store, middle.writer, { wall: () => Date.now() });
          await middle.consumer.start();
          let open = 0;
          const held: EventFeed = {
            ...cause.feed,
            read: async (request) => {
              const limit = Math.min(request.limit, open - request.after.position);
              if (limit <= 0) return { from: request.after, events: [], head: { epoch: 1, position: open } };
              return cause.feed.read({ ...request, limit });
            },
          };
          const store = await lane.fresh();
          const seen = createReader(store, [held, effects], { activity: cause.activity, batch: 2 });
          const other = createReader(store, [cause.feed], {
            activity: cause.activity,
            processor: 'other',
            on: {},
          });
          // Two processors of one service share its writer; the other one is always ahead.
          Reflect.set(other.consumer, 'options', { ...Reflect.get(other.consumer, 'options'), writer: seen.writer });
          await other.consumer.start();
          await seen.consumer.start();
          let said = 0;
          for (const move of moves) {
            if (move < 2) await cause.say('a', `a.${++said}`);
            else open = Math.min(said, open + move - 1);
            await cause.feed.poll();
            Reflect.get(seen.consumer, 'kick').call(seen.consumer, 'intake', 0);
            await cause.activity.quiet();
          }
          open = said;
          Reflect.get(seen.consumer, 'kick').call(seen.consumer, 'intake', 0);
          await cause.activity.quiet();
          for (const { consumer } of [other, seen, middle]) await consumer.stop();
          const counted = await countedIn(store);
          expect(counted).toHaveLength(said * 2);
          for (let n = 1; n <= said; n++) {
            const both = counted.filter((of) => of === `a.${n}`);
            expect(both).toHaveLength(2);
          }
          const notes = (await store.read({ shard: 0, after: { epoch: 0, position: 0 }, limit: 500 })).events.map(
            (e) => (e.data as { note: string }).note,
          );
          for (let n = 1; n <= said; n++)
            expect(notes.indexOf(`intake/1/0/${n}`)).toBeLessThan(notes.indexOf(`tiering/1/0/${n}`));
        }),
        { numRuns: runs },
      );
    });
  });
};
