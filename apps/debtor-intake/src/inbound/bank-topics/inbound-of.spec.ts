import { expect, it } from '@jest/globals';
import { UNREADABLE_HEADER } from './codecs.js';
import type { FetchedRecord } from './committed.js';
import { inboundOf } from './inbound-of.js';

const unreadable = (offset: number, firstOffset: number): FetchedRecord => ({
  offset: String(offset),
  timestamp: '0',
  key: null,
  value: null,
  headers: { [UNREADABLE_HEADER]: Buffer.from('broken') },
  isControlRecord: false,
  batchContext: { firstOffset: String(firstOffset), producerId: '-1', inTransaction: false },
});

it('gives a record set that cannot be read as one bad record, in one place wherever reading begins', () => {
  const set = [7, 8, 9].map((offset) => unreadable(offset, 7));
  const partition = { topic: 'bank.overdue.v1', partition: 0 };
  for (const from of [0, 1, 2]) {
    const inputs = inboundOf(partition, set.slice(from));
    expect(inputs.map(({ channel }) => channel.offset)).toEqual([7]);
  }
});
