import { FIELDS, KNOWN_FIELDS, kindOf, MANDATORY } from '../../bank-record/columns.js';
import type { CsvRow } from './csv-records.js';

/** The file cannot be read at all; nothing of it was taken. */
export class FileRefused extends Error {
  readonly code = 'FILE_REFUSED';
  constructor(
    readonly file: string,
    readonly line: number,
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${file}, line ${line}${field === '' ? '' : `, ${field}`}: ${reason}`);
    this.name = 'FileRefused';
  }
}

export interface Header {
  /** Names of the columns in order; null: not known, its values stay outside. */
  readonly columns: readonly (string | null)[];
  readonly ignored: readonly string[];
}

/** @throws FileRefused when no row of the file could be understood. */
export const readHeader = (file: string, row: CsvRow): Header => {
  const refuse = (field: string, reason: string): never => {
    throw new FileRefused(file, row.line, field, reason);
  };
  if (!row.ok) return refuse(row.field > 0 ? `header ${row.field}` : 'header', row.reason);
  const names = row.fields.map((name) => name.trim().toLowerCase());
  names.forEach((name, i) => {
    if (name.includes('\u0000')) refuse(`header ${i + 1}`, 'contains NUL; is this a text file?');
    if (/[\uFFFD\p{Cc}]/u.test(name)) refuse(`header ${i + 1}`, 'cannot be decoded; choose the encoding of the file');
  });
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (twice !== undefined) refuse(twice, 'is there twice in the header');
  if (names.length === 1 && /[;\t|]/.test(names[0]!)) refuse('header', 'the columns must be separated by commas');
  const known = Object.fromEntries(names.filter((name) => KNOWN_FIELDS.has(name)).map((name) => [name, 'x']));
  const kind = names.includes('record') ? null : kindOf(known);
  if (!names.includes('record')) {
    if (kind === null)
      return refuse('header', `none of these columns is there: ${FIELDS.account.slice(0, 4).join(', ')}, …`);
    const needed = kind === 'reversal' ? MANDATORY.payment : MANDATORY[kind];
    const missing = needed.filter((field) => !names.includes(field));
    if (missing.length > 0) refuse(missing.join(', '), `${missing.length === 1 ? 'is' : 'are'} missing in the header`);
  } else if (!names.includes('bank_event_id')) refuse('bank_event_id', 'is missing in the header');
  return {
    columns: names.map((name) => (KNOWN_FIELDS.has(name) ? name : null)),
    ignored: names.filter((name) => name !== '' && !KNOWN_FIELDS.has(name)),
  };
};
