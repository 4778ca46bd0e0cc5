import type { Instant, LocalDate } from '@mora/business-time';
import type {
  Chance,
  Decision,
  Disposition,
  HandOverReason,
  IntentLabel,
  StopKind,
  StopScope,
  Term,
  Tier,
} from '@mora/contracts';
import type { AmountBand } from './package/schema.js';

/** What a policy contributes to `decision`; the caller adds `trigger` and `decidedOnVersion`. */
export type PolicyDecision = Omit<Decision, 'trigger' | 'decidedOnVersion'>;

/** The installation's secret salt and the id under which events name it. */
export interface ChanceSource {
  readonly saltId: string;
  readonly salt: string;
}

// --- tier and arm

export interface TierInputs {
  readonly dpd: number;
  readonly currency: string;
  readonly unpaidMinimum: number;
  readonly minimumDue: number;
  readonly statementBalance: number | null;
  readonly creditLimit: number | null;
  /** Earlier episodes of this account opened in the last 12 months (`tiers.rules.T2.episodeMonths`). */
  readonly earlierEpisodes12m: number;
  /** Promises of earlier episodes broken in the last 6 months (`tiers.rules.T2.brokenMonths`). */
  readonly brokenEarlier6m: number;
  /** Months of the account's past that anybody recorded; fewer than T8 asks for: T8 does not fire. */
  readonly recordedMonths: number;
  readonly rpcConversations: number;
  /** A promise was made in this episode, whatever became of it. */
  readonly promisedInEpisode: boolean;
  readonly brokenInEpisode: number;
  /** Result of the promise settled last in this episode. */
  readonly lastPromiseResult: 'kept' | 'partly' | 'broken' | null;
  readonly lastLabel: IntentLabel | null;
  /** Date the debtor held on to when the last label is `defers`. */
  readonly lastDeferTo: LocalDate | null;
  /** Paid towards the minimum due in this episode. */
  readonly paidInEpisode: number;
}

export type TierRuleId = 'T1' | 'T2' | 'T3' | 'T4' | 'T5' | 'T6' | 'T7' | 'T8';

export interface TierRuleResult {
  readonly id: TierRuleId;
  readonly fired: boolean;
  readonly shift: number;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface TierResult {
  readonly base: Tier;
  readonly term: Term;
  readonly rules: readonly TierRuleResult[];
  readonly sum: number;
  readonly shift: number;
  readonly tier: Tier;
  readonly band: AmountBand;
}

export interface EffectiveTier {
  readonly tier: Tier;
  /** A rise that waits for the next day plan. */
  readonly pendingRise: Tier | null;
  readonly frozen: boolean;
}

export interface ArmDraw {
  readonly experimentId: string;
  readonly arm: string;
  readonly probability: number;
  readonly holdout: boolean;
  /** Null: nothing was drawn, the account may not be held out. */
  readonly chance: Chance | null;
  readonly decision: PolicyDecision;
}

// --- the debtor's calls

/** One attempt that was originated, as the dialer remembers it. Oldest first in every list. */
export interface PastCall {
  readonly attemptId: string;
  readonly originatedAt: Instant;
  readonly endedAt: Instant;
  readonly phoneRef: string;
  readonly voice: string;
  readonly script: string;
  /** Id of the planned window it was made in; null: a callback outside of them. */
  readonly windowId: string | null;
  /** Tier at the time of the call. */
  readonly tier: Tier;
  readonly disposition: Disposition;
  readonly connected: boolean;
  /** A conversation with the right party. */
  readonly rpc: boolean;
  /** What the call was about was said to him. */
  readonly matterNamed?: boolean;
  /** Case that it was about; absent: not told. */
  readonly caseId?: string;
}

export interface PhoneState {
  readonly phoneRef: string;
  readonly order: number;
  /** `doubtful`: last resort; `unconfirmed`: a human must confirm it first; `barred`, `invalid`: never. */
  readonly state: 'ok' | 'doubtful' | 'unconfirmed' | 'barred' | 'invalid';
}

/** A fact that changes what the next call is about; it holds until an RPC conversation after `since`. */
export interface PlanOverride {
  readonly kind: 'paid-check' | 'broken' | 'part-paid';
  readonly since: Instant;
}

export interface PlanInputs {
  readonly at: Instant;
  readonly debtorId: string;
  /** Id of the attempt that would be made next: seeds the minute. */
  readonly intentId: string;
  readonly dpd: number;
  readonly dueDate: LocalDate;
  readonly graceDays: number | null;
  readonly tier: Tier;
  readonly arm: string;
  readonly withinTolerance: boolean;
  readonly handedOver: boolean;
  readonly openPromise: boolean;
  readonly claimChecking: boolean;
  /** Stops on the account or debtor that cover calls. */
  readonly stops: readonly string[];
  readonly autopay: { readonly on: boolean; readonly nextTryAt: Instant | null };
  readonly overrides: readonly PlanOverride[];
  /** Business date of the last payment that was not towards a promise. */
  readonly lastPaymentOn: LocalDate | null;
  /** Calls of this debtor since the lead account's episode began, trunk faults included. */
  readonly calls: readonly PastCall[];
  readonly phones: readonly PhoneState[];
  /** Advice after the last call. */
  readonly advice: RedialAdvice | null;
  /** A time the debtor asked to be called at, not yet tried. */
  readonly callbackAt: Instant | null;
  /** Local hours the debtor agreed with the bank for calls. */
  readonly agreedWindows: readonly { readonly from: string; readonly to: string }[];
  readonly chance: ChanceSource;
}

export interface PlannedWindow {
  readonly id: string;
  readonly from: Instant;
  readonly to: Instant;
}

export type PlanReason =
  | 'planned'
  | 'callback'
  | 'not-due'
  | 'end-of-robot'
  | 'within-tolerance'
  | 'handed-over'
  | 'holdout'
  | 'stopped'
  | 'open-promise'
  | 'claim-checking'
  | 'autopay-ahead'
  | 'paid-today'
  | 'rest-today'
  | 'deferred'
  | 'callback-later'
  | 'blackout'
  | 'calendar-missing'
  | 'day-over'
  | 'override-done'
  | 'cap-conversations-day'
  | 'cap-connected-day'
  | 'cap-attempts-day'
  | 'cap-attempts-number'
  | 'cap-attempts-episode'
  | 'cap-conversations-episode'
  | 'row-rest'
  | 'row-attempts-used'
  | 'no-number'
  | 'no-window-left';

export interface DayPlan {
  readonly script: string | null;
  /** Windows of today that are still usable, in the order of the row. */
  readonly windows: readonly PlannedWindow[];
  /** Attempts that today may still bring. */
  readonly maxAttempts: number;
  readonly nextDialAt: Instant | null;
  readonly phone: { readonly phoneRef: string; readonly index: number } | null;
  /** Window of the next dial; null: none, or a callback outside the windows. */
  readonly windowId: string | null;
  readonly override: PlanOverride['kind'] | null;
  readonly why: PlanReason;
  readonly decision: PolicyDecision;
}

// --- redial

export interface EndedCall extends PastCall {
  /** Time the debtor asked to be called at. */
  readonly callbackAt: Instant | null;
  /** Date he held on to when he deferred. */
  readonly deferTo: LocalDate | null;
}

export interface RedialInputs {
  readonly call: EndedCall;
  /** Calls before this one, since the episode began. */
  readonly earlier: readonly PastCall[];
  readonly tier: Tier;
  readonly dueDate: LocalDate;
}

export interface RedialAdvice {
  /** Row of `redial.yaml`, such as `busy` or `busy#3`. */
  readonly rule: string;
  readonly attemptId: string;
  readonly phoneRef: string;
  readonly windowId: string | null;
  readonly endedAt: Instant;
  readonly notBefore: Instant | null;
  /** No call before this business date. */
  readonly notBeforeDate: LocalDate | null;
  /** The next call waits for a later window than this call's. */
  readonly nextWindow: boolean;
  /** A call on a later day avoids this call's window. */
  readonly otherWindow: boolean;
  readonly otherWording: boolean;
  readonly otherTrunk: boolean;
  readonly nextNumber: boolean;
  /** Nothing more today. */
  readonly dayOver: boolean;
  readonly doubtful: boolean;
  /** Another person answers this number: no debt word by SMS. */
  readonly thirdParty: boolean;
  /** Not to be called until a human confirmed the number. */
  readonly unconfirmed: boolean;
  readonly barNumber: 'no' | 'debtor' | 'everywhere';
  readonly callbackAt: Instant | null;
  /** Stop that the disposition brings; one that the dialogue itself reports is more exact. */
  readonly stop: { readonly kind: StopKind; readonly scope: StopScope } | null;
  readonly handOver: HandOverReason | null;
  readonly alarm: boolean;
}

// --- voice and wording

export interface VoiceChoice {
  readonly voice: string;
  readonly pool: readonly string[];
  readonly heard: readonly string[];
  readonly rule: 'first' | 'kept-unheard' | 'other-speaker' | 'least-heard';
}

export interface WordingChoice {
  readonly promptId: string;
  readonly wordingId: string;
  /** Approved wordings of the prompt that this debtor has not heard, before this choice. */
  readonly left: number;
  readonly rule: 'unused' | 'least-recent';
  readonly chance: Chance | null;
}

export interface PriorityInputs {
  readonly isCallback: boolean;
  readonly override: PlanOverride['kind'] | null;
  readonly lastGraceDay: boolean;
  readonly tier: Tier;
  readonly script: string;
  readonly band: AmountBand;
  readonly dpd: number;
}
