/** One figure, with what it was divided of and its words. */
import { decimalsOf } from './currency.js';
import type { Definition } from './definitions.js';

export interface Quotient {
  /** Null: there is nothing to divide by, or `note` says why there is no number. */
  readonly value: number | null;
  readonly numerator: number;
  /** Null: not a quotient. */
  readonly denominator: number | null;
}

export interface Figure extends Quotient {
  /** Persisted id, `connect_rate`. */
  readonly id: string;
  /** Chinese name as the dashboard shows it. */
  readonly name: string;
  /** Value of the cut; null: the whole. */
  readonly cut: string | null;
  readonly unit: 'count' | 'rate' | 'money' | 'ms' | 'per-10000';
  /** Of the amounts in it; one figure for each currency. */
  readonly currency: string | null;
  /** Digits of the currency's minor unit by ISO 4217: amounts are in minor units. Null: no amounts. */
  readonly decimals: number | null;
  /** The denominator is below 30: shown grey with its counts. */
  readonly few: boolean;
  readonly note: string | null;
  /** 95 % interval of a difference. */
  readonly interval: readonly [number, number] | null;
  /** What it was when the last day of its period was over, before later facts restated it; null: the same. */
  readonly restated: Quotient | null;
  readonly definition: string;
}

export const FEW = 30;

export const figure = (
  definition: Definition,
  cut: string | null,
  rest: Partial<Figure> & { readonly numerator: number },
): Figure => ({
  ...definition,
  cut,
  unit: 'count',
  value: rest.numerator,
  denominator: null,
  currency: null,
  few: false,
  note: null,
  interval: null,
  restated: null,
  ...rest,
  decimals: rest.currency == null ? null : decimalsOf(rest.currency),
});

export const rate = (
  definition: Definition,
  cut: string | null,
  numerator: number,
  denominator: number,
  rest: Partial<Figure> = {},
): Figure =>
  figure(definition, cut, {
    unit: 'rate',
    numerator,
    denominator,
    value: denominator === 0 ? null : numerator / denominator,
    few: denominator < FEW,
    ...rest,
  });
