import { describe, expect, it } from '@jest/globals';
import type { Strategy } from '../package/schema.js';
import { adviceOf, chance, dayOf, dueDate, local, pastCall, planInputs, strategy, talk } from '../package.fixture.js';
import type { DayPlan, PastCall, PlanInputs } from '../records.js';
import { planDay } from './day-plan.js';

const plan = (dpd: number, of: Partial<PlanInputs> = {}): DayPlan => planDay(strategy, planInputs(dpd, of));
const why = (dpd: number, of: Partial<PlanInputs> = {}) => plan(dpd, of).why;
const at = (dpd: number, time: string) => local(dayOf(dpd), time);
const two = [
  { phoneRef: 'phone-one', order: 1, state: 'ok' as const },
  { phoneRef: 'phone-two', order: 2, state: 'ok' as const },
];
const unanswered = (dpd: number, times: readonly string[], of: Partial<PastCall> = {}) =>
  times.map((time, n) => pastCall(at(dpd, time), 'no-answer', { windowId: `W${n + 1}`, ...of }));

describe('the day of a debtor', () => {
  it.each([
    [1, 2, ['W2', 'W3'], 'l-first'],
    [2, 3, ['W1', 'W2', 'W3'], 'l-first'],
    [4, 3, ['W1', 'W2', 'W3'], 'm-willing'],
    [5, 3, ['W3', 'W1', 'W2'], 'm-willing'],
    [7, 3, ['W3', 'W2', 'W1'], 'h-inform'],
    [8, 2, ['W1', 'W2'], 'h-inform'],
  ])('plans DPD %i with %i attempts in %j and %s when nobody was reached', (dpd, maxAttempts, windows, script) => {
    const day = plan(dpd);
    expect(day).toMatchObject({ maxAttempts, script, why: 'planned', phone: { phoneRef: 'phone-one', index: 0 } });
    expect(day.windows.map((window) => window.id)).toEqual(windows);
  });

  it.each([
    [2, 2, ['W3', 'W2'], 'l-second'],
    [3, 1, ['W1'], 'l-second'],
    [4, 2, ['W1', 'W3'], 'm-willing'],
    [5, 2, ['W2', 'W3'], 'm-willing'],
    [6, 2, ['W1', 'W3'], 'h-inform'],
  ])(
    'plans DPD %i with %i attempts in %j and %s after a conversation without a promise',
    (dpd, maxAttempts, windows, script) => {
      const day = plan(dpd, { calls: [talk(at(1, '14:10'))] });
      expect(day).toMatchObject({ maxAttempts, script });
      expect(day.windows.map((window) => window.id)).toEqual(windows);
    },
  );

  it('takes the second script of a tier only after a conversation in that tier', () => {
    expect(plan(5, { calls: [talk(at(4, '10:00'), { tier: 'M' })] }).script).toBe('m-second');
    expect(plan(5, { calls: [talk(at(3, '10:00'), { tier: 'L' })] }).script).toBe('m-willing');
    expect(plan(2, { tier: 'H' }).script).toBe('h-inform');
  });

  it('rests on DPD 1 after a conversation, and on DPD 3 after two but not after one', () => {
    expect(why(1, { at: at(1, '15:00'), calls: [talk(at(1, '14:10'))] })).toBe('cap-conversations-day');
    expect(why(1, { calls: [talk(at(0, '14:10'))] })).toBe('row-rest');
    expect(why(3, { calls: [talk(at(1, '14:00'))] })).toBe('planned');
    expect(why(3, { calls: [talk(at(1, '14:00')), talk(at(2, '14:00'))] })).toBe('row-rest');
  });

  it('does not dial l-second before 18 hours after the conversation', () => {
    expect(plan(2, { calls: [talk(at(1, '19:30'))] }).windows[1]).toMatchObject({ id: 'W2', from: at(2, '14:00') });
    const late = plan(2, { calls: [talk(at(1, '20:30'))] });
    expect(late.windows.find((window) => window.id === 'W2')?.from).toBe(at(2, '14:30'));
  });

  it('leaves alone before DPD 1 and after DPD 8', () => {
    expect([why(0), why(1), why(8), why(9)]).toEqual(['not-due', 'planned', 'planned', 'end-of-robot']);
  });

  it.each<[DayPlan['why'], Partial<PlanInputs>]>([
    ['within-tolerance', { withinTolerance: true }],
    ['handed-over', { handedOver: true }],
    ['stopped', { stops: ['complaint'] }],
    ['holdout', { arm: 'holdout' }],
    ['open-promise', { openPromise: true }],
    ['claim-checking', { claimChecking: true }],
    ['paid-today', { lastPaymentOn: dayOf(2) }],
    ['no-number', { phones: [{ phoneRef: 'p', order: 1, state: 'barred' }] }],
  ])('calls nobody: %s', (reason, of) => {
    const day = plan(2, of);
    expect(day).toMatchObject({ why: reason, nextDialAt: null, script: null, windows: [], maxAttempts: 0 });
    expect(day.decision.nextReviewAt).toBe(at(3, '06:00'));
  });

  it('calls again the day after a part payment', () => {
    expect(why(3, { lastPaymentOn: dayOf(2) })).toBe('planned');
  });

  it('waits for an autopay that is ahead, up to DPD 2', () => {
    const ahead = (dpd: number, nextTryAt: string) => why(dpd, { autopay: { on: true, nextTryAt } });
    expect([ahead(2, at(2, '20:00')), ahead(2, at(2, '05:00')), ahead(3, at(3, '20:00'))]).toEqual([
      'autopay-ahead',
      'planned',
      'planned',
    ]);
    expect(why(2, { autopay: { on: false, nextTryAt: at(2, '20:00') } })).toBe('planned');
  });

  it('caps attempts at 4 and connected calls at 2 a day, and 3 attempts on one number', () => {
    const calls = (n: number, ref = 'phone-one') =>
      Array.from({ length: n }, () => pastCall(at(2, '09:40'), 'busy', { phoneRef: ref }));
    const now = { at: at(2, '13:00') };
    const wide: Strategy = {
      ...strategy,
      dayPlan: {
        ...strategy.dayPlan,
        rows: {
          ...strategy.dayPlan.rows,
          '2': {
            ...strategy.dayPlan.rows['2']!,
            noRpc: { max: 9, windows: ['W1', 'W2', 'W3'], restAfterConversations: null },
          },
        },
      },
    };
    const wider = (of: Partial<PlanInputs>) => planDay(wide, planInputs(2, { ...now, ...of }));
    expect(wider({ calls: calls(2) }).why).toBe('planned');
    expect(wider({ calls: calls(3) }).why).toBe('cap-attempts-number');
    expect(wider({ calls: calls(3), phones: two }).phone?.phoneRef).toBe('phone-two');
    expect(wider({ calls: [...calls(3), ...calls(1, 'phone-two')], phones: two }).why).toBe('cap-attempts-day');
    const machines = (n: number) =>
      Array.from({ length: n }, () => pastCall(at(2, '09:40'), 'machine', { connected: true }));
    expect([wider({ calls: machines(1) }).why, wider({ calls: machines(2) }).why]).toEqual([
      'planned',
      'cap-connected-day',
    ]);
    expect(why(2, { ...now, calls: calls(3) })).toBe('cap-attempts-number');
  });

  it('does not count trunk faults, nor attempts of other days, as attempts of today', () => {
    const faults = Array.from({ length: 6 }, () => pastCall(at(2, '09:40'), 'trunk-fault'));
    expect(plan(2, { at: at(2, '13:00'), calls: [...unanswered(1, ['14:00', '19:00']), ...faults] }).maxAttempts).toBe(
      3,
    );
  });

  it('stops at 20 attempts and at 5 conversations in the episode, one before not', () => {
    const old = (n: number, one: () => PastCall) => Array.from({ length: n }, one);
    const missed = () => pastCall(at(2, '10:00'), 'no-answer');
    const spoken = () => talk(at(2, '10:00'));
    expect([why(6, { calls: old(19, missed) }), why(6, { calls: old(20, missed) })]).toEqual([
      'planned',
      'cap-attempts-episode',
    ]);
    expect([why(6, { calls: old(4, spoken) }), why(6, { calls: old(5, spoken) })]).toEqual([
      'planned',
      'cap-conversations-episode',
    ]);
    expect(plan(6, { calls: old(19, missed) }).maxAttempts).toBe(1);
  });

  it('uses up the attempts of the row, each window once', () => {
    const first = plan(4, { at: at(4, '10:00'), calls: unanswered(4, ['09:45']) });
    expect(first).toMatchObject({ maxAttempts: 2, windowId: 'W2' });
    expect(why(4, { at: at(4, '19:00'), calls: unanswered(4, ['09:45', '14:10', '18:40']), phones: two })).toBe(
      'row-attempts-used',
    );
  });

  it('dials on a tick inside the window, and the same for the same intent', () => {
    for (let n = 0; n < 300; n += 1) {
      const day = plan(4, { intentId: `intent-${n}` });
      expect(day.windowId).toBe('W1');
      expect(day.nextDialAt! >= at(4, '09:30') && day.nextDialAt! < at(4, '11:30')).toBe(true);
      expect(Date.parse(day.nextDialAt!) % 30_000).toBe(0);
    }
    expect(plan(4)).toEqual(plan(4));
    expect(plan(4, { intentId: 'other' }).nextDialAt).not.toBe(plan(4).nextDialAt);
  });

  it('uses the rest of a running window to its last tick and no longer', () => {
    expect(plan(8, { at: at(8, '17:29') }).nextDialAt).toBe(at(8, '17:29'));
    expect(why(8, { at: at(8, '17:30') })).toBe('no-window-left');
  });

  it('prefers the hours the debtor asked for, then the window of an earlier answer, then the row', () => {
    expect(plan(4).decision.rules).toContain('row-order');
    const answered = plan(4, {
      calls: [pastCall(at(3, '19:00'), 'hung-up-early', { connected: true, windowId: 'W3' })],
    });
    expect(answered).toMatchObject({ windowId: 'W3' });
    const asked = plan(4, {
      calls: [pastCall(at(3, '19:00'), 'hung-up-early', { connected: true, windowId: 'W3' })],
      agreedWindows: [{ from: '15:00', to: '16:00' }],
    });
    expect(asked).toMatchObject({ windowId: 'A1' });
    expect(asked.nextDialAt! >= at(4, '15:00') && asked.nextDialAt! < at(4, '16:00')).toBe(true);
    const machine = plan(4, { calls: [pastCall(at(3, '19:00'), 'machine', { connected: true, windowId: 'W3' })] });
    expect(machine.windowId).toBe('W1');
  });

  it('keeps to hours agreed with the debtor in place of the windows, inside the walls of the guard', () => {
    const agreed = (from: string, to: string, dpd = 4) => plan(dpd, { agreedWindows: [{ from, to }] });
    const early = agreed('07:00', '08:30');
    expect(early.windows).toEqual([{ id: 'A1', from: at(4, '08:00'), to: at(4, '08:30') }]);
    expect(early.nextDialAt! >= at(4, '08:00') && early.nextDialAt! < at(4, '08:30')).toBe(true);
    expect(agreed('12:00', '13:30').windowId).toBe('A1');
    expect(agreed('21:30', '23:00').windows).toEqual([{ id: 'A1', from: at(4, '21:30'), to: at(4, '21:50') }]);
    expect(agreed('22:00', '23:00').why).toBe('no-window-left');
    expect(agreed('07:00', '08:00').why).toBe('no-window-left');
    const tried = [pastCall(at(4, '08:05'), 'no-answer', { windowId: 'A1' })];
    const two = [
      { from: '20:30', to: '21:00' },
      { from: '08:00', to: '08:30' },
    ];
    expect(plan(4, { at: at(4, '09:00'), agreedWindows: two, calls: tried }).windowId).toBe('A2');
  });

  it('starts in the first window of the row that is still ahead today; by the clock when told to', () => {
    const clock: Strategy = { ...strategy, dayPlan: { ...strategy.dayPlan, windowOrder: 'clock' } };
    expect([planDay(clock, planInputs(5)).windowId, plan(5).windowId]).toEqual(['W1', 'W3']);
    expect(plan(7, { at: at(7, '20:30') }).windowId).toBe(null);
    expect(plan(8, { at: at(8, '12:00') }).windowId).toBe('W2');
  });

  it('shortens the day on weekends, makes it one attempt on holidays, and nothing at Lunar New Year', () => {
    const on = (date: string) => planDay(strategy, planInputs(2, { at: local(date, '06:00'), dueDate: date }));
    expect(on('2026-11-07').windows[0]).toEqual({
      id: 'W1',
      from: local('2026-11-07', '10:00'),
      to: local('2026-11-07', '11:30'),
    });
    expect(on('2026-10-10').windows[0]?.from).toBe(local('2026-10-10', '09:30'));
    expect(on('2026-10-01')).toMatchObject({
      maxAttempts: 1,
      windows: [{ id: 'WH', from: local('2026-10-01', '15:00'), to: local('2026-10-01', '19:00') }],
    });
    expect([on('2026-02-15').why, on('2026-02-16').why, on('2026-02-19').why, on('2026-02-20').why]).toEqual([
      'planned',
      'blackout',
      'blackout',
      'planned',
    ]);
  });
});

describe('what happened lately', () => {
  it('puts paid-check before broken before part-paid, each until a conversation', () => {
    const overrides = [
      { kind: 'part-paid' as const, since: at(3, '08:00') },
      { kind: 'broken' as const, since: at(4, '01:00') },
    ];
    expect(plan(4, { overrides })).toMatchObject({ script: 'broken', override: 'broken', windowId: 'W1' });
    expect(plan(4, { overrides: [...overrides, { kind: 'paid-check', since: at(3, '08:00') }] }).script).toBe(
      'paid-check',
    );
    expect(plan(5, { overrides, calls: [talk(at(4, '10:00'), { tier: 'M' })] }).script).toBe('m-second');
    expect(plan(5, { overrides, calls: [pastCall(at(4, '10:00'), 'no-answer')] }).script).toBe('broken');
  });
  it('lets the day of a part-kept promise rest', () => {
    const overrides = [{ kind: 'part-paid' as const, since: at(3, '08:00') }];
    expect([why(3, { at: at(3, '09:00'), overrides }), plan(4, { overrides }).script]).toEqual([
      'rest-today',
      'part-paid',
    ]);
  });
  it('tries an unanswered paid-check call again by the redial rules, four times in all', () => {
    const overrides = [{ kind: 'paid-check' as const, since: at(3, '08:00') }];
    const tried = (n: number) =>
      [at(3, '10:00'), at(3, '15:00'), at(4, '10:00'), at(4, '15:00')]
        .slice(0, n)
        .map((when) => pastCall(when, 'no-answer', { script: 'paid-check' }));
    expect(plan(4, { overrides, calls: tried(1) })).toMatchObject({ why: 'planned', script: 'paid-check' });
    expect([why(5, { overrides, calls: tried(3) }), why(5, { overrides, calls: tried(4) })]).toEqual([
      'planned',
      'override-done',
    ]);
    const fault = pastCall(at(4, '16:00'), 'trunk-fault', { script: 'paid-check' });
    expect(why(5, { overrides, calls: [...tried(3), fault] })).toBe('planned');
    expect(plan(3, { at: at(3, '10:01'), overrides, calls: tried(1) }).nextDialAt).not.toBeNull();
  });
  it('ends the day when the advice says so, and not the next one', () => {
    const advice = adviceOf({ dayOver: true });
    expect([why(2, { at: at(2, '11:00'), advice }), why(3, { advice })]).toEqual(['day-over', 'planned']);
  });
  it('waits for the date of a debtor who defers, unless a promise broke since', () => {
    const advice = adviceOf({ notBeforeDate: dayOf(4) });
    expect([why(3, { advice }), why(4, { advice })]).toEqual(['deferred', 'planned']);
    expect(why(3, { advice, overrides: [{ kind: 'broken', since: at(3, '01:00') }] })).toBe('planned');
  });
  it('waits for the next window, and the redial time in it', () => {
    const calls = unanswered(2, ['10:00']);
    expect(plan(2, { at: at(2, '10:01'), calls, advice: adviceOf({ notBefore: at(2, '12:00') }) }).windowId).toBe('W2');
    const late = plan(2, { at: at(2, '10:01'), calls, advice: adviceOf({ notBefore: at(2, '15:00') }) });
    expect(late.nextDialAt! >= at(2, '15:00')).toBe(true);
  });
  it('redials a busy line after exactly 30 minutes in the same window, or in the next', () => {
    const busy = (time: string, again: string) =>
      plan(2, {
        at: at(2, time),
        calls: [pastCall(at(2, time), 'busy')],
        advice: adviceOf({ endedAt: at(2, time), notBefore: at(2, again), nextWindow: false }),
      });
    expect(busy('10:00', '10:30').nextDialAt).toBe(at(2, '10:30'));
    expect(busy('11:10', '11:40')).toMatchObject({ windowId: 'W2' });
  });
  it('avoids the window of a machine on the next day, if the row has another', () => {
    const machine = {
      calls: [pastCall(at(3, '10:00'), 'machine', { connected: true })],
      advice: adviceOf({ endedAt: at(3, '10:00'), otherWindow: true, dayOver: true }),
    };
    expect(plan(4, machine).windowId).toBe('W2');
  });
  it('moves to the next own number, and keeps doubtful ones for the last', () => {
    const calls = [pastCall(at(2, '10:00'), 'switched-off')];
    expect(plan(3, { calls, phones: two }).phone?.phoneRef).toBe('phone-one');
    expect(plan(3, { calls, phones: two, advice: adviceOf({ nextNumber: true }) }).phone).toEqual({
      phoneRef: 'phone-two',
      index: 1,
    });
    const doubtful = [{ phoneRef: 'phone-one', order: 1, state: 'doubtful' as const }, two[1]!];
    expect(plan(3, { phones: doubtful }).phone?.phoneRef).toBe('phone-two');
    expect(plan(3, { phones: [doubtful[0]!] }).phone?.phoneRef).toBe('phone-one');
    expect(why(3, { phones: [{ phoneRef: 'phone-one', order: 1, state: 'unconfirmed' }] })).toBe('no-number');
  });
});

describe('a callback the debtor asked for', () => {
  const calls = [pastCall(at(2, '10:00'), 'busy-now', { connected: true, rpc: true })];
  it('is made at its time, also outside the windows and after a conversation of the day', () => {
    expect(plan(2, { at: at(2, '10:05'), calls, callbackAt: at(2, '12:30') })).toMatchObject({
      why: 'callback',
      nextDialAt: at(2, '12:30'),
      windowId: null,
      script: 'l-first',
      maxAttempts: 1,
    });
  });
  it('lets everything before it wait', () => {
    expect(why(2, { at: at(2, '10:05'), calls, callbackAt: at(3, '12:30') })).toBe('callback-later');
    expect(plan(3, { calls, callbackAt: at(3, '12:30') }).nextDialAt).toBe(at(3, '12:30'));
  });
  it('may be ten minutes late and no more', () => {
    expect(plan(3, { at: at(3, '12:40'), calls, callbackAt: at(3, '12:30') }).nextDialAt).toBe(at(3, '12:40'));
    expect(why(3, { at: local(dayOf(3), '12:41'), calls, callbackAt: at(3, '12:30') })).not.toBe('callback');
  });
  it('is made once', () => {
    expect(
      why(2, {
        at: at(2, '12:31'),
        calls: [...calls, pastCall(at(2, '12:30'), 'no-answer')],
        callbackAt: at(2, '12:30'),
      }),
    ).not.toBe('callback');
  });
  it('still obeys stops, open promises and the caps on attempts and connected calls', () => {
    const of = { at: at(2, '10:05'), calls, callbackAt: at(2, '12:30') };
    expect(why(2, { ...of, stops: ['complaint'] })).toBe('stopped');
    expect(why(2, { ...of, openPromise: true })).toBe('open-promise');
    expect(why(2, { ...of, calls: [pastCall(at(2, '09:40'), 'machine', { connected: true }), ...calls] })).toBe(
      'cap-connected-day',
    );
  });
});

describe('the decision of a day', () => {
  it('has options that sum to 1, names the choice, and never the salt', () => {
    for (const day of [
      plan(2),
      plan(2, { stops: ['complaint'] }),
      plan(2, { at: at(2, '10:05'), callbackAt: at(2, '12:30') }),
    ]) {
      const { options, chosen } = day.decision;
      expect(options.reduce((sum, option) => sum + option.probability, 0)).toBe(1);
      expect(options.find((option) => option.option === chosen)).toMatchObject({ probability: 1 });
      expect(JSON.stringify(day)).not.toContain(chance.salt);
    }
    expect(dueDate).toBe('2026-11-01');
  });
});
