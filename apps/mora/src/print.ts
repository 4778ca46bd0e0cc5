/** Readable tables and one-line errors; `--json` prints the same as JSON. */
import Table from 'cli-table3';

export const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string => {
  const made = new Table({ head: [...head], style: { head: [], border: [] } });
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

export const money = (minor: number, currency: string): string =>
  `${currency} ${(minor / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
