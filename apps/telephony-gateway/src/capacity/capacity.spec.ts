import { describe, expect, it } from '@jest/globals';
import { grantSlots, type Waiting } from './capacity.js';

const waiting = (attemptId: string, priority = 100): Waiting => ({ attemptId, priority, heldBy: 'none' });
const limits = { channels: 3, startsPerSecond: 1 };

describe('capacity', () => {
  it('grants by priority, then by attempt id, whatever the order of arrival', () => {
    const queue = [waiting('b'), waiting('c', 5), waiting('a')];
    for (const arrived of [queue, [...queue].reverse()]) {
      const { granted } = grantSlots({ waiting: arrived, inUse: 0, seconds: 30, limits });
      expect(granted.map((one) => one.attemptId)).toEqual(['c', 'a', 'b']);
    }
  });

  it('never grants more than the free channels', () => {
    const queue = [waiting('a'), waiting('b')];
    expect(grantSlots({ waiting: queue, inUse: 2, seconds: 30, limits }).granted).toHaveLength(1);
    expect(grantSlots({ waiting: queue, inUse: 3, seconds: 30, limits }).granted).toHaveLength(0);
    expect(grantSlots({ waiting: queue, inUse: 4, seconds: 30, limits }).granted).toHaveLength(0);
  });

  it('never begins more calls than the seconds passed allow', () => {
    const queue = [waiting('a'), waiting('b'), waiting('c')];
    expect(grantSlots({ waiting: queue, inUse: 0, seconds: 2, limits }).granted).toHaveLength(2);
    expect(grantSlots({ waiting: queue, inUse: 0, seconds: 3, limits }).granted).toHaveLength(3);
  });

  it('tells which limit made a call wait', () => {
    const first = grantSlots({ waiting: [waiting('a'), waiting('b')], inUse: 2, seconds: 30, limits });
    expect(first.granted[0]).toEqual({ attemptId: 'a', limiter: 'none', limit: 3, inUse: 3 });
    expect(first.left).toEqual([{ attemptId: 'b', priority: 100, heldBy: 'channels' }]);
    const second = grantSlots({ waiting: first.left, inUse: 0, seconds: 30, limits });
    expect(second.granted[0]).toEqual({ attemptId: 'b', limiter: 'channels', limit: 3, inUse: 1 });
    const slow = grantSlots({ waiting: [waiting('a'), waiting('b')], inUse: 0, seconds: 1, limits });
    expect(slow.left[0]?.heldBy).toBe('starts-per-second');
  });
});
