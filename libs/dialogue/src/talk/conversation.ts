import type { DialogueResult, FlagLabel, IntentLabel, ReasonLabel, SpokenPromise } from '@mora/contracts';
import type { LineClass } from '../script/source.js';

/** What a person's words were understood to hold. */
export interface HeardSlots {
  readonly date?: string;
  /** Local time of day, `15:30`. */
  readonly time?: string;
  /** Minor units. */
  readonly amount?: number;
  readonly digitsMatch?: boolean;
}

export interface Candidate {
  readonly intent: string;
  readonly score: number;
}

/** `elapsedMs`: since the answer; at the limit of the call's length it is brought to its end. */
export type Input = { readonly elapsedMs?: number } & (
  | {
      readonly kind: 'heard';
      readonly intent: string;
      readonly confidence: number;
      readonly candidates?: readonly Candidate[];
      readonly slots?: HeardSlots;
      readonly text?: string;
      readonly parserHash?: string;
    }
  | { readonly kind: 'silence' }
  | { readonly kind: 'unclear' }
  /** `match`: identity digits as compared by the gateway; the digits themselves are not kept. */
  | { readonly kind: 'dtmf'; readonly digits: string; readonly match?: boolean }
  | { readonly kind: 'hangup' }
  /** The permit was withdrawn while talking: `cured`, `complaint`, `halted` … */
  | { readonly kind: 'revoked'; readonly why: string }
);

/** One line to be spoken. */
export interface Say {
  readonly promptId: string;
  readonly wordingId: string;
  readonly text: string;
  readonly class: LineClass;
  readonly barge: boolean;
  readonly hangoverMs: number;
  readonly parametersHash: string;
}

/**
 * The part of a contract `Turn` that the dialogue knows: what was said in a state, what was understood, where it led.
 * Several lines said in one breath are joined by `+` in `promptId` and `wordingId`.
 */
export interface TurnPart {
  readonly index: number;
  readonly state: string;
  readonly promptId: string;
  readonly wordingId: string;
  readonly parametersHash: string;
  /** What the debtor heard, in clear: encrypt before it is stored. */
  readonly spoken: string;
  /** Keypad; of identity digits only `match` or `no-match`. */
  readonly dtmf: string | null;
  readonly confidence: number;
  readonly nBest: number;
  readonly candidates: readonly Candidate[];
  /** The understood intent, or `silence`, `unclear`, `hangup`, `revoked`, `none` (a closing line nobody answers). */
  readonly intent: string;
  readonly nextState: string;
}

export type Effect =
  | { readonly kind: 'identity'; readonly identity: 'confirmed' | 'denied' }
  | { readonly kind: 'collect-digits'; readonly count: number }
  | { readonly kind: 'promise'; readonly promise: SpokenPromise }
  /** Connect a human when the line has been said. */
  | { readonly kind: 'transfer' }
  /** A human must act within minutes. */
  | { readonly kind: 'urgent' }
  /** Hang up when the line has been said. */
  | { readonly kind: 'hang-up' };

export interface StartContext {
  /** As addressed, `王`; never part of the dialogue itself. */
  readonly name: string;
}

/** The conversation so far; serialisable, never changed in place. */
export interface Conversation {
  readonly at: string;
  readonly identity: 'confirmed' | 'denied' | 'unknown';
  readonly name: string;
  /** Index of the running turn. */
  readonly index: number;
  readonly said: readonly Say[];
  /** State that a global intent interrupted. */
  readonly back: string | null;
  readonly visits: Readonly<Record<string, number>>;
  readonly returns: Readonly<Record<string, number>>;
  readonly spokenTimes: Readonly<Record<string, number>>;
  readonly silences: number;
  readonly unclears: number;
  readonly keys: Readonly<Record<string, string>>;
  readonly date: string | null;
  readonly amount: number | null;
  /** A later date the debtor named; what he holds on to when he defers. */
  readonly proposed: string | null;
  readonly nearDateAsked: boolean;
  /** He was asked for a larger amount. */
  readonly moreAsked: boolean;
  readonly promise: SpokenPromise | null;
  readonly labels: readonly { readonly turn: number; readonly label: IntentLabel }[];
  readonly intents: readonly { readonly turn: number; readonly intent: string }[];
  readonly reason: ReasonLabel;
  readonly flags: readonly FlagLabel[];
  readonly callbackAt: string | null;
  /** The nearest allowed time, offered in place of the one he asked for. */
  readonly offeredAt: string | null;
  /** How often he asked for a time at which nobody may be called. */
  readonly refusedTime: number;
  readonly claimedPaidOn: string | null;
  /** A line about the debt was said to the debtor himself. */
  readonly matterNamed: boolean;
  readonly smsAsked: readonly ('promise' | 'ways' | 'callback')[];
  readonly understoodTurns: number;
  readonly unclearTurns: number;
  readonly personalised: boolean;
  readonly ended: DialogueResult | null;
}

export interface Started {
  readonly state: Conversation;
  readonly says: readonly Say[];
  readonly effects: readonly Effect[];
}

export interface Stepped {
  readonly state: Conversation;
  readonly says: readonly Say[];
  /** The turn just closed; at the end also the closing line as a turn of its own. */
  readonly turns: readonly TurnPart[];
  readonly effects: readonly Effect[];
  /** Set once, when the call has come to its end; the says are still to be spoken. */
  readonly ended: DialogueResult | null;
}

export interface Replayed {
  readonly state: Conversation;
  readonly turns: readonly TurnPart[];
  readonly result: DialogueResult | null;
}
