import type { AccountFacts, IntentLabel, StopKind, StopScope, Term, Tier } from '@mora/contracts';
import type { AmountBand, PastCall, PhoneState, PlanOverride, RedialAdvice } from '@mora/strategy';

/** The facts of an account that a call speaks of or a plan looks at. */
export type AccountNote = Pick<
  AccountFacts,
  | 'currency'
  | 'statementBalance'
  | 'paidSinceStatement'
  | 'interestToDate'
  | 'lateFee'
  | 'feesAsOf'
  | 'dueDate'
  | 'cardTail'
  | 'graceDays'
  | 'tolerance'
  | 'bureauReportOn'
  | 'autopay'
  | 'offers'
  | 'benefitsText'
>;

export interface PromiseNote {
  readonly amount: number;
  readonly currency: string;
  readonly date: string;
  /** Its payment was taken back after its date. */
  readonly bounced?: boolean;
}

export interface CaseNote {
  readonly caseId: string;
  readonly accountId: string;
  readonly facts: AccountNote;
  readonly unpaidMinimum: number;
  readonly openedAt: string;
  readonly status: 'open' | 'tolerance' | 'closed';
  readonly treatment: { readonly treatmentId: string; readonly experimentId: string; readonly arm: string } | null;
  readonly tier: { readonly tier: Tier; readonly term: Term; readonly band: AmountBand } | null;
  readonly promise: PromiseNote | null;
  /** The promise that was last broken or kept in part. */
  readonly missed: PromiseNote | null;
  readonly claimChecking: boolean;
  readonly handedOver: boolean;
  readonly overrides: readonly PlanOverride[];
  /** Day of the last payment that was not towards a promise. */
  readonly lastPaymentOn: string | null;
  readonly paidInEpisode: number;
  readonly lastLabel: IntentLabel | null;
}

export interface DebtorNote {
  readonly salutation: string;
  /** Sealed by intake; opened only to be spoken. */
  readonly surname: string;
  readonly phones: readonly { readonly phoneRef: string; readonly order: number }[];
  readonly agreedWindows: readonly { readonly from: string; readonly to: string; readonly expiresOn: string | null }[];
}

export interface StopNote {
  readonly stopId: string;
  readonly kind: StopKind;
  readonly scope: StopScope;
  readonly accountId: string | null;
  readonly until: string | null;
}

/** A dial that waits for a line, or is on its way. */
export interface QueuedDial {
  readonly attemptId: string;
  readonly debtorId: string;
  readonly ordinal: number;
  readonly leadCaseId: string;
  readonly otherCaseIds: readonly string[];
  readonly strategyHash: string;
  readonly script: string;
  readonly phoneRef: string;
  readonly phoneIndex: number;
  readonly windowId: string | null;
  /** Not dialed at or after this: its window is over. Null: a callback. */
  readonly windowTo: string | null;
  readonly override: PlanOverride['kind'] | null;
  readonly priority: number;
  readonly queuedAt: string;
  /** Event in which the debtor asked for this call. */
  readonly askedBy: string | null;
  readonly reason: string;
}

export interface Dialing {
  readonly debtor: DebtorNote | null;
  readonly cases: Readonly<Record<string, CaseNote>>;
  readonly stops: Readonly<Record<string, StopNote>>;
  readonly numbers: Readonly<Record<string, PhoneState['state']>>;
  /** Debtors of his numbers, by phoneRef; absent: he alone. */
  readonly sharing: Readonly<Record<string, number>>;
  readonly calls: readonly PastCall[];
  /** Wordings this person heard by prompt, oldest first. */
  readonly wordings: Readonly<Record<string, readonly string[]>>;
  readonly advice: RedialAdvice | null;
  readonly callback: { readonly at: string; readonly askedBy: string } | null;
  /** Lifelong number of the last attempt that was queued. */
  readonly ordinal: number;
  readonly active: (QueuedDial & { readonly stage: 'queued' | 'calling'; readonly keptUntil: string }) | null;
  readonly plan: {
    readonly script: string | null;
    readonly nextDialAt: string | null;
    readonly why: string;
    readonly leadCaseId: string | null;
    readonly windowId: string;
  } | null;
  readonly reviewAt: string | null;
  /** Since when a plan is wanted, and by what, sorted: in whatever order that arrived. */
  readonly wanted: { readonly at: string; readonly because: readonly string[] } | null;
  /** The guard, or a failure, asks not to try before this. */
  readonly heldUntil: string | null;
  /** Dials of a day that ended before anything left. */
  readonly closed: { readonly on: string; readonly times: number };
}
