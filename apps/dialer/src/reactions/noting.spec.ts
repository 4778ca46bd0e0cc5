import { describe, expect, it } from '@jest/globals';
import { TICK_SECONDS } from '@mora/eventing';
import { dialerCommands, type Noting } from '../commands.js';
import type { DialingEvent } from '../dialing/events.js';
import { nextPlanAt } from '../dialing/facts.js';
import { after } from '../dialing/plan.js';
import type { Dialing } from '../dialing/records.js';
import { gate, haltOf, noteGate } from '../gate/gate.js';
import { CASE, DEBTOR, dialingOf, known, local, playbook } from '../testing/samples.js';
import {
  noteClaim,
  noteHandOver,
  noteNumber,
  notePayment,
  notePromise,
  noteSharing,
  noteStatus,
  settlePromise,
} from './noting.js';

const AT = local('2026-11-03', '10:00');
const debtor = dialingOf(known);
const strategyRef = { caseId: CASE, debtorId: DEBTOR, accountId: 'acc-1', strategyHash: 'h' };
const promise = {
  ...strategyRef,
  promiseId: 'p',
  amount: 10_000,
  currency: 'CNY',
  date: '2026-11-04',
  promiseKind: 'part' as const,
  attemptId: 'a',
  turn: 1,
  confidence: 1,
};
const settled = { ...promise, paid: 0, payments: [], watermark: null };
const promised = after(debtor, notePromise(promise).events(debtor, AT), AT);

const twice = (noting: Noting, state: Dialing): readonly [readonly DialingEvent[], readonly DialingEvent[]] => {
  const once = noting.events(state, AT);
  return [once, noting.events(after(state, once, AT), AT)];
};

describe('a foreign fact', () => {
  it.each<[string, Noting, Dialing]>([
    ['promise', notePromise(promise), debtor],
    ['kept promise', settlePromise(settled, 'kept'), promised],
    ['claim', noteClaim(CASE, true), debtor],
    ['hand-over', noteHandOver(CASE, true), debtor],
    ['barred number', noteNumber('phone-ref-1'), debtor],
    ['shared number', noteSharing({ debtorId: DEBTOR, phoneRef: 'phone-ref-1', debtors: 2 }), debtor],
    ['cure', noteStatus(CASE, 'closed', 0, 'cured'), debtor],
  ])('is noted once: %s', (_title, noting, state) => {
    const [once, again] = twice(noting, state);
    expect(once).toHaveLength(1);
    expect(again).toEqual([]);
  });

  it('of an unknown case is nothing', () => {
    expect(noteClaim('other', true).events(debtor, AT)).toEqual([]);
    expect(noteHandOver('other', true).events(debtor, AT)).toEqual([]);
  });

  it.each([
    ['broken', 'broken'],
    ['partly', 'part-paid'],
    ['kept', 'part-paid'],
    ['voided', null],
  ] as const)('makes a promise that was %s, with money still due, lead to %s', (result, override) => {
    const [event] = settlePromise(settled, result).events(promised, AT);
    expect(event?.data).toMatchObject({ override });
    const next = after(promised, [event!], AT);
    expect(next.cases[CASE]?.promise).toBeNull();
    expect(next.cases[CASE]?.overrides.map((one) => one.kind)).toEqual(override === null ? [] : [override]);
  });

  it('opens a promise again whose payment bounced: nobody is called while it runs', () => {
    const [event] = settlePromise(settled, 'kept').events(promised, AT);
    const kept = after(promised, [event!], AT);
    const reopened = notePromise({ ...settled, was: 'kept', settledAt: AT, paid: 0, payments: [] }).events(kept, AT);
    expect(after(kept, reopened, AT).cases[CASE]?.promise).not.toBeNull();
  });

  const reopenedAt = (state: Dialing, was: 'kept' | 'partly' | 'broken', at: string) =>
    after(
      state,
      notePromise({ ...settled, was, settledAt: AT, paid: 0, payments: [] }, at.slice(0, 10)).events(state, at),
      at,
    );
  const settledAs = (state: Dialing, result: 'kept' | 'partly' | 'broken', at: string) =>
    after(state, settlePromise(settled, result).events(state, at), at);
  const kindsOf = (state: Dialing) => state.cases[CASE]?.overrides.map((one) => one.kind);

  it('takes the reproach back when the payment of a broken promise turns up late', () => {
    const broken = settledAs(promised, 'broken', AT);
    const found = settledAs(reopenedAt(broken, 'broken', AT), 'kept', AT);
    expect([kindsOf(broken), kindsOf(found)]).toEqual([['broken'], ['part-paid']]);
  });

  it('reproaches nobody with a payment that bounced after the day of the promise, but a promise that runs again', () => {
    const kept = settledAs(promised, 'kept', AT);
    const late = local('2026-11-05', '10:00');
    expect(kindsOf(settledAs(reopenedAt(kept, 'kept', late), 'broken', late))).toEqual(['part-paid']);
    expect(kindsOf(settledAs(reopenedAt(kept, 'kept', AT), 'broken', late))).toEqual(['broken']);
  });

  it.each(['open', 'tolerance'] as const)('leads from a reversal to part-paid also where the case was %s', (status) => {
    const before = after(debtor, noteStatus(CASE, status, 500, 'status').events(debtor, AT), AT);
    const data = { caseId: CASE, unpaidMinimum: 30_000, amount: 29_500, reversalOf: 'P' } as Parameters<
      typeof notePayment
    >[0];
    const reversed = after(before, notePayment(data, '2026-11-03').events(before, AT), AT);
    expect(reversed.cases[CASE]?.overrides).toEqual([{ kind: 'part-paid', since: AT }]);
  });

  it('ends the check of a claim with the case: an account that comes back is called again', () => {
    const claimed = after(debtor, noteClaim(CASE, true).events(debtor, AT), AT);
    const cured = after(claimed, noteStatus(CASE, 'closed', 0, 'cured').events(claimed, AT), AT);
    expect(cured.cases[CASE]?.claimChecking).toBe(false);
  });

  it('makes an unmet claim lead to the paid-check call, and a reversal to part-paid', () => {
    const claimed = after(debtor, noteClaim(CASE, true).events(debtor, AT), AT);
    const unmet = after(claimed, noteClaim(CASE, false).events(claimed, AT), AT);
    expect(unmet.cases[CASE]).toMatchObject({ claimChecking: false, overrides: [{ kind: 'paid-check' }] });
    const cured = after(debtor, noteStatus(CASE, 'closed', 0, 'cured').events(debtor, AT), AT);
    const reopened = after(cured, noteStatus(CASE, 'open', 30_000, 'reopened').events(cured, AT), AT);
    expect(reopened.cases[CASE]).toMatchObject({ status: 'open', overrides: [{ kind: 'part-paid' }] });
  });
});

describe('a new case', () => {
  const commands = dialerCommands(playbook, 1);
  const decide = (state: Dialing, at: string) =>
    commands
      .note(DEBTOR, { name: 'note', replan: 'never', events: () => [known[1]!] })
      .decide([state, gate.initial], { at, shard: 0, skewMs: 0, versions: [0, 0], cause: 'c', side: () => undefined })
      .events.map(({ event }) => event);

  it('is planned one tick after 06:00, also when an earlier episode of the debtor was closed', () => {
    const scheduled = { type: 'PlanScheduled', data: { at: '2026-11-02T22:00:30.000Z' } };
    expect(decide(dialingOf(known.slice(0, 1)), local('2026-11-03', '05:00'))).toContainEqual(scheduled);
    const closed = after(debtor, noteStatus(CASE, 'closed', 0, 'cured').events(debtor, AT), AT);
    const again = { ...closed, cases: {}, reviewAt: null };
    expect(decide(again, local('2026-11-03', '05:00'))).toContainEqual(scheduled);
  });

  it('met after the hour of the plan is scheduled for the next day', () => {
    expect(nextPlanAt(local('2026-11-03', '06:00'), 'Asia/Shanghai', '06:00')).toBe('2026-11-02T22:00:30.000Z');
    const planned = new Date(Date.parse(local('2026-11-03', '06:00')) + TICK_SECONDS * 1000).toISOString();
    expect(nextPlanAt(planned, 'Asia/Shanghai', '06:00')).toBe('2026-11-03T22:00:30.000Z');
  });
});

describe('the gate of a shard', () => {
  const halt = { haltId: 'h', strategyHash: null, tier: 'H' as const, channel: 'call' as const, debtorId: null };
  const halted = gate.evolve(gate.initial, { type: 'HaltNoted', data: halt }, AT);

  it('notes a fact once', () => {
    expect(noteGate({ type: 'HaltNoted', data: halt }, gate.initial)).toHaveLength(1);
    expect(noteGate({ type: 'HaltNoted', data: halt }, halted)).toEqual([]);
    expect(noteGate({ type: 'HaltLifted', data: { haltId: 'h' } }, gate.initial)).toEqual([]);
  });

  it('halts what the halt covers and nothing else', () => {
    const call = { strategyHash: 's', debtorId: DEBTOR };
    expect(haltOf(halted, { ...call, tier: 'H' })?.haltId).toBe('h');
    expect(haltOf(halted, { ...call, tier: 'M' })).toBeNull();
    const lifted = gate.evolve(halted, { type: 'HaltLifted', data: { haltId: 'h' } }, AT);
    expect(haltOf(lifted, { ...call, tier: 'H' })).toBeNull();
  });

  it('keeps the latest posting of the bank', () => {
    const posted = gate.evolve(gate.initial, { type: 'PostingsNoted', data: { asOf: AT } }, AT);
    expect(noteGate({ type: 'PostingsNoted', data: { asOf: local('2026-11-03', '09:59') } }, posted)).toEqual([]);
  });
});
