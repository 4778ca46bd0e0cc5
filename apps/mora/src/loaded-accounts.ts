/**
 * Accounts that came by file and are in no book: the bank said them to intake alone, so the oracle reads there whose their numbers
 * are and what was paid. For seeded installations: their keys follow from the seed.
 */
import { keyIdFor, openField, type Secrets } from '@mora/keys';
import type { BankRecord } from '@mora/simulation';
import type { Pool } from 'pg';
import { rowsOf } from './store-rows.js';

interface IntakeRow {
  readonly type: string;
  readonly at: string;
  readonly data: string;
}

type Register = Readonly<Record<string, readonly string[]>>;

export interface LoadedAccounts {
  /** Debtors of each number. */
  readonly owners: Register;
  /** Accounts of each debtor. */
  readonly accounts: Register;
  /** What was posted on them, at the instant at which Mora was told. */
  readonly postings: readonly BankRecord[];
}

interface DebtorRecorded {
  readonly debtorId: string;
  readonly phones: readonly { readonly phoneRef: string; readonly number: string }[];
}

interface CaseOpened {
  readonly debtorId: string;
  readonly accountId: string;
}

interface Posted extends CaseOpened {
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
  readonly valueDate: string;
  readonly unpaidMinimum: number;
  readonly reversalOf?: string;
}

const FACTS = `select shard, position, type, data, meta::json->>'at' as at from events
  where type in ('DebtorRecorded', 'CaseOpened', 'PaymentPosted', 'PaymentReversed') and (shard, position) > ($1, $2)
  order by shard, position limit $3`;

/** @param isInBook accounts of whom the simulated bank itself tells */
export const loadedAccounts = async (
  intake: Pool,
  secrets: Pick<Secrets, 'newKey'>,
  isInBook: (accountId: string) => boolean,
): Promise<LoadedAccounts> => {
  const found = new Found(secrets, isInBook);
  for await (const row of rowsOf<IntakeRow>(intake, FACTS)) found.note(row);
  return found.register();
};

/** Two registers as one, nobody twice. */
export const joined = (a: Register, b: Register): Record<string, string[]> => {
  const all: Record<string, string[]> = {};
  for (const [key, values] of [...Object.entries(a), ...Object.entries(b)])
    all[key] = [...new Set([...(all[key] ?? []), ...values])];
  return all;
};

export class Found {
  private readonly owners: Record<string, string[]> = {};
  private readonly accounts: Record<string, string[]> = {};
  private readonly postings: BankRecord[] = [];

  constructor(
    private readonly secrets: Pick<Secrets, 'newKey'>,
    private readonly isInBook: (accountId: string) => boolean,
  ) {}

  note({ type, at, data }: IntakeRow): void {
    if (type === 'DebtorRecorded') return this.debtor(JSON.parse(data));
    const fact: Posted = JSON.parse(data);
    if (type === 'CaseOpened') return add(this.accounts, fact.debtorId, fact.accountId);
    if (!this.isInBook(fact.accountId)) this.postings.push(postingOf(fact, at));
  }

  register(): LoadedAccounts {
    return { owners: this.owners, accounts: this.accounts, postings: this.postings };
  }

  private debtor({ debtorId, phones }: DebtorRecorded): void {
    const key = this.secrets.newKey(debtorId);
    const field = { keyId: keyIdFor(key), key };
    for (const { phoneRef, number } of phones) {
      const place = { debtorId, stream: `debtor-${debtorId}`, field: `phone/${phoneRef}` };
      add(this.owners, openField(field, place, number), debtorId);
    }
  }
}

const add = (register: Record<string, string[]>, key: string, value: string): void => {
  const values = register[key] ?? [];
  if (!values.includes(value)) register[key] = [...values, value];
};

const postingOf = (fact: Posted, at: string): BankRecord => ({
  bankEventId: fact.paymentId,
  bankSequence: 1,
  businessDate: fact.valueDate,
  postedAt: at,
  accountId: fact.accountId,
  customerNo: '',
  paymentId: fact.paymentId,
  amount: fact.amount,
  currency: fact.currency,
  valueDate: fact.valueDate,
  remainingMinimumDue: fact.unpaidMinimum,
  ...(fact.reversalOf === undefined ? { kind: 'payment' } : { kind: 'reversal', reversalOf: fact.reversalOf }),
});
