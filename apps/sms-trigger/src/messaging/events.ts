import type { NewEvent, SmsEvent, SmsTrigger, Term, Tier } from '@mora/contracts';
import type { OpenPromise, PastCall } from '@mora/strategy';
import type {
  AccountNote,
  AckNote,
  Asked,
  CaseNote,
  CaseStatus,
  DebtorNote,
  Draft,
  NumberNote,
  StopNote,
} from './records.js';

type Fact<T extends string, D> = NewEvent<T, D>;

/** How an SMS left the state of being on its way. `submitted`, `unknown`: it counts; `rejected`: the SMSC refused it. */
export type SettledAs = 'submitted' | 'unknown' | 'rejected' | 'denied' | 'withdrawn' | 'lapsed';

/** Private events of `messaging-<debtorId>` (persisted names): foreign facts as this service noted them, and its own steps. */
export type MessagingNote =
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
  | Fact<'PaymentNoted', { readonly caseId: string; readonly unpaidMinimum: number }>
  | Fact<
      'CaseStatusNoted',
      { readonly caseId: string; readonly status: CaseStatus; readonly unpaidMinimum: number | null }
    >
  | Fact<
      'TreatmentNoted',
      { readonly caseId: string; readonly treatmentId: string; readonly experimentId: string; readonly arm: string }
    >
  | Fact<'TierNoted', { readonly caseId: string; readonly tier: Tier; readonly term: Term }>
  | Fact<'PromiseNoted', { readonly caseId: string; readonly promise: OpenPromise }>
  | Fact<'PromiseEnded', { readonly caseId: string; readonly broken: boolean }>
  | Fact<'ClaimNoted', { readonly caseId: string; readonly checking: boolean }>
  | Fact<'HandOverNoted', { readonly caseId: string; readonly handedOver: boolean }>
  | Fact<'StopNoted', StopNote>
  | Fact<'StopLiftNoted', { readonly stopId: string }>
  | Fact<'SharingNoted', { readonly phoneRef: string; readonly debtors: number }>
  | Fact<'NumberNoted', NumberNote & { readonly phoneRef: string }>
  | Fact<
      'CallNoted',
      {
        readonly call: PastCall;
        readonly caseId: string;
        readonly conversation: boolean;
        readonly promised: boolean;
        readonly label: CaseNote['lastLabel'];
        readonly asked: readonly Asked[];
        /** Business date. */
        readonly on: string;
        /** Null: nothing new about the number. */
        readonly number: NumberNote | null;
      }
    >
  /** When the plan is looked at next; null: when a fact comes. */
  | Fact<'LookPlanned', { readonly at: string | null }>
  /** A reply was heard that is acknowledged once. */
  | Fact<'AckOwed', Omit<AckNote, 'fact' | 'dueSince' | 'state'>>
  /** The guard has stopped by it. */
  | Fact<'AckDue', { readonly key: string; readonly fact: string }>
  /** It was drafted, or lapsed: never again. */
  | Fact<'AckOver', { readonly key: string }>
  | Fact<'SmsDrafted', Draft>
  | Fact<'DraftKept', { readonly smsId: string; readonly until: string }>
  /** A fact came while the SMS was on its way: its next step withdraws it. */
  | Fact<'WithdrawalAsked', { readonly smsId: string; readonly because: string }>
  | Fact<
      'SmsSettled',
      {
        readonly smsId: string;
        readonly as: SettledAs;
        /** Business date. */
        readonly on: string;
        readonly holdUntil: string | null;
        readonly because: string;
      }
    >
  | Fact<
      'ReceiptNoted',
      {
        readonly smsId: string;
        readonly caseId: string;
        readonly delivered: boolean;
        readonly deadNumber: string | null;
        /** Reported dead before, and it is not. */
        readonly liveNumber?: string;
      }
    >;

export type Published = Extract<SmsEvent, { readonly type: 'SmsPlanned' | 'SmsHeld' | 'SmsLapsed' }>;
export type MessagingEvent = MessagingNote | Published;
export type MessagingEventNamed<T extends MessagingEvent['type']> = Extract<MessagingEvent, { readonly type: T }>;

/** `n` stands for another trigger, which its variant names: `n.a`. */
export const originOf = (trigger: SmsTrigger, variant: string): SmsTrigger =>
  trigger === 'n' && variant.startsWith('n.') ? (variant.slice(2) as SmsTrigger) : trigger;
