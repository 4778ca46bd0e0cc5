import { sha256 } from '../compile/hash.js';
import type { Candidate, Conversation, Input, Say, TurnPart } from './conversation.js';

/** The turn that an input closes. */
export function turnOf(before: Conversation, input: Input, intent: string, nextState: string): TurnPart {
  const candidates: readonly Candidate[] = input.kind === 'heard' ? (input.candidates ?? []) : [];
  return {
    index: before.index,
    state: before.at,
    ...linesOf(before.said),
    dtmf: input.kind === 'dtmf' ? (intent.startsWith('digits-') ? intent.slice('digits-'.length) : input.digits) : null,
    confidence: input.kind === 'heard' ? input.confidence : input.kind === 'dtmf' ? 1 : 0,
    nBest: candidates.length,
    candidates,
    intent,
    nextState,
  };
}

/** The last line, which nobody answers. */
export const closingTurn = (index: number, end: string, says: readonly Say[]): TurnPart => ({
  index,
  state: end,
  ...linesOf(says),
  dtmf: null,
  confidence: 0,
  nBest: 0,
  candidates: [],
  intent: 'none',
  nextState: '',
});

const linesOf = (says: readonly Say[]): Pick<TurnPart, 'promptId' | 'wordingId' | 'parametersHash' | 'spoken'> => ({
  promptId: says.map((line) => line.promptId).join('+'),
  wordingId: says.map((line) => line.wordingId).join('+'),
  parametersHash: says.length === 1 ? says[0]!.parametersHash : sha256(says.map((line) => line.text).join('\n')),
  spoken: says.map((line) => line.text).join(''),
});
