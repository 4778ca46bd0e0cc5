/** How much of a record that could not be taken is kept: a row may be of any size, the table of parked input may not. */
import { KNOWN_FIELDS } from '../bank-record/columns.js';
import type { Problem, RawRecord } from '../bank-record/record.js';

export interface KeptRecord {
  readonly fields: RawRecord;
  /** Fields of which only the beginning is kept. */
  readonly cut: readonly string[];
}

/** Characters of a record, its names included. */
const MOST = 16 * 1024;
const BEGINNING = 256;
const WHOLE_ROW = 'row';

const sizeOf = (fields: RawRecord): number =>
  Object.entries(fields).reduce((sum, [name, value]) => sum + name.length + value.length, 0);

/** Cut between characters, never inside one. */
const beginningOf = (value: string, most: number): string => {
  const text = value.slice(0, most);
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
};

/** What the door knows nothing of is left out, then the longest fields are cut. */
export const keptOf = (raw: RawRecord): KeptRecord => {
  if (sizeOf(raw) <= MOST) return { fields: raw, cut: [] };
  const fields = Object.fromEntries(
    Object.entries(raw).filter(([name]) => name === WHOLE_ROW || KNOWN_FIELDS.has(name)),
  );
  const cut: string[] = [];
  let size = sizeOf(fields);
  for (const name of Object.keys(fields).sort((a, b) => fields[b]!.length - fields[a]!.length)) {
    if (size <= MOST) break;
    const value = fields[name]!;
    fields[name] = beginningOf(value, name === WHOLE_ROW ? MOST / 2 : BEGINNING);
    size -= value.length - fields[name].length;
    cut.push(name);
  }
  return { fields, cut };
};

/** Says of each cut field how much of it is kept. */
export const cutProblems = (raw: RawRecord, { fields, cut }: KeptRecord): readonly Problem[] =>
  cut.map((field) => ({
    field,
    reason: `is too long to be kept: of ${raw[field]!.length} characters the first ${fields[field]!.length} are kept`,
    value: '',
  }));

/** A record that was cut is driven again only with what it lost. */
export const stillCut = ({ cut }: KeptRecord, corrected: RawRecord): readonly Problem[] =>
  cut
    .filter((field) => !Object.hasOwn(corrected, field))
    .map((field) => ({ field, reason: 'is kept only in part: give it anew', value: '' }));
