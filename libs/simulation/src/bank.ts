/**
 * The simulated bank: daily records, payments, reversals and watermarks of a book.
 * Invariant: its records are a function of (seed, accounts, facts). A new one that heard the same facts, in any order and any
 * number of times, says the same again; so a restart needs nothing but the carrier's and the SMSC's logs.
 */
import { lifeOf, type Posting } from './account-life.js';
import type { BankAccount, BankFact, BankRecord } from './bank-records.js';
import { atLocal, daysBetween, isoOf, localDate, localMinute, MINUTE_MS, msOf } from './local-time.js';
import type { CarrierRecord, SmscRecord } from './log-records.js';
import { personaOf } from './persona.js';

export interface BankOptions {
  readonly seed: number | string;
  readonly accounts: readonly BankAccount[];
}

const DAILY_RECORDS_MINUTE = 5 * 60 + 30;
const YESTERDAY_MINUTE = 30;
const SECOND_15 = 15_000;
/** Above every account's place in the book, below the next minute's range. */
const SEQUENCE_PER_MINUTE = 1_000_000;

/** What moves a debtor, out of the logs that outlive a crash. */
export const bankFactOfCall = (record: CarrierRecord): BankFact | null =>
  record.kind === 'end' && record.heard
    ? {
        kind: 'talk',
        debtorId: record.debtorId,
        at: record.businessAt,
        identityConfirmed: record.heard.identityConfirmed,
        promise: record.heard.promise,
        claimsPaid: record.heard.claimsPaid,
      }
    : null;

export const bankFactOfSms = (record: SmscRecord): BankFact | null =>
  record.kind === 'receipt' && record.delivered === true
    ? { kind: 'sms', debtorId: record.debtorId, at: record.businessAt }
    : null;

export class Bank {
  readonly #seed: number | string;
  readonly #accounts: readonly BankAccount[];
  readonly #ofDebtor = new Map<string, number[]>();
  readonly #facts = new Map<string, BankFact[]>();
  /** Postings of an account, worked out when first asked for and again after each new fact. */
  readonly #lives: (readonly Posting[])[];
  /** Accounts that may have a posting at an instant; what became stale is skipped. */
  readonly #postings = new Map<number, Set<number>>();

  constructor({ seed, accounts }: BankOptions) {
    this.#seed = seed;
    this.#accounts = accounts;
    accounts.forEach((account, index) => {
      const own = this.#ofDebtor.get(account.debtorId);
      if (own) own.push(index);
      else this.#ofDebtor.set(account.debtorId, [index]);
    });
    this.#lives = accounts.map(() => []);
    accounts.forEach((_, index) => {
      this.#live(index);
    });
  }

  /** Takes in one thing that the carrier or the SMSC logged; a repeated one changes nothing. */
  hear(fact: BankFact): void {
    const facts = this.#facts.get(fact.debtorId) ?? [];
    if (facts.some((known) => known.kind === fact.kind && known.at === fact.at)) return;
    facts.push(fact);
    facts.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.kind < b.kind ? -1 : 1));
    this.#facts.set(fact.debtorId, facts);
    for (const index of this.#ofDebtor.get(fact.debtorId) ?? []) this.#live(index);
  }

  /**
   * What the bank sends in (from, to], in order. Every fact older than `to` − 1 h must have been heard before; so ask in steps
   * of at most an hour.
   */
  *records(from: string, to: string): Generator<BankRecord> {
    const toMs = msOf(to);
    for (let ms = this.#nextMs(msOf(from)); ms <= toMs; ms = this.#nextMs(ms)) yield* this.#at(ms);
  }

  /** The next instant after `after` at which the bank sends something, as far as is known now. */
  nextAt(after: string): string {
    return isoOf(this.#nextMs(msOf(after)));
  }

  #live(index: number): void {
    const account = this.#accounts[index]!;
    if (account.minimumDue <= 0) return;
    const life = lifeOf(account, personaOf(this.#seed, account.debtorId), this.#facts.get(account.debtorId) ?? []);
    this.#lives[index] = life;
    for (const { postedMs } of life) {
      const there = this.#postings.get(postedMs);
      if (there) there.add(index);
      else this.#postings.set(postedMs, new Set([index]));
    }
  }

  #nextMs(afterMs: number): number {
    const minute = Math.floor((afterMs - SECOND_15) / MINUTE_MS) + 1;
    for (let ms = minute * MINUTE_MS + SECOND_15; ; ms += MINUTE_MS) {
      const local = localMinute(ms);
      if ((local % 60 === 0 && local > 0) || local === YESTERDAY_MINUTE || local === DAILY_RECORDS_MINUTE) return ms;
      if (this.#postings.has(ms)) return ms;
    }
  }

  *#at(ms: number): Generator<BankRecord> {
    const date = localDate(ms);
    const minute = localMinute(ms);
    const base = (place: number) => ({
      bankSequence: minute * SEQUENCE_PER_MINUTE + place,
      businessDate: date,
      postedAt: isoOf(ms),
    });
    if (minute === DAILY_RECORDS_MINUTE) yield* this.#dailyRecords(ms, date);
    yield* this.#postedAt(ms, base);
    const asOfMs =
      minute === YESTERDAY_MINUTE ? atLocal(date, 0) : minute % 60 === 0 && minute > 0 ? ms - SECOND_15 : null;
    if (asOfMs !== null) {
      const asOf = isoOf(asOfMs);
      yield { kind: 'payments-posted-through', bankEventId: `through-${asOf}`, asOf, ...base(SEQUENCE_PER_MINUTE - 1) };
    }
  }

  *#postedAt(
    ms: number,
    base: (place: number) => { bankSequence: number; businessDate: string; postedAt: string },
  ): Generator<BankRecord> {
    const indexes = [...(this.#postings.get(ms) ?? [])].sort((a, b) => a - b);
    for (const index of indexes) {
      const account = this.#accounts[index]!;
      for (const posting of this.#lives[index]!) {
        if (posting.postedMs !== ms) continue;
        const common = {
          ...base(index + 1),
          bankEventId: posting.paymentId,
          accountId: account.accountId,
          customerNo: account.customerNo,
          paymentId: posting.paymentId,
          amount: posting.amount,
          currency: account.currency,
          valueDate: posting.valueDate,
          remainingMinimumDue: Math.max(0, account.minimumDue - posting.paidAfter),
        };
        if (posting.reversalOf === null) yield { kind: 'payment', ...common };
        else yield { kind: 'reversal', ...common, reversalOf: posting.reversalOf };
      }
    }
  }

  *#dailyRecords(ms: number, date: string): Generator<BankRecord> {
    for (const [index, account] of this.#accounts.entries()) {
      if (account.enteredOn >= date) continue;
      const paid = this.#paidAt(index, ms);
      const unpaidMinimum = Math.max(0, account.minimumDue - paid);
      if (unpaidMinimum === 0) continue;
      yield {
        kind: 'account',
        bankEventId: `account-${date}-${account.accountId}`,
        bankSequence: DAILY_RECORDS_MINUTE * SEQUENCE_PER_MINUTE + index + 1,
        businessDate: date,
        postedAt: isoOf(ms),
        accountId: account.accountId,
        customerNo: account.customerNo,
        dpd: daysBetween(account.dueDate, date),
        paidSinceStatement: paid,
        unpaidMinimum,
      };
    }
  }

  #paidAt(index: number, ms: number): number {
    let paid = 0;
    for (const posting of this.#lives[index]!) if (posting.postedMs <= ms) paid = posting.paidAfter;
    return paid;
  }
}
