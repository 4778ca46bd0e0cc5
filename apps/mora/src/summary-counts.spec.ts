import { expect, it } from '@jest/globals';
import type { Figures } from './answers.js';
import { countsOf } from './summary-counts.js';

type Line = Figures['figures'][number];

const line = (id: string, numerator: number, more: Partial<Line> = {}): Line => ({
  id,
  name: id,
  cut: null,
  unit: 'count',
  value: numerator,
  numerator,
  denominator: null,
  currency: null,
  decimals: null,
  few: false,
  note: null,
  interval: null,
  restated: null,
  definition: '',
  ...more,
});
const figuresWith = (figures: readonly Line[], denials: Figures['denials'] = []): Figures => ({
  period: { from: '2026-11-02', to: '2026-11-03' },
  cutBy: null,
  simulated: true,
  asOf: '2026-11-04T00:00:00.000Z',
  figures,
  denials,
  cohorts: [],
});

it('counts promises and kept ones by number, as the figures do: not the accounts that made them', () => {
  const figures = figuresWith([
    line('promise_rate', 7, { unit: 'rate', denominator: 20 }),
    line('promises_made', 12),
    line('promises_kept', 5),
  ]);
  expect(countsOf(figures)).toMatchObject({ promises: 12, promisesKept: 5 });
});

it('takes the whole, not the first value of a cut', () => {
  expect(countsOf(figuresWith([line('dialed', 3, { cut: 'H' }), line('dialed', 9)])).calls).toBe(9);
});

it('adds a rule’s denials over channels', () => {
  const denial = { rule: 'CN-HOURS', denied: 2, onlyThisRule: 1 };
  const denials = [
    { ...denial, channel: 'call' },
    { ...denial, channel: 'sms' },
  ];
  expect(countsOf(figuresWith([], denials)).deniedPerRule).toEqual({ 'CN-HOURS': 4 });
});
