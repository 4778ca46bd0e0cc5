import { describe, expect, it } from '@jest/globals';
import { CASE, dataOf, day, facts, on, packageHash, Scenario, spoken, types } from '../testing/treatments.js';

const started = (dpd = 1, of = {}) => {
  const scenario = new Scenario();
  scenario.started(on(dpd, '05:30'), of);
  return scenario;
};

describe('a conversation in which the debtor was in a hurry', () => {
  it('counts for T3 only when the matter had been named', () => {
    const t3 = (matterNamed: boolean) => {
      const scenario = new Scenario();
      scenario.started(on(1, '05:30'));
      for (const dpd of [1, 2])
        scenario.call(on(dpd, '15:00'), 'busy-now', { call: { rpc: true, connected: true, matterNamed } });
      return dataOf(scenario.plan(3), 'AccountTiered').rules.find((rule) => rule.id === 'T3')?.fired;
    };
    expect([t3(false), t3(true)]).toEqual([false, true]);
  });
});

describe('the start of a treatment', () => {
  it('draws the arm once, with probabilities that sum to 1, and tiers the account', () => {
    const scenario = new Scenario();
    const events = scenario.started(on(1, '05:30'));
    expect(types(events)).toEqual(['TreatmentStarted', 'FactsNoted', 'AccountTiered']);
    const { decision, arm, probability, chance, strategyHash } = dataOf(events, 'TreatmentStarted');
    expect(decision.options.reduce((sum, o) => sum + o.probability, 0)).toBeCloseTo(1, 12);
    expect(decision).toMatchObject({ chosen: arm, trigger: 'intake/1/0/1', decidedOnVersion: 0 });
    expect(chance).not.toBeNull();
    expect(probability).toBe(arm === 'holdout' ? 0.02 : 0.98);
    expect(strategyHash).toBe(packageHash);
    expect(dataOf(events, 'AccountTiered')).toMatchObject({ tier: 'L', base: 'L', dpd: 1, previous: null });
    expect(scenario.started(on(1, '05:31'))).toEqual([]);
  });

  it('never holds a very large amount out', () => {
    const draws = Array.from({ length: 300 }, (_, i) => {
      const debtorId = `1c1e7f6e-5f0c-5b8e-9a44-${String(i).padStart(12, '0')}`;
      const of = (unpaidMinimum: number) =>
        dataOf(new Scenario().started(on(1, '05:30'), { unpaidMinimum }, debtorId), 'TreatmentStarted').holdout;
      return [of(999_999), of(1_000_000)];
    });
    expect(draws.some(([large]) => large)).toBe(true);
    expect(draws.some(([, veryLarge]) => veryLarge)).toBe(false);
  });

  it.each([
    [3, 'L', 'short'],
    [4, 'M', 'mid'],
    [5, 'M', 'mid'],
    [6, 'H', 'long'],
    [8, 'H', 'long'],
  ])('begins at DPD %i with the plan of that day: %s, %s', (dpd, tier, term) => {
    expect(dataOf(new Scenario().started(on(dpd, '05:30')), 'AccountTiered')).toMatchObject({ tier, term, dpd });
  });

  it('hands an account first met at DPD 9 to humans without a tier', () => {
    const events = new Scenario().started(on(9, '05:30'));
    expect(types(events)).toEqual(['TreatmentStarted', 'FactsNoted', 'HandedOver']);
    expect(dataOf(events, 'HandedOver')).toMatchObject({ reason: 'end-of-robot', queue: 'collectors', dpd: 9 });
  });

  it('gives no tier within the tolerance, one cent beyond it does, and looks again every day', () => {
    const scenario = new Scenario();
    expect(types(scenario.started(on(1, '05:30'), { unpaidMinimum: 1_000 }))).toEqual([
      'TreatmentStarted',
      'FactsNoted',
      'PlanPostponed',
    ]);
    expect(scenario.state.tier).toBeNull();
    expect(scenario.timer('day-plan')).toBe(on(1, '06:00'));
    expect(types(scenario.plan(1))).toEqual(['PlanPostponed']);
    expect(scenario.timer('day-plan')).toBe(on(2, '06:00'));
    expect(types(started(1, { unpaidMinimum: 1_001 }).plan(1))).toEqual(['AccountTiered']);
    expect(types(started(1, { unpaidMinimum: 1_000, tolerance: 999 }).plan(1))).toEqual(['AccountTiered']);
    expect(types(scenario.when(on(2, '10:00'), { do: 'note-facts', facts: facts() }))).toEqual([
      'FactsNoted',
      'AccountTiered',
    ]);
    expect(scenario.plan(9)).not.toEqual([]);
  });

  it('never hands an account within the tolerance over', () => {
    const scenario = started(8, { unpaidMinimum: 1_000 });
    expect(types(scenario.plan(9))).toEqual(['PlanPostponed']);
    expect(scenario.state.status).toBe('active');
  });
});

describe('the tier from day to day', () => {
  it('is said at every day plan, which plans the next one', () => {
    const scenario = started();
    expect(scenario.timer('day-plan')).toBe(on(1, '06:00'));
    const events = scenario.plan(1);
    expect(dataOf(events, 'AccountTiered')).toMatchObject({ trigger: 'day-plan', nextPlanAt: on(2, '06:00') });
    expect(scenario.timer('day-plan')).toBe(on(2, '06:00'));
  });

  it('rises at the next day plan only, and the wait is an event', () => {
    const scenario = started(3);
    scenario.plan(3);
    const events = scenario.when(on(3, '10:00'), {
      do: 'note-label',
      attemptId: 'a',
      label: 'refuses',
      rightParty: true,
    });
    expect(dataOf(events, 'AccountTiered')).toMatchObject({ tier: 'L', pendingRise: 'M', nextPlanAt: null });
    expect(scenario.timer('day-plan')).toBe(on(4, '06:00'));
    expect(dataOf(scenario.plan(4), 'AccountTiered')).toMatchObject({ tier: 'H', pendingRise: null, base: 'M' });
  });

  it('falls at once', () => {
    const scenario = started(4);
    const events = scenario.paid(on(4, '10:00'), 25_000, 25_000);
    expect(dataOf(events, 'AccountTiered')).toMatchObject({ previous: 'M', tier: 'L', shift: -1 });
    expect(scenario.timer('day-plan')).toBe(on(4, '06:00'));
  });

  it('says nothing when a payment changes no tier, and nothing of a payment told twice', () => {
    const scenario = started(4);
    const payment = { key: 'intake/1/0/9', amount: 24_999, valueDate: day(4) };
    const noted = { do: 'note-payment', payment, unpaidMinimum: 25_001 } as const;
    expect(types(scenario.when(on(4, '10:00'), noted))).toEqual(['PaymentNoted']);
    expect(scenario.when(on(4, '10:01'), noted)).toEqual([]);
    expect(scenario.state.paidInEpisode).toBe(24_999);
  });

  it('is frozen while a promise is open', () => {
    const scenario = started(3);
    scenario.call(on(3, '10:00'), 'promised', { promise: spoken({ date: day(5) }) });
    expect(dataOf(scenario.plan(4), 'AccountTiered')).toMatchObject({ tier: 'L', base: 'M', frozen: true });
  });

  it('is frozen while a claim of payment is checked', () => {
    const scenario = started(3);
    scenario.call(on(3, '10:00'), 'claims-paid');
    expect(dataOf(scenario.plan(4), 'AccountTiered')).toMatchObject({ tier: 'L', base: 'M', frozen: true });
  });

  it('does not rise because somebody was not reached', () => {
    const scenario = started(3);
    for (const time of ['10:00', '15:00', '19:00']) scenario.call(on(3, time), 'no-answer');
    expect(dataOf(scenario.plan(3), 'AccountTiered')).toMatchObject({ tier: 'L', sum: 0 });
  });

  it('counts the label of the right party only', () => {
    const scenario = started();
    const label = { do: 'note-label', attemptId: 'a', label: 'refuses', rightParty: false } as const;
    expect(scenario.when(on(1, '10:00'), label)).toEqual([]);
  });

  it('carries the score it last heard of', () => {
    const scenario = started();
    expect(types(scenario.when(on(1, '06:30'), { do: 'note-score', score: 41 }))).toEqual(['ScoreNoted']);
    expect(scenario.when(on(1, '06:31'), { do: 'note-score', score: 41 })).toEqual([]);
    expect(dataOf(scenario.plan(2), 'AccountTiered')).toMatchObject({ score: 41 });
  });

  it('is told of facts only when they changed', () => {
    const scenario = started(4);
    expect(scenario.when(on(4, '07:00'), { do: 'note-facts', facts: facts() })).toEqual([]);
    const larger = scenario.when(on(4, '07:01'), { do: 'note-facts', facts: facts({ unpaidMinimum: 1_000_000 }) });
    expect(dataOf(larger, 'AccountTiered')).toMatchObject({ tier: 'M', pendingRise: 'H', band: 'very-large' });
  });
});

describe('the end of a treatment', () => {
  it('comes with the cure, which keeps the open promise', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'promised', { promise: spoken() });
    expect(types(scenario.paid(on(2, '10:00'), 50_000, 0))).toEqual(['PaymentNoted', 'PromiseKept']);
    expect(types(scenario.when(on(2, '10:00'), { do: 'end', reason: 'cured' }))).toEqual(['TreatmentEnded']);
    expect(scenario.when(on(2, '10:01'), { do: 'end', reason: 'cured' })).toEqual([]);
    expect(scenario.timer('day-plan')).toBeUndefined();
    expect(scenario.timer('settle')).toBeUndefined();
  });

  it('voids a promise that the cure did not keep', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'promised', { promise: spoken({ amount: 500_000, kind: 'full' }) });
    scenario.paid(on(2, '10:00'), 50_000, 0);
    const events = scenario.when(on(2, '10:00'), { do: 'end', reason: 'cured' });
    expect(types(events)).toEqual(['PromiseVoided', 'TreatmentEnded']);
    expect(dataOf(events, 'PromiseVoided').because).toBe('cured');
  });

  it('lets nothing be promised or claimed by a call that ends after it', () => {
    const scenario = started();
    scenario.when(on(1, '10:00'), { do: 'end', reason: 'cured' });
    expect(types(scenario.call(on(1, '10:01'), 'promised', { promise: spoken() }))).toEqual(['CallNoted']);
    expect(types(scenario.call(on(1, '10:02'), 'claims-paid'))).toEqual(['CallNoted']);
  });

  it('is undone when a payment is reversed: the episode goes on with its history and a new day plan', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'no-answer');
    scenario.paid(on(2, '10:00'), 50_000, 0);
    scenario.when(on(2, '10:00'), { do: 'end', reason: 'cured' });
    expect(scenario.when(on(3, '09:00'), { do: 'plan-day' })).toEqual([]);
    scenario.paid(on(4, '09:00'), -50_000, 50_000);
    const events = scenario.when(on(4, '09:00'), { do: 'resume', because: 'intake/1/0/120' });
    expect(types(events)).toEqual(['TreatmentResumed', 'AccountTiered']);
    expect(dataOf(events, 'AccountTiered')).toMatchObject({ dpd: 4, tier: 'M', unpaidMinimum: 50_000 });
    expect(scenario.timer('day-plan')).toBe(on(5, '06:00'));
    expect(scenario.state).toMatchObject({ caseId: CASE, calls: [{ disposition: 'no-answer' }] });
    expect(scenario.when(on(4, '09:01'), { do: 'resume', because: 'intake/1/0/120' })).toEqual([]);
  });

  it('undone after DPD 8 goes to humans', () => {
    const scenario = started();
    scenario.when(on(2, '10:00'), { do: 'end', reason: 'cured' });
    const events = scenario.when(on(9, '09:00'), { do: 'resume', because: 'x' });
    expect(types(events)).toEqual(['TreatmentResumed', 'HandedOver']);
  });

  it('undone while humans had the account gives it back to them', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'hardship', { stops: [{ kind: 'hardship', scope: 'debtor' }] });
    scenario.when(on(2, '10:00'), { do: 'end', reason: 'cured' });
    const events = scenario.when(on(3, '10:00'), { do: 'resume', because: 'x' });
    expect(types(events)).toEqual(['TreatmentResumed', 'HandedOver']);
    expect(dataOf(events, 'HandedOver')).toMatchObject({ reason: 'hardship', trigger: 'reopened' });
  });

  it('needs a beginning: facts of an unknown treatment say nothing', () => {
    const scenario = new Scenario();
    expect(scenario.call(on(1, '10:00'), 'refused')).toEqual([]);
    expect(scenario.paid(on(1, '10:00'), 1, 1)).toEqual([]);
    expect(scenario.plan(1)).toEqual([]);
    expect(scenario.when(on(1, '10:00'), { do: 'settle' })).toEqual([]);
    expect(scenario.when(on(1, '10:00'), { do: 'end', reason: 'closed' })).toEqual([]);
    expect(scenario.when(on(1, '10:00'), { do: 'resume', because: 'x' })).toEqual([]);
    expect(scenario.when(on(1, '10:00'), { do: 'note-reach' })).toEqual([]);
  });
});
