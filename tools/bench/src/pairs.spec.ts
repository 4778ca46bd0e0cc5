import { describe, expect, it } from '@jest/globals';
import { pairedFigure } from './pairs.js';

const pairs = (...ratios: readonly number[]) => ratios.map((ratio, i) => ({ old: 10 + i, new: ratio * (10 + i) }));

describe('figures taken in pairs', () => {
  it('are compared within each pair, so that a slow spell of the machine that hits both does not count', () => {
    const figure = pairedFigure([
      { old: 10, new: 9 },
      { old: 30, new: 27 },
      { old: 11, new: 9.9 },
    ]);
    expect(figure).toMatchObject({ old: 11, new: 9.9 });
    for (const ratio of [figure.ratio, figure.least, figure.greatest, ...figure.interval!])
      expect(ratio).toBeCloseTo(0.9, 10);
  });

  it('have an interval around 1 when the pairs contradict one another, and beside 1 when they agree', () => {
    const [low, high] = pairedFigure(pairs(0.97, 1.03, 0.99, 1.02, 0.98)).interval!;
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
    expect(pairedFigure(pairs(0.93, 0.95, 0.92, 0.94, 0.93)).interval![1]).toBeLessThan(1);
  });

  it('have the t-interval of their log ratios: two pairs say little, a single one has none', () => {
    const [low, high] = pairedFigure(pairs(Math.exp(-0.1), Math.exp(0.1))).interval!;
    expect(Math.log(low)).toBeCloseTo(-1.2706, 3);
    expect(Math.log(high)).toBeCloseTo(1.2706, 3);
    expect(pairedFigure(pairs(0.9)).interval).toBeNull();
  });

  it('have quantiles that go on falling beyond the table', () => {
    const widthOf = (n: number) => {
      const logs = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0.1 : -0.1));
      const deviation = Math.sqrt((n * 0.01) / (n - 1));
      const [low, high] = pairedFigure(pairs(...logs.map(Math.exp))).interval!;
      return (Math.log(high) - Math.log(low)) / 2 / (deviation / Math.sqrt(n));
    };
    expect(widthOf(10)).toBeCloseTo(2.262, 3);
    expect(widthOf(12)).toBeCloseTo(2.201, 2);
    expect(widthOf(30)).toBeCloseTo(2.045, 2);
  });
});
