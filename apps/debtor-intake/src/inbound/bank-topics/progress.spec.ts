import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from './committed.js';
import type { Position } from './offsets.js';
import { isPassed, Progress, startOf } from './progress.js';

const KEY = Buffer.alloc(32, 3);
const id = { topic: 'bank.overdue.v1', partition: 3 };
const record = (offset: number, value = `v${offset}`): FetchedRecord => ({
  offset: String(offset),
  timestamp: '1',
  key: null,
  value: Buffer.from(value),
  isControlRecord: false,
  batchContext: { firstOffset: String(offset), producerId: '-1', inTransaction: false },
});
const stored: Position = { generation: 2, next: 10, paid: 11, taken: 12, mark: { offset: 11, hash: 'h' } };
const waiting = (offset: number, kind: 'payment' | 'posted-through' = 'payment') => ({
  kind,
  input: { channel: { kind: 'kafka' as const, name: 'bank.overdue.v1/3', offset }, raw: {} },
  barrier: new Map(),
});

describe('a partition of the bank', () => {
  it('begins at the first record there is when nothing is known of it', () => {
    expect(startOf(null, { low: 4, high: 9 })).toMatchObject({ kind: 'first', from: 4 });
  });

  it('goes on where it was, ending there or beyond', () => {
    expect(startOf(stored, { low: 0, high: 12 })).toMatchObject({ kind: 'resumed', from: 10, position: stored });
    expect(startOf({ ...stored, next: 12 }, { low: 0, high: 40 })).toMatchObject({ kind: 'resumed', from: 11 });
  });

  it('is another topic when it ends before what was taken', () => {
    expect(startOf(stored, { low: 0, high: 11 })).toMatchObject({
      kind: 'recreated',
      from: 0,
      position: { generation: 3, next: 0, taken: 0 },
    });
  });

  it('has lost what was deleted before it was read, and nothing when the deletion ends there', () => {
    expect(startOf(stored, { low: 11, high: 20 })).toMatchObject({ kind: 'lost', from: 11, lost: 1 });
    expect(startOf(stored, { low: 10, high: 20 })).toMatchObject({ kind: 'resumed', from: 10 });
  });

  it('is the same topic while the last record that was taken stands where it stood', () => {
    const first = new Progress(id, startOf(null, { low: 0, high: 9 }), KEY);
    first.advance(6, record(5));
    const begin = () => new Progress(id, startOf(first.position(), { low: 0, high: 9 }), KEY);
    expect(begin().expected).toBe(5);
    expect(begin().isSameTopic([record(5), record(6)])).toBe(true);
    expect(begin().isSameTopic([record(5, 'another'), record(6)])).toBe(false);
    expect([record(5), record(6)].map((r) => begin().isNew(r))).toEqual([false, true]);
  });

  it('cannot be told from another where that record is gone', () => {
    const first = new Progress(id, startOf(null, { low: 0, high: 9 }), KEY);
    first.advance(6, record(5));
    expect(new Progress(id, startOf(first.position(), { low: 0, high: 9 }), KEY).isSameTopic([record(7)])).toBe(true);
  });

  it('stores the place of what waits, and beside it how far it is taken', () => {
    const progress = new Progress(id, startOf(null, { low: 0, high: 9 }), KEY);
    progress.waiting.push(waiting(2));
    progress.advance(8, record(7));
    expect(progress.position()).toMatchObject({ next: 2, paid: 2, taken: 8 });
    progress.waiting.splice(0, 1, waiting(2, 'posted-through'), waiting(5));
    expect(progress.position()).toMatchObject({ next: 2, paid: 5, taken: 8 });
    progress.waiting.splice(0);
    expect(progress.position()).toMatchObject({ next: 8, paid: 8, taken: 8 });
  });

  it('that is read again from what waited does not fall behind what was taken', () => {
    const progress = new Progress(id, startOf({ ...stored, mark: null }, { low: 0, high: 30 }), KEY);
    progress.advance(11, record(10));
    expect(progress.position()).toMatchObject({ next: 11, taken: 12 });
  });
});

describe('what waits for other partitions', () => {
  const barrier = new Map([['a/0', 5]]);
  const extent = (low: number, high: number) => new Map([['a/0', { low, high }]]);

  it('is ready when each is taken as far as it went then, not one record before', () => {
    expect(isPassed(barrier, new Map([['a/0', 4]]), extent(0, 9))).toBe(false);
    expect(isPassed(barrier, new Map([['a/0', 5]]), extent(0, 9))).toBe(true);
  });

  it('does not wait for what was never there, was deleted, or ends earlier now', () => {
    expect(isPassed(new Map([['a/0', 0]]), new Map(), extent(0, 9))).toBe(true);
    expect(isPassed(barrier, new Map(), extent(5, 9))).toBe(true);
    expect(isPassed(barrier, new Map([['a/0', 2]]), extent(0, 2))).toBe(true);
    expect(isPassed(barrier, new Map(), new Map())).toBe(true);
  });
});
