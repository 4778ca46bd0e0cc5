import type { BankRecord } from '../bank-records.js';
import type { CarrierRecord, SmscRecord } from '../log-records.js';

/** A verdict as it is stored; only `allowed` ones permit anything. */
export interface StoredVerdict {
  readonly contactId: string;
  readonly debtorId: string;
  /** Account that the contact is about; null or absent: not known. */
  readonly accountId?: string | null;
  readonly result: 'allowed' | 'denied';
  readonly channel?: 'call' | 'sms';
  /** Business time. */
  readonly judgedAt: string;
}

/** A fact in the guard's store after which nothing may begin. Wall times of its commit and, if it was lifted, of that. */
export interface StopFact {
  readonly kind: 'cure' | 'stop' | 'complaint' | 'halt';
  readonly scope: 'all' | 'debtor' | 'account' | 'number';
  readonly debtorId?: string | null;
  readonly accountId?: string | null;
  /** E.164; with `debtorId` absent the number is barred for everybody. */
  readonly number?: string | null;
  /** Absent: both. */
  readonly channels?: readonly ('call' | 'sms')[];
  readonly committedWallAt: string;
  readonly liftedWallAt?: string | null;
}

export interface OracleLimits {
  /** Seconds of the local day; a call may start in [from, to). */
  readonly callHours: { readonly fromSecond: number; readonly toSecond: number };
  readonly smsHours: { readonly fromSecond: number; readonly toSecond: number };
  readonly connectedPerDebtor: number;
  readonly unansweredPerNumber: number;
  readonly unsolicitedSmsPerDebtor: number;
  /** How long after a stop a contact may still begin, wall time. */
  readonly permitLifeMs: number;
  /**
   * Business time after the bank's own posting of a cure from which a contact is a violation, whatever the guard knew; null: only
   * counted.
   */
  readonly bankCureKnownWithinMs: number | null;
}

export const defaultLimits: OracleLimits = {
  callHours: { fromSecond: 8 * 3_600, toSecond: 21 * 3_600 + 50 * 60 },
  smsHours: { fromSecond: 8 * 3_600, toSecond: 22 * 3_600 },
  connectedPerDebtor: 3,
  unansweredPerNumber: 6,
  unsolicitedSmsPerDebtor: 1,
  permitLifeMs: 15_000,
  bankCureKnownWithinMs: null,
};

/** The bank's own book and what is measured by. */
export interface Yardstick {
  /** Whose a number is, from the bank's book; given, a call to another debtor's number is a violation. */
  readonly owners?: Readonly<Record<string, readonly string[]>>;
  /** Accounts by debtor, from the bank's book; without it the bank's own cures are not checked. */
  readonly accounts?: Readonly<Record<string, readonly string[]>>;
  readonly limits?: Partial<OracleLimits>;
}

export interface Evidence extends Yardstick {
  readonly carrier: Iterable<CarrierRecord>;
  readonly smsc: Iterable<SmscRecord>;
  readonly bankLog: Iterable<BankRecord>;
  readonly verdicts: Iterable<StoredVerdict>;
  readonly facts: Iterable<StopFact>;
}

export type ViolationKind =
  | 'call-outside-hours'
  | 'sms-outside-hours'
  | 'connected-per-day'
  | 'connected-per-24h'
  | 'unanswered-per-number'
  | 'unsolicited-sms'
  | 'acknowledgement'
  | 'after-cure'
  | 'after-stop'
  | 'after-complaint'
  | 'after-halt'
  | 'twice'
  | 'no-verdict'
  | 'wrong-number'
  | 'unreadable';

export interface Violation {
  readonly kind: ViolationKind;
  readonly contactId: string;
  readonly debtorId: string;
  readonly businessAt: string;
  readonly wallAt: string;
  /** In words, with the numbers that prove it. */
  readonly because: string;
}

export interface OracleCounts {
  readonly calls: number;
  readonly answered: number;
  readonly sms: number;
  readonly smsDelivered: number;
  readonly debtorsCalled: number;
  readonly verdictsAllowed: number;
  readonly verdictsDenied: number;
  /** Allowed, but neither the carrier nor the SMSC ever saw it: expired, withdrawn or lost before it left. */
  readonly allowedNeverLeft: number;
  readonly stopFacts: number;
  /** Began after a stop was committed, inside the permit's life; and the longest of these, wall time. */
  readonly insidePermitLife: number;
  readonly longestAfterStopMs: number;
  /** Began after the bank had posted the payment that cures all of the debtor's accounts. */
  readonly afterBankCure: number;
  /** Calls without an `end` in the carrier's log: cut by a crash. */
  readonly callsWithoutEnd: number;
  readonly payments: number;
  readonly reversals: number;
}

export interface SafetyReport {
  readonly clean: boolean;
  readonly violations: readonly Violation[];
  readonly counts: OracleCounts;
}
