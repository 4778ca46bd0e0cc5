/** How amounts of a currency are said and written. */
import type { Strategy } from './package/schema.js';

export interface Money {
  /** Stands before the number, `新台币`. */
  readonly before: string;
  /** Stands behind it, `元`. */
  readonly unit: string;
  /** Digits of the minor unit by ISO 4217: 2 for CNY, none for JPY. */
  readonly decimals: number;
}

/** Digits of the minor unit by ISO 4217; two for a code that is none. */
export const decimalsOf = (currency: string): number => OTHER_DECIMALS.get(currency) ?? 2;

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Currencies whose minor unit is no hundredth. */
const OTHER_DECIMALS: ReadonlyMap<string, number> = new Map(
  Intl.supportedValuesOf('currency').flatMap((currency) => {
    const digits = digitsOf(currency);
    return digits === 2 ? [] : [[currency, digits] as const];
  }),
);

/** Null: the strategy has no name for the currency, and its amounts are neither spoken nor texted. */
export const moneyOf = (strategy: Strategy, currency: string): Money | null => {
  const name = strategy.about.currencyNames[currency];
  return name === undefined ? null : { ...name, decimals: decimalsOf(currency) };
};

/** `1,234.50元` of 123450 fen; `新台币1,234.50元`, `1,234日元`. */
export const moneyText = (minor: number, { before, unit, decimals }: Money): string => {
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${minor < 0 ? '-' : ''}${before}${whole}${decimals === 0 ? '' : `.${digits.slice(-decimals)}`}${unit}`;
};
