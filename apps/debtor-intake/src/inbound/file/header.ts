/** The first row of a file: which column is which. */
import { FIELDS, KNOWN_FIELDS, kindOf, MANDATORY } from '../../bank-record/columns.js';
import { nearestField } from './column-words.js';
import type { CsvRow } from './csv-records.js';
import { FileRefused } from './file-refused.js';

/** A bank's own word for a column → ours. */
export type ColumnMap = Readonly<Record<string, string>>;

export interface Header {
  /** Names of the columns in order; null: not known, its values stay outside. */
  readonly columns: readonly (string | null)[];
  readonly ignored: readonly string[];
  /** Words of the mapping that are none of the file's. */
  readonly unused: readonly string[];
}

interface Column {
  readonly place: number;
  readonly word: string;
  /** Our name for it; null: not known. */
  readonly field: string | null;
}

type Refuse = (field: string, reason: string) => never;

const MOST_SHOWN = 12;
const LONGEST_WORD = 40;

export const wordOf = (cell: string): string => cell.normalize('NFKC').trim().toLowerCase();

/** Digits in a row, dates, addresses: no name of a column, and perhaps somebody's number. */
const isValue = (word: string): boolean => /\d{4}|\d[-/.:]\d|@|^\+?\d+$|\|/.test(word) || word.length > LONGEST_WORD;

/** @throws FileRefused when no row of the file could be understood. */
export const readHeader = (file: string, row: CsvRow, map: ColumnMap = {}): Header => {
  const refuse: Refuse = (field, reason) => {
    throw new FileRefused(file, row.line, field, reason);
  };
  if (!row.ok) return refuse(row.field > 0 ? `header ${row.field}` : 'header', row.reason);
  row.fields.forEach((cell, i) => {
    if (cell.includes('\u0000'))
      refuse(`header ${i + 1}`, 'contains NUL; is this a text file? If it is UTF-16, say --encoding utf-16le');
    if (/[\uFFFD\p{Cc}]/u.test(cell)) refuse(`header ${i + 1}`, 'cannot be decoded; name the file’s --encoding');
  });
  const own = ownWords(map, refuse);
  const columns = columnsOf(row.fields, own);
  const unused = unusedOf(own, columns);
  if (!isHeader(columns))
    refuse('header', `is not there: the first line of ${columns.length} fields holds values, not names of columns`);
  refuseDoubles(columns, refuse);
  refuseMissing(columns, unused, refuse);
  return {
    columns: columns.map(({ field }) => field),
    ignored: columns.flatMap(({ word, field }) => (word !== '' && field === null ? [shown(word)] : [])),
    unused,
  };
};

const columnsOf = (cells: readonly string[], own: ReadonlyMap<string, string>): readonly Column[] =>
  cells.map((cell, i) => {
    const word = wordOf(cell);
    return { place: i + 1, word, field: own.get(word) ?? (KNOWN_FIELDS.has(word) ? word : null) };
  });

const unusedOf = (own: ReadonlyMap<string, string>, columns: readonly Column[]): readonly string[] =>
  [...own.keys()].filter((said) => columns.every(({ word }) => word !== said)).map(shown);

const ownWords = (map: ColumnMap, refuse: Refuse): ReadonlyMap<string, string> => {
  const own = new Map<string, string>();
  for (const [said, name] of Object.entries(map)) {
    const [word, field] = [wordOf(said), name.trim().toLowerCase()];
    if (!KNOWN_FIELDS.has(field)) refuse('--map', `names no column of ours: ${asOne(field)}`);
    if ((own.get(word) ?? field) !== field) refuse('--map', `gives a word a second meaning: ${shown(word)}`);
    own.set(word, field);
  }
  return own;
};

const asOne = (field: string): string => {
  const near = nearestField(field);
  return near === null ? shown(field) : `${shown(field)} (${near}?)`;
};

/** A cell is quoted only as far as it can be a name. */
const shown = (word: string): string => (isValue(word) ? `(${[...word].length} characters)` : word);

const isHeader = (columns: readonly Column[]): boolean => {
  const known = columns.filter(({ field }) => field !== null).length;
  return known * 2 > columns.length || !columns.some(({ word }) => isValue(word));
};

const refuseDoubles = (columns: readonly Column[], refuse: Refuse): void => {
  columns.forEach(({ field, word, place }, i) => {
    const before = columns.slice(0, i).find((other) => (field === null ? other.word === word : other.field === field));
    if (before && word !== '')
      refuse(field ?? shown(word), `is there twice in the header: columns ${before.place} and ${place}`);
  });
};

const refuseMissing = (columns: readonly Column[], unused: readonly string[], refuse: Refuse): void => {
  const names = columns.flatMap(({ field }) => (field === null ? [] : [field]));
  const missing = missingOf(names);
  if (missing === null)
    return refuse(
      'header',
      `none of these columns is there: ${FIELDS.account.slice(0, 4).join(', ')}, …${unusedSaid(unused)}${offer(columns)}`,
    );
  if (missing.length > 0)
    refuse(
      missing.join(', '),
      `${missing.length === 1 ? 'is' : 'are'} missing in the header${unusedSaid(unused)}${offer(columns)}`,
    );
};

const unusedSaid = (unused: readonly string[]): string =>
  unused.length === 0 ? '' : `; --map names columns that are not there: ${unused.slice(0, MOST_SHOWN).join(', ')}`;

/** Null: not even the kind of the records can be told. */
const missingOf = (names: readonly string[]): readonly string[] | null => {
  if (names.includes('record')) return names.includes('bank_event_id') ? [] : ['bank_event_id'];
  const kind = kindOf(Object.fromEntries(names.map((name) => [name, 'x'])));
  if (kind === null) return null;
  return (kind === 'reversal' ? MANDATORY.payment : MANDATORY[kind]).filter((field) => !names.includes(field));
};

const offer = (columns: readonly Column[]): string => {
  const taken = new Set(columns.map(({ field }) => field));
  const unknown = columns.filter(({ word, field }) => word !== '' && field === null);
  if (unknown.length === 0) return '';
  const pairs = unknown.map(({ place, word }) => {
    const near = nearestField(word);
    const field = near === null || taken.has(near) ? '…' : near;
    taken.add(field === '…' ? null : field);
    return isValue(word) ? `(column ${place})=${field}` : `${word}=${field}`;
  });
  const more = pairs.length > MOST_SHOWN ? ` and ${pairs.length - MOST_SHOWN} more` : '';
  return `; not known are ${unknown.length} columns: say what they are with --map ${pairs.slice(0, MOST_SHOWN).join(',')}${more}, or with --map FILE that has such a line for each`;
};
