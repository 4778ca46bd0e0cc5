import { describe, expect, it } from '@jest/globals';
import { allQuiet, type QuietAnswer, type QuietRound } from './all-quiet.js';

const NOW = '2026-11-02T01:00:00.000Z';
const answer = (incarnation: string, fields: Partial<QuietAnswer> = {}): QuietAnswer => ({
  incarnation,
  now: NOW,
  quiet: true,
  begun: 7,
  nextDueAt: null,
  heads: [],
  cursors: [],
  ...fields,
});
const head = (source: string, position: number, epoch = 1, shard = 0) => ({ source, shard, epoch, position });
const cursor = (processor: string, source: string, position: number, epoch = 1, shard = 0) => ({
  processor,
  ...head(source, position, epoch, shard),
});
const twice = (round: QuietRound) => allQuiet([round, round]);

describe('a system of many processes', () => {
  it('is quiet when all say so twice, and names the next instant at which one has something to do', () => {
    const round = [
      answer('guard', { nextDueAt: '2026-11-02T03:00:00.000Z', heads: [head('guard', 4)] }),
      answer('dialer', { nextDueAt: '2026-11-02T02:00:00.000Z', cursors: [cursor('dialer', 'guard', 4)] }),
      answer('scoring'),
    ];
    expect(twice(round)).toEqual({ quiet: true, now: NOW, nextDueAt: '2026-11-02T02:00:00.000Z' });
    expect(twice([answer('guard')])).toEqual({ quiet: true, now: NOW, nextDueAt: null });
  });

  it('is not quiet while one is at work, in either round', () => {
    const [idle, busy] = [answer('guard'), answer('guard', { quiet: false })];
    expect(allQuiet([[busy], [idle]])).toEqual({ quiet: false, because: 'guard is at work' });
    expect(allQuiet([[idle], [busy]])).toEqual({ quiet: false, because: 'guard is at work' });
  });

  it('is not quiet when one worked between the rounds', () => {
    expect(allQuiet([[answer('guard', { begun: 7 })], [answer('guard', { begun: 9 })]])).toEqual({
      quiet: false,
      because: 'guard began 2 pieces of work between the rounds',
    });
  });

  it('is not quiet while a cursor is behind the head of its source, by one event or by an epoch', () => {
    const of = (taken: ReturnType<typeof cursor>) =>
      twice([answer('guard', { heads: [head('guard', 4, 2)] }), answer('dialer', { cursors: [taken] })]);
    expect(of(cursor('dialer', 'guard', 3, 2))).toEqual({ quiet: false, because: 'dialer at guard/0 is behind' });
    expect(of(cursor('dialer', 'guard', 4, 1))).toMatchObject({ quiet: false });
    expect(of(cursor('dialer', 'guard', 4, 2))).toMatchObject({ quiet: true });
  });

  it('waits for nobody at a source that has no event', () => {
    const round = [
      answer('guard', { heads: [head('guard', 0)] }),
      answer('dialer', { cursors: [cursor('d', 'guard', 0, 0)] }),
    ];
    expect(twice(round)).toMatchObject({ quiet: true });
  });

  it('looks at every shard for itself', () => {
    const heads = [head('guard', 4, 1, 0), head('guard', 9, 1, 1)];
    const cursors = [cursor('d', 'guard', 4, 1, 0), cursor('d', 'guard', 4, 1, 1)];
    expect(twice([answer('a', { heads, cursors })])).toEqual({ quiet: false, because: 'd at guard/1 is behind' });
  });

  it('is not quiet while nobody tells the head of a source that is read', () => {
    expect(twice([answer('dialer', { cursors: [cursor('dialer', 'guard', 4)] })])).toEqual({
      quiet: false,
      because: 'nobody knows the head of guard/0',
    });
  });

  it('takes the furthest of two replicas, of heads and of cursors', () => {
    const at = (heads: number, taken: number) => ({
      heads: [head('guard', heads)],
      cursors: [cursor('dialer', 'guard', taken)],
    });
    expect(twice([answer('a', at(4, 2)), answer('b', at(3, 4))])).toMatchObject({ quiet: true });
    expect(twice([answer('a', at(5, 2)), answer('b', at(3, 4))])).toMatchObject({ quiet: false });
  });

  it('is not quiet while one stands at another instant', () => {
    const later = '2026-11-02T01:00:30.000Z';
    expect(twice([answer('a'), answer('b', { now: later })])).toEqual({
      quiet: false,
      because: 'b is at another instant',
    });
    expect(allQuiet([[answer('a')], [answer('a', { now: later })]])).toMatchObject({ quiet: false });
  });

  it('is not quiet when one was started again, is missing or answers twice', () => {
    expect(allQuiet([[answer('a')], [answer('b')]])).toEqual({ quiet: false, because: 'b is new' });
    expect(allQuiet([[answer('a'), answer('b')], [answer('a')]])).toMatchObject({ quiet: false });
    expect(twice([answer('a'), answer('a')])).toMatchObject({ quiet: false });
    expect(twice([])).toEqual({ quiet: false, because: 'not every process answered' });
  });
});
