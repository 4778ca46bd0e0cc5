/** The forms of the bank's identifiers, and what spreadsheets make of them. */
import type { RawRecord } from './record.js';

/** What is known of the identifiers of a record's source. */
export interface IdTrust {
  /** The source declares that it never rounds: digits that look rounded are taken. */
  readonly exact: boolean;
  /** A person confirmed this record's identifiers as they are. */
  readonly asIs: boolean;
}

export const SHORTENED = 'looks like a number that a spreadsheet has shortened';

export const ID_FIELDS = ['account_id', 'customer_no', 'bank_event_id', 'payment_id', 'reversal_of'] as const;

const LONGEST = 64;
const OTHER = /[^A-Za-z0-9._:/-]/u;
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?E[+-]?\d+$/i;
const QUOTED = /^[='"]/;
/** Spreadsheets keep fifteen digits of a number. */
const ZEROS_AFTER_15 = /^\d{15}0{2,}$/;
const MAYBE_ZEROS_AFTER_15 = /^\d{15}0+$/;
const FEWEST_ROWS = 20;

/** Why a text is no identifier of the bank; null: it is one. */
export const identifierProblem = (text: string, { exact, asIs }: IdTrust): string | null => {
  if (SCIENTIFIC.test(text)) return SHORTENED;
  if (QUOTED.test(text)) return 'is quoted by a spreadsheet';
  if (text.length > LONGEST) return `is longer than ${LONGEST} characters`;
  const at = text.search(OTHER);
  if (at >= 0) return `has at position ${at + 1} something else than ASCII letters, digits and . _ : / -`;
  if (exact || asIs || !ZEROS_AFTER_15.test(text)) return null;
  return `${SHORTENED}: only zeros after the 15th digit; redrive it as it is if it is right`;
};

/** Columns of identifiers of one file, as far as it was read. */
export type IdColumns = Readonly<Record<string, { readonly values: number; readonly shortened: number }>>;

export const NO_ID_COLUMNS: IdColumns = {};

export const noteIds = (columns: IdColumns, row: RawRecord): IdColumns => {
  const noted = ID_FIELDS.flatMap((field) => {
    const value = row[field]?.trim() ?? '';
    if (value === '') return [];
    const { values, shortened } = columns[field] ?? { values: 0, shortened: 0 };
    return [[field, { values: values + 1, shortened: shortened + (MAYBE_ZEROS_AFTER_15.test(value) ? 1 : 0) }]];
  });
  return { ...columns, ...Object.fromEntries(noted) };
};

/**
 * Columns of a file whose every value has at least 16 digits and only zeros after the 15th, in at least 20 rows: the file
 * went through a spreadsheet and is refused, unless its source declares its identifiers exact.
 */
export const shortenedColumns = (columns: IdColumns): readonly string[] =>
  Object.entries(columns)
    .filter(([, { values, shortened }]) => values >= FEWEST_ROWS && shortened === values)
    .map(([field]) => field);
