import { expect, it } from '@jest/globals';
import type { Figures } from './answers.js';
import { cohortTable, deniedLine, figureTable } from './show-figures.js';

type Line = Figures['figures'][number];

const line = (more: Partial<Line>): Line => ({
  id: 'kept_rate',
  name: '承诺兑现率',
  cut: null,
  unit: 'rate',
  value: 0.5,
  numerator: 50,
  denominator: 100,
  currency: null,
  decimals: null,
  few: false,
  note: null,
  interval: null,
  restated: null,
  definition: '',
  ...more,
});

it('marks a restated figure and shows what it was', () => {
  const shown = figureTable([line({ restated: { value: 0.6, numerator: 60, denominator: 100 } })]);
  expect(shown).toContain('50.0 %');
  expect(shown).toContain('restated, was 60.0 % (60 / 100)');
  expect(figureTable([line({})])).not.toContain('restated');
});

it('says how many accounts are unfinished beside a rate, not only where there is none', () => {
  expect(figureTable([line({ id: 'roll_rate', note: 'unfinished: 7' })])).toContain('unfinished: 7');
});

it('shows the interval of a difference, and sums of weights with a decimal', () => {
  const shown = figureTable([
    line({ id: 'uplift', value: 0.0524, numerator: 102.0408, denominator: 100, interval: [-0.012, 0.1] }),
  ]);
  expect(shown).toContain('-1.2 % to 10.0 %');
  expect(shown).toContain('102.0 / 100');
});

it('shows amounts in the decimals of their currency', () => {
  const paid = (currency: string) =>
    figureTable([
      line({ id: 'paid_amount', unit: 'money', value: 12_345, numerator: 12_345, denominator: null, currency }),
    ]);
  expect(paid('JPY')).toContain('JPY 12,345');
  expect(paid('CNY')).toContain('CNY 123.45');
});

it('shows how often a rule denied, and how often it alone stood in the way, over channels', () => {
  const denial = { rule: 'CN-HOURS', denied: 3, onlyThisRule: 1 };
  const denials = [
    { ...denial, channel: 'call' },
    { ...denial, channel: 'sms' },
  ];
  expect(deniedLine(denials)).toBe('denied by rule (alone): CN-HOURS 6 (2)');
});

it('shows a cohort’s roll of those whose DPD 9 has come', () => {
  const cohort = {
    day: '2026-11-02',
    arm: 'champion',
    holdout: false,
    currency: 'JPY',
    entered: 10,
    entryUnpaid: 1_000,
    recovered: 250,
    cured3: 1,
    cured5: 2,
    cured8: 3,
    finished3: 10,
    finished5: 10,
    finished8: 8,
    mature: 8,
    rolled: 4,
    drawn: { of: 8, weight: 8, weightSquared: 8, curedWeight: 3 },
  };
  const shown = cohortTable([cohort]);
  expect(shown).toContain('50.0 %…');
  expect(shown).toContain('JPY 1,000');
});
