import { describe, expect, test } from '@jest/globals';
import { parseScripts } from '../check/parse.js';
import { compileScript } from '../compile/compile.js';
import { heard, shippedFiles, someFacts } from '../script/spec-scripts.js';
import type { Input } from './conversation.js';
import { expectedIntents, replay, start, step } from './interpreter.js';

const { scripts } = parseScripts(shippedFiles);
const compiled = (script: string, changes: Parameters<typeof someFacts>[0] = {}) =>
  compileScript(scripts[script]!, someFacts(changes));
const who = { name: '王' };
const said = (intent: string | Input) => (typeof intent === 'string' ? heard(intent) : intent);
const call = (script: string, inputs: readonly (string | Input)[], changes: Parameters<typeof someFacts>[0] = {}) =>
  replay(compiled(script, changes), who, inputs.map(said));
const result = (...call_: Parameters<typeof call>) => call(...call_).result;
const silence: Input = { kind: 'silence' };
const unclear: Input = { kind: 'unclear' };
const hangup: Input = { kind: 'hangup' };

describe('identity', () => {
  test('the first line addresses the person by name and nothing of the debt is said', () => {
    const { says } = start(compiled('l-first', { salutation: '女士' }), who);
    expect(says.map((line) => line.text)).toEqual([
      '您好，这里是示例银行，我是智能语音助理，本次通话会录音。请问您是王女士本人吗？',
    ]);
    expect(says[0]).toMatchObject({ class: 'plain', barge: false });
  });

  test.each(['{date}', '{amount}', "$&$'"])('a name is spoken as it stands, also %s', (name) => {
    expect(start(compiled('l-first'), { name }).says[0]!.text).toContain(`请问您是${name}本人吗`);
  });

  test('a question about the debt is answered by the question for identity', () => {
    const { turns } = call('l-first', ['G-amount', hangup]);
    expect(turns[1]!.promptId).toBe('globals.need-id');
    expect(turns[1]!.spoken).not.toMatch(/元/);
  });

  test.each([
    [['knows', 'yes'], 'third-party', 'denied'],
    [['unknown'], 'wrong-person', 'denied'],
    [['G-wrong'], 'wrong-person', 'unknown'],
    [['knows', 'G-stop'], 'third-party-stop', 'denied'],
    [['knows', 'asks-what-for'], 'third-party', 'denied'],
    [['G-who', 'G-who'], 'unverified', 'unknown'],
    [[hangup], 'hung-up-early', 'unknown'],
    [[silence, silence], 'silent', 'unknown'],
    [[unclear, unclear, unclear], 'unverified', 'unknown'],
    [['G-deceased'], 'deceased', 'unknown'],
    [['G-busy', hangup], 'busy-now', 'unknown'],
    [['yes', hangup], 'dropped', 'confirmed'],
    [['yes', silence, silence], 'dropped', 'confirmed'],
    [['yes', unclear, unclear, unclear], 'unclear', 'confirmed'],
  ] as const)('%j ends as %s with identity %s', (inputs, disposition, identity) => {
    expect(result('l-first', inputs as readonly (string | Input)[])).toMatchObject({ disposition, identity });
  });

  test('before identity a stop bars only the number, after it the debtor', () => {
    const scope = (...inputs: string[]) => result('l-first', inputs)!.stops.map((stop) => stop.scope);
    expect(scope('G-stop', 'yes')).toEqual(['number']);
    expect(scope('yes', 'G-stop', 'yes')).toEqual(['debtor']);
  });

  test('a stop that is not confirmed only ends the day', () => {
    expect(result('l-first', ['yes', 'G-stop', 'no'])).toMatchObject({ stops: [], disposition: 'no-promise' });
  });

  test('a shared number needs digits: one failure is asked again, two end it, and the digits are not kept', () => {
    const keys = (match: boolean): Input => ({ kind: 'dtmf', digits: '9876', match });
    const shared = { sharedNumber: true };
    expect(result('l-first', ['yes', keys(false), keys(false)], shared)).toMatchObject({
      disposition: 'unverified',
      identity: 'unknown',
    });
    const good = call('l-first', ['yes', keys(false), keys(true), hangup], shared);
    expect(good.result).toMatchObject({ identity: 'confirmed' });
    expect(good.turns.map((turn) => turn.dtmf)).toEqual([null, 'no-match', 'match', null]);
    expect(JSON.stringify(good)).not.toContain('9876');
  });
});

describe('a promise', () => {
  test('is read back, confirmed and kept when the line falls afterwards', () => {
    const { result: ended, turns } = call('l-first', ['yes', heard('date', { date: '2026-11-04' }), 'yes', hangup]);
    expect(turns[2]!.spoken).toBe('和您确认一下：后天还款一千二百三十四元五角，对吗？');
    expect(ended).toMatchObject({
      disposition: 'promised',
      label: 'promise-date',
      labelTurns: [2],
      smsAsked: [],
      promise: { amount: 123_450, date: '2026-11-04', kind: 'minimum', turn: 2, currency: 'CNY' },
    });
  });

  test('is none before it is confirmed', () => {
    expect(result('l-first', ['yes', 'today', hangup])).toMatchObject({
      disposition: 'dropped',
      promise: null,
      label: 'none',
    });
  });

  test('today is promise-today and a text is asked for on yes', () => {
    expect(result('l-first', ['yes', 'today', 'yes', 'yes'])).toMatchObject({
      label: 'promise-today',
      smsAsked: ['promise'],
    });
  });

  test.each([
    [123_449, 'part', 'part-promised'],
    [123_450, 'minimum', 'promised'],
    [499_999, 'minimum', 'promised'],
    [500_000, 'full', 'promised'],
  ] as const)('of %d minor units is a %s', (amount, kind, disposition) => {
    const ended = result('l-first', ['yes', heard('today', { amount }), 'yes', 'yes'], { statement: 500_000 });
    expect(ended).toMatchObject({ disposition, promise: { amount, kind } });
  });

  test('on the limit is confirmed; one day later an earlier date is asked for once', () => {
    const asked = (date: string) => call('l-first', ['yes', heard('date', { date })]).state;
    expect(asked('2026-11-05').at).toBe('confirm');
    expect(asked('2026-11-06').at).toBe('near-date');
  });

  test('who stays with the later date defers to it', () => {
    const late = heard('date', { date: '2026-11-06' });
    for (const stays of [late, heard('keeps-date'), heard('no')]) {
      expect(result('l-first', ['yes', late, stays])).toMatchObject({
        disposition: 'no-promise',
        label: 'defers',
        deferTo: '2026-11-06',
        promise: null,
      });
    }
  });

  test('after near-date the minimum by the limit is confirmed on yes', () => {
    const ended = result('l-first', ['yes', heard('date', { date: '2026-11-20' }), 'yes', 'yes', 'no']);
    expect(ended!.promise).toMatchObject({ date: '2026-11-05', amount: 123_450 });
  });

  test.each([
    ['2026-11-01', 'ask-date'],
    ['2026-11-02', 'confirm'],
    ['2026-12-03', 'near-date'],
    ['2026-12-04', 'ask-date'],
    ['2026-02-30', 'ask-date'],
  ])('for %s leads to %s: a day past, more than 31 days ahead or not in the calendar is asked again', (date, state) => {
    expect(call('l-first', ['yes', heard('date', { date })]).state.at).toBe(state);
  });

  test('is corrected twice; a third correction ends without promise', () => {
    const correct = heard('corrects', { date: '2026-11-03' });
    expect(call('l-first', ['yes', 'today', correct, correct]).state.at).toBe('confirm');
    expect(result('l-first', ['yes', 'today', correct, correct, correct])).toMatchObject({
      disposition: 'no-promise',
      promise: null,
    });
  });

  test('withdrawn in the same call is none', () => {
    expect(result('l-first', ['yes', 'today', 'yes', 'withdraws'])).toMatchObject({
      disposition: 'no-promise',
      promise: null,
      label: 'vague',
    });
  });

  test('is outweighed by a dispute or a claim of payment in the same call', () => {
    expect(result('l-first', ['yes', 'today', 'yes', 'G-dispute', 'other'])).toMatchObject({
      disposition: 'disputed',
      promise: null,
      label: 'dispute',
    });
    expect(result('l-first', ['yes', 'today', 'yes', 'G-paid', 'other'])).toMatchObject({
      disposition: 'claims-paid',
      promise: null,
    });
  });

  test('stands when the debtor complains afterwards', () => {
    expect(result('l-first', ['yes', 'today', 'yes', 'G-complaint'])).toMatchObject({
      disposition: 'complained',
      label: 'promise-today',
    });
  });
});

describe('labels, reasons and stops', () => {
  test('the last stated will wins', () => {
    expect(result('m-willing', ['yes', 'weak', 'refuses', 'weak'])).toMatchObject({
      label: 'weak',
      labelTurns: [1, 3],
    });
  });

  test('a refusal after help was offered is refused', () => {
    expect(result('l-first', ['yes', 'no', 'refuses', 'refuses'])).toMatchObject({
      disposition: 'refused',
      label: 'refuses',
    });
  });

  test('whoever spoke of his will and fell off the line gave no promise', () => {
    expect(result('m-willing', ['yes', 'weak', hangup])).toMatchObject({ disposition: 'no-promise', label: 'weak' });
  });

  test('a claim of payment keeps its day, but no day to come', () => {
    expect(result('l-first', ['yes', heard('G-paid', { date: '2026-11-01' }), 'method'])).toMatchObject({
      disposition: 'claims-paid',
      label: 'claims-paid',
      claimedPaidOn: '2026-11-01',
      stops: [{ kind: 'claims-paid', scope: 'account', turn: 2 }],
    });
    expect(result('l-first', ['yes', 'G-paid', heard('date', { date: '2026-11-03' })])).toMatchObject({
      claimedPaidOn: null,
    });
  });

  test('a claim of payment stands although the line falls', () => {
    expect(result('l-first', ['yes', 'G-paid', hangup])).toMatchObject({ disposition: 'claims-paid' });
  });

  test('hardship of these days asks for a date, a lasting one stops the robot', () => {
    expect(call('l-first', ['yes', 'G-hardship', 'these-days']).state).toMatchObject({
      at: 'ask-date',
      reason: 'short-of-cash',
    });
    expect(result('l-first', ['yes', 'G-hardship', 'lasting'])).toMatchObject({
      disposition: 'hardship',
      label: 'cannot',
      stops: [{ kind: 'hardship', scope: 'debtor' }],
    });
    expect(result('l-first', ['yes', 'G-hardship-named'])).toMatchObject({
      disposition: 'hardship',
      reason: 'unemployed-or-ill',
    });
  });

  test('distress asks for a human within minutes', () => {
    const dialogue = compiled('l-first');
    const { effects, ended } = step(dialogue, start(dialogue, who).state, heard('G-distress'));
    expect(effects.map((effect) => effect.kind)).toEqual(['urgent', 'hang-up']);
    expect(ended).toMatchObject({ disposition: 'distress', stops: [{ kind: 'distress', scope: 'debtor', turn: 0 }] });
  });

  test('a callback is an instant of the local time that was said', () => {
    expect(result('l-first', [heard('G-busy', { time: '15:30' })])).toMatchObject({
      disposition: 'busy-now',
      callbackAt: '2026-11-02T07:30:00.000Z',
    });
    expect(result('l-first', ['G-busy', heard('time', { date: '2026-11-03', time: '09:45' })])).toMatchObject({
      callbackAt: '2026-11-03T01:45:00.000Z',
    });
    expect(result('l-first', ['G-busy', heard('time', { time: '25:00' })])).toMatchObject({ callbackAt: null });
  });

  test('a human is connected when a seat is free, else called back at a time', () => {
    const dialogue = compiled('l-first', { seatFree: true });
    const identified = step(dialogue, start(dialogue, who).state, heard('yes')).state;
    expect(step(dialogue, identified, heard('G-human')).effects).toEqual([{ kind: 'transfer' }]);
    expect(result('l-first', ['yes', 'G-human', 'yes'], { humanSlot: '2026-11-03T02:00:00.000Z' })).toMatchObject({
      disposition: 'human',
      callbackAt: '2026-11-03T02:00:00.000Z',
      flags: ['asks-human'],
    });
    expect(result('l-first', ['yes', 'G-human'])).toMatchObject({ disposition: 'human', callbackAt: null });
  });

  test('a broken promise is a flag of the conversation with the person himself', () => {
    expect(result('broken', ['yes', hangup])!.flags).toEqual(['broken-promise']);
    expect(result('broken', [hangup])!.flags).toEqual([]);
  });
});

describe('the run of a call', () => {
  test('a plain answer returns to the question, in another wording', () => {
    const { turns } = call('l-first', ['yes', 'G-robot', hangup]);
    const again = turns[2]!;
    expect(again.promptId).toBe('globals.G-robot+l-first.remind');
    expect(again.wordingId.split('+')[1]).not.toBe(turns[1]!.wordingId);
  });

  test('returns three times to one question and then leaves in peace', () => {
    expect(result('l-first', ['yes', 'G-robot', 'G-amount', 'G-due'])).toBeNull();
    expect(result('l-first', ['yes', 'G-robot', 'G-amount', 'G-due', 'G-minimum'])).toMatchObject({
      end: 'end-no-promise',
    });
  });

  test('a side question goes back to the state it interrupted', () => {
    expect(call('l-first', ['yes', 'today', 'G-how', 'yes']).state).toMatchObject({
      at: 'confirm',
      smsAsked: ['ways'],
      back: null,
    });
  });

  test('is ended by its fourteenth turn', () => {
    const chatter = [
      'G-robot',
      'yes',
      'G-robot',
      'no',
      'G-robot',
      'no',
      'G-robot',
      'yes',
      'G-robot',
      'today',
      'G-robot',
      'today',
      'G-robot',
    ];
    expect(result('l-first', chatter)).toBeNull();
    expect(call('l-first', [...chatter, 'G-amount'])).toMatchObject({
      result: { end: 'end-no-promise', disposition: 'no-promise' },
    });
  });

  test.each([
    [179_999, false],
    [180_000, true],
  ])('at %d ms it is brought to its end: %s', (elapsedMs, ended) => {
    expect(result('l-first', ['yes', { ...heard('G-robot'), elapsedMs }]) !== null).toBe(ended);
  });

  test('keys stand for answers after the second unclear turn only', () => {
    const one: Input = { kind: 'dtmf', digits: '1' };
    expect(call('l-first', ['yes', unclear, one]).state).toMatchObject({ at: 'remind', unclears: 2 });
    expect(call('l-first', ['yes', unclear, unclear, one]).state).toMatchObject({ at: 'confirm', unclears: 0 });
  });

  test('something understood in between starts the count of unclear turns anew, but the flag counts all', () => {
    const ended = result('l-first', ['yes', unclear, unclear, 'today', unclear, 'yes', 'no']);
    expect(ended).toMatchObject({ disposition: 'promised', unclearTurns: 3, flags: ['often-unclear'] });
  });

  test('a payment while talking ends it with thanks after identity and with an apology before', () => {
    const paid: Input = { kind: 'revoked', why: 'cured' };
    const after = call('l-first', ['yes', 'today', 'yes', paid]);
    expect(after.turns.at(-1)!.spoken).toBe('刚刚收到您的还款，谢谢您，再见。');
    expect(after.result).toMatchObject({ disposition: 'cured', promise: null });
    const before = call('l-first', [paid]);
    expect(before.turns.at(-1)!.spoken).toBe('抱歉打扰，再见。');
    expect(before.result).toMatchObject({ disposition: 'cured', conversation: false });
  });

  test('the closing line is a turn of its own and nothing happens after the end', () => {
    const { turns, state } = call('l-first', ['unknown']);
    expect(turns.map(({ index, state: at, intent, nextState }) => ({ index, at, intent, nextState }))).toEqual([
      { index: 0, at: 'greet', intent: 'unknown', nextState: 'end-wrong' },
      { index: 1, at: 'end-wrong', intent: 'none', nextState: '' },
    ]);
    expect(step(compiled('l-first'), state, heard('yes'))).toEqual({
      state,
      says: [],
      turns: [],
      effects: [],
      ended: null,
    });
  });

  test('listens for the state first and for every global', () => {
    const dialogue = compiled('l-first');
    const intents = expectedIntents(dialogue, start(dialogue, who).state);
    expect(intents.slice(0, 4)).toEqual(['yes', 'no', 'knows', 'unknown']);
    expect(new Set(intents)).toEqual(
      new Set([...intents.slice(0, 6), ...dialogue.globals.map((global) => global.intent)]),
    );
  });

  test('a line about the law cannot be interrupted', () => {
    const dialogue = compiled('h-inform', { dpd: 6, term: 'long' });
    const identified = step(dialogue, start(dialogue, who).state, heard('yes'));
    expect(identified.says.map((line) => [line.class, line.barge])).toEqual([
      ['debt', true],
      ['credit', true],
    ]);
    expect(step(dialogue, identified.state, heard('refuses')).says.map((line) => [line.class, line.barge])).toEqual([
      ['legal', false],
    ]);
  });

  test('an end that says a human follows hands over, unless a promise was made before', () => {
    const late = { tier: 'H', dpd: 7, term: 'long' } as const;
    expect(result('h-second', ['yes', 'vague'], late)).toMatchObject({ end: 'end-handover', handOver: 'talked-out' });
    expect(result('h-second', ['yes', 'refuses'], late)).toMatchObject({ handOver: 'refused', disposition: 'refused' });
    expect(result('l-first', ['yes', 'vague', 'vague'])).not.toHaveProperty('handOver');
  });
});
