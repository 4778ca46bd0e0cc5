import { describe, expect, it } from '@jest/globals';
import { schemaOf } from '@mora/contracts';
import { type Gate, gate } from '../gate/gate.js';
import { playbooks } from '../playbook.js';
import { CASE, DEBTOR, dialingOf, known, local, playbook, strategyHash } from '../testing/samples.js';
import { dialing } from './dialing.js';
import type { DayPlanned, DialingEvent } from './events.js';
import { attemptIdFor } from './facts.js';
import { after, type PlanSources, planDebtor, queueDial } from './plan.js';
import type { Dialing } from './records.js';

const sources: PlanSources = {
  playbookOf: playbooks(playbook.strategyOf),
  chance: playbook.chance,
  zone: playbook.zone,
};
const open: Gate = gate.evolve(gate.initial, { type: 'StrategyNoted', data: { hash: strategyHash } }, '');
const DAY = '2026-11-03';
const MORNING = local(DAY, '06:00').replace(':00.000Z', ':30.000Z');

const plan = (state: Dialing, at: string, trigger = 'day-plan', on = open) =>
  planDebtor(state, on, sources, { debtorId: DEBTOR, at, trigger, version: 1 });
const queue = (state: Dialing, at: string, on = open) =>
  queueDial(state, on, sources, { debtorId: DEBTOR, at, trigger: 'dial', version: 1 });
const planned = (steps: readonly (DialingEvent | DayPlanned)[]): DayPlanned => {
  const found = steps.find((step): step is DayPlanned => step.type === 'DayPlanned');
  if (!found) throw new Error('no DayPlanned');
  return found;
};
const timers = (state: Dialing) => Object.fromEntries(dialing.timersOf!(state).map((t) => [t.name, t.dueAt]));

const debtor = dialingOf(known);
const first = planned(plan(debtor, MORNING));
const morning = after(debtor, [first], MORNING);
const dialAt = first.data.nextDialAt!;

describe('the day plan', () => {
  it('names the first dial inside a window of the day, and the next review one tick after tomorrow 06:00', () => {
    expect(first.data).toMatchObject({ why: 'planned', script: 'l-first', leadCaseId: CASE, businessDate: DAY });
    expect(schemaOf('dialer', 'DayPlanned')?.safeParse(first.data).error).toBeUndefined();
    const window = first.data.windows.find((one) => one.id === first.data.decision.chosen)!;
    expect(dialAt >= window.from && dialAt < window.to).toBe(true);
    expect(timers(morning)).toEqual({ plan: '2026-11-03T22:00:30.000Z', dial: dialAt });
  });

  it('says the same again for the same facts, and writes it again only at the day plan', () => {
    expect(plan(debtor, MORNING)).toEqual([first]);
    expect(plan(morning, local(DAY, '08:00'), 'payment')).toEqual([]);
    expect(plan(morning, local(DAY, '08:00'), 'day-plan')).toHaveLength(1);
  });

  it('waits a tick for a strategy whose content is missing, and longer where none is active', () => {
    const missing: Gate = { ...open, strategyHash: 'unknown' };
    expect(plan(debtor, MORNING, 'day-plan', missing)).toEqual([
      { type: 'PlanWaited', data: { until: '2026-11-02T22:01:00.000Z', because: 'blob' } },
    ]);
    expect(plan(debtor, MORNING, 'day-plan', gate.initial)).toEqual([
      { type: 'PlanWaited', data: { until: '2026-11-02T22:10:30.000Z', because: 'strategy' } },
    ]);
  });

  it.each<[string, DialingEvent]>([
    [
      'open-promise',
      { type: 'PromiseNoted', data: { caseId: CASE, promise: { amount: 1, currency: 'CNY', date: DAY } } },
    ],
    ['claim-checking', { type: 'ClaimNoted', data: { caseId: CASE, checking: true } }],
    ['handed-over', { type: 'HandOverNoted', data: { caseId: CASE, handedOver: true } }],
    ['within-tolerance', { type: 'CaseStatusNoted', data: { caseId: CASE, status: 'tolerance', unpaidMinimum: 5 } }],
    ['no-open-case', { type: 'CaseStatusNoted', data: { caseId: CASE, status: 'closed', unpaidMinimum: 0 } }],
    [
      'paid-today',
      { type: 'PaymentNoted', data: { caseId: CASE, unpaidMinimum: 20_000, amount: 10_000, on: DAY, promised: false } },
    ],
    [
      'stopped',
      { type: 'StopNoted', data: { stopId: 's', kind: 'complaint', scope: 'debtor', accountId: null, until: null } },
    ],
  ])('calls nobody with: %s', (why, fact) => {
    const state = after(morning, [fact], local(DAY, '08:00'));
    const { data } = planned(plan(state, local(DAY, '08:00'), 'fact'));
    expect(data).toMatchObject({ why, nextDialAt: null });
    expect(timers(after(state, [{ type: 'DayPlanned', data }], local(DAY, '08:00')))['dial']).toBeUndefined();
  });

  it('leaves a number of three debtors to humans and goes on with his next one, or calls nobody', () => {
    const sharing = (...refs: readonly string[]): Dialing =>
      after(
        debtor,
        refs.map((phoneRef): DialingEvent => ({ type: 'SharingNoted', data: { phoneRef, debtors: 3 } })),
        MORNING,
      );
    const dialed = (state: Dialing) => {
      const { data } = planned(plan(state, MORNING));
      const steps =
        data.nextDialAt === null ? [] : queue(after(state, [{ type: 'DayPlanned', data }], MORNING), data.nextDialAt);
      return steps.flatMap((step) => (step.type === 'DialQueued' ? [step.data.phoneRef] : []));
    };
    expect(dialed(sharing())).toEqual(['phone-ref-1']);
    expect(dialed(sharing('phone-ref-1'))).toEqual(['phone-ref-2']);
    const none = sharing('phone-ref-1', 'phone-ref-2');
    expect(dialed(none)).toEqual([]);
    expect(planned(plan(none, MORNING)).data.why).toBe('no-number');
  });

  it("does not look at a debtor again who was handed over, on the robot's last day and after it", () => {
    const state = after(morning, [{ type: 'HandOverNoted', data: { caseId: CASE, handedOver: true } }], MORNING);
    for (const [at, why] of [
      [local('2026-11-09', '10:00'), 'handed-over'],
      [local('2026-11-10', '10:00'), 'end-of-robot'],
    ] as const)
      expect(planned(plan(state, at)).data).toMatchObject({ why, nextDialAt: null, decision: { nextReviewAt: null } });
    const forgotten = planned(plan(morning, local('2026-11-10', '10:00'))).data;
    expect(forgotten).toMatchObject({ why: 'end-of-robot', decision: { nextReviewAt: '2026-11-10T22:00:30.000Z' } });
  });

  it('does not count a payment towards a promise as a reason to rest', () => {
    const paid = { caseId: CASE, unpaidMinimum: 20_000, amount: 10_000, on: DAY, promised: true };
    const state = after(debtor, [{ type: 'PaymentNoted', data: paid }], MORNING);
    expect(planned(plan(state, MORNING)).data.why).toBe('planned');
  });

  it('ignores a stop on another account and one that is over', () => {
    const stops: readonly DialingEvent[] = [
      { type: 'StopNoted', data: { stopId: 'a', kind: 'disputed', scope: 'account', accountId: 'acc-2', until: null } },
      { type: 'StopNoted', data: { stopId: 'b', kind: 'disaster', scope: 'debtor', accountId: null, until: MORNING } },
    ];
    expect(planned(plan(after(debtor, stops, MORNING), MORNING)).data.why).toBe('planned');
  });
});

describe('a due dial', () => {
  const queued = queue(morning, dialAt);

  it('is queued once, with the id of the next lifelong ordinal', () => {
    expect(queued).toHaveLength(1);
    expect(queued[0]).toMatchObject({
      type: 'DialQueued',
      data: {
        attemptId: attemptIdFor(DEBTOR, 1),
        ordinal: 1,
        script: 'l-first',
        phoneRef: 'phone-ref-1',
        reason: 'first',
      },
    });
    const waiting = after(morning, queued, dialAt);
    expect(queue(waiting, dialAt)).toEqual([]);
    expect(Object.keys(timers(waiting)).sort()).toEqual(['plan', 'queued']);
  });

  it('is not queued when the debtor may no longer be called', () => {
    const stopped = after(morning, [{ type: 'ClaimNoted', data: { caseId: CASE, checking: true } }], dialAt);
    expect(queue(stopped, dialAt).map((step) => step.type)).toEqual(['DayPlanned']);
  });

  it('waits five minutes while contacts are halted', () => {
    const halted: Gate = {
      ...open,
      halts: [{ haltId: 'h', strategyHash: null, tier: null, channel: null, debtorId: null }],
    };
    expect(queue(morning, dialAt, halted)).toEqual([
      { type: 'PlanWaited', data: { until: new Date(Date.parse(dialAt) + 300_000).toISOString(), because: 'halted' } },
    ]);
    const smsOnly: Gate = { ...open, halts: [{ ...halted.halts[0]!, channel: 'sms' }] };
    expect(queue(morning, dialAt, smsOnly)[0]?.type).toBe('DialQueued');
  });

  it('leaves the queue when a fact forbids the call, and stays when nothing changed', () => {
    const waiting = after(morning, queued, dialAt);
    expect(plan(waiting, dialAt, 'payment')).toEqual([]);
    const promised = after(
      waiting,
      [{ type: 'PromiseNoted', data: { caseId: CASE, promise: { amount: 1, currency: 'CNY', date: DAY } } }],
      dialAt,
    );
    const steps = plan(promised, dialAt, 'promise');
    expect(steps[0]).toMatchObject({ type: 'DialClosed', data: { because: 'open-promise', fromQueue: true } });
    expect(planned(steps).data.nextDialAt).toBeNull();
  });

  it('takes a new ordinal after one that came to nothing, and not before the guard allows', () => {
    const retry = new Date(Date.parse(dialAt) + 600_000).toISOString();
    const denied = after(
      morning,
      [
        ...queued,
        {
          type: 'DialClosed',
          data: { attemptId: attemptIdFor(DEBTOR, 1), because: 'denied', heldUntil: retry, on: DAY, fromQueue: false },
        },
      ],
      dialAt,
    );
    const again = planned(plan(denied, dialAt, 'denied'));
    expect(again.data.nextDialAt === null || again.data.nextDialAt >= retry).toBe(true);
    const next = after(denied, [again], dialAt);
    if (again.data.nextDialAt !== null)
      expect(queue(next, again.data.nextDialAt)[0]).toMatchObject({ data: { attemptId: attemptIdFor(DEBTOR, 2) } });
  });

  it('is not tried again that day when the guard names no time', () => {
    const closedFor = { attemptId: attemptIdFor(DEBTOR, 1), because: 'denied', on: DAY, fromQueue: false };
    const tomorrow = local('2026-11-04', '00:00');
    const denied = after(
      morning,
      [...queued, { type: 'DialClosed', data: { ...closedFor, heldUntil: tomorrow } }],
      dialAt,
    );
    expect(planned(plan(denied, dialAt, 'denied')).data).toMatchObject({
      nextDialAt: null,
      why: 'held-until-tomorrow',
    });
  });
});

describe('several accounts', () => {
  it('make one call about the highest tier, which names the others', () => {
    const second: readonly DialingEvent[] = [
      {
        type: 'AccountNoted',
        data: { ...(known[1] as { data: object }).data, caseId: 'case-2', accountId: 'acc-2' } as never,
      },
      { type: 'TreatmentNoted', data: { caseId: 'case-2', treatmentId: 't2', experimentId: 'exp', arm: 'champion' } },
      { type: 'TierNoted', data: { caseId: 'case-2', tier: 'M', term: 'mid', band: 'normal' } },
    ];
    const both = after(debtor, second, MORNING);
    expect(planned(plan(both, MORNING)).data).toMatchObject({ leadCaseId: 'case-2', otherCaseIds: [CASE] });
    const promised: DialingEvent = {
      type: 'PromiseNoted',
      data: { caseId: 'case-2', promise: { amount: 1, currency: 'CNY', date: DAY } },
    };
    expect(planned(plan(after(both, [promised], MORNING), MORNING)).data).toMatchObject({ leadCaseId: CASE });
  });
});
