import type {
  AccountFacts,
  Decision,
  DeepReadonly,
  Disposition,
  IntentLabel,
  SmsTrigger,
  StopKind,
  StopScope,
  Term,
  Tier,
} from '@mora/contracts';
import type { AgreedHours, OpenPromise, PastCall, PhoneState, TemplateFacts } from '@mora/strategy';

/** The facts of an account that a rule looks at or a template names. */
export type AccountNote = Pick<
  AccountFacts,
  'currency' | 'statementBalance' | 'dueDate' | 'cardTail' | 'graceDays' | 'tolerance' | 'cardActionOn' | 'cardStatus'
>;

export interface Done {
  readonly smsId: string | null;
  readonly trigger: SmsTrigger;
  /** Trigger that an `n` stood for. */
  readonly insteadOf: SmsTrigger | null;
  readonly outcome: 'submitted' | 'delivered' | 'undelivered' | 'lapsed';
  readonly on: string;
}

export interface Asked {
  readonly content: 'promise' | 'ways' | 'callback';
  /** End of the call. */
  readonly at: string;
  /** Event of the call. */
  readonly key: string;
  readonly callbackAt: string | null;
}

export type CaseStatus = 'open' | 'tolerance' | 'cured' | 'closed';

export interface CaseNote {
  readonly caseId: string;
  readonly accountId: string;
  readonly facts: AccountNote;
  readonly unpaidMinimum: number;
  readonly openedAt: string;
  readonly status: CaseStatus;
  readonly treatment: { readonly treatmentId: string; readonly experimentId: string; readonly arm: string } | null;
  readonly tier: { readonly tier: Tier; readonly term: Term } | null;
  readonly promise: OpenPromise | null;
  readonly claimChecking: boolean;
  readonly handedOver: boolean;
  readonly firstReminderOn: string | null;
  readonly firstCall: { readonly endedAt: string; readonly disposition: Disposition } | null;
  readonly firstConversation: {
    readonly endedAt: string;
    readonly disposition: Disposition;
    readonly rpc: boolean;
    readonly promised: boolean;
  } | null;
  readonly rpc: boolean;
  /** The last promise did not come, as far as is known. */
  readonly broken: boolean;
  readonly lastLabel: IntentLabel | null;
  readonly asked: readonly Asked[];
  readonly done: readonly Done[];
}

export interface StopNote {
  readonly stopId: string;
  readonly kind: StopKind;
  readonly scope: StopScope;
  readonly accountId: string | null;
  readonly until: string | null;
}

export interface NumberNote {
  readonly state: PhoneState['state'];
  /** The last person who answered was somebody else. */
  readonly thirdParty: boolean;
}

/** A reply that is acknowledged once. `owed`: the guard has not yet stopped by it; `over`: drafted, or lapsed. */
export interface AckNote {
  readonly reply: 'N' | 'T';
  readonly caseId: string;
  /** The number that it came from. */
  readonly phoneRef: string;
  readonly phoneIndex: number;
  readonly repliedAt: string;
  /** Key of the reply, by which the guard stopped; null: not yet. */
  readonly fact: string | null;
  /** When the guard's stop was heard of; null: not yet. */
  readonly dueSince: string | null;
  readonly state: 'owed' | 'due' | 'over';
}

export interface DebtorNote {
  readonly debtorId: string;
  /** Sealed by intake; opened only to be written into a text. */
  readonly surname: string;
  readonly salutation: string;
  readonly phones: readonly { readonly phoneRef: string; readonly order: number }[];
  /** Hours agreed for SMS. */
  readonly agreedWindows: readonly AgreedHours[];
}

/** An SMS that is on its way out: one per debtor at a time. Everything its text needs but the name. */
export interface Draft {
  readonly smsId: string;
  readonly debtorId: string;
  readonly ordinal: number;
  readonly caseId: string;
  readonly accountId: string;
  readonly trigger: SmsTrigger;
  readonly insteadOf: SmsTrigger | null;
  readonly templateId: string;
  readonly variant: string;
  readonly kind: 'conversation' | 'bulk';
  readonly reason: string;
  readonly phoneRef: string;
  readonly phoneIndex: number;
  readonly strategyHash: string;
  readonly treatmentId: string;
  readonly experimentId: string;
  readonly arm: string;
  readonly businessDate: string;
  readonly term: Term;
  readonly ordinalInEpisode: number;
  readonly ordinalToday: number;
  /** Event in which the debtor asked for it, if that was today. */
  readonly solicitedBy: string | null;
  readonly facts: TemplateFacts;
  readonly surname: string;
  readonly salutation: string;
  readonly decision: DeepReadonly<Decision>;
}

export interface OpenSms extends Draft {
  /** It must not leave any more. */
  readonly withdraw: string | null;
  /** A crash is looked for again at this instant. */
  readonly keptUntil: string;
}

/** What was last said of a trigger. */
export interface Said {
  readonly state: 'planned' | 'held';
  readonly trigger: SmsTrigger;
  readonly templateId: string | null;
  readonly dueAt: string | null;
  readonly reason: string;
  readonly nextReviewAt: string | null;
}

/** Not to be tried again before `until`; `times` on the day `on`. */
export interface Hold {
  readonly until: string;
  readonly on: string;
  readonly times: number;
  readonly because: string;
}

export interface Messaging {
  readonly debtor: DebtorNote | null;
  readonly cases: Readonly<Record<string, CaseNote>>;
  readonly stops: Readonly<Record<string, StopNote>>;
  readonly numbers: Readonly<Record<string, NumberNote>>;
  /** Debtors of his numbers, by phoneRef; absent: he alone. */
  readonly sharing: Readonly<Record<string, number>>;
  readonly calls: readonly PastCall[];
  /** By `caseId|trigger`. */
  readonly said: Readonly<Record<string, Said>>;
  readonly holds: Readonly<Record<string, Hold>>;
  /** By `reply|phoneRef`; kept for ever, so that none is acknowledged twice. */
  readonly acks: Readonly<Record<string, AckNote>>;
  /** Lifelong number of the last SMS. */
  readonly ordinal: number;
  readonly sent: { readonly on: string; readonly unsolicited: number; readonly all: number };
  readonly open: OpenSms | null;
  /** Next look at the plan. */
  readonly lookAt: string | null;
}

export const keyOf = (caseId: string, trigger: SmsTrigger): string => `${caseId}|${trigger}`;
