import { describe, expect, test } from '@jest/globals';
import { dialogueResult } from '@mora/contracts';
import fc from 'fast-check';
import { parseScripts } from '../check/parse.js';
import { compileScript } from '../compile/compile.js';
import type { Dialogue } from '../compile/dialogue.js';
import { fullFacts, shippedFiles, someFacts } from '../script/spec-scripts.js';
import type { Input, TurnPart } from './conversation.js';
import { expectedIntents, replay, start, step } from './interpreter.js';

const { scripts } = parseScripts(shippedFiles);
const who = { name: '王' };
const dialogues = Object.values(scripts).flatMap((script) => [
  compileScript(script, someFacts()),
  compileScript(script, someFacts({ sharedNumber: true, inGrace: true, graceEnd: '2026-11-04', seatFree: true })),
  compileScript(script, fullFacts),
]);

/** One of the intents that the state listens for, or noise, with any slots. */
type Move = {
  readonly kind: string;
  readonly pick: number;
  readonly date: number;
  readonly amount: number;
  readonly match: boolean;
};
const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constant('heard') },
    { weight: 3, arbitrary: fc.constantFrom('silence', 'unclear', 'dtmf', 'nonsense') },
    { weight: 1, arbitrary: fc.constantFrom('hangup', 'revoked') },
  ),
  pick: fc.nat(1000),
  date: fc.integer({ min: -3, max: 40 }),
  amount: fc.constantFrom(-1, 0, 1, 50_000, 123_450, 9_000_000, Number.NaN, 1e20),
  match: fc.boolean(),
});

function inputOf({ kind, pick, date, amount, match }: Move, intents: readonly string[], dialogue: Dialogue): Input {
  const day = new Date(Date.parse(dialogue.facts.callDate) + date * 86_400_000).toISOString().slice(0, 10);
  if (kind === 'silence' || kind === 'unclear' || kind === 'hangup') return { kind };
  if (kind === 'dtmf') return { kind, digits: String(pick % 10), match };
  if (kind === 'revoked') return { kind, why: match ? 'cured' : 'complaint' };
  const intent = kind === 'nonsense' ? 'nonsense' : pick % 5 > 1 ? 'yes' : intents[pick % intents.length]!;
  const slots = {
    ...(pick % 2 ? { date: day } : {}),
    ...(pick % 3 ? { amount } : {}),
    ...(pick % 7 ? {} : { time: '25:99' }),
  };
  return { kind: 'heard', intent, confidence: 0.8, slots };
}

interface Talk {
  readonly dialogue: Dialogue;
  readonly inputs: readonly Input[];
  readonly turns: readonly TurnPart[];
  readonly results: readonly unknown[];
  readonly classesBeforeIdentity: readonly string[];
}

function talk(dialogue: Dialogue, moves: readonly Move[]): Talk {
  let { state, says } = start(dialogue, who);
  const inputs: Input[] = [];
  const turns: TurnPart[] = [];
  const results: unknown[] = [];
  const classes = says.map((line) => line.class);
  for (const next of moves) {
    const input = inputOf(next, expectedIntents(dialogue, state), dialogue);
    const stepped = step(dialogue, state, input);
    inputs.push(input);
    turns.push(...stepped.turns);
    if (stepped.ended) results.push(stepped.ended);
    ({ state, says } = stepped);
    if (state.identity !== 'confirmed') classes.push(...says.map((line) => line.class));
  }
  return { dialogue, inputs, turns, results, classesBeforeIdentity: classes };
}

const talks = fc
  .tuple(fc.constantFrom(...dialogues), fc.array(move, { minLength: 14, maxLength: 20 }))
  .map(([dialogue, moves]) => talk(dialogue, moves));
const runs = { numRuns: 2000, seed: 20261102 };

describe('whatever is said', () => {
  test('a call ends within fourteen turns with exactly one result', () => {
    fc.assert(
      fc.property(talks, ({ turns, results }) => {
        expect(results).toHaveLength(1);
        expect(dialogueResult.safeParse(results[0]).success).toBe(true);
        expect(turns.filter((turn) => turn.intent !== 'none').length).toBeLessThanOrEqual(14);
        expect(turns.map((turn) => turn.index)).toEqual(turns.map((_, index) => index));
      }),
      runs,
    );
  });

  test('no line of class debt, credit or legal is heard before identity', () => {
    fc.assert(
      fc.property(talks, ({ classesBeforeIdentity }) => {
        expect(new Set(classesBeforeIdentity)).toEqual(new Set(['plain']));
      }),
      runs,
    );
  });

  test('the same inputs replay to the same turns and the same result, through JSON too', () => {
    fc.assert(
      fc.property(talks, ({ dialogue, inputs, turns, results }) => {
        const again = replay(JSON.parse(JSON.stringify(dialogue)), who, JSON.parse(JSON.stringify(inputs)));
        expect(again.turns).toEqual(turns);
        expect(again.result).toEqual(results[0]);
      }),
      { ...runs, numRuns: 500 },
    );
  });

  test('a promise lies within the limit and was read back, and goes with its disposition', () => {
    fc.assert(
      fc.property(talks, ({ dialogue, results, turns }) => {
        const { promise, disposition, label } = dialogueResult.parse(results[0]);
        if (disposition.endsWith('promised')) expect(promise).not.toBeNull();
        if (!promise) return expect(label).not.toMatch(/^promise/);
        expect(promise.date >= dialogue.facts.callDate && promise.date <= dialogue.facts.limitDate).toBe(true);
        expect(promise.amount).toBeGreaterThan(0);
        expect(turns[promise.turn]).toMatchObject({ state: 'confirm', intent: 'yes' });
      }),
      runs,
    );
  });

  test('no unfilled slot or bracket is ever spoken', () => {
    fc.assert(
      fc.property(talks, ({ turns }) => {
        for (const turn of turns) expect(turn.spoken).not.toMatch(/[{}[\]]|null|undefined|NaN/);
      }),
      runs,
    );
  });
});
