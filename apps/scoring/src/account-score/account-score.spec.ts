import { describe, expect, it } from '@jest/globals';
import { CASE, DEBTOR, day, on, packageHash, reasons, Scenario, scored, types } from '../testing/scores.js';

const opened = (dpd = 1, of = {}) => {
  const scenario = new Scenario();
  scenario.opened(on(dpd, '05:30'), of);
  return scenario;
};

describe('a score', () => {
  it('starts at 50 and says its features, its card and why it was made', () => {
    const [event] = opened().plan(1);
    expect(event).toMatchObject({
      type: 'AccountScored',
      data: {
        caseId: CASE,
        debtorId: DEBTOR,
        accountId: 'A1',
        scorecardHash: packageHash,
        score: 50,
        band: 'B',
        reasons: [],
        trigger: 'day-plan',
        features: { attempts: 0, lastLabel: null, unpaidMinimum: 50_000 },
      },
    });
  });

  it('is not said again on the same day while it is the same, but is on the next', () => {
    const scenario = opened();
    expect(types(scenario.plan(1))).toEqual(['AccountScored']);
    expect(types(scenario.unanswered(on(1, '10:00')))).toEqual(['ScoredCallNoted']);
    expect(types(scenario.when(on(1, '23:59'), { do: 'score', trigger: 'day-plan' }))).toEqual([]);
    expect(types(scenario.when(on(2, '00:00'), { do: 'score', trigger: 'day-plan' }))).toEqual(['AccountScored']);
  });

  it('is said after every conversation, also where it is the same', () => {
    const scenario = opened();
    scenario.call(on(1, '10:00'), { label: 'none', disposition: 'no-promise' });
    const again = scenario.call(on(1, '11:00'), { label: 'none', disposition: 'no-promise' });
    expect(types(again)).toContain('AccountScored');
  });

  it('is said again on the same day when it changed, with the row that fired', () => {
    const scenario = opened();
    scenario.plan(1);
    const events = scenario.call(on(1, '10:00'), { label: 'refuses', disposition: 'refused' });
    expect(types(events)).toEqual(['ScoredCallNoted', 'ConversationLabelled', 'AccountScored']);
    expect(reasons(events)).toEqual({ label: -25, score: 25 });
    expect(events[2]!.data).toMatchObject({ trigger: 'call', band: 'C' });
  });

  it.each([
    ['promise-today', day(1), 25],
    ['promise-date', day(2), 25],
    ['promise-date', day(3), 15],
    ['promise-part', day(1), 10],
    ['claims-paid', null, 15],
    ['vague', null, 3],
    ['defers', day(5), -3],
    ['defers', null, -8],
    ['weak', null, -12],
    ['cannot', null, -20],
    ['refuses', null, -25],
  ] as const)('counts the last label %s (%s) with %i points', (label, labelDate, points) => {
    const events = opened().call(on(1, '10:00'), { label, labelDate });
    expect(reasons(events)).toEqual({ label: points, score: 50 + points });
  });

  it('counts the label of the last conversation with the right party, not of a third party', () => {
    const scenario = opened();
    scenario.call(on(1, '10:00'), { label: 'vague' });
    const events = scenario.call(on(1, '15:00'), { rpc: false, label: 'refuses', disposition: 'third-party' });
    expect(types(events)).toEqual(['ScoredCallNoted', 'ConversationLabelled']);
    expect(scenario.state.score).toBe(53);
  });

  it('counts the way asked for once, and a real conversation from 30 s and 3 understood turns', () => {
    const scenario = opened();
    const real = scenario.call(on(1, '10:00'), { talkSeconds: 30, understoodTurns: 3, askedHow: true });
    expect(reasons(real)).toEqual({ 'real-conversation': 4, 'asked-how': 6, score: 60 });
    expect(scenario.call(on(1, '15:00'), { askedHow: true }).at(-1)!.data).toMatchObject({ score: 60 });
    expect(types(opened().call(on(1, '10:00'), { talkSeconds: 29, understoodTurns: 3 }))).toContain('AccountScored');
    expect(opened().call(on(1, '10:00'), { talkSeconds: 29, understoodTurns: 3 }).at(-1)!.data).toMatchObject({
      score: 50,
    });
  });

  it('falls by 5 for each of the last two connected calls that ended before identity', () => {
    const scenario = opened();
    const hungUp = { conversation: false, rpc: false, disposition: 'hung-up-early' } as const;
    expect(reasons(scenario.call(on(1, '10:00'), hungUp))).toEqual({ 'hung-up-early': -5, score: 45 });
    scenario.unanswered(on(1, '15:00'));
    expect(reasons(scenario.call(on(2, '10:00'), hungUp))).toEqual({ 'hung-up-early': -10, score: 40 });
    for (let i = 0; i < 8; i++) scenario.unanswered(on(2, '15:00'), { disposition: 'trunk-fault' });
    expect(reasons(scenario.plan(3))).toMatchObject({ 'hung-up-early': -10 });
  });

  it('falls by 12 at the fourth attempt without a conversation; a trunk fault is no attempt', () => {
    const scenario = opened();
    scenario.plan(1);
    for (let i = 0; i < 3; i++) scenario.unanswered(on(1, '10:00'));
    expect(types(scenario.unanswered(on(1, '11:00'), { disposition: 'trunk-fault' }))).toEqual(['ScoredCallNoted']);
    expect(reasons(scenario.unanswered(on(1, '12:00')))).toEqual({ 'never-reached': -12, score: 38 });
  });

  it('falls by 8 when nobody was reached for three days', () => {
    const scenario = opened();
    scenario.unanswered(on(1, '10:00'));
    expect(reasons(scenario.plan(3))).toEqual({ score: 50 });
    expect(reasons(scenario.plan(4))).toMatchObject({ 'not-reached-lately': -8 });
  });

  it('rises with the share of the minimum that was paid, and falls when a payment is taken back', () => {
    const scenario = opened();
    const pay = (key: string, amount: number, unpaidMinimum: number) =>
      scenario.when(on(1, '12:00'), { do: 'note-payment', key, amount, unpaidMinimum });
    const first = pay('k1', 25_000, 25_000);
    expect(types(first)).toEqual(['PaidNoted', 'AccountScored']);
    expect(reasons(first)).toEqual({ 'paid-part': 10, score: 60 });
    expect(pay('k1', 25_000, 25_000)).toEqual([]);
    expect(reasons(pay('k2', -25_000, 50_000))).toEqual({ score: 50 });
  });

  it('counts kept and broken promises of this episode, each once', () => {
    const scenario = opened();
    const kept = scenario.when(on(1, '12:00'), { do: 'note-promise', promiseId: 'p1', result: 'kept' });
    expect(types(kept)).toEqual(['PromiseResultNoted', 'AccountScored']);
    expect(reasons(kept)).toEqual({ 'promise-kept': 10, score: 60 });
    expect(scenario.when(on(1, '12:01'), { do: 'note-promise', promiseId: 'p1', result: 'kept' })).toEqual([]);
    const broken = scenario.when(on(2, '12:00'), { do: 'note-promise', promiseId: 'p2', result: 'broken' });
    expect(reasons(broken)).toEqual({ 'promise-kept': 10, 'promise-broken-now': -20, score: 40 });
  });

  it('counts the last result of a promise: a kept one that is open again no more, and broken when it is broken', () => {
    const scenario = opened();
    const result = (result: 'kept' | 'open' | 'broken') =>
      scenario.when(on(1, '12:00'), { do: 'note-promise', promiseId: 'p1', result });
    result('kept');
    expect(reasons(result('open'))).toEqual({ score: 50 });
    expect(result('open')).toEqual([]);
    expect(reasons(result('broken'))).toEqual({ 'promise-broken-now': -20, score: 30 });
  });

  it('counts history, amount, utilisation and days after grace', () => {
    const history = { recordedMonths: 12, earlierCuredEarly: 3, earlierCuredLate: 4, brokenBefore6m: 3 };
    expect(reasons(opened(1, { ...history, earlierEpisodes12m: 7 }).plan(1))).toEqual({
      'earlier-cured-early': 12,
      'earlier-cured-late': -9,
      'promise-broken-before': -16,
      score: 37,
    });
    expect(reasons(opened(1, { recordedMonths: 12 }).plan(1))).toEqual({ 'first-miss': 8, score: 58 });
    const large = { unpaidMinimum: 200_000, statementBalance: 950_000 };
    expect(reasons(opened(1, large).plan(1))).toEqual({ amount: -3, utilisation: -6, score: 41 });
    expect(reasons(opened(1).plan(3))).toEqual({ score: 50 });
    expect(reasons(opened(1).plan(5))).toEqual({ 'after-grace': -4, score: 46 });
  });

  it('stays between 0 and 100', () => {
    const scenario = opened(1, { earlierCuredLate: 9, brokenBefore6m: 9, unpaidMinimum: 5_000_000 });
    const broken = scenario.when(on(8, '12:00'), { do: 'note-promise', promiseId: 'p', result: 'broken' });
    expect(reasons(broken)['score']).toBe(0);
  });

  it('waits for the facts of the account: what comes before is noted', () => {
    const scenario = new Scenario();
    expect(types(scenario.unanswered(on(1, '10:00')))).toEqual(['ScoredCallNoted']);
    expect(scenario.plan(1)).toEqual([]);
    expect(types(scenario.opened(on(1, '11:00')))).toEqual(['ScoredFactsNoted']);
    expect(scenario.opened(on(1, '11:01'))).toEqual([]);
  });
});

describe('the labels of a conversation', () => {
  it('carry the turns that are their evidence', () => {
    const scenario = opened();
    const events = scenario.when(on(1, '10:00'), {
      do: 'note-call',
      conversation: true,
      labelTurns: [4, 6],
      flags: ['asks-instalment', 'upset'],
      call: { ...conversation, label: 'cannot', reason: 'unemployed-or-ill' },
    });
    expect(events[1]).toEqual({
      type: 'ConversationLabelled',
      data: {
        caseId: CASE,
        debtorId: DEBTOR,
        accountId: 'A1',
        attemptId: 'attempt-9',
        intent: 'cannot',
        intentTurns: [4, 6],
        reason: 'unemployed-or-ill',
        flags: ['asks-instalment', 'upset'],
        rightParty: true,
      },
    });
  });

  it('are not given where nobody spoke, nor twice for one call', () => {
    const scenario = opened();
    expect(types(scenario.unanswered(on(1, '10:00')))).not.toContain('ConversationLabelled');
    const call = { do: 'note-call', conversation: true, labelTurns: [], flags: [], call: conversation } as const;
    expect(types(scenario.when(on(1, '11:00'), call))).toContain('ConversationLabelled');
    for (let i = 0; i < 8; i++) scenario.unanswered(on(1, '12:00'));
    expect(scenario.when(on(1, '13:00'), call)).toEqual([]);
  });

  const conversation = {
    attemptId: 'attempt-9',
    endedAt: on(1, '10:00'),
    disposition: 'no-promise',
    connected: true,
    rpc: true,
    talkSeconds: 20,
    understoodTurns: 2,
    label: 'none',
    labelDate: null,
    reason: 'not-said',
    askedHow: false,
  } as const;
});

describe('facts of a case', () => {
  it('replace what was owed', () => {
    const scenario = opened();
    scenario.when(on(1, '07:00'), {
      do: 'note-facts',
      caseId: CASE,
      debtorId: DEBTOR,
      facts: scored({ unpaidMinimum: 200_000 }),
    });
    expect(reasons(scenario.plan(2))).toEqual({ amount: -3, score: 47 });
  });
});
