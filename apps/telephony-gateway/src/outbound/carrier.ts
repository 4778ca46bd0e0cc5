import type { HeardSlots } from '@mora/dialogue';

/** A call to place. All instants are business time. */
export interface CarrierCall {
  readonly attemptId: string;
  readonly debtorId: string;
  readonly number: string;
  readonly phoneIndex: number;
  readonly trunk: string;
  readonly inviteAt: string;
  readonly ringMaxSeconds: number;
}

/** What the robot says, and what it listens for afterwards. */
export interface Utterance {
  /** When the speech begins. */
  readonly at: string;
  readonly text: string;
  readonly state: string;
  readonly promptId: string;
  readonly turnIndex: number;
  readonly expected: readonly string[];
  readonly globals: readonly string[];
  readonly silenceMs: number;
  readonly facts: {
    readonly callDate: string;
    readonly timeZone: string;
    readonly limitDate: string;
    readonly unpaidMinimum: number;
    readonly statementBalance: number | null;
  };
  /** Nothing is listened for: the line is the last one. */
  readonly last: boolean;
}

export type AmdResult = {
  readonly result: 'person' | 'machine' | 'doubt';
  readonly confidence: number;
  readonly version: string;
};

/** What came from the debtor after an utterance. */
export type LineInput =
  | {
      readonly kind: 'heard';
      readonly intent: string;
      readonly confidence: number;
      readonly text: string;
      readonly slots: HeardSlots;
      readonly speakMs: number;
      readonly bargeIn: boolean;
    }
  | { readonly kind: 'dtmf'; readonly digits: string }
  | { readonly kind: 'silence' }
  | { readonly kind: 'hangup' };

export type LineEvent =
  | { readonly kind: 'ringing'; readonly at: string }
  | { readonly kind: 'answered'; readonly at: string; readonly amd: AmdResult }
  /** The end of what was said to an utterance; `promptEndAt`: where the robot's own speech ended. */
  | { readonly kind: 'input'; readonly at: string; readonly promptEndAt: string; readonly input: LineInput }
  /** The last line was spoken to its end. */
  | { readonly kind: 'spoken'; readonly at: string }
  /** The call was not answered. */
  | {
      readonly kind: 'failed';
      readonly at: string;
      readonly sipCode: number | null;
      readonly q850: number | null;
      readonly announcement: string | null;
      /** The gateway's own ring limit cut it. */
      readonly cancelled: boolean;
    };

/** A call as the carrier's own log has it. */
export interface MadeCall {
  readonly attemptId: string;
  readonly debtorId: string;
  readonly inviteAt: string;
  /** Null: the log does not say. */
  readonly answered: boolean | null;
}

export type LineSink = (attemptId: string, event: LineEvent) => void;

/** Injection token of {@link CarrierAdapter}. */
export const CARRIER = Symbol('CarrierAdapter');

/** The way out to the telephone network. Events come through `sink`, in the order of a call. */
export interface CarrierAdapter {
  readonly kind: 'simulated' | 'sip';
  /** What recognises speech, kept in every turn. */
  readonly recogniser: {
    readonly name: string;
    readonly model: string;
    readonly nluHash: string;
    readonly threshold: number;
  };
  /** Once, before anything else but `connect`. */
  open(): Promise<void>;
  /** Calls of its own log, oldest first; absent: it has none that we may read. */
  made?(): Iterable<MadeCall>;
  connect(sink: LineSink): void;
  invite(call: CarrierCall): void;
  say(attemptId: string, utterance: Utterance): void;
  /** Gives up a call that rings. */
  cancel(attemptId: string, at: string): void;
  /** Ends an answered call. */
  hangup(attemptId: string, at: string): void;
  /** Delivers what happened up to `now`; does nothing where events come by themselves. */
  advance(now: string): void;
  /** The next instant at which `advance` has something to deliver; null: none is known. */
  nextAt(): string | null;
  close(): Promise<void> | void;
}
