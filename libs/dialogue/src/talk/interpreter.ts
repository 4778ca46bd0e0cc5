import type { Dialogue, DialogueGlobal, Edge } from '../compile/dialogue.js';
import { sha256 } from '../compile/hash.js';
import { spokenAmount, spokenDay, spokenTime } from '../spoken/spoken.js';
import { callbackInstant, nearestAllowed } from './callback.js';
import type {
  Conversation,
  Effect,
  HeardSlots,
  Input,
  Replayed,
  Say,
  StartContext,
  Started,
  Stepped,
  TurnPart,
} from './conversation.js';
import { addLabel, DEFAULT_LABELS, resultOf } from './outcome.js';
import { promiseFrom, readBack, usable } from './promise.js';
import { closingTurn, turnOf } from './turns.js';

type Heard = Extract<Input, { kind: 'heard' }>;

/** A conversation in the middle of a step. */
interface Draft {
  readonly state: Conversation;
  readonly says: readonly Say[];
  readonly effects: readonly Effect[];
}

/** Begins a call at the moment somebody answers. */
export function start(dialogue: Dialogue, context: StartContext): Started {
  const state: Conversation = {
    at: dialogue.entry,
    identity: 'unknown',
    name: context.name,
    index: 0,
    said: [],
    back: null,
    visits: {},
    returns: {},
    spokenTimes: {},
    silences: 0,
    unclears: 0,
    keys: {},
    date: null,
    amount: null,
    proposed: null,
    nearDateAsked: false,
    moreAsked: false,
    promise: null,
    labels: [],
    intents: [],
    reason: 'not-said',
    flags: [],
    callbackAt: null,
    offeredAt: null,
    claimedPaidOn: null,
    refusedTime: 0,
    matterNamed: false,
    smsAsked: [],
    understoodTurns: 0,
    unclearTurns: 0,
    personalised: false,
    ended: null,
  };
  const draft = enter(dialogue, { state, says: [], effects: [] }, dialogue.entry);
  return { state: { ...draft.state, said: draft.says }, says: draft.says, effects: draft.effects };
}

/** Takes what came from the line and answers it. After the end nothing changes any more. */
export function step(dialogue: Dialogue, before: Conversation, input: Input): Stepped {
  if (before.ended) return { state: before, says: [], turns: [], effects: [], ended: null };
  const began: Draft = { state: before, says: [], effects: [] };
  const { draft: answered, intent } = answer(dialogue, began, input);
  const lastTurn = before.index + 1 >= dialogue.limits.turns || (input.elapsedMs ?? 0) >= dialogue.limits.ms;
  const draft =
    answered.state.ended || !lastTurn
      ? answered
      : enter(dialogue, { ...answered, says: [] }, sided(answered.state, dialogue.talkedOut));
  const turn = turnOf(before, input, intent, draft.state.ended?.end ?? draft.state.at);
  const { ended } = draft.state;
  const closing = ended && draft.says.length > 0 ? [closingTurn(before.index + 1, ended.end, draft.says)] : [];
  const state = { ...draft.state, index: before.index + 1, said: draft.says };
  return { state, says: draft.says, turns: [turn, ...closing], effects: draft.effects, ended };
}

/** The intents to listen for: those of the state first, then the globals in order of priority. */
export function expectedIntents(dialogue: Dialogue, state: Conversation): readonly string[] {
  const own = Object.keys(dialogue.states[state.at]?.expect ?? {}).filter((intent) => intent !== '*');
  return [...own, ...dialogue.globals.map((global) => global.intent).filter((intent) => !own.includes(intent))];
}

/** The same call again from its inputs. */
export function replay(dialogue: Dialogue, context: StartContext, inputs: readonly Input[]): Replayed {
  let state = start(dialogue, context).state;
  const turns: TurnPart[] = [];
  for (const input of inputs) {
    const next = step(dialogue, state, input);
    state = next.state;
    turns.push(...next.turns);
  }
  return { state, turns, result: state.ended };
}

const sided = (state: Conversation, pair: { before: string; after: string }): string =>
  state.identity === 'confirmed' ? pair.after : pair.before;

function answer(dialogue: Dialogue, draft: Draft, input: Input): { draft: Draft; intent: string } {
  const { state } = draft;
  const at = dialogue.states[state.at];
  switch (input.kind) {
    case 'hangup': {
      const target = at?.hangup ?? sided(state, dialogue.hangup);
      return { draft: { ...enter(dialogue, draft, target), says: [], effects: [] }, intent: 'hangup' };
    }
    case 'revoked': {
      const pair = input.why === 'cured' ? dialogue.revoked.cured : dialogue.revoked.other;
      return { draft: enter(dialogue, draft, sided(state, pair)), intent: 'revoked' };
    }
    case 'silence':
      return { draft: onSilence(dialogue, draft), intent: 'silence' };
    case 'unclear':
      return { draft: onUnclear(dialogue, draft), intent: 'unclear' };
    case 'dtmf': {
      const intent = at?.digits
        ? input.match
          ? 'digits-match'
          : 'digits-no-match'
        : keyMeans(dialogue, state, input.digits);
      return intent === undefined
        ? { draft: onUnclear(dialogue, draft), intent: 'unclear' }
        : onHeard(dialogue, draft, { kind: 'heard', intent, confidence: 1 });
    }
    case 'heard': {
      const heard = input.slots ? { ...input, slots: usable(input.slots) } : input;
      const matched = at?.digits ? input.slots?.digitsMatch : undefined;
      return onHeard(
        dialogue,
        draft,
        matched === undefined ? heard : { ...heard, intent: matched ? 'digits-match' : 'digits-no-match' },
      );
    }
    default: {
      const never: never = input;
      return never;
    }
  }
}

/** A key stands for the first of its intents (`today|yes`) that the state understands. */
function keyMeans(dialogue: Dialogue, state: Conversation, key: string): string | undefined {
  const meanings = dialogue.states[state.at]?.keys[key] ?? state.keys[key];
  const understood = expectedIntents(dialogue, state);
  return meanings?.split('|').find((intent) => understood.includes(intent));
}

function onSilence(dialogue: Dialogue, draft: Draft): Draft {
  const silences = draft.state.silences + 1;
  const next = patch(draft, { silences });
  const own = dialogue.states[draft.state.at]?.silence;
  if (own) return enter(dialogue, next, own);
  if (silences > dialogue.limits.silences) return enter(dialogue, next, sided(next.state, dialogue.silence.to));
  return say(dialogue, next, dialogue.silence.prompt);
}

function onUnclear(dialogue: Dialogue, draft: Draft): Draft {
  const unclears = draft.state.unclears + 1;
  const next = patch(draft, { unclears, unclearTurns: draft.state.unclearTurns + 1 });
  const own = dialogue.states[draft.state.at]?.unclear;
  if (own) return enter(dialogue, next, own);
  if (unclears >= 3) return enter(dialogue, next, sided(next.state, dialogue.unclear.to));
  if (unclears === 1) return ask(dialogue, next);
  const keys = next.state.identity === 'confirmed' ? dialogue.unclear.keys.after : dialogue.unclear.keys.before;
  return say(dialogue, patch(next, { keys }), sided(next.state, dialogue.unclear.prompts));
}

/** A state's own answer first, then the globals in their order, then its `*`; else nothing was understood. */
function onHeard(dialogue: Dialogue, draft: Draft, heard: Heard): { draft: Draft; intent: string } {
  const at = dialogue.states[draft.state.at];
  const own = at?.expect[heard.intent];
  const global = own ? undefined : dialogue.globals.find((candidate) => candidate.intent === heard.intent);
  const needsId = global?.before === 'need-id' && draft.state.identity !== 'confirmed';
  const rest = global && !needsId ? undefined : at?.expect['*'];
  if (!own && !global && !rest) return { draft: onUnclear(dialogue, draft), intent: 'unclear' };
  const understood = patch(draft, {
    silences: 0,
    unclears: 0,
    understoodTurns: draft.state.understoodTurns + 1,
    intents: [...draft.state.intents, { turn: draft.state.index, intent: heard.intent }],
  });
  const edge = own ?? rest;
  if (edge) return { draft: follow(dialogue, understood, edge, heard), intent: heard.intent };
  return { draft: onGlobal(dialogue, understood, global!, heard), intent: heard.intent };
}

function onGlobal(dialogue: Dialogue, draft: Draft, global: DialogueGlobal, heard: Heard): Draft {
  const confirmed = draft.state.identity === 'confirmed';
  if (!confirmed && global.before === 'need-id')
    return returning(dialogue, draft, (next) => say(dialogue, next, dialogue.needId));
  const noted = keep(
    dialogue,
    note(draft, confirmed ? global : { ...global, label: null, reason: null }),
    global.keep,
    heard.slots,
  );
  const kept =
    noted.state.callbackAt !== draft.state.callbackAt || noted.state.claimedPaidOn !== draft.state.claimedPaidOn;
  const key = `global:${global.intent}`;
  const times = (draft.state.returns[key] ?? 0) + 1;
  const counted = patch(noted, { returns: { ...noted.state.returns, [key]: times } });
  if (global.limit && times > global.limit.times) return enter(dialogue, counted, global.limit.next);
  const offer = global.keptTo ? offerOf(dialogue, draft.state, counted.state) : null;
  if (offer !== null) return enter(dialogue, counted, offer);
  if (kept && global.keptTo) return enter(dialogue, counted, global.keptTo);
  if (global.repeats) return returning(dialogue, counted, (next) => ask(dialogue, next));
  const prompt = confirmed ? global.prompt : (global.promptBefore ?? global.prompt);
  const said = prompt ? say(dialogue, counted, prompt) : counted;
  const target = confirmed ? global.to : (global.toBefore ?? global.to);
  if (target === null) return returning(dialogue, said, (next) => ask(dialogue, next));
  const entered = enter(dialogue, said, target);
  return entered.state.at === target
    ? patch(entered, { back: draft.state.back ?? draft.state.at })
    : patch(entered, { back: null });
}

/** Comes back to the same question, as often as a script allows; then the call ends. */
function returning(dialogue: Dialogue, draft: Draft, again: (draft: Draft) => Draft): Draft {
  const { at, returns } = draft.state;
  const times = (returns[at] ?? 0) + 1;
  if (times > dialogue.limits.returns)
    return enter(dialogue, { ...draft, says: [] }, sided(draft.state, dialogue.returns));
  return again(patch(draft, { returns: { ...returns, [at]: times } }));
}

function follow(dialogue: Dialogue, draft: Draft, edge: Edge, heard: Heard): Draft {
  const from = draft.state;
  const identified: Draft = edge.identity
    ? {
        ...patch(draft, { identity: edge.identity }),
        effects: [...draft.effects, { kind: 'identity', identity: edge.identity }],
      }
    : draft;
  const label = edge.label ?? DEFAULT_LABELS[heard.intent] ?? null;
  const flags = edge.identity === 'confirmed' ? [...(edge.flags ?? []), ...dialogue.flags] : (edge.flags ?? []);
  const noted = note(identified, { label, reason: edge.reason ?? null, flags });
  const kept = keep(dialogue, noted, edge.keep, heard.slots);
  const sms =
    edge.sms && !kept.state.smsAsked.includes(edge.sms) ? [...kept.state.smsAsked, edge.sms] : kept.state.smsAsked;
  const promised = withPromise(dialogue, patch(kept, { smsAsked: sms }), edge, heard);
  // Whoever is to be called by a human is not brought back to the robot's own hours.
  const isOurs = dialogue.ends[edge.to]?.disposition === 'busy-now';
  const offer = isOurs ? offerOf(dialogue, from, kept.state) : null;
  if (offer !== null) return enter(dialogue, patch(promised, { back: null }), offer);
  if (edge.to === '@stay') return returning(dialogue, promised, (next) => ask(dialogue, next));
  if (edge.to === '@back') {
    const back = patch(promised, { at: from.back ?? dialogue.entry, back: null });
    return returning(dialogue, back, (next) => ask(dialogue, next));
  }
  const { target, changes } = readBack(dialogue, promised.state, edge, heard.slots ?? {});
  const entered = enter(dialogue, patch(promised, { ...changes, back: null }), target);
  const chosen = !dialogue.states[from.at]?.opening && from.identity === 'confirmed' && entered.state.at !== from.at;
  return chosen && !entered.state.ended ? patch(entered, { personalised: true }) : entered;
}

function withPromise(dialogue: Dialogue, draft: Draft, edge: Edge, heard: Heard): Draft {
  const withdrawn = edge.promise === 'withdraw' ? patch(draft, { promise: null }) : draft;
  const promise = edge.promise === 'make' ? promiseFrom(dialogue, withdrawn.state, heard) : null;
  return promise
    ? { ...patch(withdrawn, { promise }), effects: [...withdrawn.effects, { kind: 'promise', promise }] }
    : withdrawn;
}

/** Goes to a state or an end, says its line, and on through lines that await no answer. */
function enter(dialogue: Dialogue, draft: Draft, first: string): Draft {
  let next = draft;
  let target = first;
  for (;;) {
    const end = dialogue.ends[target];
    if (end) {
      const said = end.prompt ? say(dialogue, next, end.prompt) : next;
      const ended = resultOf(dialogue, said.state, target);
      const effects: Effect[] = [
        ...said.effects,
        ...(end.urgent ? [{ kind: 'urgent' } as const] : []),
        ...(end.transfer ? [{ kind: 'transfer' } as const] : [{ kind: 'hang-up' } as const]),
      ];
      return { ...patch(said, { at: target, ended }), effects };
    }
    const state = dialogue.states[target];
    // A dialogue that passed the compiler has no such edge; the call must end all the same.
    if (!state) {
      target = sided(next.state, dialogue.hangup);
      continue;
    }
    const visits = next.state.visits[target] ?? 0;
    if (state.atMost && visits >= state.atMost.times) {
      target = state.atMost.next;
      continue;
    }
    next = patch(next, { at: target, keys: {}, visits: { ...next.state.visits, [target]: visits + 1 } });
    if (state.prompt) next = say(dialogue, next, state.prompt);
    if (state.byHistory && state.prompt) next = patch(next, { personalised: true });
    if (state.digits) next = { ...next, effects: [...next.effects, { kind: 'collect-digits', count: state.digits }] };
    if (!state.goto) return next;
    target = state.goto;
  }
}

/** Asks the question of the present state again, in its next wording. */
function ask(dialogue: Dialogue, draft: Draft): Draft {
  const state = dialogue.states[draft.state.at];
  const said = state?.prompt ? say(dialogue, draft, state.prompt) : draft;
  return state?.digits
    ? { ...said, effects: [...said.effects, { kind: 'collect-digits', count: state.digits }] }
    : said;
}

function say(dialogue: Dialogue, draft: Draft, promptId: string): Draft {
  const prompt = dialogue.prompts[promptId];
  const times = draft.state.spokenTimes[promptId] ?? 0;
  const wording = prompt?.wordings[times % prompt.wordings.length];
  if (!prompt || !wording) return draft;
  const { state } = draft;
  const values: Readonly<Record<string, string>> = {
    name: state.name,
    date: state.date ? spokenDay(state.date, dialogue.facts.callDate) : '',
    amount: amountSaid(dialogue, state.amount),
    time: state.offeredAt === null ? '' : spokenTime(state.offeredAt, dialogue.facts),
  };
  // In one pass: what a value holds is never a slot itself.
  const text = wording.text.replace(/\{(name|date|amount|time)\}/g, (_, slot: string) => values[slot]!);
  const at = dialogue.states[state.at];
  const line: Say = {
    promptId,
    wordingId: wording.id,
    text,
    class: prompt.class,
    barge: prompt.class !== 'legal' && (at?.barge ?? true),
    hangoverMs: at?.hangoverMs ?? 240,
    parametersHash: sha256(text),
  };
  return {
    ...patch(draft, {
      spokenTimes: { ...state.spokenTimes, [promptId]: times + 1 },
      matterNamed: state.matterNamed || (state.identity === 'confirmed' && prompt.class !== 'plain'),
    }),
    says: [...draft.says, line],
  };
}

/** Where the currency has no name, an amount is told by what it is. */
const amountSaid = ({ facts }: Dialogue, amount: number | null): string => {
  if (amount === null) return '';
  if (facts.money) return spokenAmount(amount, facts.money);
  return amount === facts.unpaidMin ? '最低还款额' : '您说的金额';
};

const patch = (draft: Draft, changes: Partial<Conversation>): Draft => ({
  ...draft,
  state: { ...draft.state, ...changes },
});

function note(draft: Draft, said: Pick<DialogueGlobal, 'label' | 'reason' | 'flags'>): Draft {
  const { state } = draft;
  return patch(draft, {
    labels: said.label && state.identity === 'confirmed' ? addLabel(state, said.label) : state.labels,
    reason: said.reason ?? state.reason,
    flags: [...new Set([...state.flags, ...said.flags])],
  });
}

function keep(dialogue: Dialogue, draft: Draft, what: Edge['keep'] | null, slots: HeardSlots = {}): Draft {
  const { callDate, humanSlot } = dialogue.facts;
  if (what === 'callback') return keepCallback(dialogue, draft, slots);
  if (what === 'offered') return patch(draft, { callbackAt: draft.state.offeredAt, offeredAt: null });
  if (what === 'human-slot') return patch(draft, { callbackAt: humanSlot });
  if (what === 'paid-on' && slots.date && slots.date <= callDate) return patch(draft, { claimedPaidOn: slots.date });
  return draft;
}

/** A time at which nobody may be called is not promised: the nearest allowed one is offered. */
function keepCallback(dialogue: Dialogue, draft: Draft, slots: HeardSlots): Draft {
  const asked = callbackInstant(dialogue, slots);
  if (asked === null) return draft;
  const allowed = nearestAllowed(dialogue, asked);
  return allowed === asked
    ? patch(draft, { callbackAt: asked, offeredAt: null })
    : patch(draft, { callbackAt: null, offeredAt: allowed, refusedTime: draft.state.refusedTime + 1 });
}

/** Where the talk goes when another time must be offered; null: nothing was refused. */
function offerOf({ callback }: Dialogue, before: Conversation, after: Conversation): string | null {
  if (callback === undefined || before.refusedTime === after.refusedTime) return null;
  return after.offeredAt === null ? callback.none : callback.offer;
}
