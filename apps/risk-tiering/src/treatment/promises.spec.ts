import { describe, expect, it } from '@jest/globals';
import { dataOf, day, on, packageHash, Scenario, spoken, types } from '../testing/treatments.js';

const promised = (of = {}, dpd = 1) => {
  const scenario = new Scenario();
  scenario.started(on(dpd, '05:30'));
  const events = scenario.call(on(dpd, '10:00'), 'promised', { promise: spoken(of) });
  return { scenario, events };
};

describe('a promise to pay', () => {
  it('is made with its turn, attempt and strategy, and is looked at after its day', () => {
    const { scenario, events } = promised();
    expect(types(events)).toEqual(['CallNoted', 'PromiseMade', 'SettlementPlanned']);
    expect(dataOf(events, 'PromiseMade')).toMatchObject({
      amount: 50_000,
      date: day(3),
      promiseKind: 'minimum',
      attemptId: 'attempt-1',
      turn: 4,
      strategyHash: packageHash,
    });
    expect(scenario.timer('settle')).toBe(on(4, '00:45'));
  });

  it.each([
    [1, 'L', 4],
    [4, 'M', 6],
    [6, 'H', 7],
  ])('at DPD %i (%s) may name DPD %i and no later day', (dpd, _tier, latest) => {
    expect(types(promised({ date: day(latest) }, dpd).events)).toContain('PromiseMade');
    expect(types(promised({ date: day(latest + 1) }, dpd).events)).toEqual(['CallNoted']);
  });

  it('never names a day after DPD 8', () => {
    expect(types(promised({ date: day(8) }, 8).events)).toContain('PromiseMade');
    expect(types(promised({ date: day(9) }, 8).events)).not.toContain('PromiseMade');
  });

  it('is moved once, inside the limit; a second move and the same words again are nothing', () => {
    const { scenario } = promised({ date: day(2) });
    expect(types(scenario.call(on(1, '11:00'), 'promised', { promise: spoken({ date: day(2) }) }))).toEqual([
      'CallNoted',
    ]);
    const moved = scenario.call(on(2, '10:00'), 'promised', { promise: spoken({ date: day(4) }) });
    expect(dataOf(moved, 'PromiseMoved')).toMatchObject({ movedFrom: day(2), date: day(4) });
    expect(types(scenario.call(on(2, '11:00'), 'promised', { promise: spoken({ date: day(5) }) }))).toEqual([
      'CallNoted',
    ]);
    expect(scenario.state.promise?.date).toBe(day(4));
  });

  it('is not moved beyond the limit, nor after its day', () => {
    const { scenario } = promised({ date: day(2) });
    const beyond = scenario.call(on(2, '10:00'), 'promised', { promise: spoken({ date: day(6) }) });
    expect(types(beyond)).not.toContain('PromiseMoved');
    const late = scenario.call(on(3, '10:00'), 'promised', { promise: spoken({ date: day(4) }) });
    expect(types(late)).not.toContain('PromiseMoved');
  });

  it('is kept at once when enough is paid, within the tolerance', () => {
    const { scenario } = promised();
    const events = scenario.paid(on(2, '10:00'), 49_000, 1_000);
    expect(dataOf(events, 'PromiseKept')).toMatchObject({ paid: 49_000, payments: ['intake/1/0/101'] });
    expect(scenario.timer('settle')).toBeUndefined();
    expect(types(promised().scenario.paid(on(2, '10:00'), 48_999, 1_001))).toEqual(['PaymentNoted']);
  });

  it.each([
    [25_000, 'PromisePartlyKept'],
    [24_999, 'PromiseBroken'],
  ])('with %i of 50000 paid when its day is over becomes %s', (amount, result) => {
    const { scenario } = promised();
    scenario.paid(on(2, '10:00'), amount, 50_000 - amount);
    scenario.postedThrough = on(4, '00:00');
    expect(types(scenario.when(on(4, '00:45'), { do: 'settle' }))).toContain(result);
  });

  it('waits for the watermark, hour by hour, and is broken only when postings have passed its day', () => {
    const { scenario } = promised();
    scenario.postedThrough = on(3, '23:59');
    const at = scenario.timer('settle')!;
    expect(types(scenario.when(at, { do: 'settle' }))).toEqual(['SettlementPlanned']);
    const next = scenario.timer('settle')!;
    expect(next).toBe(on(4, '01:45'));
    scenario.postedThrough = on(4, '00:00');
    const events = scenario.when(next, { do: 'settle' });
    expect(dataOf(events, 'PromiseBroken')).toMatchObject({ paid: 0, watermark: on(4, '00:00') });
    expect(dataOf(events, 'AccountTiered')).toMatchObject({ tier: 'L', base: 'M', pendingRise: 'H' });
    expect(scenario.timer('settle')).toBeUndefined();
  });

  it('looked at early stays open and asks to be looked at later', () => {
    const { scenario } = promised();
    expect(types(scenario.when(on(2, '00:00'), { do: 'settle' }))).toEqual([]);
    expect(scenario.timer('settle')).toBe(on(4, '00:45'));
  });

  it.each([
    ['hardship', 'hardship', 'debtor'],
    ['disputed', 'disputed', 'debtor'],
    ['stop', 'stop-asked', 'debtor'],
    ['complained', 'complaint', 'debtor'],
    ['deceased', 'deceased', 'debtor'],
  ] as const)('is voided by %s, neither kept nor broken', (disposition, kind, scope) => {
    const { scenario } = promised();
    const events = scenario.call(on(2, '10:00'), disposition, { stops: [{ kind, scope }] });
    expect(dataOf(events, 'PromiseVoided').because).toBe(kind);
    expect(scenario.state).toMatchObject({ promise: null, lastPromiseResult: null, brokenInEpisode: 0 });
  });

  it('is untouched by a stop that lies on a number only', () => {
    const { scenario } = promised();
    const wrong = { stops: [{ kind: 'wrong-person', scope: 'number' }] } as const;
    expect(types(scenario.call(on(2, '10:00'), 'wrong-person', wrong))).toEqual(['CallNoted']);
    expect(scenario.state.promise).not.toBeNull();
  });

  it('is judged also while a human has the account', () => {
    const { scenario } = promised();
    scenario.when(on(2, '10:00'), { do: 'hand-over', reason: 'human-asked' });
    scenario.postedThrough = on(4, '00:00');
    expect(types(scenario.when(on(4, '00:45'), { do: 'settle' }))).toEqual(['PromiseBroken']);
  });
});

describe('a claim of payment', () => {
  const claimed = () => {
    const scenario = new Scenario();
    scenario.started(on(1, '05:30'));
    const events = scenario.call(on(1, '10:00'), 'claims-paid', {
      claimedPaidOn: day(1),
      stops: [{ kind: 'claims-paid', scope: 'account' }],
    });
    return { scenario, events };
  };

  it('is checked until the day after it', () => {
    const { scenario, events } = claimed();
    expect(types(events)).toEqual(['CallNoted', 'PaymentClaimed', 'SettlementPlanned']);
    expect(dataOf(events, 'PaymentClaimed')).toMatchObject({ claimedOn: day(1), checkAfter: on(3, '00:00') });
    expect(scenario.timer('settle')).toBe(on(3, '00:45'));
  });

  it('of a day to come counts from today', () => {
    const scenario = new Scenario();
    scenario.started(on(1, '05:30'));
    const events = scenario.call(on(1, '10:00'), 'claims-paid', { claimedPaidOn: day(7) });
    expect(dataOf(events, 'PaymentClaimed').claimedOn).toBe(day(1));
  });

  it('is unmet only when postings have passed the day after it', () => {
    const { scenario } = claimed();
    scenario.postedThrough = on(2, '23:59');
    expect(types(scenario.when(on(3, '00:45'), { do: 'settle' }))).toEqual(['SettlementPlanned']);
    scenario.postedThrough = on(3, '00:00');
    const events = scenario.when(on(3, '01:45'), { do: 'settle' });
    expect(types(events)).toEqual(['PaymentClaimUnmet']);
    expect(dataOf(events, 'PaymentClaimUnmet').watermark).toBe(on(3, '00:00'));
    expect(scenario.timer('settle')).toBeUndefined();
    expect(scenario.state.status).toBe('active');
  });

  const unmet = () => {
    const { scenario } = claimed();
    scenario.postedThrough = on(3, '00:00');
    scenario.when(on(3, '00:45'), { do: 'settle' });
    return scenario;
  };

  it('not found gets one paid-check call, after which a human has it, whatever was said', () => {
    const again = unmet().call(on(3, '10:00'), 'claims-paid', {
      call: { script: 'paid-check' },
      claimedPaidOn: day(1),
    });
    expect(types(again)).toEqual(['CallNoted', 'HandedOver']);
    expect(dataOf(again, 'HandedOver').reason).toBe('claims-paid');
    const vague = unmet().call(on(3, '10:00'), 'no-promise', { call: { script: 'paid-check' } });
    expect(dataOf(vague, 'HandedOver').reason).toBe('claims-paid');
  });

  it('not found is not handed over by a call that reached nobody', () => {
    const scenario = unmet();
    expect(types(scenario.call(on(3, '10:00'), 'no-answer', { call: { script: 'paid-check' } }))).toEqual([
      'CallNoted',
    ]);
  });

  it('not found is handed over when nobody was reached by as many calls as are made about it', () => {
    const scenario = unmet();
    const tried = [3, 3, 4, 4].map((dpd, nth) =>
      types(scenario.call(on(dpd, nth % 2 === 0 ? '10:00' : '15:00'), 'no-answer', { call: { script: 'paid-check' } })),
    );
    expect(tried.slice(0, 3).flat()).not.toContain('HandedOver');
    expect(tried[3]).toEqual(['CallNoted', 'HandedOver']);
    expect(scenario.state.handedOverFor).toBe('claims-paid');
  });

  it('not found waits for the promise that the paid-check call brought', () => {
    const scenario = unmet();
    const events = scenario.call(on(3, '10:00'), 'promised', { call: { script: 'paid-check' }, promise: spoken() });
    expect(types(events)).toEqual(['CallNoted', 'PromiseMade', 'SettlementPlanned']);
    scenario.postedThrough = on(4, '00:00');
    expect(types(scenario.when(on(4, '00:45'), { do: 'settle' }))).toEqual(['PromiseBroken', 'HandedOver']);
  });

  it('keeps being looked for when a promise beside it is kept', () => {
    const scenario = new Scenario();
    scenario.started(on(1, '05:30'));
    scenario.call(on(1, '10:00'), 'claims-paid', { claimedPaidOn: day(1) });
    scenario.call(on(1, '11:00'), 'part-promised', { promise: spoken({ amount: 10_000, kind: 'part', date: day(2) }) });
    expect(scenario.timer('settle')).toBe(on(3, '00:45'));
    expect(types(scenario.paid(on(2, '10:00'), 10_000, 40_000))).toContain('PromiseKept');
    expect(scenario.timer('settle')).toBe(on(3, '00:45'));
  });
});
