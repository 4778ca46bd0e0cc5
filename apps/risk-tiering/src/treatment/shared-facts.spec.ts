import { describe, expect, it } from '@jest/globals';
import type { Disposition, HandOverReason, StopKind } from '@mora/contracts';
import { dataOf, day, on, Scenario, spoken, types } from '../testing/treatments.js';
import type { CallFacts } from './calls.js';
import type { SharedFact } from './shared-facts.js';
import type { TreatmentStop } from './treatment.js';

const started = (dpd = 1, of = {}) => {
  const scenario = new Scenario();
  scenario.started(on(dpd, '05:30'), of);
  return scenario;
};
const promised = () => {
  const scenario = started();
  scenario.call(on(1, '10:00'), 'promised', { promise: spoken() });
  return scenario;
};
const stop = (kind: StopKind, of: Partial<TreatmentStop> = {}): SharedFact => ({
  what: 'stop',
  stop: { stopId: `stop-${kind}`, kind, channels: ['call', 'sms'], until: null, ...of },
});
const lift = (kind: StopKind): SharedFact => ({ what: 'lift', stopId: `stop-${kind}` });
const take = (scenario: Scenario, at: string, ...facts: readonly SharedFact[]) =>
  scenario.when(at, { do: 'take-in', facts });
/** Held about another account of the debtor. */
const conversation = (
  at: string,
  disposition: Disposition,
  of: Partial<Omit<CallFacts, 'call'>> & { readonly attemptId?: string } = {},
): SharedFact => {
  const { attemptId = `other-${at}`, ...rest } = of;
  const call = {
    attemptId,
    originatedAt: at,
    endedAt: at,
    phoneRef: 'phone-one',
    voice: 'F1',
    script: 'l-first',
    windowId: null,
    tier: 'H',
    disposition,
    connected: true,
    rpc: true,
    callbackAt: null,
    deferTo: null,
  } as const;
  return { what: 'conversation', call: { call, promise: null, claimedPaidOn: null, stops: [], ...rest } };
};

describe('a stop of the guard', () => {
  it.each<[StopKind, HandOverReason, string]>([
    ['disputed', 'dispute', 'disputes'],
    ['fraud', 'fraud', 'fraud'],
    ['complaint', 'complaint', 'complaints'],
    ['hardship', 'hardship', 'hardship'],
    ['stop-asked', 'stop-asked', 'collectors'],
    ['deceased', 'deceased', 'deceased'],
    ['incapable', 'incapable', 'deceased'],
    ['distress', 'distress', 'senior'],
  ])('%s voids the promise and hands over for %s, to %s', (kind, reason, queue) => {
    const events = take(promised(), on(2, '10:00'), stop(kind));
    expect(types(events)).toEqual(['StopNoted', 'PromiseVoided', 'HandedOver']);
    expect(dataOf(events, 'PromiseVoided')).toMatchObject({ because: kind, date: day(3) });
    expect(dataOf(events, 'HandedOver')).toMatchObject({ reason, queue, trigger: `stop ${kind}` });
  });

  it.each<StopKind>(['legal', 'represented', 'plan', 'barred', 'disaster'])(
    '%s voids the promise and leaves the account where it is',
    (kind) => {
      const scenario = promised();
      expect(types(take(scenario, on(2, '10:00'), stop(kind)))).toEqual(['StopNoted', 'PromiseVoided']);
      expect(scenario.state.status).toBe('active');
      expect(scenario.timer('settle')).toBeUndefined();
    },
  );

  it('that ends SMS alone is known, and changes nothing of promise and hand-over', () => {
    const scenario = promised();
    expect(types(take(scenario, on(2, '10:00'), stop('stop-asked', { channels: ['sms'] })))).toEqual(['StopNoted']);
    expect(scenario.state.promise).not.toBeNull();
    expect(types(scenario.plan(3))).toEqual(['AccountTiered']);
  });

  it('told twice is one stop', () => {
    const scenario = promised();
    take(scenario, on(2, '10:00'), stop('complaint'));
    expect(take(scenario, on(2, '10:01'), stop('complaint'))).toEqual([]);
  });

  it('does not hand over again what the call itself handed over', () => {
    const scenario = started();
    const stops = [{ kind: 'disputed', scope: 'debtor' } as const];
    expect(types(scenario.call(on(1, '10:00'), 'disputed', { stops }))).toContain('HandedOver');
    expect(types(take(scenario, on(1, '10:00'), stop('disputed')))).toEqual(['StopNoted']);
  });

  it('brings what humans have to a graver desk, not to an equal one', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'human');
    expect(types(take(scenario, on(2, '10:00'), stop('deceased')))).toEqual(['StopNoted']);
    const events = take(scenario, on(3, '10:00'), stop('complaint'));
    expect(dataOf(events, 'HandedOver')).toMatchObject({ reason: 'complaint', queue: 'complaints' });
  });

  it('of several kinds at once goes to the gravest desk, once', () => {
    const events = take(started(), on(2, '10:00'), stop('hardship'), stop('complaint'), stop('legal'));
    expect(types(events)).toEqual(['StopNoted', 'StopNoted', 'StopNoted', 'HandedOver']);
    expect(dataOf(events, 'HandedOver').reason).toBe('complaint');
  });

  it('is no hand-over where nothing is to be collected, and one at the day plan after more is due', () => {
    const scenario = started(1, { unpaidMinimum: 1_000 });
    expect(types(take(scenario, on(1, '10:00'), stop('complaint')))).toEqual(['StopNoted']);
    scenario.paid(on(1, '11:00'), -50_000, 51_000);
    expect(dataOf(scenario.plan(2), 'HandedOver').reason).toBe('complaint');
  });

  it('that was lifted gives nothing back: a human returns the account, and it is not handed over for that stop again', () => {
    const scenario = promised();
    take(scenario, on(2, '10:00'), stop('disputed'));
    scenario.when(on(3, '10:00'), { do: 'return-to-robot', reason: 'decided', by: 'li' });
    expect(types(take(scenario, on(3, '10:00'), lift('disputed')))).toEqual(['StopEnded']);
    expect(take(scenario, on(3, '10:01'), lift('disputed'))).toEqual([]);
    expect(scenario.state.promise).toBeNull();
    expect(types(scenario.plan(4))).toEqual(['AccountTiered']);
  });

  it('still in force does not undo the return; placed anew after its end it hands over again', () => {
    const scenario = started();
    take(scenario, on(2, '10:00'), stop('disputed'));
    scenario.when(on(3, '10:00'), { do: 'return-to-robot', reason: 'decided', by: 'li' });
    expect(types(scenario.plan(4))).toEqual(['AccountTiered']);
    expect(types(take(scenario, on(4, '10:00'), stop('disputed', { until: on(6, '00:00') })))).toEqual(['StopNoted']);
    take(scenario, on(4, '11:00'), lift('disputed'));
    expect(types(take(scenario, on(5, '10:00'), stop('disputed')))).toContain('HandedOver');
  });

  it('told after its end is nothing, one instant before it is', () => {
    const short = stop('complaint', { until: on(2, '10:00') });
    expect(take(started(), on(2, '10:00'), short)).toEqual([]);
    expect(types(take(started(), on(2, '09:59'), short))).toContain('HandedOver');
  });

  it('in a cured account waits for the day the payment is reversed', () => {
    const scenario = started();
    scenario.when(on(1, '09:00'), { do: 'end', reason: 'cured' });
    expect(types(take(scenario, on(1, '10:00'), stop('complaint')))).toEqual(['StopNoted']);
    const events = scenario.when(on(2, '09:00'), { do: 'resume', because: 'r1' });
    expect(types(events)).toEqual(['TreatmentResumed', 'HandedOver']);
    expect(dataOf(events, 'HandedOver').reason).toBe('complaint');
  });
});

describe('a conversation about another account', () => {
  it('counts here: the second without a promise raises the tier at the next day plan', () => {
    const scenario = started();
    take(scenario, on(1, '10:00'), conversation(on(1, '10:00'), 'promised'));
    expect(types(scenario.plan(2))).toEqual(['AccountTiered']);
    take(scenario, on(2, '10:00'), conversation(on(2, '10:00'), 'no-promise'));
    expect(dataOf(scenario.plan(3), 'AccountTiered')).toMatchObject({ base: 'L', tier: 'M' });
  });

  it('is taken in once', () => {
    const scenario = started();
    const one = conversation(on(1, '10:00'), 'no-promise');
    expect(types(take(scenario, on(1, '10:00'), one))).toEqual(['CallNoted']);
    expect(take(scenario, on(1, '10:01'), one)).toEqual([]);
  });

  it('leaves its promise and its claim of payment there', () => {
    const facts = {
      promise: spoken(),
      claimedPaidOn: day(1),
      stops: [{ kind: 'claims-paid', scope: 'account' } as const],
    };
    expect(types(take(started(), on(1, '10:00'), conversation(on(1, '10:00'), 'promised', facts)))).toEqual([
      'CallNoted',
    ]);
    expect(types(take(started(), on(1, '10:00'), conversation(on(1, '10:00'), 'claims-paid', facts)))).toEqual([
      'CallNoted',
    ]);
  });

  it('brings a promise of its own minimum where the debtor said all', () => {
    const promise = spoken({ amount: 70_000, kind: 'full', covers: 'all' });
    const events = take(started(), on(1, '10:00'), conversation(on(1, '10:00'), 'promised', { promise }));
    expect(dataOf(events, 'PromiseMade')).toMatchObject({ amount: 50_000, promiseKind: 'minimum', date: day(3) });
  });

  it('hands over where the debtor asked for a human, and on the second refusal over all his accounts', () => {
    const asked = take(started(), on(1, '10:00'), conversation(on(1, '10:00'), 'human'));
    expect(dataOf(asked, 'HandedOver').reason).toBe('human-asked');
    const scenario = started();
    scenario.call(on(1, '10:00'), 'refused');
    const again = take(scenario, on(2, '10:00'), conversation(on(2, '10:00'), 'refused'));
    expect(dataOf(again, 'HandedOver').reason).toBe('refused');
  });

  it('is judged by the tier of this account: a first refusal in L is none of H', () => {
    expect(types(take(started(), on(1, '10:00'), conversation(on(1, '10:00'), 'refused')))).not.toContain('HandedOver');
  });

  it('with a stop on the debtor hands over once, by whichever way it comes first', () => {
    const said = conversation(on(1, '10:00'), 'disputed', { stops: [{ kind: 'fraud', scope: 'debtor' }] });
    for (const order of [
      [[said], [stop('fraud')]],
      [[stop('fraud')], [said]],
      [[said, stop('fraud')], []],
    ]) {
      const scenario = promised();
      const events = order.flatMap((facts) => take(scenario, on(1, '10:30'), ...facts));
      expect(types(events).filter((t) => t === 'HandedOver' || t === 'PromiseVoided')).toEqual([
        'PromiseVoided',
        'HandedOver',
      ]);
      expect(dataOf(events, 'HandedOver').reason).toBe('fraud');
    }
  });

  it('with a stop on that account alone stops nothing here', () => {
    const scenario = promised();
    const said = conversation(on(1, '11:00'), 'disputed', { stops: [{ kind: 'disputed', scope: 'account' }] });
    expect(types(take(scenario, on(1, '11:00'), said))).toEqual(['CallNoted']);
  });

  it('is nothing to an account that is cured', () => {
    const scenario = started();
    scenario.when(on(1, '09:00'), { do: 'end', reason: 'cured' });
    expect(take(scenario, on(1, '10:00'), conversation(on(1, '10:00'), 'refused'))).toEqual([]);
  });
});

describe('an SMS that a human sees to', () => {
  const task = (scenario: Scenario, trigger: 'b' | 'c', lapsed: boolean, at = on(8, '12:00')) =>
    scenario.when(at, { do: 'note-sms-task', task: { trigger, reason: 'why' }, reason: 'sms-task', lapsed });

  it('while it is held is carried by the next hand-over', () => {
    const scenario = started(8);
    expect(types(task(scenario, 'c', false))).toEqual(['SmsTaskNoted']);
    expect(task(scenario, 'c', false)).toEqual([]);
    expect(dataOf(scenario.plan(9), 'HandedOver')).toMatchObject({
      reason: 'end-of-robot',
      smsTasks: [{ trigger: 'c', reason: 'why' }],
    });
    expect(task(scenario, 'c', true, on(9, '09:00'))).toEqual([]);
  });

  it('that lapsed leaves the account to the human at once', () => {
    const events = task(started(6), 'b', true, on(6, '12:00'));
    expect(types(events)).toEqual(['SmsTaskNoted', 'HandedOver']);
    expect(dataOf(events, 'HandedOver')).toMatchObject({
      reason: 'sms-task',
      smsTasks: [{ trigger: 'b', reason: 'why' }],
    });
  });

  it('is no part of a hand-over without one, nor of the one after a return', () => {
    const plain = started();
    expect('smsTasks' in dataOf(plain.call(on(1, '10:00'), 'human'), 'HandedOver')).toBe(false);
    const scenario = started(6);
    task(scenario, 'b', true, on(6, '12:00'));
    scenario.when(on(7, '09:00'), { do: 'return-to-robot', reason: 'sent by post', by: 'li' });
    expect('smsTasks' in dataOf(scenario.plan(9), 'HandedOver')).toBe(false);
  });
});
