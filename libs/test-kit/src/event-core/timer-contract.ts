/** A timer fires once, whoever sees it and however often, unless it was cleared or replaced before. */
import { describe, expect, it } from '@jest/globals';
import {
  append,
  type Clock,
  type Command,
  command,
  createActivity,
  type EventStore,
  ref,
  StoreUnavailable,
  TimerLoop,
  type TimerRow,
} from '@mora/eventing';
import { addTo, countedIn, counter, type StoreLane, wrapStore, writerOn } from './rig.js';

const NINE = '2026-11-02T09:00:00.000Z';
const TEN = '2026-11-02T10:00:00.000Z';

/** What a due timer leads to: a count that nothing protects against repetition. */
const fired = (timer: TimerRow, wrong: () => void = () => undefined): readonly Command[] => {
  const stream = ref(counter, timer.subject);
  return [
    command({
      name: 'fire',
      subject: timer.subject,
      shard: 0,
      streams: [stream],
      decide: () => {
        wrong();
        return [
          append(stream, { type: 'Counted', data: { of: `${timer.name}@${timer.dueAt}` } }),
          append(stream, { type: 'TimerCleared', data: { name: timer.name } }),
        ];
      },
    }),
  ];
};
const set = (dueAt: string, name = 't') => addTo('a', { type: 'TimerSet', data: { name, dueAt } }, 0);
const clear = addTo('a', { type: 'TimerCleared', data: { name: 't' } }, 0);

const handClock = (): Clock & { to(at: string): void } => {
  let now = '2026-11-02T08:00:00.000Z';
  const listeners = new Set<(at: string) => void>();
  return {
    anchor: { kind: 'stepped', anchorId: 'test' },
    now: () => now,
    onTick: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    to: (at) => {
      now = at;
      for (const listener of listeners) listener(at);
    },
  };
};

export const timerContract = (name: string, lane: StoreLane): void => {
  describe(`timers on ${name}`, () => {
    const loopOn = (
      store: EventStore,
      clock: Clock,
      wrong?: () => void,
      isReady: (timer: TimerRow) => boolean = () => true,
      isKnown: (timer: TimerRow) => boolean = () => true,
    ) => {
      const activity = createActivity();
      const writer = writerOn(store, activity, () => clock.now());
      const errors: unknown[] = [];
      const onTimer = (timer: TimerRow) => {
        if (!isReady(timer)) throw Object.assign(new Error('not yet'), { retryLater: true });
        return isKnown(timer) ? fired(timer, wrong) : [];
      };
      const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
      const onError = (error: unknown) => void errors.push(error);
      const loop = new TimerLoop({ store, writer, clock, activity, onTimer, pause, onError });
      return { loop, writer, activity, errors };
    };

    it('fire when due and not a moment earlier', async () => {
      const clock = handClock();
      const store = await lane.fresh();
      const { loop, writer, activity } = loopOn(store, clock);
      await writer.execute(set(NINE));
      loop.start();
      clock.to('2026-11-02T08:59:59.999Z');
      await activity.quiet();
      expect(await countedIn(store)).toEqual([]);
      clock.to(NINE);
      await activity.quiet();
      await loop.stop();
      expect(await countedIn(store)).toEqual([`t@${NINE}`]);
      expect(await store.nextTimer()).toBeNull();
    });

    it('fire once although two replicas see them', async () => {
      const clock = handClock();
      const store = await lane.fresh();
      const both = [loopOn(store, clock), loopOn(await lane.replica(), clock)];
      for (const id of ['a', 'b', 'c'])
        await both[0]!.writer.execute(addTo(id, { type: 'TimerSet', data: { name: 't', dueAt: NINE } }, 0));
      for (const { loop } of both) loop.start();
      clock.to(NINE);
      for (const { activity } of both) await activity.quiet();
      for (const { loop } of both) await loop.stop();
      expect(await countedIn(store)).toHaveLength(3);
    });

    it('fire once although seen twice', async () => {
      const store = await lane.fresh();
      const writer = writerOn(store);
      await writer.execute(set(NINE));
      const [timer] = await store.dueTimers(TEN, 9);
      await Promise.all([writer.fire(timer!, fired(timer!)), writer.fire(timer!, fired(timer!))]);
      await writer.fire(timer!, fired(timer!));
      expect(await countedIn(store)).toEqual([`t@${NINE}`]);
    });

    it('that were replaced after they were seen fire at the new time only', async () => {
      const store = await lane.fresh();
      const writer = writerOn(store);
      await writer.execute(set(NINE));
      const [seen] = await store.dueTimers(NINE, 9);
      await Promise.all([writer.execute(set(TEN)), writer.fire(seen!, fired(seen!))]);
      expect(await countedIn(store)).toEqual([]);
      expect(await store.nextTimer()).toBe(TEN);
    });

    it('that were cleared after they were seen do not fire', async () => {
      const store = await lane.fresh();
      const writer = writerOn(store);
      await writer.execute(set(NINE));
      const [seen] = await store.dueTimers(NINE, 9);
      await Promise.all([writer.execute(clear), writer.fire(seen!, fired(seen!))]);
      expect(await countedIn(store)).toEqual([]);
      expect(await store.nextTimer()).toBeNull();
    });

    it('are still there when the process dies before the commit, and gone when after it', async () => {
      for (const survives of [true, false]) {
        const store = await lane.fresh();
        await writerOn(store).execute(set(NINE));
        const [seen] = await store.dueTimers(NINE, 9);
        const die = async (call: () => Promise<unknown>) => {
          if (!survives) await call();
          throw new StoreUnavailable('killed');
        };
        const dying = wrapStore(store, {
          commit: (write) => die(() => store.commit(write)) as never,
          locked: (shards, build) => die(() => store.locked(shards, build)) as never,
        });
        await expect(writerOn(dying).fire(seen!, fired(seen!))).rejects.toThrow('killed');
        expect(await store.dueTimers(NINE, 9)).toHaveLength(survives ? 1 : 0);
        const again = handClock();
        const { loop, activity } = loopOn(store, again);
        loop.start();
        again.to(NINE);
        await activity.quiet();
        await loop.stop();
        expect(await countedIn(store)).toEqual([`t@${NINE}`]);
      }
    });

    it('whose decision throws stay due, are listed, and fire again later, each time later', async () => {
      const clock = handClock();
      const store = await lane.fresh();
      let isWrong = true;
      const { loop, writer, activity, errors } = loopOn(store, clock, () => {
        if (isWrong) throw new RangeError('our bug');
      });
      await writer.execute(set(NINE));
      loop.start();
      const at = async (time: string) => {
        clock.to(`2026-11-02T${time}.000Z`);
        await activity.quiet();
      };
      await at('09:00:00');
      const listed = { stream: 'counter-a', name: 't', subject: 'a', dueAt: NINE, error: 'RangeError: our bug' };
      expect(await store.latentTimers(9)).toEqual([
        { shard: 0, ...listed, tries: 1, wakeAt: '2026-11-02T09:00:30.000Z' },
      ]);
      await at('09:00:29');
      expect(errors).toHaveLength(1);
      await at('09:00:30');
      expect(await store.nextTimer()).toBe('2026-11-02T09:01:30.000Z');
      await at('09:01:29');
      expect(errors).toHaveLength(2);
      isWrong = false;
      await at('09:01:30');
      await loop.stop();
      expect(await countedIn(store)).toEqual([`t@${NINE}`]);
      expect([await store.nextTimer(), await store.latentTimers(9)]).toEqual([null, []]);
    });

    it('that nobody knows, as after a roll-back, stay due, are listed, and fire once somebody does', async () => {
      const clock = handClock();
      const store = await lane.fresh();
      let isKnown = false;
      const { loop, writer, activity } = loopOn(
        store,
        clock,
        undefined,
        () => true,
        () => isKnown,
      );
      await writer.execute(set(NINE));
      loop.start();
      clock.to(NINE);
      await activity.quiet();
      expect(await store.latentTimers(9)).toMatchObject([{ name: 't', tries: 1 }]);
      isKnown = true;
      clock.to('2026-11-02T09:00:30.000Z');
      await activity.quiet();
      await loop.stop();
      expect(await countedIn(store)).toEqual([`t@${NINE}`]);
    });

    it('that failed are as new when they are set to another time', async () => {
      const clock = handClock();
      const store = await lane.fresh();
      const { loop, writer, activity } = loopOn(store, clock, () => {
        throw new RangeError('our bug');
      });
      await writer.execute(set(NINE));
      loop.start();
      clock.to(NINE);
      await activity.quiet();
      await writer.execute(set(TEN));
      await loop.stop();
      expect([await store.nextTimer(), await store.latentTimers(9)]).toEqual([TEN, []]);
    });

    it('that wait for an input do not stand before others', async () => {
      const clock = handClock();
      const store = await lane.fresh();
      const { loop, writer, activity } = loopOn(
        store,
        clock,
        () => undefined,
        (timer) => timer.name === 't',
      );
      const waiting = Array.from({ length: 2_000 }, (_, i) =>
        writer.execute(addTo(`w${i % 20}`, { type: 'TimerSet', data: { name: `w${i}`, dueAt: NINE } }, 0)),
      );
      await Promise.all(waiting);
      await writer.execute(set('2026-11-02T09:00:01.000Z'));
      loop.start();
      clock.to('2026-11-02T09:00:01.000Z');
      await activity.quiet();
      expect(await countedIn(store)).toEqual(['t@2026-11-02T09:00:01.000Z']);
      expect((await store.latentTimers(3_000)).filter(({ tries }) => tries === 1)).toHaveLength(2_000);
      await loop.stop();
    });

    it('whose decision lacks an input stay due', async () => {
      const clock = handClock();
      const store = await lane.fresh();
      let lacks = true;
      const { loop, writer, activity, errors } = loopOn(store, clock, () => {
        if (lacks) throw Object.assign(new Error('not yet'), { retryLater: true });
      });
      await writer.execute(set(NINE));
      loop.start();
      clock.to(NINE);
      await activity.quiet();
      expect(errors).toHaveLength(1);
      lacks = false;
      clock.to('2026-11-02T09:00:30.000Z');
      await activity.quiet();
      await loop.stop();
      expect(await countedIn(store)).toEqual([`t@${NINE}`]);
    });
  });
};
