import { describe, expect, it } from '@jest/globals';
import { strategy, tierInputs } from '../package.fixture.js';
import type { TierInputs, TierRuleId } from '../records.js';
import { bandOf, effectiveTier, floorAllows, tierAccount, toleranceOf, withinTolerance } from './tiering.js';

const tierOf = (of: Partial<TierInputs>) => tierAccount(strategy, tierInputs(of));
const fires = (id: TierRuleId, of: Partial<TierInputs>): boolean =>
  tierOf(of).rules.find((rule) => rule.id === id)!.fired;

describe('tier', () => {
  it.each([
    [1, 'L', 'short'],
    [3, 'L', 'short'],
    [4, 'M', 'mid'],
    [5, 'M', 'mid'],
    [6, 'H', 'long'],
    [8, 'H', 'long'],
  ])('starts on DPD %i from base %s, term %s', (dpd, base, term) => {
    expect(tierOf({ dpd })).toMatchObject({ base, term, tier: base, shift: 0 });
  });

  it.each<[TierRuleId, string, Partial<TierInputs>, Partial<TierInputs>]>([
    ['T1', 'amount 10,000.00 and not 9,999.99', { unpaidMinimum: 1_000_000 }, { unpaidMinimum: 999_999 }],
    [
      'T1',
      'large at 95 % of the limit and not below',
      { unpaidMinimum: 200_000, statementBalance: 950, creditLimit: 1000 },
      { unpaidMinimum: 200_000, statementBalance: 949, creditLimit: 1000 },
    ],
    [
      'T1',
      'large and not normal at the limit',
      { unpaidMinimum: 200_000, statementBalance: 1000, creditLimit: 1000 },
      { unpaidMinimum: 199_999, statementBalance: 1000, creditLimit: 1000 },
    ],
    [
      'T1',
      'large with a known limit and not an unknown one',
      { unpaidMinimum: 200_000, statementBalance: 1000, creditLimit: 1000 },
      { unpaidMinimum: 200_000, statementBalance: 1000 },
    ],
    ['T2', 'two earlier episodes and not one', { earlierEpisodes12m: 2 }, { earlierEpisodes12m: 1 }],
    ['T2', 'an earlier broken promise', { brokenEarlier6m: 1 }, { brokenEarlier6m: 0 }],
    ['T3', 'two conversations and not one', { rpcConversations: 2 }, { rpcConversations: 1 }],
    ['T3', 'no promise in the episode', { rpcConversations: 2 }, { rpcConversations: 2, promisedInEpisode: true }],
    ['T4', 'refuses and not weak', { lastLabel: 'refuses' }, { lastLabel: 'weak' }],
    ['T5', 'one broken promise in the episode', { brokenInEpisode: 1 }, { brokenInEpisode: 0 }],
    ['T6', 'under 100.00 and not at it', { unpaidMinimum: 9_999 }, { unpaidMinimum: 10_000 }],
    ['T7', 'half of the minimum paid and not a fen less', { paidInEpisode: 25_000 }, { paidInEpisode: 24_999 }],
    ['T7', 'still short', { paidInEpisode: 25_000, unpaidMinimum: 1 }, { paidInEpisode: 50_000, unpaidMinimum: 0 }],
    [
      'T8',
      'defers with a date and not without',
      { recordedMonths: 12, lastLabel: 'defers', lastDeferTo: '2026-11-05' },
      { recordedMonths: 12, lastLabel: 'defers' },
    ],
    [
      'T8',
      'twelve recorded months and not eleven',
      { recordedMonths: 12, lastPromiseResult: 'kept' },
      { recordedMonths: 11, lastPromiseResult: 'kept' },
    ],
    [
      'T8',
      'a promise partly kept and not broken',
      { recordedMonths: 12, lastPromiseResult: 'partly' },
      { recordedMonths: 12, lastPromiseResult: 'broken' },
    ],
    [
      'T8',
      'no earlier episode and not one',
      { recordedMonths: 12, lastPromiseResult: 'kept' },
      { recordedMonths: 12, lastPromiseResult: 'kept', earlierEpisodes12m: 1 },
    ],
  ])('%s fires on %s', (id, _, yes, no) => {
    expect(fires(id, yes)).toBe(true);
    expect(fires(id, no)).toBe(false);
  });

  it('sums the shifts before it clamps them, and keeps every rule', () => {
    const both = tierOf({ lastLabel: 'refuses', brokenInEpisode: 1, rpcConversations: 2 });
    expect(both).toMatchObject({ sum: 3, shift: 1, tier: 'H' });
    expect(both.rules).toHaveLength(8);
    expect(tierOf({ lastLabel: 'refuses', unpaidMinimum: 9_999 })).toMatchObject({ sum: 0, tier: 'M' });
  });

  it('never leaves L to H', () => {
    expect(tierOf({ dpd: 8, lastLabel: 'refuses' }).tier).toBe('H');
    expect(tierOf({ dpd: 1, unpaidMinimum: 9_999 }).tier).toBe('L');
  });

  it('lets a rise wait for the day plan and a fall hold at once', () => {
    const at = (previous: 'L' | 'M' | 'H', computed: 'L' | 'M' | 'H', atDayPlan: boolean, frozen = false) =>
      effectiveTier({ previous, computed, atDayPlan, frozen });
    expect(at('L', 'M', false)).toEqual({ tier: 'L', pendingRise: 'M', frozen: false });
    expect(at('L', 'M', true)).toEqual({ tier: 'M', pendingRise: null, frozen: false });
    expect(at('H', 'M', false).tier).toBe('M');
    expect(at('M', 'H', true, true).tier).toBe('M');
    expect(at('M', 'L', true, true).tier).toBe('M');
  });

  it('takes bands and tolerance from the currency', () => {
    const bands = (currency: string, amounts: readonly number[]) =>
      amounts.map((amount) => bandOf(strategy, currency, amount));
    expect(bands('CNY', [9_999, 10_000, 199_999, 200_000, 999_999, 1_000_000])).toEqual([
      'small',
      'normal',
      'normal',
      'large',
      'large',
      'very-large',
    ]);
    expect(bands('TWD', [49_999, 50_000, 899_999, 900_000, 4_499_999, 4_500_000])).toEqual([
      'small',
      'normal',
      'normal',
      'large',
      'large',
      'very-large',
    ]);
    expect([
      toleranceOf(strategy, 'CNY', null),
      toleranceOf(strategy, 'TWD', null),
      toleranceOf(strategy, 'USD', null),
      toleranceOf(strategy, 'CNY', 0),
    ]).toEqual([1000, 5000, 0, 0]);
  });

  it('counts a shortfall up to the tolerance as paid, and nothing missing as cured', () => {
    expect([withinTolerance(1000, 1000), withinTolerance(1001, 1000), withinTolerance(0, 1000)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('keeps credit content below DPD 5 and legal content below DPD 6 back, and both in grace', () => {
    const allows = (content: 'credit' | 'legal' | 'interest', dpd: number, grace: boolean) =>
      floorAllows(strategy, content, { dpd, inGrace: grace });
    expect([allows('credit', 4, false), allows('credit', 5, false), allows('credit', 5, true)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([allows('legal', 5, false), allows('legal', 6, false)]).toEqual([false, true]);
    expect([allows('interest', 3, true), allows('interest', 4, false)]).toEqual([false, true]);
  });
});
