/**
 * Records of a chunk that may be taken at once. One that leans on an earlier record of the same chunk (its event id, its
 * account's case) waits for the next wave; so does everything behind a payments watermark.
 */
import type { BankRecord } from '../bank-record/record.js';

export interface Waiting<T> {
  readonly item: T;
  readonly record: BankRecord;
  /** How often it was looked up anew. */
  readonly looks: number;
}

export interface Wave<T> {
  readonly now: readonly Waiting<T>[];
  readonly later: readonly Waiting<T>[];
}

/** `now` is never empty when something waits. */
export const nextWave = <T>(waiting: readonly Waiting<T>[]): Wave<T> => {
  const now: Waiting<T>[] = [];
  const later: Waiting<T>[] = [];
  const events = new Set<string>();
  const accounts = new Set<string>();
  let barred = false;
  for (const w of waiting) {
    const { record } = w;
    const account = accountOf(record);
    const watermark = record.kind === 'payments-posted-through';
    const waits = barred || events.has(record.bankEventId) || (account !== null && accounts.has(account));
    events.add(record.bankEventId);
    if (waits || (watermark && now.length + later.length > 0)) {
      later.push(w);
      if (account !== null) accounts.add(account);
      if (watermark) barred = true;
      continue;
    }
    now.push(w);
    if (record.kind === 'account') accounts.add(record.facts.accountId);
    if (watermark) barred = true;
  }
  return { now, later };
};

const accountOf = (record: BankRecord): string | null => {
  if (record.kind === 'account') return record.facts.accountId;
  return record.kind === 'payments-posted-through' ? null : record.accountId;
};
