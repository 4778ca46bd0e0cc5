import { describe, expect, it } from '@jest/globals';
import type { Disposition, HandOverReason, StopKind } from '@mora/contracts';
import { dataOf, day, on, packageHash, Scenario, spoken, types } from '../testing/treatments.js';

const started = (dpd = 1, of = {}) => {
  const scenario = new Scenario();
  scenario.started(on(dpd, '05:30'), of);
  return scenario;
};
const handedOver = (events: Parameters<typeof dataOf>[0]) => dataOf(events, 'HandedOver');

describe('a hand-over', () => {
  it.each<[Disposition, StopKind | null, HandOverReason, string]>([
    ['human', null, 'human-asked', 'collectors'],
    ['disputed', 'disputed', 'dispute', 'disputes'],
    ['disputed', 'fraud', 'fraud', 'fraud'],
    ['complained', 'complaint', 'complaint', 'complaints'],
    ['hardship', 'hardship', 'hardship', 'hardship'],
    ['stop', 'stop-asked', 'stop-asked', 'collectors'],
    ['deceased', 'deceased', 'deceased', 'deceased'],
    ['incapable', 'incapable', 'incapable', 'deceased'],
    ['distress', 'distress', 'distress', 'senior'],
    ['language', null, 'language', 'collectors'],
  ])('follows a call that ended %s (stop %s): %s, to %s', (disposition, kind, reason, queue) => {
    const scenario = started();
    const stops = kind === null ? [] : [{ kind, scope: 'debtor' } as const];
    const events = scenario.call(on(1, '10:00'), disposition, { stops });
    expect(types(events)).toEqual(['CallNoted', 'HandedOver']);
    expect(handedOver(events)).toMatchObject({ reason, queue, dpd: 1, tier: 'L', strategyHash: packageHash });
    expect(scenario.state.status).toBe('handed-over');
    expect(scenario.timer('day-plan')).toBeUndefined();
  });

  it('names when a human must act: 15 minutes for distress', () => {
    const events = started().call(on(1, '20:00'), 'distress', { stops: [{ kind: 'distress', scope: 'debtor' }] });
    expect(handedOver(events).firstActionDue).toBe(on(1, '20:15'));
  });

  it('follows the second refusal of an episode, or the first in tier H', () => {
    const scenario = started();
    expect(types(scenario.call(on(1, '10:00'), 'refused'))).not.toContain('HandedOver');
    expect(handedOver(scenario.call(on(2, '10:00'), 'refused')).reason).toBe('refused');
    expect(handedOver(started(6).call(on(6, '10:00'), 'refused')).reason).toBe('refused');
  });

  it('follows an end of a talk that told the debtor so, not one beside a graver desk', () => {
    const told = started(6).call(on(6, '10:00'), 'no-promise', { handOver: 'talked-out' });
    expect(handedOver(told).reason).toBe('talked-out');
    const grave = { handOver: 'talked-out', stops: [{ kind: 'hardship', scope: 'debtor' }] } as const;
    expect(handedOver(started(6).call(on(6, '10:00'), 'hardship', grave)).reason).toBe('hardship');
  });

  it('follows the third call that was unclear or fell', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'unclear');
    expect(types(scenario.call(on(2, '10:00'), 'dropped'))).not.toContain('HandedOver');
    expect(handedOver(scenario.call(on(3, '10:00'), 'unclear')).reason).toBe('unclear');
  });

  const broken = (scenario: Scenario, dpd: number) => {
    scenario.call(on(dpd, '10:00'), 'promised', { promise: spoken({ date: day(dpd) }) });
    scenario.postedThrough = on(dpd + 1, '00:00');
    return scenario.when(on(dpd + 1, '00:45'), { do: 'settle' });
  };

  it('follows the second broken promise, or one that was broken in H', () => {
    const scenario = started();
    expect(types(broken(scenario, 1))).not.toContain('HandedOver');
    expect(handedOver(broken(scenario, 2)).reason).toBe('broken-promise');
    expect(handedOver(broken(started(6), 6)).reason).toBe('broken-promise');
  });

  it('follows a promise of the last day that was broken in H as such, at 06:00 at the latest', () => {
    const promised = () => {
      const scenario = started(8);
      scenario.call(on(8, '10:00'), 'promised', { promise: spoken({ date: day(8) }) });
      return scenario;
    };
    expect(handedOver(broken(started(8), 8)).reason).toBe('broken-promise');
    const late = promised();
    expect(types(late.when(on(9, '00:45'), { do: 'settle' }))).not.toContain('PromiseBroken');
    late.postedThrough = on(9, '05:59');
    const events = late.plan(9);
    expect(types(events)).toEqual(['PromiseBroken', 'HandedOver']);
    expect(handedOver(events).reason).toBe('broken-promise');
    expect(handedOver(promised().plan(9)).reason).toBe('end-of-robot');
  });

  it('follows five conversations without a kept promise', () => {
    const scenario = started();
    for (const dpd of [1, 2, 3, 4])
      expect(types(scenario.call(on(dpd, '10:00'), 'no-promise'))).not.toContain('HandedOver');
    expect(handedOver(scenario.call(on(5, '10:00'), 'no-promise')).reason).toBe('talked-out');
  });

  it('follows twenty attempts, a trunk fault not counted', () => {
    const scenario = started();
    for (let i = 0; i < 19; i++) scenario.call(on(1 + Math.floor(i / 4), '10:00'), 'no-answer');
    expect(types(scenario.call(on(6, '11:00'), 'trunk-fault'))).not.toContain('HandedOver');
    expect(handedOver(scenario.call(on(6, '12:00'), 'no-answer')).reason).toBe('capped');
  });

  it('follows a first h-inform conversation with a very large amount or a score below 25', () => {
    const inform = (scenario: Scenario) =>
      scenario.call(on(6, '10:00'), 'no-promise', { call: { script: 'h-inform', tier: 'H' } });
    expect(handedOver(inform(started(6, { unpaidMinimum: 1_000_000 }))).reason).toBe('large-at-risk');
    expect(types(inform(started(6, { unpaidMinimum: 999_999, statementBalance: null })))).not.toContain('HandedOver');
    const scored = (score: number) => {
      const scenario = started(6);
      scenario.when(on(6, '07:00'), { do: 'note-score', score: 20 });
      expect(types(inform(scenario))).not.toContain('HandedOver');
      const early = scenario.when(on(6, '10:01'), { do: 'note-score', score: 10, trigger: 'payment' });
      expect(types(early)).not.toContain('HandedOver');
      return types(scenario.when(on(6, '10:02'), { do: 'note-score', score, trigger: 'call' })).includes('HandedOver');
    };
    expect([scored(24), scored(25)]).toEqual([true, false]);
  });

  it('leaves whoever has just promised to the robot, whatever the amount and the score', () => {
    const scenario = started(6, { unpaidMinimum: 1_000_000, minimumDue: 1_000_000 });
    const promise = spoken({ amount: 1_000_000, date: day(7) });
    const call = { script: 'h-inform', tier: 'H' } as const;
    expect(types(scenario.call(on(6, '10:00'), 'promised', { promise, call }))).not.toContain('HandedOver');
    const scored = scenario.when(on(6, '10:01'), { do: 'note-score', score: 5, trigger: 'call' });
    expect(types(scored)).toEqual(['ScoreNoted']);
  });

  it('follows the loss of the last usable number', () => {
    const scenario = started();
    const events = scenario.when(on(1, '10:00'), { do: 'note-numbers', usable: 0 });
    expect(handedOver(events)).toMatchObject({ reason: 'lost', queue: 'tracing' });
    expect(scenario.when(on(1, '10:01'), { do: 'note-numbers', usable: 0 })).toEqual([]);
  });

  it('comes at DPD 9, not at DPD 8: lost when tried and never reached, else end-of-robot', () => {
    const never = started();
    never.call(on(1, '10:00'), 'no-answer');
    expect(types(never.plan(8))).toEqual(['AccountTiered']);
    expect(handedOver(never.plan(9)).reason).toBe('lost');
    const bySms = started();
    bySms.call(on(1, '10:00'), 'no-answer');
    expect(types(bySms.when(on(2, '10:00'), { do: 'note-reach' }))).toEqual(['ReachNoted']);
    expect(bySms.when(on(2, '10:01'), { do: 'note-reach' })).toEqual([]);
    expect(handedOver(bySms.plan(9)).reason).toBe('end-of-robot');
    const spokenTo = started();
    spokenTo.call(on(1, '10:00'), 'no-promise');
    expect(handedOver(spokenTo.plan(9)).reason).toBe('end-of-robot');
  });

  it('happens once: afterwards the robot is silent', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'human');
    expect(types(scenario.call(on(1, '11:00'), 'human'))).toEqual(['CallNoted']);
    expect(scenario.when(on(2, '06:00'), { do: 'plan-day' })).toEqual([]);
  });
});

describe('the return to the robot', () => {
  const given = (dpd: number) => {
    const scenario = started(6);
    scenario.call(on(6, '10:00'), 'human');
    return {
      scenario,
      events: scenario.when(on(dpd, '09:00'), { do: 'return-to-robot', reason: 'agreed', by: 'li' }),
    };
  };

  it('happens inside DPD 1–8 only, and plans the days again', () => {
    const { scenario, events } = given(8);
    expect(types(events)).toEqual(['ReturnedToRobot', 'AccountTiered']);
    expect(scenario.timer('day-plan')).toBe(on(9, '06:00'));
    expect(given(9).events).toEqual([]);
  });

  it('is nothing for an account that the robot has', () => {
    expect(started().when(on(1, '09:00'), { do: 'return-to-robot', reason: 'x', by: 'li' })).toEqual([]);
  });

  it('is not undone by what the human knew: the next day plan tiers, a new broken promise hands over', () => {
    const scenario = started(6);
    scenario.call(on(6, '10:00'), 'promised', { promise: spoken({ date: day(6) }) });
    scenario.postedThrough = on(7, '00:00');
    expect(types(scenario.when(on(7, '00:45'), { do: 'settle' }))).toContain('HandedOver');
    scenario.when(on(7, '09:00'), { do: 'return-to-robot', reason: 'paid tomorrow', by: 'li' });
    expect(types(scenario.plan(8))).toEqual(['AccountTiered']);
    scenario.call(on(8, '10:00'), 'promised', { promise: spoken({ date: day(8) }) });
    scenario.postedThrough = on(9, '00:00');
    expect(types(scenario.when(on(9, '00:45'), { do: 'settle' }))).toContain('HandedOver');
  });
});
