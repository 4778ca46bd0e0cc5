/** Readable tables and one-line errors; `--json` prints the same as JSON. */
import Table from 'cli-table3';

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

export const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string => {
  const made = new Table({
    head: [...head],
    chars: CHARS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of rows) made.push(row.map((cell) => (cell === null || cell === undefined ? '–' : String(cell))));
  return made.toString();
};

/** An object as two columns; nested values as compact JSON. */
export const sheet = (value: Readonly<Record<string, unknown>>): string =>
  table(
    ['', ''],
    Object.entries(value).map(([key, v]) => [key, typeof v === 'object' && v !== null ? JSON.stringify(v) : v]),
  );

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

/** Minor units of a currency with two decimals. */
export const money = (minor: number, currency: string | null): string =>
  `${currency ?? ''} ${(minor / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`.trim();

/** `1:02:03` of milliseconds. */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
};
