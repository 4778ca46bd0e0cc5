import { describe, expect, it } from '@jest/globals';
import { compareCursors } from '@mora/contracts';
import { START } from '@mora/eventing';
import fc from 'fast-check';
import { ShardBuffer } from './shard-buffer.js';
import { eventAt } from './testing/events.js';

const NOW = Date.parse('2026-11-03T04:00:00.000Z');
const filled = (...positions: readonly number[]) => {
  const buffer = new ShardBuffer(() => NOW);
  for (const position of positions) buffer.push(eventAt(position), position * 10, 100);
  return buffer;
};
const at = (position: number, epoch = 1) => ({ epoch, position });
const positions = (buffer: ShardBuffer, after = START, limit = 500) =>
  buffer.after(after, limit).map((event) => event.position);

describe('a shard’s buffer', () => {
  it('gives what follows the cursor, as much as asked for', () => {
    expect(positions(filled(1, 2, 3, 4), at(1), 2)).toEqual([2, 3]);
    expect(positions(filled(1, 2, 3), START)).toEqual([1, 2, 3]);
  });

  it('drops doubles, late ones and what was taken in', () => {
    const buffer = filled(1, 2, 3, 2, 1, 3, 4);
    expect(positions(buffer)).toEqual([1, 2, 3, 4]);
    buffer.take(at(4));
    expect(buffer.push(eventAt(4), 50, 1)).toBe(false);
    expect(buffer.push(eventAt(5), 60, 1)).toBe(true);
  });

  it('never hides a hole', () => {
    const buffer = filled(1, 2, 5, 6);
    expect(positions(buffer)).toEqual([1, 2]);
    expect(positions(buffer, at(2))).toEqual([]);
    expect(buffer.missingAfter(at(2))).toBe(2);
    expect(positions(buffer, at(4))).toEqual([5, 6]);
    expect(buffer.missingAfter(at(6))).toBe(0);
  });

  it('sees by a watermark that the last events are missing', () => {
    const buffer = filled(1, 2);
    expect(buffer.pushMark({ ...at(2), at: '2026-11-02T04:01:00.000Z' }, 40)).toBe(false);
    expect(buffer.missingAfter(at(2))).toBe(0);
    expect(buffer.pushMark({ ...at(4), at: '2026-11-02T04:01:05.000Z' }, 50)).toBe(true);
    expect(buffer.missingAfter(at(2))).toBe(2);
    expect(buffer.watermark).toEqual({ ...at(4), at: '2026-11-02T04:01:05.000Z' });
  });

  it('takes a word from a time to come for no watermark, also once that time has come', () => {
    const buffer = filled(1, 2);
    const soon = (ms: number) => new Date(NOW + ms).toISOString();
    expect(buffer.pushMark({ ...at(4), at: soon(600_000) }, 50)).toBe(true);
    expect(buffer.watermark).toEqual({ ...at(4), at: '1970-01-01T00:00:00.000Z' });
    buffer.pushMark({ ...at(4), at: soon(2_000) }, 60);
    expect(buffer.watermark.at).toBe(soon(2_000));
    buffer.pushMark({ ...at(4), at: soon(600_000) }, 70);
    expect(buffer.watermark.at).toBe(soon(2_000));
  });

  it('takes an event for a watermark of the instant at which it was recorded', () => {
    const buffer = filled(1, 2);
    expect(buffer.watermark).toEqual({ ...at(2), at: eventAt(2).recordedAt });
    buffer.pushMark({ ...at(1), at: '2026-11-02T05:00:00.000Z' }, 30);
    expect(buffer.watermark.position).toBe(2);
  });

  it('knows what is missing before a late start', () => {
    expect(filled(7, 8).missingAfter(START)).toBe(6);
    expect(filled(7, 8).missingAfter(at(3))).toBe(3);
  });

  it('leaves the step into a new epoch to Read', () => {
    const buffer = filled(1, 2, 3);
    buffer.push(eventAt(3, { epoch: 2, id: 'other' }), 40, 1);
    expect(positions(buffer)).toEqual([1, 2, 3]);
    expect(buffer.missingAfter(at(3))).toBeNull();
    expect(positions(buffer, at(2, 2))).toEqual([3]);
    expect(buffer.push(eventAt(4), 50, 1)).toBe(false);
  });

  it('tells of nothing beyond what the topic told of', () => {
    const buffer = filled(1, 2);
    expect(buffer.missingAfter(at(9))).toBe(0);
    expect(new ShardBuffer().missingAfter(at(9))).toBe(0);
    expect(new ShardBuffer().missingAfter(START)).toBe(0);
  });

  it('keeps a little for a reader that goes back, and frees the rest', () => {
    const buffer = filled(...Array.from({ length: 300 }, (_, i) => i + 1));
    buffer.take(at(200));
    expect(buffer.waiting).toBe(100);
    expect(buffer.bytes).toBe(16_400);
    buffer.take(at(150));
    expect(positions(buffer, at(150), 2)).toEqual([151, 152]);
    expect(positions(buffer, at(100), 2)).toEqual([]);
    expect(buffer.missingAfter(at(100))).toBe(36);
  });

  it('gives as offset to commit the first record that was not taken in', () => {
    const buffer = filled(1, 2, 3);
    expect(buffer.takenOffset).toBe(10);
    buffer.take(at(2));
    expect(buffer.takenOffset).toBe(30);
    buffer.take(at(3));
    expect(buffer.takenOffset).toBe(31);
    expect(new ShardBuffer().takenOffset).toBeNull();
  });

  it('knows nothing of a partition that is somebody else’s now', () => {
    const buffer = filled(1, 2);
    buffer.forget();
    expect([positions(buffer), buffer.missingAfter(START), buffer.bytes]).toEqual([[], 0, 0]);
  });

  it('with Read for the holes hands everything over once and in order, whatever is delivered how', () => {
    const delivery = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 80 });
    fc.assert(
      fc.property(delivery, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (arrivals, limits) => {
        const buffer = new ShardBuffer();
        const seen: number[] = [];
        const read = (limit: number) => {
          const after = seen.length === 0 ? START : at(seen.at(-1)!);
          buffer.take(after);
          const found = buffer.after(after, limit);
          const missing = buffer.missingAfter(after);
          if (found.length > 0) seen.push(...found.map((event) => event.position));
          else for (let i = 0; i < Math.min(limit, missing ?? 0); i++) seen.push(after.position + i + 1);
        };
        for (const [i, position] of arrivals.entries()) {
          buffer.push(eventAt(position), i, 1);
          if (i % 3 === 0) read(limits[i % limits.length]!);
        }
        for (let i = 0; i < 40; i++) read(5);
        expect(seen).toEqual(Array.from({ length: Math.max(0, ...arrivals) }, (_, i) => i + 1));
      }),
    );
  });

  it('orders cursors by epoch first', () => {
    expect(compareCursors(at(9, 1), at(1, 2))).toBeLessThan(0);
  });
});
