import { describe, expect, it } from '@jest/globals';
import { drawChance } from './chance.js';

describe('chance', () => {
  it('is the same for ever for salt, unit and purpose, and other for each other', () => {
    const draw = drawChance('salt', 's1', 'unit', 'purpose').draw;
    expect(draw).toBe(0.37229188552659886);
    expect(
      new Set([
        draw,
        drawChance('x', 's1', 'unit', 'purpose').draw,
        drawChance('salt', 's1', 'u', 'purpose').draw,
        drawChance('salt', 's1', 'unit', 'p').draw,
      ]).size,
    ).toBe(4);
  });
  it('is uniform', () => {
    const draws = Array.from({ length: 4000 }, (_, at) => drawChance('salt', 's', `unit-${at}`, 'p').draw);
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(draws.reduce((a, b) => a + b, 0) / 4000).toBeCloseTo(0.5, 1);
  });
});
