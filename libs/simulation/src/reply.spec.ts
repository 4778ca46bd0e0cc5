import { describe, expect, it } from '@jest/globals';
import { type Persona, personaOf } from './persona.js';
import { beginTalk, heardOf, reply } from './reply.js';
import type { Answerer, Ask, Said, TalkMemory } from './talk.js';

const facts = { today: '2026-11-03', limitDate: '2026-11-06', unpaidMinimum: 200_000, at: '2026-11-03T02:00:00.000Z' };
const identity = [
  'yes',
  'no',
  'knows',
  'unknown',
  'asks-what-for',
  'G-who',
  'G-busy',
  'G-driving',
  'G-wrong',
  'G-stop',
  'G-recording',
  'G-robot',
];
const remind = [
  'yes',
  'today',
  'tomorrow',
  'date',
  'part',
  'vague',
  'defers',
  'forgot',
  'salary',
  'weak',
  'cannot',
  'refuses',
  'no',
  'G-paid',
  'G-complaint',
];

const ask = (state: string, expectedIntents: readonly string[], turnIndex: number): Ask => ({
  state,
  expectedIntents,
  promptId: state,
  turnIndex,
  facts,
});

const calm = (changes: Partial<Persona> = {}): Persona => ({
  ...personaOf(1, 'debtor-1'),
  busyNow: 0,
  hangsUp: 0,
  outburst: null,
  ...changes,
});

/** Says what a person answers to one prompt in many calls. */
const answers = (persona: Persona, who: Answerer, question: Ask, memory: Partial<TalkMemory> = {}): Said[] =>
  Array.from(
    { length: 300 },
    (_, index) => reply(persona, { ...beginTalk(persona, index + 1, who), ...memory }, question).reply,
  ).flatMap((said) => (said.kind === 'said' ? [said] : []));
const intents = (said: readonly Said[]) => new Set(said.map(({ intent }) => intent));

describe('what a simulated debtor says', () => {
  it('is the same again for the same call and turn', () => {
    const persona = personaOf(1, 'debtor-7');
    const memory = beginTalk(persona, 3, 'debtor');
    expect(reply(persona, memory, ask('greet', identity, 0))).toEqual(
      reply(persona, memory, ask('greet', identity, 0)),
    );
  });

  it('is always something that the script understands, whatever it expects', () => {
    const odd = ['alpha', 'beta'];
    for (const who of ['debtor', 'third-party', 'stranger'] as const) {
      for (const id of ['a', 'b', 'c', 'd', 'e']) {
        const said = answers(
          personaOf(1, id),
          who,
          { ...ask('unheard-of', odd, 2), globals: [] },
          { identityConfirmed: true },
        );
        expect(said.every(({ intent }) => odd.includes(intent))).toBe(true);
      }
    }
    const persona = calm();
    expect(
      answers(persona, 'debtor', ask('empty', [], 0), { identityConfirmed: true }).every(({ intent }) =>
        intent.startsWith('G-'),
      ),
    ).toBe(true);
  });

  it('never is the catch-all itself', () => {
    for (const who of ['debtor', 'third-party', 'stranger'] as const) {
      expect(intents(answers(calm(), who, ask('third', ['asks-what-for', 'unknown', '*'], 1)))).not.toContain('*');
    }
  });

  it('confirms identity only as the debtor', () => {
    const greet = ask('greet', identity, 0);
    expect(intents(answers(calm(), 'debtor', greet))).toContain('yes');
    expect(intents(answers(calm(), 'third-party', greet))).toEqual(new Set(['knows']));
    expect(intents(answers(calm(), 'stranger', greet))).toEqual(new Set(['unknown', 'G-wrong']));
    expect(answers(calm(), 'machine', greet)).toEqual([]);
    const persona = calm();
    const spoken = Array.from({ length: 50 }, (_, index) => reply(persona, beginTalk(persona, index, 'debtor'), greet));
    for (const { reply: said, memory } of spoken) {
      expect(memory.identityConfirmed).toBe(said.kind === 'said' && said.intent === 'yes' && said.confidence >= 0.5);
    }
  });

  it('follows the stance with which the call began', () => {
    const to = (stance: string) =>
      intents(
        answers(calm(), 'debtor', ask('remind', remind, 1), {
          identityConfirmed: true,
          stance,
          intents: ['yes', 'G-who'],
        }),
      );
    expect(to('today')).toEqual(new Set(['today']));
    expect(to('refuses')).toEqual(new Set(['refuses']));
    expect(to('cannot')).toEqual(new Set(['cannot']));
    expect(to('paid')).toEqual(new Set(['G-paid']));
    expect(to('late-date')).toEqual(new Set(['date']));
  });

  it('names a date inside the limit, but for one who puts off', () => {
    const dates = (stance: string) =>
      answers(calm(), 'debtor', ask('ask-date', ['date', 'vague'], 1), {
        identityConfirmed: true,
        stance,
        intents: ['G-who'],
      }).flatMap(({ slots }) => slots.date ?? []);
    expect(dates('date').every((date) => date > facts.today && date <= facts.limitDate)).toBe(true);
    expect(dates('late-date').every((date) => date > facts.limitDate)).toBe(true);
  });

  it('promises what was read back, and takes it back', () => {
    const persona = calm();
    const memory = {
      ...beginTalk(persona, 1, 'debtor'),
      identityConfirmed: true,
      spokenDate: '2026-11-05',
      spokenAmount: 90_000,
    };
    const confirmed = Array.from({ length: 20 }, (_, turn) =>
      reply(persona, memory, ask('confirm', ['yes'], turn)),
    ).find(({ memory: { promise } }) => promise);
    expect(heardOf(confirmed!.memory)).toMatchObject({
      identityConfirmed: true,
      promise: { date: '2026-11-05', amount: 90_000 },
      claimsPaid: false,
    });
    const back = Array.from({ length: 20 }, (_, turn) =>
      reply(persona, confirmed!.memory, ask('promise-sms', ['withdraws'], turn)),
    ).find(({ memory: { promise } }) => promise === null);
    expect(back).toBeDefined();
  });

  it('promises today and the minimum when neither was named', () => {
    const persona = calm();
    const memory = { ...beginTalk(persona, 1, 'debtor'), identityConfirmed: true };
    const said = Array.from({ length: 20 }, (_, turn) => reply(persona, memory, ask('confirm', ['yes'], turn))).find(
      ({ memory: { promise } }) => promise,
    );
    expect(said!.memory.promise).toEqual({ date: facts.today, amount: facts.unpaidMinimum });
  });

  it('names a part of the minimum, and a time at which to be called', () => {
    const part = answers(calm(), 'debtor', ask('how-much', ['amount', 'no'], 1), { identityConfirmed: true });
    expect(part.every(({ slots }) => slots.amount! > 0 && slots.amount! < facts.unpaidMinimum)).toBe(true);
    const times = answers(calm(), 'debtor', ask('busy-ask', ['time', '*'], 1), { identityConfirmed: true });
    expect(times.every(({ slots }) => /^\d\d:[03]0$/.test(slots.time ?? '') && slots.date! >= facts.today)).toBe(true);
  });

  it('complains only if it is his nature', () => {
    const complaint = (persona: Persona) =>
      intents(answers(persona, 'debtor', ask('remind', remind, 1), { identityConfirmed: true })).has('G-complaint');
    expect(complaint(calm())).toBe(false);
    expect(complaint(calm({ outburst: 'complaint' }))).toBe(true);
  });
});
