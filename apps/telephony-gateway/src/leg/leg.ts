import { plusMinutes } from '@mora/business-time';
import type { ContactContext, TelephonyEvent } from '@mora/contracts';
import { type Aggregate, snapToTick } from '@mora/eventing';

/** A leg that is still open this long after it was accepted is looked at again: no call lasts as long. */
const OPEN_LEG_MINUTES = 15;

/** What is known of an open leg when its call can no longer be followed. */
export interface LegRef {
  readonly attemptId: string;
  readonly contactId: string;
  readonly debtorId: string;
  readonly legId: string;
  readonly context: ContactContext;
  readonly phoneRef: string;
}

/** One attempt as the gateway knows it: `refused` is the tombstone, the only proof that it never left. */
export type Leg =
  | { readonly status: 'none' }
  | { readonly status: 'accepted'; readonly ref: LegRef; readonly acceptedAt: string; readonly trunk: string }
  | {
      readonly status: 'answered';
      readonly ref: LegRef;
      readonly acceptedAt: string;
      readonly trunk: string;
      readonly lastTurn: number | null;
    }
  | { readonly status: 'ended' }
  | { readonly status: 'lost' }
  | { readonly status: 'refused' };

const evolve = (state: Leg, event: TelephonyEvent): Leg => {
  switch (event.type) {
    case 'LegAccepted': {
      const { attemptId, contactId, debtorId, legId, context, phoneRef, acceptedAt, trunk } = event.data;
      return {
        status: 'accepted',
        ref: { attemptId, contactId, debtorId, legId, context, phoneRef },
        acceptedAt,
        trunk,
      };
    }
    case 'LegAnswered':
      return state.status === 'accepted' ? { ...state, status: 'answered', lastTurn: null } : state;
    case 'TurnTaken':
      return state.status === 'answered' ? { ...state, lastTurn: event.data.turn.index } : state;
    case 'LegEnded':
      return { status: 'ended' };
    case 'LegLost':
    case 'LegFound':
      return { status: 'lost' };
    case 'LegRefused':
      return { status: 'refused' };
    default: {
      const never: never = event;
      return never;
    }
  }
};

/** Persisted: the name of the timer that every open leg keeps; recovery finds open legs by it. */
export const OPEN_LEG_TIMER = 'open-leg';

export const leg: Aggregate<Leg, TelephonyEvent> = {
  category: 'leg',
  foldVersion: 1,
  initial: { status: 'none' },
  snapshotEvery: 0,
  evolve,
  timersOf: (state) =>
    state.status === 'accepted' || state.status === 'answered'
      ? [{ name: OPEN_LEG_TIMER, dueAt: snapToTick(plusMinutes(state.acceptedAt, OPEN_LEG_MINUTES)) }]
      : [],
};
