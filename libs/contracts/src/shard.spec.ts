import { describe, expect, it } from '@jest/globals';
import { murmur2, shardOf } from './shard.js';

const SHARDS = 12;

const utf8 = (text: string) => Buffer.from(text, 'utf8');

describe('a shard', () => {
  // The vectors of Apache Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Kafka does', (text, hash) => {
    expect(murmur2(utf8(text))).toBe(hash);
  });

  it.each([
    ['21', 12, 0],
    ['foobar', 12, 6],
    ['a-little-bit-long-string', 12, 8],
    ['a-little-bit-longer-string', 12, 11],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', 12, 5],
    ['abc', 12, 3],
    ['abc', 1, 0],
  ])('puts %s of %i into %i for ever', (text, shards, shard) => {
    expect(shardOf(text, shards)).toBe(shard);
  });

  it('spreads debtors evenly', () => {
    const sizes = Array.from({ length: SHARDS }, () => 0);
    for (let i = 0; i < 12_000; i++) sizes[shardOf(`debtor-${i}`, SHARDS)]! += 1;
    expect(Math.min(...sizes)).toBeGreaterThan(850);
    expect(Math.max(...sizes)).toBeLessThan(1_150);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d shards', (shards) => {
    expect(() => shardOf('a', shards)).toThrow(RangeError);
  });
});
