/** What every store must do, whatever it keeps its rows in. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { type EventRow, type EventStore, NO_WRITE, type StoreWrite, UnstorableData } from '@mora/eventing';
import { NOON, type StoreLane } from './rig.js';

const row = (position: number, over: Partial<EventRow> & { readonly epoch?: number } = {}): EventRow => {
  const { epoch = 1, ...rest } = over;
  return {
    shard: 0,
    position,
    stream: 'counter-a',
    version: position,
    id: `00000000-0000-7000-8000-${String(position).padStart(12, '0')}`,
    type: 'Counted',
    data: JSON.stringify({ of: `f${position}` }),
    meta: JSON.stringify({ at: NOON, subject: 'a', epoch, after: {} }),
    ...rest,
  };
};
const write = (from: number, events: readonly EventRow[], over: Partial<StoreWrite> = {}): StoreWrite => ({
  ...NO_WRITE,
  epoch: 1,
  heads: [{ shard: 0, from, to: from + events.length, lastAt: NOON }],
  events,
  ...over,
});
const rows = (from: number, to: number, over: Partial<EventRow> & { readonly epoch?: number } = {}) =>
  Array.from({ length: to - from + 1 }, (_, i) => row(from + i, over));
const positions = (events: readonly EventEnvelope[]) => events.map((e) => `${e.epoch}/${e.position}`);
const START = { epoch: 0, position: 0 };
const timer = (name: string, dueAt: string, stream = 'counter-a') => ({ shard: 0, stream, name, dueAt, subject: 'a' });
const mark = (position: number) => ({
  processor: 'p',
  source: 'intake',
  shard: 0,
  epoch: 1,
  position,
  eventId: `e${position}`,
});
const parked = (position: number, over = {}) => ({
  processor: 'p',
  source: 'intake',
  shard: 0,
  epoch: 1,
  position,
  subject: 'a',
  type: 'Counted',
  envelope: '{"a":1}',
  error: 'broken',
  culprit: true,
  ...over,
});
const committed = expect.objectContaining({ status: 'committed' });

export const storeContract = (name: string, lane: StoreLane): void => {
  describe(`${name} as a store`, () => {
    const filled = async (): Promise<EventStore> => {
      const store = await lane.fresh();
      expect(await store.commit(write(0, rows(1, 5)))).toEqual(committed);
      return store;
    };

    it('reads back what was committed, in order, page by page', async () => {
      const store = await filled();
      const first = await store.read({ shard: 0, after: START, limit: 2 });
      expect(positions(first.events)).toEqual(['1/1', '1/2']);
      expect(first.head).toEqual({ epoch: 1, position: 5 });
      const rest = await store.read({ shard: 0, after: { epoch: 1, position: 2 }, limit: 500 });
      expect(positions(rest.events)).toEqual(['1/3', '1/4', '1/5']);
      expect(rest.events[0]).toMatchObject({ subject: 'a', version: 3, data: { of: 'f3' }, meta: { at: NOON } });
      expect(Date.parse(rest.events[0]!.recordedAt)).not.toBeNaN();
      expect((await store.heads())[0]).toEqual({ shard: 0, position: 5, lastAt: NOON });
      expect((await store.read({ shard: 1, after: START, limit: 9 })).events).toEqual([]);
    });

    it('refuses as stale whoever is not at the head, and writes nothing of it', async () => {
      const store = await filled();
      for (const from of [4, 6])
        expect(await store.commit(write(from, [row(from + 1)], { setTimers: [timer('t', NOON)] }))).toEqual({
          status: 'stale',
        });
      expect((await store.read({ shard: 0, after: START, limit: 9 })).events).toHaveLength(5);
      expect(await store.nextTimer()).toBeNull();
    });

    it('holds every event id and every version of a stream once', async () => {
      const store = await filled();
      const first = row(1);
      for (const double of [{ id: first.id }, { version: 5 }])
        await expect(store.commit(write(5, [row(6, double)]))).rejects.toBeInstanceOf(UnstorableData);
      expect((await store.heads())[0]!.position).toBe(5);
      expect(await store.commit(write(5, [row(6)]))).toEqual(committed);
    });

    it('moves a checkpoint only from where it is, and then only together with the effects', async () => {
      const store = await filled();
      await store.prepareCheckpoints('p', ['intake']);
      const take = (from: number, to: number, at: number) =>
        store.commit(
          write(at, [row(at + 1)], {
            checkpoints: [{ from: from === 0 ? START : { epoch: 1, position: from }, to: mark(to) }],
          }),
        );
      expect(await take(0, 3, 5)).toEqual(committed);
      expect(await take(0, 3, 6)).toEqual({ status: 'checkpoint-moved' });
      expect((await store.heads())[0]!.position).toBe(6);
      expect((await store.checkpoints('p')).filter((c) => c.position > 0)).toEqual([mark(3)]);
    });

    it('loads a snapshot of the wanted fold version and what came after it, else everything', async () => {
      const store = await filled();
      const snapshot = { shard: 0, stream: 'counter-a', version: 3, foldVersion: 7, state: '{"n":3}' };
      await store.commit(write(5, [row(6)], { snapshots: [snapshot] }));
      const load = async (foldVersion: number) =>
        (await store.load([{ shard: 0, stream: 'counter-a', foldVersion }]))[0]!;
      const wanted = await load(7);
      expect(wanted.snapshot).toEqual({ version: 3, state: { n: 3 } });
      expect(wanted.tail.map((e) => e.version)).toEqual([4, 5, 6]);
      expect(wanted.tail[0]).toEqual({ type: 'Counted', version: 4, at: NOON, data: { of: 'f4' }, traceparent: null });
      const other = await load(8);
      expect(other.snapshot).toBeNull();
      expect(other.tail.map((e) => e.version)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('holds one timer per name and stream, the latest, until it is cleared', async () => {
      const store = await lane.fresh();
      await store.commit(
        write(0, [], { setTimers: [timer('b', '2026-11-02T10:00:00.000Z'), timer('a', '2026-11-02T09:00:00.000Z')] }),
      );
      await store.commit(write(0, [], { setTimers: [timer('a', '2026-11-02T11:00:00.000Z')] }));
      expect(await store.nextTimer()).toBe('2026-11-02T10:00:00.000Z');
      const [b] = await store.dueTimers('2026-11-02T10:00:00.000Z', 9);
      expect(b).toEqual({ ...timer('b', '2026-11-02T10:00:00.000Z'), tries: 0, wakeAt: '2026-11-02T10:00:00.000Z' });
      expect((await store.dueTimers('2026-11-02T12:00:00.000Z', 9, b)).map((t) => t.name)).toEqual(['a']);
      expect(await store.dueTimers('2026-11-02T09:59:59.999Z', 9)).toEqual([]);
      expect(await store.dueTimers('2026-11-02T12:00:00.000Z', 1)).toHaveLength(1);
      expect(await store.timersNamed('a')).toEqual([timer('a', '2026-11-02T11:00:00.000Z')]);
      await store.commit(write(0, [], { clearTimers: [{ shard: 0, stream: 'counter-a', name: 'b' }] }));
      expect(await store.nextTimer()).toBe('2026-11-02T11:00:00.000Z');
    });

    it('lists parked events in order, by processor and debtor, and lets them go', async () => {
      const store = await lane.fresh();
      await store.commit(
        write(0, [], { park: [parked(9, { culprit: false }), parked(4), parked(5, { subject: 'b' })] }),
      );
      const listed = async (filter = {}) => (await store.parked({ limit: 9, ...filter })).map((p) => p.position);
      expect(await listed()).toEqual([4, 5, 9]);
      expect(await listed({ subject: 'a' })).toEqual([4, 9]);
      expect(await listed({ processor: 'other' })).toEqual([]);
      await store.commit(write(0, [], { park: [parked(9, { error: 'worse' })], unpark: [parked(4)] }));
      expect(await store.parked({ subject: 'a', limit: 9 })).toEqual([parked(9, { error: 'worse' })]);
    });

    it('writes every kind of row in one commit', async () => {
      const store = await lane.fresh();
      await store.prepareCheckpoints('p', ['intake']);
      const everything: Partial<StoreWrite> = {
        snapshots: [{ shard: 0, stream: 'counter-a', version: 1, foldVersion: 1, state: '1' }],
        setTimers: [timer('t', NOON)],
        clearTimers: [{ shard: 0, stream: 'counter-b', name: 't' }],
        checkpoints: [{ from: START, to: mark(1) }],
        park: [parked(1)],
        unpark: [parked(2)],
      };
      expect(await store.commit(write(0, [row(1)], everything))).toEqual(committed);
      const again = { ...everything, checkpoints: [{ from: { epoch: 1, position: 1 }, to: mark(2) }] };
      expect(await store.commit(write(1, [row(2)], { ...again, side: [{ key: 'k', row: { n: 1 } }] }))).toEqual(
        committed,
      );
      await store.locked([0], async (session) => {
        expect([...(await session.lockSide(['k', 'none']))]).toEqual([['k', { n: 1 }]]);
        return NO_WRITE;
      });
    });

    it('lets one locked writer in after the other, each seeing what the one before wrote', async () => {
      const [store, other] = [await lane.fresh(), await lane.replica()];
      const seen: string[] = [];
      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          (i % 2 ? other : store).locked([0], async (session) => {
            const [loaded] = await session.load([{ shard: 0, stream: 'counter-a', foldVersion: 1 }]);
            const at = session.heads[0]!.position;
            seen.push(`${at}=${loaded?.tail.length ?? 0}`);
            return write(at, [row(at + 1)]);
          }),
        ),
      );
      expect(seen).toEqual(['0=0', '1=1', '2=2', '3=3', '4=4', '5=5']);
    });

    it('writes nothing and lets go when a locked writer gives up', async () => {
      const store = await lane.fresh();
      const failing = store.locked([0], async () => {
        throw new TypeError('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store.commit(write(0, [row(1)]))).toEqual(committed);
    });

    it('keeps a NUL, a lone surrogate, a megabyte and deep nesting as they are', async () => {
      const store = await lane.fresh();
      const deep = JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`);
      const notes = ['a\u0000b', 'x\ud800y', 'm'.repeat(1_000_000), deep];
      const events = notes.map((note, i) => row(i + 1, { data: JSON.stringify({ note }) }));
      await store.commit(write(0, events));
      const back = (await store.read({ shard: 0, after: START, limit: 9 })).events;
      expect(back.map((e) => JSON.stringify(e.data))).toEqual(events.map((e) => e.data));
      const [loaded] = await store.load([{ shard: 0, stream: 'counter-a', foldVersion: 1 }]);
      expect(loaded!.tail.map((e) => JSON.stringify(e.data))).toEqual(events.map((e) => e.data));
    });

    it('refuses as stale whoever decided in an epoch that is over, and whoever only confirms silence in it', async () => {
      const store = await filled();
      await store.beginEpoch('test');
      const late = [
        write(5, [row(6)]),
        write(5, [], { setTimers: [timer('t', NOON)] }),
        write(5, [], { checkpoints: [{ from: START, to: mark(1) }] }),
        write(5, []),
      ];
      await store.prepareCheckpoints('p', ['intake']);
      for (const old of late) expect(await store.commit(old)).toEqual({ status: 'stale' });
      expect((await store.heads())[0]!.position).toBe(5);
      expect(await store.nextTimer()).toBeNull();
      expect(await store.commit(write(5, [row(6, { epoch: 2 })], { epoch: 2 }))).toEqual(committed);
    });

    it('writes for the one who finds every parked event that he drives again still there', async () => {
      const store = await lane.fresh();
      await store.commit(write(0, [], { park: [parked(4), parked(5), parked(6)] }));
      const drive = (from: number, claims: readonly number[], over: Partial<StoreWrite> = {}) =>
        store.commit(write(from, [row(from + 1)], { claims: claims.map((p) => parked(p)), ...over }));
      expect(await drive(0, [4, 5], { unpark: [parked(4)], park: [parked(5, { error: 'still' })] })).toEqual(committed);
      expect(await drive(1, [4, 5], { unpark: [parked(4), parked(5)] })).toEqual({ status: 'checkpoint-moved' });
      expect(await drive(1, [4], { park: [parked(4)] })).toEqual({ status: 'checkpoint-moved' });
      expect((await store.parked({ limit: 9 })).map((p) => [p.position, p.error])).toEqual([
        [5, 'still'],
        [6, 'broken'],
      ]);
      expect((await store.heads())[0]!.position).toBe(1);
      expect(await drive(1, [5, 6], { unpark: [parked(5), parked(6)] })).toEqual(committed);
      expect(await store.parked({ limit: 9 })).toEqual([]);
    });

    it('sends every reader back to where a new epoch began, and hands it one epoch at a time', async () => {
      const store = await filled();
      expect(await store.beginEpoch('test')).toBe(2);
      await store.commit(write(5, rows(6, 8, { epoch: 2 }), { epoch: 2 }));
      const from = async (epoch: number, position: number) => {
        const result = await store.read({ shard: 0, after: { epoch, position }, limit: 500 });
        return [result.from, positions(result.events), result.head];
      };
      const head = { epoch: 2, position: 8 };
      expect(await from(0, 0)).toEqual([{ epoch: 1, position: 0 }, ['1/1', '1/2', '1/3', '1/4', '1/5'], head]);
      expect(await from(1, 3)).toEqual([{ epoch: 1, position: 3 }, ['1/4', '1/5'], head]);
      const second = ['2/6', '2/7', '2/8'];
      expect(await from(1, 5)).toEqual([{ epoch: 2, position: 5 }, second, head]);
      expect(await from(1, 7)).toEqual([{ epoch: 2, position: 5 }, second, head]);
      expect(await from(2, 7)).toEqual([{ epoch: 2, position: 7 }, ['2/8'], head]);
    });
  });
};
