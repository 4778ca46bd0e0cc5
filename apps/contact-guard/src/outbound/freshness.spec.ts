import { expect, test } from '@jest/globals';
import type { Cursor } from '@mora/contracts';
import { createFreshness } from './freshness.js';

const at = '2026-01-01T00:00:00.000Z';
const make = (
  taken: Map<string, Cursor>,
  acceptEarlier: boolean,
  watermark = async () => ({ epoch: 2, position: 3, at }),
) => {
  const head = { watermark };
  return {
    head,
    fresh: createFreshness({
      sources: ['intake'],
      feed: () => head,
      takenOf: () => taken,
      wall: () => Date.now(),
      waitMs: 30,
      acceptEarlier,
    }),
  };
};

test('a source is consumed when the checkpoint reaches its head, of the same or a later epoch', async () => {
  const consumed = async (cursor: Cursor | null) =>
    (await make(new Map(cursor ? [['intake', cursor]] : []), false).fresh(0))['intake']?.consumed;
  expect(await consumed({ epoch: 2, position: 3 })).toBe(true);
  expect(await consumed({ epoch: 2, position: 2 })).toBe(false);
  expect(await consumed({ epoch: 1, position: 9 })).toBe(false);
  expect(await consumed({ epoch: 3, position: 1 })).toBe(true);
  expect(await consumed(null)).toBe(false);
});

test('a source without events needs no checkpoint, one that does not answer is not consumed', async () => {
  const empty = make(new Map(), false, async () => ({ epoch: 1, position: 0, at }));
  expect((await empty.fresh(0))['intake']?.consumed).toBe(true);
  const silent = make(new Map(), false, async () => Promise.reject(new Error('down')));
  expect((await silent.fresh(0))['intake']?.consumed).toBe(false);
});

test('a watermark of a time to come is none, also once that time has come', async () => {
  const taken = new Map([['intake', { epoch: 2, position: 3 }]]);
  const mark = async (ahead: number) => {
    const head = async () => ({ epoch: 2, position: 3, at: new Date(Date.now() + ahead).toISOString() });
    return (await make(taken, true, head).fresh(0))['intake'];
  };
  expect(await mark(600_000)).toMatchObject({ consumed: false });
  expect(await mark(1_500)).toMatchObject({ consumed: true });
});

test('waits for its own checkpoint to reach the head that it asked for', async () => {
  const taken = new Map<string, Cursor>();
  const { fresh } = make(taken, false);
  setTimeout(() => taken.set('intake', { epoch: 2, position: 3 }), 8);
  expect((await fresh(0))['intake']?.consumed).toBe(true);
});

test('on a real clock falls back to the last watermark it had consumed, on a stepped one never', async () => {
  for (const acceptEarlier of [true, false]) {
    const { head, fresh } = make(new Map([['intake', { epoch: 2, position: 3 }]]), acceptEarlier);
    await fresh(0);
    head.watermark = async () => ({ epoch: 2, position: 9, at: '2026-01-01T00:00:09.000Z' });
    expect((await fresh(0))['intake']).toMatchObject(
      acceptEarlier ? { position: 3, at, consumed: true } : { consumed: false },
    );
  }
});
