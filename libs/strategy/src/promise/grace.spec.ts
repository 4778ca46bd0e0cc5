import { describe, expect, it } from '@jest/globals';
import { strategy } from '../package.fixture.js';
import { inGrace } from './grace.js';

describe('days of grace', () => {
  it('counts the last day of grace in, and three days where the bank gave none', () => {
    expect([
      inGrace(strategy, '2026-11-04', '2026-11-01', null),
      inGrace(strategy, '2026-11-05', '2026-11-01', null),
    ]).toEqual([true, false]);
    expect([
      inGrace(strategy, '2026-11-01', '2026-11-01', 0),
      inGrace(strategy, '2026-11-02', '2026-11-01', 0),
    ]).toEqual([true, false]);
  });
});
