import { type LegFate, type TelephonyEvent, uuidv5 } from '@mora/contracts';
import type { Leg } from './leg.js';

type EventNamed<T extends TelephonyEvent['type']> = Extract<TelephonyEvent, { readonly type: T }>;

/** One leg per attempt: the id says so. */
export const legIdOf = (attemptId: string): string => uuidv5(attemptId, 'leg');

/** Takes a call, once. What was taken, ended, lost or refused before is not taken again: nothing. */
export const acceptLeg = (
  accepted: EventNamed<'LegAccepted'>['data'],
  state: Leg,
): readonly EventNamed<'LegAccepted'>[] => (state.status === 'none' ? [{ type: 'LegAccepted', data: accepted }] : []);

/** A leg that was taken but certainly not begun is turned into a tombstone. */
export const refuseAccepted = (because: string, state: Leg): readonly EventNamed<'LegRefused'>[] =>
  state.status === 'accepted'
    ? [
        {
          type: 'LegRefused',
          data: {
            attemptId: state.ref.attemptId,
            contactId: state.ref.contactId,
            debtorId: state.ref.debtorId,
            legId: state.ref.legId,
            because,
          },
        },
      ]
    : [];

/** Notes what happened on the line, in order; what is stored already is left out, so that a repetition yields nothing. */
export const noteLine = (happened: readonly TelephonyEvent[], state: Leg): readonly TelephonyEvent[] => {
  if (state.status !== 'accepted' && state.status !== 'answered') return [];
  const lastTurn = state.status === 'answered' ? (state.lastTurn ?? -1) : -1;
  return happened.filter((event) => {
    if (event.type === 'LegAnswered') return state.status === 'accepted';
    if (event.type === 'TurnTaken') return event.data.turn.index > lastTurn;
    return event.type === 'LegEnded';
  });
};

/** The gateway came up again over an open leg. */
export const loseLeg = (incarnation: string, state: Leg): readonly EventNamed<'LegLost'>[] =>
  state.status === 'accepted' || state.status === 'answered'
    ? [
        {
          type: 'LegLost',
          data: { ...state.ref, lastTurn: state.status === 'answered' ? state.lastTurn : null, incarnation },
        },
      ]
    : [];

/** The carrier knows a call that this gateway no more does. */
export const findLeg = (
  found: Omit<EventNamed<'LegFound'>['data'], 'contactId' | 'legId'>,
  state: Leg,
): readonly EventNamed<'LegFound'>[] =>
  state.status === 'none'
    ? [{ type: 'LegFound', data: { ...found, contactId: found.attemptId, legId: legIdOf(found.attemptId) } }]
    : [];

/** An attempt that is not known here, or must not begin, gets its tombstone: it never left and never will. */
export const settleLeg = (
  attempt: { readonly attemptId: string; readonly debtorId: string },
  state: Leg,
  because = 'settled',
): readonly EventNamed<'LegRefused'>[] =>
  state.status === 'none'
    ? [
        {
          type: 'LegRefused',
          data: { ...attempt, contactId: attempt.attemptId, legId: legIdOf(attempt.attemptId), because },
        },
      ]
    : [];

/** @param state after {@link settleLeg} */
export const fateOf = (state: Leg): LegFate => {
  switch (state.status) {
    case 'none':
    case 'refused':
      return 'never-left';
    case 'accepted':
    case 'answered':
      return 'open';
    case 'ended':
      return 'ended';
    case 'lost':
      return 'lost';
    default: {
      const never: never = state;
      return never;
    }
  }
};
