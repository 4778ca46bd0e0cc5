import type { DialerEvent, IntentLabel, NewEvent, Term, Tier } from '@mora/contracts';
import type { AmountBand, PastCall, PhoneState, RedialAdvice } from '@mora/strategy';
import type { AccountNote, DebtorNote, PromiseNote, QueuedDial, StopNote } from './records.js';

type Fact<T extends string, D> = NewEvent<T, D>;

/** Private events of `dialing-<debtorId>` (persisted names): foreign facts as this service noted them, and its own steps. */
export type DialingEvent =
  | Fact<'DebtorNoted', DebtorNote>
  | Fact<
      'AccountNoted',
      {
        readonly caseId: string;
        readonly accountId: string;
        readonly facts: AccountNote;
        readonly unpaidMinimum: number;
      }
    >
  | Fact<
      'PaymentNoted',
      {
        readonly caseId: string;
        readonly unpaidMinimum: number;
        /** Negative: taken back. */
        readonly amount: number;
        readonly on: string;
        /** A promise was open: the payment counts towards it. */
        readonly promised: boolean;
      }
    >
  | Fact<
      'CaseStatusNoted',
      {
        readonly caseId: string;
        readonly status: 'open' | 'tolerance' | 'closed';
        readonly unpaidMinimum: number | null;
      }
    >
  | Fact<
      'TreatmentNoted',
      { readonly caseId: string; readonly treatmentId: string; readonly experimentId: string; readonly arm: string }
    >
  | Fact<'TierNoted', { readonly caseId: string; readonly tier: Tier; readonly term: Term; readonly band: AmountBand }>
  | Fact<
      'PromiseNoted',
      {
        readonly caseId: string;
        readonly promise: PromiseNote;
        /** The result that is taken back. */
        readonly was?: 'kept' | 'partly' | 'broken';
      }
    >
  | Fact<
      'PromiseSettled',
      { readonly caseId: string; readonly promise: PromiseNote; readonly override: 'broken' | 'part-paid' | null }
    >
  | Fact<'ClaimNoted', { readonly caseId: string; readonly checking: boolean }>
  | Fact<'HandOverNoted', { readonly caseId: string; readonly handedOver: boolean }>
  | Fact<'StopNoted', StopNote>
  | Fact<'StopLiftNoted', { readonly stopId: string }>
  | Fact<'SharingNoted', { readonly phoneRef: string; readonly debtors: number }>
  | Fact<'NumberNoted', { readonly phoneRef: string; readonly state: PhoneState['state'] }>
  /** A plan is to follow from what is known when the instant is over: once, from all of its facts. */
  | Fact<'PlanWanted', { readonly because: string }>
  /** The plan that was wanted is the one that stands. */
  | Fact<'PlanKept', Readonly<Record<string, never>>>
  /** The first plan of a debtor who has none. */
  | Fact<'PlanScheduled', { readonly at: string }>
  /** Nothing could be decided: strategy not here yet, contacts halted, an event of the debtor parked. */
  | Fact<'PlanWaited', { readonly until: string; readonly because: string }>
  | Fact<'DialQueued', QueuedDial & { readonly lookAgainAt: string }>
  | Fact<'QueueKept', { readonly attemptId: string; readonly debtorId: string; readonly until: string }>
  | Fact<'DialIntended', { readonly attemptId: string }>
  /** The dial ended before anything left. */
  | Fact<
      'DialClosed',
      {
        readonly attemptId: string;
        readonly because: string;
        readonly heldUntil: string | null;
        /** Business date. */
        readonly on: string;
        /** It still waited for a line: the slot is given back. */
        readonly fromQueue: boolean;
      }
    >
  | Fact<
      'DialEnded',
      {
        readonly call: PastCall;
        readonly advice: RedialAdvice | null;
        readonly callback: { readonly at: string; readonly askedBy: string } | null;
        readonly wordings: readonly { readonly promptId: string; readonly wordingId: string }[];
        readonly label: { readonly caseId: string; readonly intent: IntentLabel } | null;
      }
    >;

export type DialingEventNamed<T extends DialingEvent['type']> = Extract<DialingEvent, { readonly type: T }>;
export type DayPlanned = Extract<DialerEvent, { readonly type: 'DayPlanned' }>;
