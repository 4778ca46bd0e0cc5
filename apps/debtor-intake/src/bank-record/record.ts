import type { AccountFacts, DeepReadonly } from '@mora/contracts';

/** What every record of the bank says about itself. */
export interface RecordHead {
  readonly bankEventId: string;
  /** Order given by the bank inside one business date; 0 where it gives none. */
  readonly bankSequence: number;
  readonly businessDate: string;
  /** Keyed hash of the record's named fields: the same id with another hash is another fact under a used name. */
  readonly bodyHash: string;
  /** Keyed hash of what it says, whatever its id: two of one order with other hashes contradict each other. */
  readonly contentHash: string;
}

export interface OwnNumber {
  /** E.164. */
  readonly number: string;
  readonly kind: 'registered' | 'other-own';
  readonly order: number;
  readonly confirmedAt: string | null;
}

/** The debtor in the clear: on its way from the bank's record to the seal, never stored. */
export interface DebtorContent {
  readonly name: string;
  readonly surname: string;
  readonly salutation: string;
  readonly language: string;
  readonly timeZone: string;
  readonly timeZoneBasis: 'bank' | 'assumed';
  readonly phones: readonly OwnNumber[];
  readonly agreedWindows: readonly {
    readonly from: string;
    readonly to: string;
    readonly channel: 'call' | 'sms' | 'any';
    readonly expiresOn: string | null;
  }[];
  readonly consents: readonly { readonly kind: string; readonly expiresOn: string | null }[];
}

export interface BankAccountRecord extends RecordHead {
  readonly kind: 'account';
  readonly customerNo: string;
  /** Fields that say something; of all others `debtor` and `facts` hold what stands for silence. */
  readonly said: readonly string[];
  readonly debtor: DebtorContent;
  readonly facts: DeepReadonly<AccountFacts>;
}

interface MoneyMoved extends RecordHead {
  readonly accountId: string;
  readonly paymentId: string;
  /** Minor units, positive. */
  readonly amount: number;
  readonly currency: string;
  readonly valueDate: string;
  /** Null: not said; the time of receipt then stands in. */
  readonly postedAt: string | null;
  readonly remainingMinimumDue: number | null;
}

export interface BankPayment extends MoneyMoved {
  readonly kind: 'payment';
}

export interface BankReversal extends MoneyMoved {
  readonly kind: 'reversal';
  readonly reversalOf: string;
}

/** Every payment that the bank received up to `asOf` is posted. */
export interface PaymentsPostedThrough extends RecordHead {
  readonly kind: 'payments-posted-through';
  readonly asOf: string;
}

export type BankRecord = BankAccountRecord | BankPayment | BankReversal | PaymentsPostedThrough;
export type RecordKind = BankRecord['kind'];

/** A record as it came: fields by name, all text, empty = not said. The `record` field names its kind. */
export type RawRecord = Readonly<Record<string, string>>;

/** What is wrong with one field, and a hint at its value that never shows personal data in full. */
export interface Problem {
  readonly field: string;
  readonly reason: string;
  readonly value: string;
}
