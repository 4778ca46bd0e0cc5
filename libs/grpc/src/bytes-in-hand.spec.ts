import { describe, expect, it } from '@jest/globals';
import { BytesInHand } from './bytes-in-hand.js';

const MB = 1_024 * 1_024;

describe('requests in hand', () => {
  it('are 32 MB of large ones at most, and any number of ordinary ones', () => {
    const inHand = new BytesInHand();
    expect([inHand.take(16 * MB), inHand.take(16 * MB), inHand.take(2 * MB)]).toEqual([true, true, false]);
    expect(inHand.take(MB)).toBe(true);
    inHand.give(MB);
    inHand.give(16 * MB);
    expect([inHand.take(16 * MB), inHand.take(2 * MB)]).toEqual([true, false]);
  });
});
