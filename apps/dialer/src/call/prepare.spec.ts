import { describe, expect, it } from '@jest/globals';
import type { PastCall, Strategy } from '@mora/strategy';
import { dialing } from '../dialing/dialing.js';
import { casesOfDial, leadOf } from '../dialing/facts.js';
import type { AccountNote, Dialing } from '../dialing/records.js';
import { playbooks } from '../playbook.js';
import {
  account,
  CASE,
  config,
  dialingOf,
  known,
  local,
  playbook,
  strategy,
  strategyHash,
} from '../testing/samples.js';
import { dialogueFactsOf, type Preparation, prepareCall } from './prepare.js';

const factsOf = (
  of: Partial<AccountNote> = {},
  used: Strategy = strategy,
  at = local('2026-11-07', '10:00'),
  sharing: Readonly<Record<string, number>> = {},
  calls: Dialing['calls'] = [],
) => {
  const noted = {
    type: 'AccountNoted',
    data: { caseId: CASE, accountId: 'acc-1', facts: account(of), unpaidMinimum: 30_000 },
  } as const;
  const state = dialingOf([...known, noted]);
  const { lead } = leadOf(state, at)!;
  const playbook = { hash: 'h', strategy: used, scripts: {} };
  const preparation = { at, playbook, lead, others: [], bank: config.bank, chance: config.chance } as const;
  const dial = { phoneRef: 'phone-ref-1' } as Preparation['dial'];
  return dialogueFactsOf({ ...state, sharing, calls }, { ...preparation, dial });
};

const book = playbooks(playbook.strategyOf)(strategyHash)!;

const withFloor = (credit: { readonly afterGrace: boolean; readonly fromDpd: number }): Strategy => ({
  ...strategy,
  tiers: { ...strategy.tiers, floors: { ...strategy.tiers.floors, credit } },
});

describe('what a call may speak of', () => {
  it('is steered by the floors of the strategy, on both their sides', () => {
    expect(factsOf().mayTell).toEqual({ interest: true, fee: true, benefits: true, credit: true, legal: true });
    expect(factsOf({}, withFloor({ afterGrace: true, fromDpd: 7 })).mayTell.credit).toBe(false);
    expect(factsOf({}, withFloor({ afterGrace: true, fromDpd: 6 })).mayTell.credit).toBe(true);
    expect(factsOf({ graceDays: 7 }).mayTell.interest).toBe(false);
    expect(factsOf({ graceDays: 7 }, withFloor({ afterGrace: false, fromDpd: 1 })).mayTell.credit).toBe(true);
  });

  it('names the currency of the account, and leaves out one that the strategy has no name for', () => {
    expect(factsOf().money).toEqual({ before: '', unit: '元', decimals: 2 });
    expect(factsOf({ currency: 'JPY' }).money).toEqual({ before: '', unit: '日元', decimals: 0 });
    expect(factsOf({ currency: 'EUR' }).money).toBeNull();
  });

  it('holds the least promise, the offers that may be said, and the hours of callbacks to the robot’s last day', () => {
    expect(factsOf().leastPromise).toBe(3_000);
    expect(factsOf({ tolerance: 5_000 }).leastPromise).toBe(5_001);
    expect(factsOf({ offers: ['三期分期', '否则上门', '{name}'] }).offers).toBe('三期分期');
    expect(factsOf().callbackHours).toEqual({ from: '08:00', to: '21:50', until: '2026-11-09', notOn: [] });
  });

  it('knows of an automatic payment that was tried', () => {
    const tried = (nextTryAt: string | null, on = true) => factsOf({ autopay: { on, nextTryAt } }).autopayTried;
    expect([tried(null, false), tried(null), tried('2026-11-06T02:00:00.000Z')]).toEqual([false, true, true]);
    expect(tried('2026-11-08T02:00:00.000Z')).toBe(false);
  });

  it('begins with keypad digits where the number is another debtor’s as well', () => {
    const with2 = (sharing: Readonly<Record<string, number>>) => factsOf({}, strategy, undefined, sharing).sharedNumber;
    expect([with2({}), with2({ 'phone-ref-1': 1 }), with2({ 'phone-ref-2': 2 })]).toEqual([false, false, false]);
    expect(with2({ 'phone-ref-1': 2 })).toBe(true);
  });

  const call = (disposition: PastCall['disposition'], connected: boolean, rpc = false): PastCall => ({
    attemptId: `a-${disposition}`,
    originatedAt: local('2026-11-06', '10:00'),
    endedAt: local('2026-11-06', '10:01'),
    phoneRef: 'phone-ref-1',
    voice: 'F1',
    script: 'l-first',
    windowId: 'W1',
    tier: 'L',
    disposition,
    connected,
    rpc,
  });
  const unanswered = call('no-answer', false);
  const dayBefore = { ...call('machine', true), originatedAt: local('2026-11-05', '10:00') };
  it.each<[string, Dialing['calls'], string]>([
    ['no call', [], 'untold'],
    ['one unanswered call', [unanswered], 'untold'],
    ['two, one of them hung up by whom nobody knows', [unanswered, call('hung-up-early', true)], 'untold'],
    ['two unanswered calls of one day', [unanswered, unanswered], 'untold'],
    ['an unanswered call and a machine the day before', [dayBefore, unanswered], 'never'],
    ['a machine and, a day later, a third party', [dayBefore, call('third-party', true)], 'never'],
    ['a conversation', [unanswered, unanswered, call('no-promise', true, true)], 'spoken'],
  ])('says of the past only what was: after %s', (_title, calls, history) => {
    expect(factsOf({}, strategy, undefined, {}, calls).history).toBe(history);
  });
});

describe('a broken promise', () => {
  const at = local('2026-11-07', '10:00');
  const promise = { amount: 10_000, currency: 'CNY', date: '2026-11-05' };
  const settled = (...overrides: readonly ('broken' | 'part-paid')[]) =>
    dialingOf([
      ...known,
      ...overrides.map((override) => ({ type: 'PromiseSettled', data: { caseId: CASE, promise, override } }) as const),
    ]);
  const historyOf = (state: Dialing) => {
    const { lead } = leadOf(state, at)!;
    const dial = { phoneRef: 'phone-ref-1' } as Preparation['dial'];
    const of = { at, playbook: book, lead, others: [], bank: config.bank, chance: config.chance } as const;
    return dialogueFactsOf(state, { ...of, dial }).history;
  };

  it('is the history only while no later one was kept in part', () => {
    expect([historyOf(settled('broken')), historyOf(settled('part-paid', 'broken'))]).toEqual(['broken', 'broken']);
    expect(historyOf(settled('broken', 'part-paid'))).not.toBe('broken');
  });
});

describe('a second conversation', () => {
  const scriptFor = (talkedAbout: string | undefined, planned = 'l-second') => {
    const at = local('2026-11-03', '10:00');
    const talk: PastCall = {
      attemptId: 'a-1',
      originatedAt: local('2026-11-02', '15:00'),
      endedAt: local('2026-11-02', '15:01'),
      phoneRef: 'phone-ref-1',
      voice: 'F1',
      script: 'l-first',
      windowId: 'W2',
      tier: 'L',
      disposition: 'no-promise',
      connected: true,
      rpc: true,
      ...(talkedAbout === undefined ? {} : { caseId: talkedAbout }),
    };
    const state = { ...dialingOf(known), calls: [talk] };
    const { lead } = leadOf(state, at)!;
    const dial = { phoneRef: 'phone-ref-1', script: planned, attemptId: 'a-2' } as Preparation['dial'];
    const of = { at, playbook: book, lead, others: [], bank: config.bank, chance: config.chance } as const;
    return prepareCall(state, { ...of, dial })?.script;
  };

  it('goes back only to one about the same account', () => {
    expect([scriptFor(CASE), scriptFor(undefined)]).toEqual(['l-second', 'l-second']);
    expect([scriptFor('other-case'), scriptFor('other-case', 'part-paid')]).toEqual(['l-first', 'part-paid']);
  });
});

describe('a dial that waited for a line', () => {
  const other = 'other-case';
  const dial = { leadCaseId: CASE, otherCaseIds: [other] };
  const at = local('2026-11-07', '10:00');
  const both = dialingOf([
    ...known,
    { type: 'AccountNoted', data: { caseId: other, accountId: 'acc-2', facts: account(), unpaidMinimum: 20_000 } },
  ]);
  const promise = { amount: 20_000, currency: 'CNY', date: '2026-11-08' };
  const after = (event: Parameters<typeof dialing.evolve>[1]) => casesOfDial(dialing.evolve(both, event, at), dial, at);

  it('names no other account that may not be spoken of any more', () => {
    expect(casesOfDial(both, dial, at)?.others).toHaveLength(1);
    expect(after({ type: 'PromiseNoted', data: { caseId: other, promise } })?.others).toEqual([]);
    expect(after({ type: 'ClaimNoted', data: { caseId: other, checking: true } })?.others).toEqual([]);
    const stop = { stopId: 's', kind: 'plan', scope: 'account', accountId: 'acc-2', until: null } as const;
    expect(after({ type: 'StopNoted', data: stop })?.others).toEqual([]);
  });

  it('is about nothing when its own account may not be spoken of', () => {
    expect(after({ type: 'PromiseNoted', data: { caseId: CASE, promise } })).toBeNull();
  });
});
