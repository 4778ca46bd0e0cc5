/** What the bank may say on its topics. Names of types and topics are published: they are never given another meaning. */

/** Kinds of records that the bank hands in, at whichever door. */
export type BankRecordKind = 'account' | 'payment' | 'reversal' | 'payments-posted-through';

export interface BankEventType {
  /** Without its version. */
  readonly name: string;
  readonly version: number;
  readonly kind: BankRecordKind;
  /** Where it belongs; it is taken from either topic. */
  readonly topic: BankTopic;
  readonly meaning: string;
}

export const BANK_TOPICS = ['bank.overdue.v1', 'bank.payments.v1'] as const;
export type BankTopic = (typeof BANK_TOPICS)[number];

export const BANK_EVENT_TYPES: readonly BankEventType[] = [
  {
    name: 'bank.account.overdue',
    version: 1,
    kind: 'account',
    topic: 'bank.overdue.v1',
    meaning:
      'An overdue account as the bank has it today. Sent on every business day on which the account is overdue, and whenever a field changes.',
  },
  {
    name: 'bank.payment.posted',
    version: 1,
    kind: 'payment',
    topic: 'bank.payments.v1',
    meaning: 'A payment to an account was posted.',
  },
  {
    name: 'bank.payment.reversed',
    version: 1,
    kind: 'reversal',
    topic: 'bank.payments.v1',
    meaning: 'A payment that was posted before is taken back.',
  },
  {
    name: 'bank.payments.posted-through',
    version: 1,
    kind: 'payments-posted-through',
    topic: 'bank.payments.v1',
    meaning:
      'Every payment that the bank received up to `as_of` was sent before this record, in whichever partition. Without one for 26 hours nobody is contacted.',
  },
];

export const typeNameOf = ({ name, version }: BankEventType): string => `${name}.v${version}`;
