import { type Draws, draws } from './draws.js';
import { addDays, HOUR_MS, localDate, localMinute, msOf } from './local-time.js';
import type { Persona } from './persona.js';
import { type Stance, softens, stanceOf, wordsFor } from './stance.js';
import type { Answerer, Ask, Heard, Reply, ReplySlots, Said, TalkMemory } from './talk.js';
import { utterance } from './utterances.js';

/** The memory with which an answered call begins. `ordinal`: the call's ordinal, as given to `answerCall`. */
export const beginTalk = (persona: Persona, ordinal: number, who: Answerer): TalkMemory => {
  const key = `${persona.debtorId}|${ordinal}`;
  return {
    key,
    who,
    ordinal,
    stance: stanceOf(persona, draws(persona.seed, 'stance', key)),
    identityConfirmed: false,
    intents: [],
    asked: {},
    spokenDate: null,
    spokenAmount: null,
    promise: null,
    claimsPaid: false,
  };
};

/** The debtor's side of a call, for the carrier's log. */
export const heardOf = (memory: TalkMemory): Heard => ({
  identityConfirmed: memory.identityConfirmed,
  promise: memory.promise,
  claimsPaid: memory.claimsPaid,
  lastIntent: memory.intents[memory.intents.length - 1] ?? null,
});

interface Thought {
  readonly persona: Persona;
  readonly memory: TalkMemory;
  readonly ask: Ask;
  readonly d: Draws;
}
/** What is about to be said; `stance`: changed by the argument just heard. */
interface Answer {
  readonly intent: string;
  readonly slots?: ReplySlots;
  readonly stance?: Stance;
}

const ANYTHING = '*';
const saysPaid = new Set(['already-paid', 'G-paid']);
const identityStates = new Set(['greet', 'hello', 'who', 'need-id']);
/** States that argue: each may move a debtor who does not want to name a date. */
const arguing = new Set([
  'near-date',
  'offer',
  'm-defer',
  'm-weak',
  'm-refuse',
  'h-credit',
  'h-policy',
  'h-legal',
  'h-second',
  'h-last',
  'broken-help',
  'help',
  'recall',
]);
/** States in which "yes", or a sum, means the latest date, not today. */
const yesMeansLimit = new Set(['near-date', 'm-defer', 'm-weak', 'how-much']);
const questions = [
  'G-amount',
  'G-minimum',
  'G-how',
  'G-due',
  'G-interest',
  'G-credit',
  'G-robot',
  'G-repeat',
  'G-fraud',
] as const;

/**
 * What this person says to one prompt, and what he remembers of it afterwards. Works with any script: it names only intents that
 * are expected, or global ones; a state it does not know is answered by what is expected there.
 */
export const reply = (
  persona: Persona,
  memory: TalkMemory,
  ask: Ask,
): { readonly reply: Reply; readonly memory: TalkMemory } => {
  const d = draws(persona.seed, 'turn', memory.key, ask.turnIndex);
  const asked = { ...memory.asked, [ask.state]: (memory.asked[ask.state] ?? 0) + 1 };
  const now = { ...memory, asked };
  if (memory.who === 'machine' || d.chance(0.012)) return { reply: { kind: 'silence' }, memory: now };
  if (d.chance(memory.identityConfirmed ? persona.hangsUp / 5 : persona.hangsUp / 2)) {
    return { reply: { kind: 'hangup', afterMs: d.between(300, 2_500) }, memory: now };
  }
  const answer = answerOf({ persona, memory: now, ask, d });
  if (answer === null) return { reply: { kind: 'silence' }, memory: now };
  const said = saidOf(answer, d);
  if (said.confidence < 0.5) return { reply: said, memory: now };
  return { reply: said, memory: remember(now, ask, said, answer.stance) };
};

const saidOf = ({ intent, slots = {} }: Answer, d: Draws): Said => {
  const mumbles = d.chance(0.025);
  const text = mumbles ? '……' : utterance(intent, slots, d.next());
  return {
    kind: 'said',
    intent,
    confidence: mumbles ? 0.2 + d.next() / 5 : 0.8 + d.next() / 5,
    text,
    slots,
    thinkMs: d.between(250, 1_600),
    speakMs: 350 + 190 * text.length + d.between(0, 400),
  };
};

const remember = (memory: TalkMemory, ask: Ask, { intent, slots }: Said, stance: Stance | undefined): TalkMemory => {
  const limit = yesMeansLimit.has(ask.state);
  const spokenDate =
    slots.date ??
    (intent === 'today'
      ? ask.facts.today
      : limit && (intent === 'yes' || intent === 'amount')
        ? ask.facts.limitDate
        : null);
  const confirms = ask.state === 'confirm' && intent === 'yes';
  const takesBack = ask.state === 'promise-sms' && ['withdraws', 'refuses', 'corrects'].includes(intent);
  return {
    ...memory,
    intents: [...memory.intents, intent],
    stance: stance ?? memory.stance,
    identityConfirmed:
      memory.identityConfirmed || (memory.who === 'debtor' && identityStates.has(ask.state) && intent === 'yes'),
    spokenDate: spokenDate ?? memory.spokenDate,
    spokenAmount: slots.amount ?? memory.spokenAmount,
    promise: confirms
      ? { date: memory.spokenDate ?? ask.facts.today, amount: memory.spokenAmount ?? ask.facts.unpaidMinimum }
      : takesBack
        ? null
        : memory.promise,
    claimsPaid: memory.claimsPaid || saysPaid.has(intent) || (ask.state === 'paid-check' && intent === 'date'),
  };
};

const understands = (ask: Ask, intent: string): boolean =>
  ask.expectedIntents.includes(intent) ||
  (intent.startsWith('G-') &&
    (ask.globals?.includes(intent) ?? !ask.expectedIntents.some((name) => name.startsWith('G-'))));

/** The first of the wished intents that is understood; else one at random of those that are expected. */
const first = ({ ask, d }: Thought, wished: readonly string[]): string | null => {
  const hit = wished.find((intent) => understands(ask, intent));
  if (hit !== undefined) return hit;
  if (ask.expectedIntents.includes(ANYTHING)) return wished[0] ?? 'yes';
  const own = ask.expectedIntents.filter((intent) => !intent.startsWith('G-') && !intent.startsWith('digits'));
  return own[Math.floor(d.next() * own.length)] ?? null;
};

const answerOf = (thought: Thought): Answer | null => {
  const { ask, memory } = thought;
  if (memory.who !== 'debtor') return plain(thought, ofOthers(thought));
  const identity =
    identityStates.has(ask.state) || (ask.expectedIntents.includes('unknown') && ask.expectedIntents.includes('yes'));
  if (identity && !memory.identityConfirmed) return ofIdentity(thought);
  return ofService(thought) ?? ofOutburst(thought) ?? ofQuestion(thought) ?? ofPaying(thought);
};

const plain = (thought: Thought, wished: readonly string[], slots?: ReplySlots): Answer | null => {
  const intent = first(thought, wished);
  return intent === null ? null : slots ? { intent, slots } : { intent };
};

const ofOthers = ({ memory, ask, d }: Thought): readonly string[] => {
  if (memory.who === 'stranger') return d.chance(0.6) ? ['unknown', 'G-wrong', 'no'] : ['G-wrong', 'unknown', 'no'];
  if (ask.state !== 'third') return ['knows', 'no'];
  const draw = d.next();
  if (draw < 0.3) return ['asks-what-for', 'yes'];
  if (draw < 0.33) return ['offers-to-pay', 'yes'];
  return draw < 0.37 ? ['G-stop', 'yes'] : ['yes'];
};

const ofIdentity = (thought: Thought): Answer | null => {
  const { persona, memory, d } = thought;
  if (memory.intents.length === 0) {
    if (d.chance(persona.busyNow)) return plain(thought, d.chance(0.2) ? ['G-driving', 'G-busy'] : ['G-busy']);
    if (d.chance(0.07)) return plain(thought, ['G-who', 'asks-what-for', 'yes']);
    if (d.chance(0.02)) return plain(thought, ['G-robot', 'yes']);
    if (persona.outburst === 'stop' && d.chance(0.3)) return plain(thought, ['G-stop', 'yes']);
    if (persona.outburst === 'recording') return plain(thought, ['G-recording', 'yes']);
  }
  return plain(thought, ['yes']);
};

/** Small questions of the service that do not depend on the wish to pay. */
const ofService = (thought: Thought): Answer | null => {
  const { persona, ask, memory, d } = thought;
  const { today, limitDate } = ask.facts;
  switch (ask.state) {
    case 'confirm': {
      const draw = d.next();
      if (draw < 0.03 && (memory.asked['confirm'] ?? 0) < 2)
        return plain(thought, ['corrects', 'yes'], { date: limitDate });
      return plain(thought, draw < 0.05 ? ['no', 'yes'] : ['yes']);
    }
    case 'promise-sms':
      return plain(thought, d.chance(0.01) ? ['withdraws', 'no'] : d.chance(0.6) ? ['yes'] : ['no']);
    case 'digits': {
      const digitsMatch = d.chance(0.93);
      return plain(thought, [digitsMatch ? 'digits-match' : 'digits-no-match'], { digitsMatch });
    }
    case 'how-much': {
      const share = d.between(3, 7) / 10;
      return plain(thought, ['amount', 'no'], {
        amount: Math.max(100, Math.floor((ask.facts.unpaidMinimum * share) / 100) * 100),
      });
    }
    case 'busy-ask':
      return plain(thought, ['time', 'date'], callback(ask, d));
    case 'paid-check':
      if (!persona.claimIsTrue && d.chance(0.5)) return plain(thought, ['not-paid', 'no']);
      return plain(thought, ['date', 'today', 'already-paid'], { date: addDays(today, -1) });
    case 'paid-capture':
      return plain(thought, ['date', 'today', 'G-paid'], { date: addDays(today, -1) });
    case 'hardship-ask':
      return plain(thought, d.chance(0.55) ? ['these-days', 'vague'] : ['lasting', 'cannot']);
    case 'stop-ask':
      return plain(thought, d.chance(0.75) ? ['yes'] : ['no']);
    case 'human-callback':
    case 'callback-offer':
      return plain(thought, ['yes']);
    case 'ways-ask':
    case 'detail-ask':
    case 'instalment-ask':
      return plain(thought, d.chance(0.6) ? ['yes'] : ['no']);
    case 'dispute-capture':
    case 'fraud-capture':
      return plain(thought, ['G-dispute']);
    case 'not-you':
      return plain(thought, ['yes']);
    default:
      return null;
  }
};

const callback = (ask: Ask, d: Draws): ReplySlots => {
  const { at, today } = ask.facts;
  if (at === undefined) return { date: today, time: '18:30' };
  const laterMs = msOf(at) + d.between(1, 4) * HOUR_MS;
  const minute = Math.ceil(localMinute(laterMs) / 30) * 30;
  if (localDate(laterMs) !== today || minute > 20 * 60) return { date: addDays(today, 1), time: '10:30' };
  const pad = (value: number): string => String(value).padStart(2, '0');
  return { date: today, time: `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}` };
};

const outburstWords: Readonly<Record<NonNullable<Persona['outburst']>, string>> = {
  complaint: 'G-complaint',
  stop: 'G-stop',
  human: 'G-human',
  fraud: 'G-fraud',
  distress: 'G-distress',
  deceased: 'G-deceased',
  recording: 'G-recording',
};

const ofOutburst = (thought: Thought): Answer | null => {
  const { persona, memory, ask, d } = thought;
  if (persona.outburst === null) return null;
  const intent = outburstWords[persona.outburst];
  if (memory.intents.includes(intent) || !understands(ask, intent) || !d.chance(0.6)) return null;
  return { intent };
};

const ofQuestion = (thought: Thought): Answer | null => {
  const { memory, ask, d } = thought;
  if (memory.intents.some((intent) => intent.startsWith('G-')) || !d.chance(0.07)) return null;
  const intent = d.pick(questions);
  return understands(ask, intent) ? { intent } : null;
};

const ofPaying = (thought: Thought): Answer | null => {
  const { memory, ask, d } = thought;
  const stance = memory.stance as Stance;
  const argued = arguing.has(ask.state) || (memory.asked[ask.state] ?? 0) > 1;
  const moved: Stance | null = argued && d.chance(softens[stance] ?? 0) ? (d.chance(0.5) ? 'date' : 'today') : null;
  const now = moved ?? next(stance, memory);
  const intent = first(thought, wishedWords(thought, now));
  if (intent === null) return null;
  const slots = slotsOf(intent, now, thought);
  return { intent, ...(slots ? { slots } : {}), stance: now };
};

/** "I forgot" and "autopay" are said once; then he names a day. */
const next = (stance: Stance, memory: TalkMemory): Stance => {
  if (stance === 'forgot' && memory.intents.includes('forgot')) return 'today';
  if (stance === 'autopay' && memory.intents.includes('G-autopay')) return 'today';
  return stance;
};

const wishedWords = ({ ask, d }: Thought, stance: Stance): readonly string[] => {
  const words = wordsFor[stance];
  if (stance === 'late-date' && ask.state === 'near-date') return ['keeps-date', 'defers', 'no'];
  if (ask.state === 'recall' && d.chance(0.04)) return ['just-called', ...words];
  if ((stance === 'cannot' || stance === 'refuses') && d.chance(0.3)) return ['negotiate', ...words];
  if (ask.state !== 'why') return words;
  if (stance === 'defers' || stance === 'late-date') return ['salary', ...words];
  if (stance === 'refuses') return d.chance(0.5) ? ['wont-say', ...words] : words;
  return words;
};

const slotsOf = (intent: string, stance: Stance, { ask, d }: Thought): ReplySlots | null => {
  const { today, limitDate, unpaidMinimum } = ask.facts;
  if (intent === 'tomorrow') return { date: addDays(today, 1) };
  if (intent === 'today') return { date: today };
  if (intent === 'amount')
    return { amount: Math.max(100, Math.floor((unpaidMinimum * d.between(3, 7)) / 1_000) * 100) };
  if (saysPaid.has(intent)) return { date: addDays(today, -1) };
  if (stance === 'late-date' || intent === 'defers') return { date: addDays(limitDate, d.between(2, 8)) };
  if (intent !== 'date' && intent !== 'promises') return null;
  if (stance === 'today') return { date: today };
  const tomorrow = addDays(today, 1);
  if (stance === 'tomorrow') return { date: tomorrow > limitDate ? limitDate : tomorrow };
  return { date: d.chance(0.5) || tomorrow > limitDate ? limitDate : tomorrow };
};
