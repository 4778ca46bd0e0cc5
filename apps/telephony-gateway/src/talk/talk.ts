import type { DialogueResult } from '@mora/contracts';
import { type Conversation, type Dialogue, type Input, type Say, start, step, type TurnPart } from '@mora/dialogue';
import type { LineInput, Utterance } from '../outbound/carrier.js';

/** A conversation on an answered leg; plain data, changed only by what comes from the line. */
export interface Talk {
  readonly dialogue: Dialogue;
  readonly conversation: Conversation;
  readonly answeredAt: string;
  /** Business time by which the contact must have ended. */
  readonly endBy: string;
  readonly promptStartAt: string;
  /** Why the permit was taken back; the next turn is then the way out. */
  readonly revoked: string | null;
  /** The last line is being spoken. */
  readonly closing: { readonly turn: TurnPart; readonly result: DialogueResult } | null;
  readonly robotTalkMs: number;
  readonly debtorSpeechMs: number;
  readonly wordings: readonly { readonly promptId: string; readonly wordingId: string }[];
}

/** A turn in clear, with its computed times; sealed before it is stored. */
export interface SpokenTurn {
  readonly part: TurnPart;
  readonly promptStartAt: string;
  readonly promptEndAt: string;
  readonly bargeIn: boolean;
  readonly heard: string | null;
}

/** What a step of the talk leads to: turns that are complete, and what to say next or how it ended. */
export interface TalkStep {
  readonly talk: Talk;
  readonly turns: readonly SpokenTurn[];
  readonly utterance: Utterance | null;
  /** Set when nothing more is said. */
  readonly over: { readonly result: DialogueResult; readonly by: 'debtor' | 'robot' | 'revoked' } | null;
}

/** From the answer to the first sound, and from the end of the debtor's speech to the answer, on a computed line. */
export const FIRST_PROMPT_MS = 600;
export const ANSWER_MS = 200;

const plusMs = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();
const msBetween = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));

const utter = (talk: Talk, says: readonly Say[], last: boolean): Utterance => {
  const { dialogue, conversation } = talk;
  const state = dialogue.states[conversation.at];
  return {
    at: talk.promptStartAt,
    text: says.map((line) => line.text).join(''),
    state: conversation.at,
    promptId: says.map((line) => line.promptId).join('+'),
    turnIndex: conversation.index,
    expected: Object.keys(state?.expect ?? {}).filter((intent) => intent !== '*'),
    globals: dialogue.globals.map((global) => global.intent),
    silenceMs: dialogue.limits.silenceMs,
    facts: {
      callDate: dialogue.facts.callDate,
      timeZone: dialogue.facts.timeZone,
      limitDate: dialogue.facts.limitDate,
      unpaidMinimum: dialogue.facts.unpaidMin,
      statementBalance: dialogue.facts.full,
    },
    last,
  };
};

const wordingsOf = (says: readonly Say[]): Talk['wordings'] =>
  says.map(({ promptId, wordingId }) => ({ promptId, wordingId }));

/** Somebody answered: the opening is said. */
export const beginTalk = (
  dialogue: Dialogue,
  of: { readonly name: string; readonly answeredAt: string; readonly endBy: string },
): { readonly talk: Talk; readonly utterance: Utterance } => {
  const { state, says } = start(dialogue, { name: of.name });
  const talk: Talk = {
    dialogue,
    conversation: state,
    answeredAt: of.answeredAt,
    endBy: of.endBy,
    promptStartAt: plusMs(of.answeredAt, FIRST_PROMPT_MS),
    revoked: null,
    closing: null,
    robotTalkMs: 0,
    debtorSpeechMs: 0,
    wordings: wordingsOf(says),
  };
  return { talk, utterance: utter(talk, says, false) };
};

const inputOf = (talk: Talk, input: LineInput, at: string, threshold: number): Input => {
  const late = at >= talk.endBy;
  const elapsedMs = late ? talk.dialogue.limits.ms : msBetween(talk.answeredAt, at);
  if (input.kind === 'hangup') return { kind: 'hangup', elapsedMs };
  if (talk.revoked !== null) return { kind: 'revoked', why: talk.revoked, elapsedMs };
  if (input.kind === 'silence') return { kind: 'silence', elapsedMs };
  if (input.kind === 'dtmf') return { kind: 'dtmf', digits: input.digits, elapsedMs };
  if (input.confidence < threshold) return { kind: 'unclear', elapsedMs };
  const { intent, confidence, slots, text } = input;
  return { kind: 'heard', intent, confidence, slots, text, candidates: [{ intent, score: confidence }], elapsedMs };
};

/** What came from the line is answered, or ends the talk. Nothing changes once the last line is being said. */
export const hear = (
  talk: Talk,
  line: { readonly at: string; readonly promptEndAt: string; readonly input: LineInput; readonly threshold: number },
): TalkStep => {
  if (talk.closing !== null) return { talk, turns: [], utterance: null, over: null };
  const input = inputOf(talk, line.input, line.at, line.threshold);
  const stepped = step(talk.dialogue, talk.conversation, input);
  const speech = line.input.kind === 'heard' ? line.input : null;
  const [part, last] = stepped.turns;
  const turns: SpokenTurn[] = part
    ? [
        {
          part,
          promptStartAt: talk.promptStartAt,
          promptEndAt: line.promptEndAt,
          bargeIn: speech?.bargeIn ?? false,
          heard: speech?.text ?? null,
        },
      ]
    : [];
  const next: Talk = {
    ...talk,
    conversation: stepped.state,
    promptStartAt: plusMs(line.at, ANSWER_MS),
    robotTalkMs: talk.robotTalkMs + msBetween(talk.promptStartAt, line.promptEndAt),
    debtorSpeechMs: talk.debtorSpeechMs + (speech?.speakMs ?? 0),
    wordings: [...talk.wordings, ...wordingsOf(stepped.says)],
  };
  if (stepped.ended === null) return { talk: next, turns, utterance: utter(next, stepped.says, false), over: null };
  const by = input.kind === 'hangup' ? 'debtor' : talk.revoked === null ? 'robot' : 'revoked';
  if (last === undefined) return { talk: next, turns, utterance: null, over: { result: stepped.ended, by } };
  const closing = { ...next, closing: { turn: last, result: stepped.ended } };
  return { talk: closing, turns, utterance: utter(closing, stepped.says, true), over: null };
};

/** The last line was said to its end. */
export const finishTalk = (talk: Talk, at: string): TalkStep => {
  if (talk.closing === null) return { talk, turns: [], utterance: null, over: null };
  const { turn, result } = talk.closing;
  const said: SpokenTurn = {
    part: turn,
    promptStartAt: talk.promptStartAt,
    promptEndAt: at,
    bargeIn: false,
    heard: null,
  };
  return {
    talk: { ...talk, robotTalkMs: talk.robotTalkMs + msBetween(talk.promptStartAt, at) },
    turns: [said],
    utterance: null,
    over: { result, by: talk.revoked === null ? 'robot' : 'revoked' },
  };
};

/** The permit was taken back: the next turn, whatever is heard, is the way out. Once the last line is said it changes nothing. */
export const revokeTalk = (talk: Talk, why: string): Talk => (talk.closing === null ? { ...talk, revoked: why } : talk);
