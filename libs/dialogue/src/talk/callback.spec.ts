import { describe, expect, test } from '@jest/globals';
import { parseScripts } from '../check/parse.js';
import { compileScript } from '../compile/compile.js';
import { heard, shippedFiles, someFacts } from '../script/spec-scripts.js';
import type { Input } from './conversation.js';
import { replay } from './interpreter.js';

const { scripts } = parseScripts(shippedFiles);
const compiled = (script: string, changes: Parameters<typeof someFacts>[0] = {}) =>
  compileScript(scripts[script]!, someFacts(changes));
const who = { name: '王' };
const said = (intent: string | Input) => (typeof intent === 'string' ? heard(intent) : intent);
const call = (script: string, inputs: readonly (string | Input)[], changes: Parameters<typeof someFacts>[0] = {}) =>
  replay(compiled(script, changes), who, inputs.map(said));
const result = (...call_: Parameters<typeof call>) => call(...call_).result;
const hangup: Input = { kind: 'hangup' };

describe('what may not be promised', () => {
  test('a promise of too little is asked about once, then it is none and the will is weak', () => {
    const little = heard('amount', { amount: 100 });
    const way = ['yes', 'part', little] as const;
    const asked = call('l-first', [...way, hangup]);
    expect(asked.turns.map((turn) => turn.nextState)).toContain('ask-more');
    expect(result('l-first', [...way, little])).toMatchObject({
      promise: null,
      label: 'weak',
      disposition: 'no-promise',
    });
    const more = result('l-first', [...way, heard('amount', { amount: 12_345 }), 'yes', 'no']);
    expect(more).toMatchObject({ promise: { amount: 12_345, kind: 'part' } });
    expect(result('l-first', ['yes', 'part', heard('amount', { amount: 12_344 }), 'no'])).toMatchObject({
      promise: null,
    });
    expect(result('l-first', [...way, 'yes', 'yes', 'no'])).toMatchObject({ promise: { amount: 12_345 } });
  });

  test('who is in a hurry before the matter was named has heard nothing of it', () => {
    expect(result('l-first', ['G-busy', hangup])).toMatchObject({ disposition: 'busy-now', matterNamed: false });
    expect(result('l-first', ['yes', 'G-busy', hangup])).toMatchObject({ disposition: 'busy-now', matterNamed: true });
  });

  test.each([
    ['22:30', '2026-11-02', '2026-11-03T00:00:00.000Z', '明天上午八点'],
    ['07:00', '2026-11-04', '2026-11-04T00:00:00.000Z', '后天上午八点'],
    ['22:00', '2026-11-04', '2026-11-04T13:40:00.000Z', '后天晚上九点四十分'],
  ])('a call at %s of %s is not promised: the nearest allowed time is offered', (time, date, offered, words) => {
    const asks = heard('time', { time, date });
    const talk = call('l-first', ['yes', 'G-busy', asks, 'yes']);
    expect(talk.turns.map((turn) => turn.spoken).join('')).toContain(words);
    expect(talk.result).toMatchObject({ disposition: 'busy-now', callbackAt: offered });
    expect(result('l-first', ['yes', 'G-busy', asks, 'no'])).toMatchObject({ callbackAt: null });
    expect(result('l-first', ['yes', heard('G-busy', { time, date }), 'yes'])).toMatchObject({ callbackAt: offered });
    expect(result('l-first', ['yes', heard('G-driving', { time, date })])).toMatchObject({ callbackAt: null });
  });

  test('a call at an allowed time is promised; where no day is left none is, and none is offered', () => {
    const at = (time: string, date: string) => result('l-first', ['yes', 'G-busy', heard('time', { time, date })]);
    expect(at('21:40', '2026-11-02')).toMatchObject({ callbackAt: '2026-11-02T13:40:00.000Z' });
    expect(
      result('l-first', ['yes', 'G-busy', heard('time', { time: '09:00' })], { callbackHours: null }),
    ).toMatchObject({
      callbackAt: null,
      end: 'end-busy',
    });
  });
});
