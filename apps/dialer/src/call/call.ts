import { plusMinutes } from '@mora/business-time';
import type { ContactContext, DialerEvent, NewEvent } from '@mora/contracts';
import { type Aggregate, snapToTick } from '@mora/eventing';

/** What the call's end needs of its intent. */
export interface Intent {
  readonly attemptId: string;
  readonly contactId: string;
  readonly debtorId: string;
  readonly context: ContactContext;
  readonly phoneRef: string;
  readonly voice: string;
  readonly script: string;
}

/** One attempt, from the intent to exactly one end. */
export type Call =
  | { readonly status: 'none' }
  | {
      readonly status: 'intended' | 'originated';
      readonly intent: Intent;
      readonly originatedAt: string | null;
      /** The permit was taken back, and why. */
      readonly revoked: string | null;
      /** When the gateway is told of it once more. */
      readonly revokeAt: string | null;
      /** Why this service gave it up, if it did. */
      readonly givenUp: string | null;
      /** When its fate is asked for. */
      readonly settleAt: string;
    }
  | { readonly status: 'denied' | 'withdrawn' | 'ended' };

/** Private events (persisted names). */
export type CallPrivateEvent =
  | NewEvent<'RevocationNoted', { readonly attemptId: string; readonly debtorId: string; readonly why: string }>
  | NewEvent<
      'RevocationAsked',
      { readonly attemptId: string; readonly debtorId: string; readonly why: string; readonly until: string }
    >
  | NewEvent<'GiveUpNoted', { readonly attemptId: string; readonly because: string }>
  | NewEvent<'SettleAsked', { readonly attemptId: string; readonly debtorId: string; readonly until: string }>;

export type CallEvent = Exclude<DialerEvent, { readonly type: 'DayPlanned' }> | CallPrivateEvent;

const INTENDED_MINUTES = 2;
/** Longer than ringing, talking and being written take. */
const ORIGINATED_MINUTES = 8;
/** Until its leg has ended, the gateway is told so often that a call's permit was taken back. */
export const REVOKE_AGAIN_MINUTES = 0.5;

const evolve = (state: Call, event: CallEvent, at: string): Call => {
  switch (event.type) {
    case 'CallIntended': {
      const { attemptId, contactId, debtorId, context, phoneRef, voice, script } = event.data;
      const intent = { attemptId, contactId, debtorId, context, phoneRef, voice, script };
      return {
        status: 'intended',
        intent,
        originatedAt: null,
        revoked: null,
        revokeAt: null,
        givenUp: null,
        settleAt: plusMinutes(at, INTENDED_MINUTES),
      };
    }
    case 'CallOriginated': {
      const { originatedAt } = event.data;
      return 'intent' in state
        ? { ...state, status: 'originated', originatedAt, settleAt: plusMinutes(originatedAt, ORIGINATED_MINUTES) }
        : state;
    }
    case 'RevocationNoted':
      return 'intent' in state
        ? { ...state, revoked: event.data.why, revokeAt: plusMinutes(at, REVOKE_AGAIN_MINUTES) }
        : state;
    case 'RevocationAsked':
      return 'intent' in state ? { ...state, revokeAt: event.data.until } : state;
    case 'GiveUpNoted':
      return 'intent' in state ? { ...state, givenUp: event.data.because } : state;
    case 'SettleAsked':
      return 'intent' in state ? { ...state, settleAt: event.data.until } : state;
    case 'CallDeniedByGuard':
      return { status: 'denied' };
    case 'CallWithdrawn':
      return { status: 'withdrawn' };
    case 'CallEnded':
      return { status: 'ended' };
    default: {
      const never: never = event;
      return never;
    }
  }
};

/** Persisted: every open call keeps this timer; recovery finds open calls by it. */
export const SETTLE_TIMER = 'settle';
/** Persisted: an open call whose permit was taken back keeps it. */
export const REVOKE_TIMER = 'revoke';

export const call: Aggregate<Call, CallEvent> = {
  category: 'call',
  foldVersion: 1,
  initial: { status: 'none' },
  snapshotEvery: 0,
  evolve,
  timersOf: (state) => {
    if (!('intent' in state)) return [];
    const settle = { name: SETTLE_TIMER, dueAt: snapToTick(state.settleAt) };
    return state.revokeAt === null ? [settle] : [settle, { name: REVOKE_TIMER, dueAt: snapToTick(state.revokeAt) }];
  },
};
