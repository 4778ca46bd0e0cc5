/** Figures of those who entered in the period, whatever came later. */
import { base } from './definitions.js';
import { FEW, type Figure, figure, rate } from './figure.js';
import type { CohortCounts, DrawnCounts } from './reads.js';
import { differenceInterval, proportionOf } from './statistics.js';

const unfinishedOf = (accounts: number): Partial<Figure> => (accounts > 0 ? { note: `unfinished: ${accounts}` } : {});

export const cohortFigures = (cohorts: readonly CohortCounts[]): readonly Figure[] => {
  const sum = (of: (cohort: CohortCounts) => number, among = cohorts): number =>
    among.reduce((total, cohort) => total + of(cohort), 0);
  const entered = sum((c) => c.entered);
  const cure = (key: 'cure3' | 'cure5' | 'cure8', cured: number, finished: number): Figure =>
    rate(base(key), null, cured, entered, unfinishedOf(entered - finished));
  const rolled = sum((c) => c.rolled);
  const mature = sum((c) => c.mature);
  const currencies = [...new Set(cohorts.map((c) => c.currency))].sort();
  return [
    figure(base('entered'), null, { numerator: entered }),
    cure(
      'cure3',
      sum((c) => c.cured3),
      sum((c) => c.finished3),
    ),
    cure(
      'cure5',
      sum((c) => c.cured5),
      sum((c) => c.finished5),
    ),
    cure(
      'cure8',
      sum((c) => c.cured8),
      sum((c) => c.finished8),
    ),
    rate(base('roll'), null, rolled, mature, unfinishedOf(entered - mature)),
    ...currencies.map((currency) => {
      const among = cohorts.filter((c) => c.currency === currency);
      const accounts = sum((c) => c.entered, among);
      const owed = sum((c) => c.entryUnpaid, among);
      return rate(
        base('recovery'),
        null,
        sum((c) => c.recovered, among),
        owed,
        { currency, few: accounts < FEW, ...unfinishedOf(accounts - sum((c) => c.mature, among)) },
      );
    }),
    ...holdoutFigures(cohorts),
  ];
};

const NO_HOLDOUT = 'no holdout';

const drawnOf = (cohorts: readonly CohortCounts[], holdout: boolean): DrawnCounts => {
  const among = cohorts.filter((cohort) => cohort.holdout === holdout).map(({ drawn }) => drawn);
  const sum = (of: (drawn: DrawnCounts) => number): number => among.reduce((total, drawn) => total + of(drawn), 0);
  return {
    of: sum((d) => d.of),
    weight: sum((d) => d.weight),
    weightSquared: sum((d) => d.weightSquared),
    curedWeight: sum((d) => d.curedWeight),
  };
};

/** Why there is no number, though somebody may be held out whose days are not over. */
const noHoldout = (cohorts: readonly CohortCounts[]): string => {
  const waiting = cohorts.filter((c) => c.holdout).reduce((sum, c) => sum + c.entered - c.mature, 0);
  return waiting > 0 ? `unfinished: ${waiting}` : NO_HOLDOUT;
};

const holdoutFigures = (cohorts: readonly CohortCounts[]): readonly Figure[] => {
  const held = drawnOf(cohorts, true);
  const treated = drawnOf(cohorts, false);
  if (held.of === 0) {
    const note = noHoldout(cohorts);
    const nothing = { unit: 'rate', value: null, numerator: 0, denominator: 0, few: true, note } as const;
    return [figure(base('selfCure'), null, nothing), figure(base('uplift'), null, nothing)];
  }
  const [a, b] = [proportionOf(treated), proportionOf(held)];
  const nobody = treated.of === 0;
  return [
    rate(base('selfCure'), null, held.curedWeight, held.weight, { few: held.of < FEW, note: `${held.of} accounts` }),
    figure(base('uplift'), null, {
      unit: 'rate',
      value: nobody ? null : treated.curedWeight / treated.weight - held.curedWeight / held.weight,
      numerator: treated.curedWeight,
      denominator: treated.weight,
      few: held.of < FEW || treated.of < FEW,
      note: `accounts: treated ${treated.of}, holdout ${held.of}`,
      interval: nobody ? null : differenceInterval(a, b),
    }),
  ];
};
