/** Readable tables and one-line errors; `--json` prints the same as JSON. */
import Table from 'cli-table3';
import { inBankTime } from './times.js';
import { say } from './words.js';

/** Columns and one line under the head: fifty rows fit a screen. */
const CHARS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

const shown = (cell: unknown): string => (cell === null || cell === undefined ? '–' : String(inBankTime(cell)));

export const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string => {
  const made = new Table({
    head: head.map((each) => say(each)),
    chars: CHARS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of rows) made.push(row.map(shown));
  return made.toString();
};

/** An object as two columns; what is nested, indented below its name. */
export const sheet = (value: Readonly<Record<string, unknown>>): string => table(['', ''], linesOf(value, ''));

const linesOf = (value: Readonly<Record<string, unknown>>, indent: string): readonly (readonly unknown[])[] =>
  Object.entries(value).flatMap(([key, v]) => {
    const name = `${indent}${say(key)}`;
    if (typeof v !== 'object' || v === null) return [[name, v]];
    if (Array.isArray(v))
      return [[name, v.map((each) => (typeof each === 'object' ? JSON.stringify(each) : String(each))).join(', ')]];
    const nested = linesOf(v as Readonly<Record<string, unknown>>, `${indent}  `);
    return nested.length === 0 ? [[name, '–']] : [[name, ''], ...nested];
  });

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

/** Decimals of a currency by ISO 4217, two of an unknown one. */
const decimalsOf = (currency: string | null): number => {
  if (currency === null || !/^[A-Z]{3}$/.test(currency)) return 2;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
};

/** An amount in minor units, `TWD 1,234.50`, `JPY 1,234`. */
export const money = (minor: number, currency: string | null): string => {
  const digits = decimalsOf(currency);
  const amount = (minor / 10 ** digits).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${currency ?? ''} ${amount}`.trim();
};

/** `1:02:03` of milliseconds. */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
};
