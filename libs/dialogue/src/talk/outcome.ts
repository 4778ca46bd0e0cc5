import { type DialogueResult, type Disposition, dialogueResult, flagLabel, type IntentLabel } from '@mora/contracts';
import type { Dialogue, DialogueEnd } from '../compile/dialogue.js';
import type { Conversation } from './conversation.js';

/** Intents that say something of the debtor's will wherever they are heard. */
export const DEFAULT_LABELS: Readonly<Record<string, IntentLabel>> = {
  vague: 'vague',
  defers: 'defers',
  weak: 'weak',
  refuses: 'refuses',
  cannot: 'cannot',
};
const WILL: readonly IntentLabel[] = ['cannot', 'refuses', 'defers', 'weak', 'vague'];
/** What contradicts a promise made earlier in the same call. */
const CONTRADICTS: readonly Disposition[] = ['claims-paid', 'disputed', 'hardship', 'wrong-person', 'cured'];
/** Ends that a confirmed promise outweighs. */
const OUTWEIGHED: readonly Disposition[] = ['no-promise', 'dropped', 'busy-now', 'unclear', 'silent'];
const OFTEN_UNCLEAR = 3;

export const addLabel = (state: Conversation, label: IntentLabel): Conversation['labels'] => [
  ...state.labels,
  { turn: state.index, label },
];

/** What the call came to: the end it reached, weighed with the promise and what was said on the way. */
export function resultOf(dialogue: Dialogue, conversation: Conversation, endId: string): DialogueResult {
  const end = dialogue.ends[endId]!;
  const state =
    end.label && conversation.identity === 'confirmed'
      ? { ...conversation, labels: addLabel(conversation, end.label) }
      : conversation;
  const promise = CONTRADICTS.includes(end.disposition) ? null : state.promise;
  const { label, turns } = labelOf(dialogue, { ...state, promise });
  const flags = new Set([
    ...state.flags,
    ...end.flags,
    ...(state.unclearTurns >= OFTEN_UNCLEAR ? (['often-unclear'] as const) : []),
  ]);
  return dialogueResult.parse({
    end: endId,
    // Who has just promised is not handed over for it.
    ...(end.handOver && promise === null ? { handOver: end.handOver } : {}),
    disposition: dispositionOf(end, promise, label),
    identity: state.identity,
    conversation: state.understoodTurns > 0,
    intents: [...state.intents],
    label,
    labelTurns: turns,
    reason: end.reason ?? state.reason,
    flags: flagLabel.options.filter((flag) => flags.has(flag)),
    promise,
    deferTo: label === 'defers' ? state.proposed : null,
    callbackAt: state.callbackAt,
    smsAsked: [...state.smsAsked],
    stops: end.stops.map(({ kind, scope, before }) => ({
      kind,
      scope: state.identity === 'confirmed' ? scope : before,
      turn: state.index,
    })),
    claimedPaidOn: state.claimedPaidOn,
    matterNamed: state.matterNamed,
    understoodTurns: state.understoodTurns,
    unclearTurns: state.unclearTurns,
    personalised: state.personalised,
  });
}

function dispositionOf(end: DialogueEnd, promise: Conversation['promise'], label: IntentLabel): Disposition {
  if (promise && (end.disposition === 'promised' || OUTWEIGHED.includes(end.disposition))) {
    return promise.kind === 'part' ? 'part-promised' : 'promised';
  }
  // Whoever spoke of his will and then fell off the line has given an answer.
  if (end.disposition === 'dropped' && WILL.includes(label)) return 'no-promise';
  return end.disposition;
}

/** A confirmed promise wins, then dispute or claim of payment, then the last stated will. */
function labelOf(dialogue: Dialogue, state: Conversation): { label: IntentLabel; turns: number[] } {
  if (state.promise) {
    const { kind, date, turn } = state.promise;
    const label =
      kind === 'part' ? 'promise-part' : date === dialogue.facts.callDate ? 'promise-today' : 'promise-date';
    return { label, turns: [turn] };
  }
  const last = (kinds: readonly IntentLabel[]) => state.labels.findLast((said) => kinds.includes(said.label))?.label;
  const label = last(['dispute', 'claims-paid']) ?? last(WILL) ?? 'none';
  const turns = state.labels.filter((said) => said.label === label).map((said) => said.turn);
  return { label, turns: [...new Set(turns)] };
}
