import { describe, expect, it } from '@jest/globals';
import { dayOf, strategy } from '../package.fixture.js';
import type { ScoreFeatures } from './records.js';
import { scoreAccount, scoreBandOf, worklistPriority } from './scorecard.js';

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
