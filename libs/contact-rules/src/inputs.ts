/** Everything a verdict depends on, as plain data: the same inputs and profiles give the same verdict for ever. */
import type { AuthorizeRequest, Channel, Destination, StopKind, StopScope, Tier } from '@mora/contracts';

export interface AccountFacts {
  readonly caseId: string;
  readonly status: 'open' | 'cured' | 'tolerance' | 'closed';
  /** Minor units; null: not yet reported. */
  readonly unpaidMinimum: number | null;
  /** Business date of the newest bank record; null: none. */
  readonly reportedOn: string | null;
  /** The debtor was told that this agency may collect; null: no agency was named to him. */
  readonly agencyNotice: { readonly agency: string; readonly toldOn: string } | null;
  /** Key of the event that said so. */
  readonly fact: string;
}

export interface Stop {
  readonly stopId: string;
  readonly kind: StopKind;
  readonly scope: StopScope;
  readonly accountId: string | null;
  readonly phoneRef: string | null;
  readonly channels: readonly Channel[];
  readonly until: string | null;
  readonly source: string;
  readonly evidence: string;
}

export interface NumberBar {
  readonly phoneRef: string;
  readonly everywhere: boolean;
  readonly evidence: string;
}

/** A window in which the debtor agreed to be contacted outside the hours; local `HH:mm`, may pass midnight. */
export interface AgreedWindow {
  readonly from: string;
  readonly to: string;
  readonly channel: Channel | 'any';
  readonly expiresOn: string | null;
}

/** A place in a counter: taken by a permit, then used or given back. */
export type Place = 'reserved' | 'confirmed' | 'released' | 'none';

/** A permitted contact and its places. Denied ones are not used contacts. */
export interface UsedContact {
  readonly contactId: string;
  readonly channel: Channel;
  /** Null: which number it was is not known; it counts for each. */
  readonly phoneRef: string | null;
  /** The later of the permit and the contact itself, where that is known. */
  readonly at: string;
  readonly attempt: Place;
  readonly connected: Place;
  readonly sms: Place;
  readonly unsolicited: boolean;
  /** Key of the reply that it acknowledges; absent: none. */
  readonly acknowledges?: string;
}

/** A reply to an SMS that ends SMS: N not his number, T no SMS. */
export interface KnownReply {
  readonly at: string;
  /** Key of the event that said so. */
  readonly fact: string;
  /** It came from this number. */
  readonly phoneRef: string;
  readonly reply: 'N' | 'T';
}

export interface Halt {
  readonly haltId: string;
  readonly scope: {
    readonly strategyHash: string | null;
    readonly tier: Tier | null;
    readonly channel: Channel | null;
    readonly debtorId: string | null;
  };
  readonly fact: string;
}

export interface SourceMark {
  readonly epoch: number;
  readonly position: number;
  /** Wall time of the source's own word. */
  readonly at: string;
  /** The guard has taken in everything up to that position. */
  readonly consumed: boolean;
}

export interface RuleInputs {
  /** Business time judged. */
  readonly at: string;
  readonly request: AuthorizeRequest;
  /** Null: the bank has not said where the debtor lives. */
  readonly zone: { readonly name: string; readonly basis: 'bank' | 'assumed' } | null;
  readonly agreedWindows: readonly AgreedWindow[];
  readonly accounts: Readonly<Record<string, AccountFacts>>;
  readonly postings: { readonly asOf: string; readonly fact: string } | null;
  readonly stops: readonly Stop[];
  readonly bars: readonly NumberBar[];
  readonly contacts: readonly UsedContact[];
  /** Conversations in which an SMS was asked for or agreed to. */
  readonly smsAsks: readonly { readonly at: string; readonly fact: string }[];
  /** Replies N and T. */
  readonly smsReplies: readonly KnownReply[];
  /** What other debtors' contacts did to the same number; null: the number's key is not known. */
  readonly number: {
    /** Tries that were not answered, or whose end is not known. */
    readonly othersAttempts: readonly string[];
    /** Every call that may have left. */
    readonly othersCalls: readonly string[];
    readonly barred: boolean;
  } | null;
  /** Debtors to whom the bank gives this number, this one among them. */
  readonly debtorsOnNumber: number;
  /** Null: it is not known where the number leads. */
  readonly destination: Destination | null;
  /** What contacts of this shard cost or may still cost, by the hour in which they were permitted. */
  readonly spend: {
    readonly hours: readonly { readonly at: string; readonly minor: number }[];
    /** Among so many shards a cap of the installation is divided. */
    readonly shards: number;
  };
  readonly halts: readonly Halt[];
  readonly parked: boolean;
  readonly wall: string;
  /** By how much the judging clock is off, ms, above 0: ahead; 0 on a business clock. */
  readonly skewMs: number;
  /** Every source that the guard requires. */
  readonly watermarks: Readonly<Record<string, SourceMark>>;
}

/** What one rule found. */
export interface Finding {
  readonly result: 'allow' | 'deny' | 'not-applicable';
  readonly limit?: number;
  readonly windowStart?: number;
  readonly windowEnd?: number;
  readonly counter?: { readonly confirmed: number; readonly reserved: number };
  readonly facts?: readonly string[];
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly exception?: string;
  /** Milliseconds; absent: time alone does not help. */
  readonly retryAt?: number;
}
