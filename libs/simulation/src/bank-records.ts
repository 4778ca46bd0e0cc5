/** What the simulated bank keeps of one account; amounts in minor units. */
export interface BankAccount {
  readonly accountId: string;
  readonly customerNo: string;
  /** The key of the debtor's persona: what intake makes of `customerNo`. */
  readonly debtorId: string;
  readonly currency: string;
  readonly minimumDue: number;
  readonly statementBalance: number;
  readonly dueDate: string;
  /** First day in the book. */
  readonly enteredOn: string;
}

interface BankRecordBase {
  readonly bankEventId: string;
  /** Order inside the business date, from 1. */
  readonly bankSequence: number;
  readonly businessDate: string;
  /** Business instant at which the bank sends it, always at second 15 of a minute. */
  readonly postedAt: string;
}

/** The daily record of an open account. Only what changes: the rest stands as in the book. */
export interface BankAccountRecord extends BankRecordBase {
  readonly kind: 'account';
  readonly accountId: string;
  readonly customerNo: string;
  readonly dpd: number;
  readonly paidSinceStatement: number;
  readonly unpaidMinimum: number;
}

export interface BankPaymentRecord extends BankRecordBase {
  readonly kind: 'payment';
  readonly accountId: string;
  readonly customerNo: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
  readonly valueDate: string;
  readonly remainingMinimumDue: number;
}

export interface BankReversalRecord extends BankRecordBase {
  readonly kind: 'reversal';
  readonly accountId: string;
  readonly customerNo: string;
  readonly paymentId: string;
  readonly reversalOf: string;
  readonly amount: number;
  readonly currency: string;
  readonly valueDate: string;
  readonly remainingMinimumDue: number;
}

/** Every payment that the bank received up to `asOf` is posted. */
export interface BankWatermarkRecord extends BankRecordBase {
  readonly kind: 'payments-posted-through';
  readonly asOf: string;
}

export type BankRecord = BankAccountRecord | BankPaymentRecord | BankReversalRecord | BankWatermarkRecord;

/** What moves a debtor to pay, taken from the carrier's and the SMSC's logs. */
export type BankFact =
  | {
      readonly kind: 'talk';
      readonly debtorId: string;
      /** End of the call. */
      readonly at: string;
      readonly identityConfirmed: boolean;
      readonly promise: { readonly date: string; readonly amount: number } | null;
      readonly claimsPaid: boolean;
    }
  | { readonly kind: 'sms'; readonly debtorId: string; readonly at: string };
