import { describe, expect, it } from '@jest/globals';
import { later, plusMinutes, snapUp, toInstant } from './instants.js';
import { isTimeOfDay, minutesOf } from './times.js';

describe('instants', () => {
  it('are written in UTC with milliseconds', () => {
    expect(toInstant(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(() => toInstant(Number.NaN)).toThrow(RangeError);
  });

  it('move by minutes, past midnight too', () => {
    expect(plusMinutes('2026-11-02T23:59:30.500Z', 1)).toBe('2026-11-03T00:00:30.500Z');
    expect(plusMinutes('2026-11-02T00:00:00.000Z', -0.5)).toBe('2026-11-01T23:59:30.000Z');
    expect(() => plusMinutes('soon', 1)).toThrow(RangeError);
  });

  it('know the later of two', () => {
    expect(later('2026-11-02T00:00:00.000Z', '2026-11-02T00:00:00.001Z')).toBe('2026-11-02T00:00:00.001Z');
  });

  it.each([
    [0, 0],
    [1, 30_000],
    [30_000, 30_000],
    [30_001, 60_000],
  ])('snap up from %i to the tick at %i', (ms, tick) => {
    expect(snapUp(ms, 30)).toBe(tick);
  });
});

describe('times of day', () => {
  it.each(['00:00', '09:30', '23:59'])('takes %s', (text) => {
    expect(isTimeOfDay(text)).toBe(true);
  });

  it.each(['24:00', '9:30', '09:60', '09:30:00', ''])('refuses %j', (text) => {
    expect(isTimeOfDay(text)).toBe(false);
  });

  it('are minutes since midnight, up to the end of the day', () => {
    expect(minutesOf('00:00')).toBe(0);
    expect(minutesOf('09:05')).toBe(545);
    expect(minutesOf('24:00')).toBe(1_440);
    for (const text of ['24:01', 'noon', '', '-1:00']) expect(() => minutesOf(text)).toThrow(RangeError);
  });
});
