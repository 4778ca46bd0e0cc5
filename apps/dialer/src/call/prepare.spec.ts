import { describe, expect, it } from '@jest/globals';
import type { Strategy } from '@mora/strategy';
import { leadOf } from '../dialing/facts.js';
import type { AccountNote } from '../dialing/records.js';
import { account, CASE, config, dialingOf, known, local, strategy } from '../testing/samples.js';
import { dialogueFactsOf, type Preparation } from './prepare.js';

const factsOf = (
  of: Partial<AccountNote> = {},
  used: Strategy = strategy,
  at = local('2026-11-07', '10:00'),
  sharing: Readonly<Record<string, number>> = {},
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
  return dialogueFactsOf({ ...state, sharing }, { ...preparation, dial });
};

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

  it('begins with keypad digits where the number is another debtor’s as well', () => {
    const with2 = (sharing: Readonly<Record<string, number>>) => factsOf({}, strategy, undefined, sharing).sharedNumber;
    expect([with2({}), with2({ 'phone-ref-1': 1 }), with2({ 'phone-ref-2': 2 })]).toEqual([false, false, false]);
    expect(with2({ 'phone-ref-1': 2 })).toBe(true);
  });
});
