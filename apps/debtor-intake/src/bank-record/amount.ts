import { exponentOf } from './currency.js';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const PLAIN = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/** `1234.50` of a currency with two decimals becomes 123450. No sign games, separators, exponents or rounding. */
export const parseAmount = (text: string, currency: string, allowNegative = false): Parsed<number> => {
  const exponent = exponentOf(currency);
  if (exponent === undefined) return refuse(`has no meaning in the unknown currency`);
  const match = PLAIN.exec(text);
  if (!match) return refuse('is not a plain decimal number such as 1234.50');
  const [, sign, whole, fraction = ''] = match as unknown as [string, string, string, string | undefined];
  if (fraction.length > exponent) {
    return refuse(
      `has ${fraction.length} decimals; ${currency} has ${exponent === 0 ? 'none' : `at most ${exponent}`}`,
    );
  }
  if (whole.length > 16) return refuse('is too large to be exact');
  const minor = BigInt(whole + fraction.padEnd(exponent, '0'));
  if (minor > LARGEST) return refuse('is too large to be exact');
  if (sign !== '' && minor === 0n) return refuse('is a negative zero');
  if (sign !== '' && !allowNegative) return refuse('is negative');
  return { ok: true, value: sign === '' ? Number(minor) : -Number(minor) };
};

const refuse = (reason: string) => ({ ok: false, reason }) as const;
