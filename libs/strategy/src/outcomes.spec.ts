import { describe, expect, it } from '@jest/globals';
import { handOverReason } from '@mora/contracts';
import { handOverDue, handOverFor } from './handover/handover.js';
import type { HandOverInputs, OpenPromise, PromisePayment, ScoreFeatures } from './outcome-records.js';
import { dayOf, dueDate, local, pastCall, strategy, talk } from './package.fixture.js';
import { latestPromiseDate, reminderAt, settlePromise } from './promise/promise-rules.js';
import { scoreAccount, scoreBandOf, worklistPriority } from './score/scorecard.js';

const at = (dpd: number, time: string) => local(dayOf(dpd), time);

describe('promise to pay', () => {
  it('may name a date up to 3, 2 and 1 days ahead by tier, never after DPD 8', () => {
    const latest = (dpd: number, tier: 'L' | 'M' | 'H') =>
      latestPromiseDate(strategy, { today: dayOf(dpd), dueDate, tier });
    expect([latest(2, 'L'), latest(4, 'M'), latest(6, 'H')]).toEqual([dayOf(5), dayOf(6), dayOf(7)]);
    expect([latest(7, 'H'), latest(8, 'H'), latest(6, 'L')]).toEqual([dayOf(8), dayOf(8), dayOf(8)]);
  });

  const promise: OpenPromise = { amount: 10_000, currency: 'CNY', date: dayOf(4), madeAt: at(2, '10:00') };
  const paid = (amount: number, valueDate = dayOf(3)): PromisePayment => ({ key: `k${amount}`, amount, valueDate });
  const settle = (payments: readonly PromisePayment[], of: { today?: string; watermark?: string | null } = {}) =>
    settlePromise(strategy, {
      promise,
      payments,
      watermark: of.watermark === undefined ? at(5, '02:00') : of.watermark,
      today: of.today ?? dayOf(5),
      tolerance: 1000,
    });

  it('is kept at once when the promised amount less the tolerance is there, and not a fen below', () => {
    expect(settle([paid(9_000)], { today: dayOf(3), watermark: null })).toEqual({
      result: 'kept',
      paid: 9_000,
      payments: ['k9000'],
    });
    expect(settle([paid(8_999)], { today: dayOf(3), watermark: null }).result).toBe('open');
  });
  it('is partly kept from half of it on, broken below', () => {
    expect([settle([paid(5_000)]).result, settle([paid(4_999)]).result, settle([]).result]).toEqual([
      'partly',
      'broken',
      'broken',
    ]);
  });
  it('counts value dates from its own day to its date', () => {
    expect([settle([paid(10_000, dayOf(2))]).result, settle([paid(10_000, dayOf(4))]).result]).toEqual([
      'kept',
      'kept',
    ]);
    expect([settle([paid(10_000, dayOf(1))]).result, settle([paid(10_000, dayOf(5))]).result]).toEqual([
      'broken',
      'broken',
    ]);
  });
  it('is not judged before its day is over, nor before the postings have passed the end of that day', () => {
    expect(settle([], { today: dayOf(4) }).result).toBe('open');
    expect(settle([], { watermark: null }).result).toBe('awaiting');
    expect(settle([], { watermark: new Date(Date.parse(at(5, '00:00')) - 1).toISOString() }).result).toBe('awaiting');
    expect(settle([], { watermark: at(5, '00:00') }).result).toBe('broken');
  });
  it('loses what was paid back', () => {
    expect(settle([paid(10_000), paid(-10_000)]).result).toBe('broken');
  });
  it('is reminded of on its day if made two days before, not one', () => {
    expect(reminderAt(strategy, promise)).toEqual({ on: dayOf(4), at: '10:00' });
    expect(reminderAt(strategy, { ...promise, madeAt: at(3, '00:10') })).toBeNull();
  });
});

const handInputs = (of: Partial<HandOverInputs> = {}): HandOverInputs => ({
  dpd: 7,
  tier: 'H',
  band: 'normal',
  score: 50,
  calls: [],
  hasUsableNumber: true,
  reached: false,
  promisesKept: 0,
  brokenInEpisode: 0,
  lastBrokenTier: null,
  withinTolerance: false,
  holdout: false,
  paidCheckDone: false,
  ...of,
});
const due = (of: Partial<HandOverInputs>) => handOverDue(strategy, handInputs(of));

describe('hand-over', () => {
  const informed = talk(at(6, '10:00'), { tier: 'H', script: 'h-inform' });
  it('comes at DPD 9 and not at DPD 8, as lost only when tried and never reached', () => {
    const tried = [pastCall(at(6, '10:00'), 'no-answer')];
    expect([
      due({ dpd: 8 }),
      due({ dpd: 9 }),
      due({ dpd: 9, calls: tried }),
      due({ dpd: 9, calls: tried, reached: true }),
    ]).toEqual([null, 'end-of-robot', 'lost', 'end-of-robot']);
    expect([due({ dpd: 9, withinTolerance: true }), due({ dpd: 9, holdout: true, calls: [] })]).toEqual([
      null,
      'end-of-robot',
    ]);
  });
  it('takes a large amount or a score below 25 in H, after one h-inform conversation', () => {
    expect([
      due({ band: 'very-large', calls: [informed] }),
      due({ band: 'very-large' }),
      due({ band: 'large', calls: [informed] }),
    ]).toEqual(['large-at-risk', null, null]);
    expect([
      due({ score: 24, calls: [informed] }),
      due({ score: 25, calls: [informed] }),
      due({ score: 24, tier: 'M', calls: [informed] }),
    ]).toEqual(['large-at-risk', null, null]);
  });
  it('takes the second broken promise, and the first in H', () => {
    expect([
      due({ brokenInEpisode: 1, lastBrokenTier: 'M' }),
      due({ brokenInEpisode: 2, lastBrokenTier: 'M' }),
      due({ brokenInEpisode: 1, lastBrokenTier: 'H' }),
    ]).toEqual([null, 'broken-promise', 'broken-promise']);
  });
  it('takes five conversations without a kept promise as talked out, four not', () => {
    const talks = (n: number) => Array.from({ length: n }, () => talk(at(2, '10:00')));
    expect([due({ calls: talks(4) }), due({ calls: talks(5) }), due({ calls: talks(5), promisesKept: 1 })]).toEqual([
      null,
      'talked-out',
      'capped',
    ]);
  });
  it('takes twenty attempts as capped, nineteen or trunk faults not', () => {
    const missed = (n: number) => Array.from({ length: n }, () => pastCall(at(2, '10:00'), 'no-answer'));
    expect([
      due({ calls: missed(19) }),
      due({ calls: missed(20) }),
      due({ calls: [...missed(19), pastCall(at(2, '10:00'), 'trunk-fault')] }),
    ]).toEqual([null, 'capped', null]);
  });
  it('takes a debtor without a usable number as lost', () => {
    expect([
      due({ hasUsableNumber: false }),
      due({ hasUsableNumber: false, holdout: true }),
      due({ paidCheckDone: true }),
    ]).toEqual(['lost', null, 'claims-paid']);
  });
  it('has a queue, a deadline that is not past and a next step for every reason', () => {
    for (const reason of handOverReason.options) {
      const hand = handOverFor(strategy, reason, at(6, '06:00'));
      expect(hand.firstActionDue > at(6, '06:00')).toBe(true);
      expect(hand.suggestedNextStep).not.toBe('');
    }
  });
  it.each([
    ['distress', '2026-11-07', '23:50', '2026-11-08', '00:05'],
    ['complaint', '2026-11-07', '23:50', '2026-11-08', '00:50'],
    ['human-asked', '2026-11-06', '15:00', '2026-11-06', '17:00'],
    ['human-asked', '2026-11-06', '17:00', '2026-11-09', '10:00'],
    ['human-asked', '2026-11-06', '16:00', '2026-11-06', '18:00'],
    ['end-of-robot', '2026-11-10', '06:00', '2026-11-10', '18:00'],
    ['refused', '2026-11-06', '18:00', '2026-11-09', '18:00'],
    ['refused', '2026-11-06', '17:59', '2026-11-06', '18:00'],
    ['dispute', '2026-11-06', '15:00', '2026-11-09', '15:00'],
    ['dispute', '2026-09-30', '15:00', '2026-10-08', '15:00'],
    ['end-of-robot', '2026-02-16', '06:00', '2026-02-24', '18:00'],
  ] as const)('%s at %s %s is first acted on by %s %s', (reason, date, time, byDate, byTime) => {
    expect(handOverFor(strategy, reason, local(date, time)).firstActionDue).toBe(local(byDate, byTime));
  });
});

const features = (of: Partial<ScoreFeatures> = {}): ScoreFeatures => ({
  lastLabel: null,
  lastLabelDate: null,
  lastLabelOn: null,
  lastReason: null,
  askedHow: false,
  longestConversationSeconds: 0,
  understoodTurnsOfLongest: 0,
  hungUpEarlyOfLastConnected: 0,
  attempts: 0,
  rpcConversations: 0,
  daysWithoutRpc: null,
  promisesKept12m: 0,
  brokenInEpisode: 0,
  brokenBefore6m: 0,
  paidInEpisode: 0,
  minimumDue: 50_000,
  unpaidMinimum: 50_000,
  currency: 'CNY',
  recordedMonths: 6,
  earlierEpisodes12m: 0,
  earlierCuredEarly: 0,
  earlierCuredLate: 0,
  statementBalance: null,
  creditLimit: null,
  daysAfterGrace: 0,
  ...of,
});
const score = (of: Partial<ScoreFeatures>) => scoreAccount(strategy, features(of)).score;

describe('score', () => {
  it('starts at 50 without a reason', () => {
    expect(scoreAccount(strategy, features())).toEqual({ score: 50, band: 'B', reasons: [] });
  });
  it.each<[string, Partial<ScoreFeatures>, number]>([
    ['promise today', { lastLabel: 'promise-today' }, 75],
    ['promise for tomorrow', { lastLabel: 'promise-date', lastLabelOn: dayOf(2), lastLabelDate: dayOf(3) }, 75],
    ['promise for the day after', { lastLabel: 'promise-date', lastLabelOn: dayOf(2), lastLabelDate: dayOf(4) }, 65],
    ['part', { lastLabel: 'promise-part' }, 60],
    ['claims paid', { lastLabel: 'claims-paid' }, 65],
    ['vague', { lastLabel: 'vague' }, 53],
    ['defers with date', { lastLabel: 'defers', lastLabelDate: dayOf(5) }, 47],
    ['defers without', { lastLabel: 'defers' }, 42],
    ['weak', { lastLabel: 'weak' }, 38],
    ['cannot', { lastLabel: 'cannot' }, 30],
    ['refuses', { lastLabel: 'refuses' }, 25],
    ['dispute', { lastLabel: 'dispute' }, 50],
    ['forgot', { lastReason: 'forgot' }, 60],
    ['payday', { lastReason: 'payday' }, 50],
    ['asked how', { askedHow: true }, 56],
    ['a real conversation', { longestConversationSeconds: 30, understoodTurnsOfLongest: 3 }, 54],
    ['29 seconds', { longestConversationSeconds: 29, understoodTurnsOfLongest: 3 }, 50],
    ['two turns', { longestConversationSeconds: 30, understoodTurnsOfLongest: 2 }, 50],
    ['hung up twice', { hungUpEarlyOfLastConnected: 2 }, 40],
    ['four attempts, never reached', { attempts: 4, daysWithoutRpc: 5 }, 38],
    ['three attempts', { attempts: 3, daysWithoutRpc: 2 }, 50],
    ['no RPC for 3 days', { attempts: 9, rpcConversations: 1, daysWithoutRpc: 3 }, 42],
    ['no RPC for 2 days', { attempts: 9, rpcConversations: 1, daysWithoutRpc: 2 }, 50],
    ['kept twice', { promisesKept12m: 2 }, 70],
    ['kept thrice', { promisesKept12m: 3 }, 70],
    ['broken now', { brokenInEpisode: 2 }, 30],
    ['broken before', { brokenBefore6m: 1 }, 42],
    ['broken thrice before', { brokenBefore6m: 3 }, 34],
    ['half paid', { paidInEpisode: 25_000, unpaidMinimum: 25_000 }, 60],
    ['first miss', { recordedMonths: 12 }, 58],
    ['first miss with an earlier one', { recordedMonths: 12, earlierEpisodes12m: 1 }, 50],
    ['cured early thrice', { earlierCuredEarly: 3 }, 62],
    ['cured late four times', { earlierCuredLate: 4 }, 41],
    ['limit at 95 %', { statementBalance: 95, creditLimit: 100 }, 44],
    ['limit at 94 %', { statementBalance: 94, creditLimit: 100 }, 47],
    ['limit at 80 %', { statementBalance: 80, creditLimit: 100 }, 47],
    ['limit at 79 %', { statementBalance: 79, creditLimit: 100 }, 50],
    ['very large', { unpaidMinimum: 1_000_000 }, 44],
    ['large', { unpaidMinimum: 200_000 }, 47],
    ['two days after grace', { daysAfterGrace: 2 }, 46],
  ])('%s', (_, of, expected) => {
    expect(score(of)).toBe(expected);
  });
  it('stays in 0 to 100', () => {
    expect(
      score({
        lastLabel: 'refuses',
        brokenInEpisode: 1,
        brokenBefore6m: 2,
        unpaidMinimum: 1_000_000,
        daysAfterGrace: 5,
      }),
    ).toBe(0);
    expect(score({ lastLabel: 'promise-today', promisesKept12m: 2, lastReason: 'forgot', recordedMonths: 12 })).toBe(
      100,
    );
  });
  it('has bands with their lower edge', () => {
    expect([70, 69, 45, 44, 25, 24].map((value) => scoreBandOf(strategy.scorecard, value))).toEqual([
      'A',
      'B',
      'B',
      'C',
      'C',
      'D',
    ]);
  });
  it('ranks the worklist by reason, then by risk and amount, at most 99 apart', () => {
    expect(worklistPriority(strategy, { reason: 'end-of-robot', score: 20, band: 'large' })).toBe(472);
    expect(worklistPriority(strategy, { reason: 'distress', score: 0, band: 'very-large' })).toBe(999);
    expect(worklistPriority(strategy, { reason: 'lost', score: null, band: 'normal' })).toBe(330);
  });
});
