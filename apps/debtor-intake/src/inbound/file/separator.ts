/** What stands between the columns of a file: told by its first line, or not at all. */
import { KNOWN_FIELDS } from '../../bank-record/columns.js';

export const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

const NAMES: Readonly<Record<Separator, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'TAB', '|': 'pipe' };
export const separatorName = (separator: Separator): string => NAMES[separator];

export type SeparatorFound =
  | { readonly ok: true; readonly separator: Separator }
  | { readonly ok: false; readonly reason: string };

const READ = 'columns may be separated by comma, semicolon, TAB or pipe';
const QUOTED = /"(?:[^"]|"")*"?/g;
/** A line that spreadsheets put before the header. */
const ANNOUNCED = /^sep=([,;\t|])$/i;

export const announcedSeparator = (line: string): Separator | null => {
  const found = ANNOUNCED.exec(line.trim())?.[1];
  return SEPARATORS.find((each) => each === found) ?? null;
};

/** @param names what else is a column's name, lower case */
export const separatorOf = (line: string, names: ReadonlySet<string> = new Set()): SeparatorFound => {
  const announced = announcedSeparator(line);
  if (announced !== null) return { ok: true, separator: announced };
  const bare = line.replace(QUOTED, '');
  const found = SEPARATORS.map((separator) => ({
    separator,
    count: bare.split(separator).length - 1,
    known: knownIn(line.split(separator), names),
  })).filter(({ count }) => count > 0);
  if (found.length === 0) return { ok: false, reason: seenInstead(bare) };
  const [best, next] = found.sort((a, b) => b.known - a.known || b.count - a.count);
  if (next && next.known === best!.known && next.count * 2 > best!.count)
    return { ok: false, reason: `cannot tell ${found.map(countText).join(' from ')} in the first line; ${READ}` };
  return { ok: true, separator: best!.separator };
};

const countText = ({ separator, count }: { readonly separator: Separator; readonly count: number }): string =>
  `${count} × ${NAMES[separator]}`;

const knownIn = (cells: readonly string[], names: ReadonlySet<string>): number =>
  cells.map((cell) => cell.replaceAll('"', '').trim().toLowerCase()).filter((n) => KNOWN_FIELDS.has(n) || names.has(n))
    .length;

/** The sign that stands between words most often. */
const seenInstead = (bare: string): string => {
  const counts = new Map<string, number>();
  for (const sign of bare.match(/[^\p{L}\p{M}\p{N}_\-."'\r\n]/gu) ?? []) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  const [sign, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  if (count === 0) return `has one column only; ${READ}`;
  const code = `U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  const shown = /[\p{P}\p{S}]/u.test(sign) ? `“${sign}” (${code})` : code;
  return `the columns seem to be separated by ${shown}, ${count} times in the first line; ${READ}`;
};
