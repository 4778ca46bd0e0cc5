import { describe, expect, it } from '@jest/globals';
import { committedOf, type FetchedRecord } from './committed.js';

const record = (offset: number, producerId: string, change: Partial<FetchedRecord> = {}): FetchedRecord => ({
  offset: String(offset),
  timestamp: '0',
  key: null,
  value: Buffer.from(String(offset)),
  headers: {},
  isControlRecord: false,
  batchContext: { firstOffset: String(offset), producerId, inTransaction: true },
  ...change,
});
const ZERO = Buffer.from([0, 0, 0, 0]);
const marker = (offset: number, producerId: string, type: 0 | 1) =>
  record(offset, producerId, { isControlRecord: true, key: Buffer.from([0, 0, 0, type]) });
const offsets = (records: readonly FetchedRecord[]) => records.map(({ offset }) => Number(offset));

describe('records of transactions', () => {
  it('count when committed and when outside of any', () => {
    const outside = record(0, '-1', { batchContext: { firstOffset: '0', producerId: '-1', inTransaction: false } });
    const all = [outside, record(1, '7'), marker(2, '7', 1)];
    expect(offsets(committedOf(all, all.slice(0, 2)))).toEqual([0, 1]);
  });

  it('do not count behind a zero key in an aborted one', () => {
    const all = [record(0, '7'), record(1, '7', { key: ZERO }), record(2, '7'), marker(3, '7', 0)];
    expect(committedOf(all, [all[1]!, all[2]!])).toEqual([]);
  });

  it('do not count where the abort is only told by what the client left out', () => {
    const all = [record(0, '7'), record(1, '7', { key: ZERO }), record(2, '7')];
    expect(committedOf(all, [all[1]!, all[2]!])).toEqual([]);
  });

  it('do not count in the second of two aborted ones in which the fetch begins', () => {
    const all = [record(5, '8'), record(6, '7'), marker(7, '7', 0), marker(8, '8', 0)];
    expect(committedOf(all, [all[0]!])).toEqual([]);
  });

  it('count again in the next transaction of the same producer', () => {
    const all = [record(0, '7'), marker(1, '7', 0), record(2, '7'), marker(3, '7', 1), record(4, '7')];
    expect(offsets(committedOf(all, [all[2]!, all[4]!]))).toEqual([2, 4]);
  });
});
