import { describe, expect, it } from '@jest/globals';
import { chance, strategy } from '../package.fixture.js';
import { drawArm } from './arm.js';

describe('arm', () => {
  const arms = (band: 'normal' | 'very-large') =>
    Array.from({ length: 5000 }, (_, at) => drawArm(strategy, { debtorId: `debtor-${at}`, band, chance }));
  it('holds about 2 % out, with the probability in the record', () => {
    const held = arms('normal').filter((one) => one.holdout);
    expect(held.length).toBeGreaterThan(60);
    expect(held.length).toBeLessThan(140);
    expect(held[0]).toMatchObject({ arm: 'holdout', probability: 0.02, decision: { chosen: 'holdout' } });
  });
  it('never holds a very large amount out, and draws nothing for it', () => {
    for (const one of arms('very-large'))
      expect(one).toMatchObject({ arm: 'champion', probability: 1, holdout: false, chance: null });
  });
  it('gives options whose probabilities sum to 1', () => {
    for (const band of ['normal', 'very-large'] as const) {
      const { options } = drawArm(strategy, { debtorId: 'd', band, chance }).decision;
      expect(options.reduce((sum, option) => sum + option.probability, 0)).toBeCloseTo(1, 12);
    }
  });
});
