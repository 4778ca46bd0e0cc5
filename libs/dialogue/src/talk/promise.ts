import { addDays, daysBetween, isTimeOfDay } from '@mora/business-time';
import { isoDate, type SpokenPromise } from '@mora/contracts';
import type { Dialogue, Edge } from '../compile/dialogue.js';
import type { Conversation, HeardSlots, Input } from './conversation.js';
import { addLabel } from './outcome.js';

/** A promise lies at most this far ahead; a later date was misheard. */
const MAX_DAYS_AHEAD = 31;

interface ReadBack {
  readonly target: string;
  readonly changes: Partial<Conversation>;
}

/**
 * Where an answer leads that would have a promise read back: a usable date within the limit to the confirmation, a later
 * one once to the question for an earlier, a missing or impossible one to the question for a date.
 */
export function readBack(dialogue: Dialogue, state: Conversation, edge: Edge, slots: HeardSlots): ReadBack {
  const amount = amountMeant(dialogue, state, edge, slots);
  const { callDate, limitDate } = dialogue.facts;
  if (!dialogue.states[edge.to]?.confirms) {
    const proposed = slots.date !== undefined && slots.date > callDate ? slots.date : state.proposed;
    return { target: edge.to, changes: { amount, proposed } };
  }
  const date = slots.date ?? dateMeant(dialogue, edge) ?? state.date;
  if (amount !== null && tooLittle(dialogue, amount)) return askMore(dialogue, state, date);
  const usable = date !== null && date >= callDate && daysBetween(callDate, date) <= MAX_DAYS_AHEAD;
  if (!usable) return { target: dialogue.promise.askDate, changes: { amount, date: null } };
  if (date <= limitDate) return { target: edge.to, changes: { date, amount: amount ?? dialogue.facts.unpaidMin } };
  if (!state.nearDateAsked)
    return { target: dialogue.promise.nearDate, changes: { nearDateAsked: true, proposed: date, amount } };
  return {
    target: dialogue.promise.keepsDate,
    changes: { proposed: date, labels: addLabel(state, 'defers') },
  };
}

const tooLittle = ({ facts }: Dialogue, amount: number): boolean =>
  amount < Math.min(facts.leastPromise ?? 0, facts.unpaidMin);

/** Once for more; then it is no promise, and a weak will. */
function askMore({ promise }: Dialogue, state: Conversation, date: string | null): ReadBack {
  if (!state.moreAsked && promise.askMore !== undefined)
    return { target: promise.askMore, changes: { moreAsked: true, amount: null, date } };
  return { target: promise.tooLittle ?? promise.keepsDate, changes: { amount: null, labels: addLabel(state, 'weak') } };
}

function amountMeant({ facts }: Dialogue, state: Conversation, edge: Edge, slots: HeardSlots): number | null {
  if (slots.amount !== undefined && slots.amount > 0) return slots.amount;
  if (edge.amount === 'minimum') return facts.unpaidMin;
  if (edge.amount === 'least') return facts.leastPromise ?? facts.unpaidMin;
  if (edge.amount === 'full') return facts.full ?? facts.unpaidMin;
  return state.amount;
}

function dateMeant({ facts }: Dialogue, edge: Edge): string | null {
  switch (edge.date) {
    case 'today':
      return facts.callDate;
    case 'tomorrow':
      return addDays(facts.callDate, 1);
    case 'limit':
      return facts.limitDate;
    default:
      return null;
  }
}

/** Without what cannot be: the 31st of February, a negative amount, an hour 25. */
export function usable(slots: HeardSlots): HeardSlots {
  return {
    ...(slots.date !== undefined && isoDate.safeParse(slots.date).success ? { date: slots.date } : {}),
    ...(slots.time !== undefined && isTimeOfDay(slots.time) ? { time: slots.time } : {}),
    ...(slots.amount !== undefined && Number.isSafeInteger(slots.amount) && slots.amount > 0
      ? { amount: slots.amount }
      : {}),
    ...(slots.digitsMatch === undefined ? {} : { digitsMatch: slots.digitsMatch }),
  };
}

/** The promise that was just read back and agreed to. */
export function promiseFrom(
  dialogue: Dialogue,
  state: Conversation,
  heard: Extract<Input, { kind: 'heard' }>,
): SpokenPromise | null {
  if (state.date === null || state.amount === null || tooLittle(dialogue, state.amount)) return null;
  const { unpaidMin, full, currency } = dialogue.facts;
  const kind =
    state.amount < unpaidMin ? 'part' : full !== null && full > unpaidMin && state.amount >= full ? 'full' : 'minimum';
  return {
    amount: state.amount,
    currency,
    date: state.date,
    kind,
    turn: state.index,
    parserHash: heard.parserHash ?? '',
    confidence: heard.confidence,
  };
}
