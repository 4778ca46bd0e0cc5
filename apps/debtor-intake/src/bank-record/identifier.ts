/** The forms of the bank's identifiers, and what spreadsheets make of them. */
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
