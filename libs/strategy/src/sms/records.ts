import type { Instant, LocalDate } from '@mora/business-time';
import type { Disposition, HandOverReason, IntentLabel, SmsTrigger, Tier } from '@mora/contracts';
import type { CallsMade } from '../call/calls-made.js';
import type { OpenPromise } from '../promise/records.js';
import type { ChanceSource, PolicyDecision } from '../records.js';
import type { AgreedHours } from './hours.js';

export interface SmsInputs {
  readonly at: Instant;
  readonly debtorId: string;
  readonly dpd: number;
  readonly dueDate: LocalDate;
  readonly graceDays: number | null;
  readonly tier: Tier;
  readonly arm: string;
  readonly unpaid: boolean;
  readonly withinTolerance: boolean;
  readonly handedOver: boolean;
  /** Stops that cover SMS. */
  readonly stops: readonly string[];
  readonly claimChecking: boolean;
  readonly openPromise: OpenPromise | null;
  /** Day of the first attempt that was no trunk fault, or of the first SMS if earlier. */
  readonly firstReminderOn: LocalDate | null;
  /** First call of the episode that was no trunk fault, once ended. */
  readonly firstCall: { readonly endedAt: Instant; readonly disposition: Disposition } | null;
  /** First conversation of the episode, with whomever; may be the first call. */
  readonly firstConversation: {
    readonly endedAt: Instant;
    readonly disposition: Disposition;
    readonly rpc: boolean;
    readonly promised: boolean;
  } | null;
  readonly rpcInEpisode: boolean;
  /** Calls of the episode, and of today. */
  readonly calls: CallsMade;
  readonly callsToday: CallsMade;
  /** Hours agreed with the debtor for SMS. */
  readonly agreedWindows: readonly AgreedHours[];
  readonly brokenInEpisode: boolean;
  readonly lastLabel: IntentLabel | null;
  /** Triggers of this episode that were submitted, or lapsed. */
  readonly done: readonly {
    readonly trigger: SmsTrigger;
    /** Trigger that an `n` stood for. */
    readonly insteadOf: SmsTrigger | null;
    readonly outcome: 'submitted' | 'delivered' | 'undelivered' | 'lapsed';
    readonly on: LocalDate;
  }[];
  /** Unsolicited SMS of this debtor submitted today, over all accounts. */
  readonly unsolicitedToday: number;
  /** Contents the debtor asked for in a call and did not get yet. */
  readonly asked: readonly { readonly content: 'promise' | 'ways' | 'callback'; readonly at: Instant }[];
  readonly number: { readonly doubtful: boolean; readonly shared: boolean; readonly lastAnsweredByThirdParty: boolean };
  readonly chance: ChanceSource;
}

export interface SmsPlanItem {
  readonly trigger: SmsTrigger;
  /** `due`: send at `dueAt`; `later`: becomes due at `dueAt`; `held`: look again at `nextReviewAt`; `lapsed`: never. */
  readonly state: 'due' | 'later' | 'held' | 'lapsed';
  /** Trigger it stands for; differs from `trigger` when `n` replaces a or c. */
  readonly insteadOf: SmsTrigger | null;
  readonly templateId: string | null;
  readonly variant: string;
  readonly kind: 'conversation' | 'bulk';
  readonly dueAt: Instant | null;
  readonly nextReviewAt: Instant | null;
  readonly reason: string;
  /** A human gets it as a task instead. */
  readonly handOver: HandOverReason | null;
  readonly decision: PolicyDecision;
}

export interface TemplateFacts {
  readonly dpd: number;
  readonly tier: Tier;
  readonly inGrace: boolean;
  /** The bank stated its days of grace (else the line about grace is silent). */
  readonly graceConfirmed: boolean;
  readonly brokenInEpisode: boolean;
  readonly rpcInEpisode: boolean;
  /** Of the episode. */
  readonly calls: CallsMade;
  readonly lastLabel: IntentLabel | null;
  readonly cardStatus: 'active' | 'stopped' | 'unknown';
  /** b was submitted in this episode. */
  readonly creditNoticeSent: boolean;
  /** Values of slots, ready to be read: `bank`, `surname`, `amount`, `date` … Absent or null: not known. */
  readonly values: Readonly<Record<string, string | null>>;
}

export type FilledTemplate =
  | {
      readonly ok: true;
      readonly templateId: string;
      readonly text: string;
      readonly encoding: 'GSM7' | 'UCS2';
      readonly segments: number;
      readonly templateHash: string;
      readonly parametersHash: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'unknown-template' | 'missing-facts' | 'below-floor' | 'too-long';
      readonly missing: readonly string[];
    };
