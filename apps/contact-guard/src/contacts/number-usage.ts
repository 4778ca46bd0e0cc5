/**
 * One row per number, keyed by an HMAC of it: attempts of every debtor who shares it, kept 48 h, and bars, kept for ever.
 * A debtor's own attempts are always counted from his own stream; the row tells him only what others did. His entries are
 * put right at his next permit, so to others an answered or released call may count as an attempt for longer: never shorter.
 */
import { type Contacts, usedContacts } from './contacts.js';

/** Persisted shape. */
export interface NumberRow {
  readonly attempts: readonly {
    readonly debtorId: string;
    readonly contactId: string;
    readonly at: string;
    /** Its calls are no tries in vain. */
    readonly answered?: boolean;
  }[];
  readonly barredBy: readonly { readonly debtorId: string; readonly evidence: string }[];
}

const KEEP_MS = 48 * 3_600_000;

export const numberRow = (row: unknown): NumberRow => (row ?? { attempts: [], barredBy: [] }) as NumberRow;

const recent = (row: NumberRow, at: string) => {
  const oldest = new Date(Date.parse(at) - KEEP_MS).toISOString();
  return row.attempts.filter((a) => a.at >= oldest);
};

const othersOf = (row: NumberRow, debtorId: string, at: string) =>
  recent(row, at)
    .filter((a) => a.debtorId !== debtorId)
    .sort((a, b) => (a.at < b.at ? -1 : 1));

/** When other debtors were tried at this number in vain, or with an end that is not known, in order. */
export const othersAttempts = (row: NumberRow, debtorId: string, at: string): readonly string[] =>
  othersOf(row, debtorId, at)
    .filter((a) => a.answered !== true)
    .map((a) => a.at);

/** When other debtors were called at this number, in order. */
export const othersCalls = (row: NumberRow, debtorId: string, at: string): readonly string[] =>
  othersOf(row, debtorId, at).map((a) => a.at);

/** The row with a new attempt; the debtor's earlier entries become what his stream now knows. */
export const rowWith = (
  row: NumberRow,
  attempt: { readonly debtorId: string; readonly contactId: string; readonly phoneRef: string },
  state: Contacts,
  at: string,
): NumberRow => {
  const { debtorId, contactId, phoneRef } = attempt;
  const own = usedContacts(state).filter(
    (c) => c.phoneRef === phoneRef && c.channel === 'call' && c.attempt !== 'released',
  );
  return {
    ...row,
    attempts: [
      ...recent(row, at).filter((a) => a.debtorId !== debtorId),
      ...own.map((c) => ({
        debtorId,
        contactId: c.contactId,
        at: c.at,
        ...(c.connected === 'confirmed' ? { answered: true } : {}),
      })),
      { debtorId, contactId, at },
    ],
  };
};

export const rowBarred = (row: NumberRow, debtorId: string, evidence: string): NumberRow =>
  row.barredBy.some((b) => b.debtorId === debtorId)
    ? row
    : { ...row, barredBy: [...row.barredBy, { debtorId, evidence }] };
