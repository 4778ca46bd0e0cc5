import type { Instant, LocalDate } from '@mora/business-time';
import type { Disposition, HandOverReason, IntentLabel, ReasonLabel, SmsTrigger, Tier } from '@mora/contracts';
import type { AmountBand, Queue } from './package/schema.js';
import type { ChanceSource, PastCall, PolicyDecision } from './records.js';

// --- promises

export interface OpenPromise {
  readonly amount: number;
  readonly currency: string;
  readonly date: LocalDate;
  readonly madeAt: Instant;
}

export interface PromisePayment {
  /** Event key of the payment. */
  readonly key: string;
  /** Negative for a reversal. */
  readonly amount: number;
  readonly valueDate: LocalDate;
}

export interface PromiseResult {
  readonly result: 'kept' | 'partly' | 'broken' | 'awaiting' | 'open';
  readonly paid: number;
  readonly payments: readonly string[];
}

// --- hand-over

export interface HandOverInputs {
  readonly dpd: number;
  readonly tier: Tier | null;
  readonly band: AmountBand;
  readonly score: number | null;
  readonly calls: readonly PastCall[];
  readonly hasUsableNumber: boolean;
  /** RPC, or a delivered SMS other than `n`. */
  readonly reached: boolean;
  readonly promisesKept: number;
  readonly brokenInEpisode: number;
  /** Tier in which the last promise was broken. */
  readonly lastBrokenTier: Tier | null;
  readonly withinTolerance: boolean;
  readonly holdout: boolean;
  /** The paid-check call was made and the payment is still not found. */
  readonly paidCheckDone: boolean;
}

export interface HandOver {
  readonly reason: HandOverReason;
  readonly queue: Queue;
  readonly firstActionDue: Instant;
  readonly priority: number;
  readonly suggestedNextStep: string;
}

// --- score

export interface ScoreFeatures {
  readonly lastLabel: IntentLabel | null;
  /** Date promised, or held on to, at the last RPC conversation. */
  readonly lastLabelDate: LocalDate | null;
  /** Business date of that conversation. */
  readonly lastLabelOn: LocalDate | null;
  readonly lastReason: ReasonLabel | null;
  readonly askedHow: boolean;
  readonly longestConversationSeconds: number;
  readonly understoodTurnsOfLongest: number;
  /** Of the last two connected calls, how many ended before identity. */
  readonly hungUpEarlyOfLastConnected: number;
  readonly attempts: number;
  readonly rpcConversations: number;
  /** Whole days since the last RPC conversation, or since the first attempt if there was none; null: no attempt yet. */
  readonly daysWithoutRpc: number | null;
  readonly promisesKept12m: number;
  readonly brokenInEpisode: number;
  /** Broken in the 6 months before this episode. */
  readonly brokenBefore6m: number;
  readonly paidInEpisode: number;
  readonly minimumDue: number;
  readonly unpaidMinimum: number;
  readonly currency: string;
  readonly recordedMonths: number;
  readonly earlierEpisodes12m: number;
  readonly earlierCuredEarly: number;
  readonly earlierCuredLate: number;
  readonly statementBalance: number | null;
  readonly creditLimit: number | null;
  readonly daysAfterGrace: number;
}

export interface ScoreResult {
  readonly score: number;
  readonly band: 'A' | 'B' | 'C' | 'D';
  readonly reasons: readonly {
    readonly row: string;
    readonly points: number;
    readonly inputs: Readonly<Record<string, unknown>>;
  }[];
}

// --- SMS

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

// --- the package

export interface Problem {
  readonly file: string;
  /** Dotted path inside the file. */
  readonly path: string;
  readonly line: number | null;
  readonly message: string;
}
