import { daysBetween } from '@mora/business-time';
import type { HandOverReason } from '@mora/contracts';
import type { AmountBand, Scorecard, Strategy } from '../package/schema.js';
import { bandOf, utilisationOf } from '../tiering/tiering.js';
import type { ScoreFeatures, ScoreResult } from './records.js';

type Row = ScoreResult['reasons'][number];
type LabelPoints = Scorecard['labels'];

const promiseDatePoints = (points: LabelPoints, f: ScoreFeatures): number => {
  const days = f.lastLabelOn === null || f.lastLabelDate === null ? null : daysBetween(f.lastLabelOn, f.lastLabelDate);
  return days !== null && days <= 1 ? points.promiseTodayOrTomorrow : points.promiseLater;
};

const labelPoints = (points: LabelPoints, f: ScoreFeatures): number => {
  switch (f.lastLabel) {
    case null:
      return 0;
    case 'promise-today':
      return points.promiseTodayOrTomorrow;
    case 'promise-date':
      return promiseDatePoints(points, f);
    case 'promise-part':
      return points.promisePart;
    case 'claims-paid':
      return points.claimsPaid;
    case 'vague':
      return points.vague;
    case 'defers':
      return f.lastLabelDate === null ? points.defersWithoutDate : points.defersWithDate;
    case 'weak':
      return points.weak;
    case 'cannot':
      return points.cannot;
    case 'refuses':
      return points.refuses;
    case 'dispute':
      return points.dispute;
    case 'none':
      return points.none;
  }
};

const limited = (each: { readonly points: number; readonly limit: number }, times: number): number => {
  const total = each.points * times;
  return each.limit < 0 ? Math.max(each.limit, total) : Math.min(each.limit, total);
};

/** `Math.round` halves upwards; -0 is kept out of events. */
const whole = (value: number): number => Math.round(value) + 0;

const conversationRows = (card: Scorecard, f: ScoreFeatures): readonly Row[] => {
  const real =
    f.longestConversationSeconds >= card.realConversation.seconds &&
    f.understoodTurnsOfLongest >= card.realConversation.understoodTurns;
  const easy = f.lastReason !== null && card.easyReason.reasons.includes(f.lastReason);
  const never = f.rpcConversations === 0 && f.attempts >= card.neverReached.attempts;
  const notLately = !never && f.daysWithoutRpc !== null && f.daysWithoutRpc >= card.notReachedLately.days;
  return [
    {
      row: 'label',
      points: labelPoints(card.labels, f),
      inputs: { lastLabel: f.lastLabel, lastLabelDate: f.lastLabelDate, lastLabelOn: f.lastLabelOn },
    },
    { row: 'easy-reason', points: easy ? card.easyReason.points : 0, inputs: { lastReason: f.lastReason } },
    { row: 'asked-how', points: f.askedHow ? card.askedHow : 0, inputs: { askedHow: f.askedHow } },
    {
      row: 'real-conversation',
      points: real ? card.realConversation.points : 0,
      inputs: { seconds: f.longestConversationSeconds, understoodTurns: f.understoodTurnsOfLongest },
    },
    {
      row: 'hung-up-early',
      points: card.hungUpEarly.points * Math.min(card.hungUpEarly.calls, f.hungUpEarlyOfLastConnected),
      inputs: { hungUpEarlyOfLastConnected: f.hungUpEarlyOfLastConnected },
    },
    { row: 'never-reached', points: never ? card.neverReached.points : 0, inputs: { attempts: f.attempts } },
    {
      row: 'not-reached-lately',
      points: notLately ? card.notReachedLately.points : 0,
      inputs: { daysWithoutRpc: f.daysWithoutRpc },
    },
  ];
};

const historyRows = (card: Scorecard, f: ScoreFeatures): readonly Row[] => {
  const firstMiss = f.recordedMonths >= card.firstMiss.recordedMonths && f.earlierEpisodes12m === 0;
  return [
    {
      row: 'promise-kept',
      points: limited(card.promiseKept, f.promisesKept12m),
      inputs: { promisesKept12m: f.promisesKept12m },
    },
    {
      row: 'promise-broken-now',
      points: f.brokenInEpisode > 0 ? card.promiseBrokenNow : 0,
      inputs: { brokenInEpisode: f.brokenInEpisode },
    },
    {
      row: 'promise-broken-before',
      points: limited(card.promiseBrokenBefore, f.brokenBefore6m),
      inputs: { brokenBefore6m: f.brokenBefore6m },
    },
    {
      row: 'first-miss',
      points: firstMiss ? card.firstMiss.points : 0,
      inputs: { recordedMonths: f.recordedMonths, earlierEpisodes12m: f.earlierEpisodes12m },
    },
    {
      row: 'earlier-cured-early',
      points: limited(card.earlierCuredEarly, f.earlierCuredEarly),
      inputs: { earlierCuredEarly: f.earlierCuredEarly },
    },
    {
      row: 'earlier-cured-late',
      points: limited(card.earlierCuredLate, f.earlierCuredLate),
      inputs: { earlierCuredLate: f.earlierCuredLate },
    },
  ];
};

const amountRows = (card: Scorecard, f: ScoreFeatures, band: AmountBand): readonly Row[] => {
  const utilisation = utilisationOf(f.statementBalance, f.creditLimit);
  const step =
    utilisation === null
      ? undefined
      : [...card.utilisation].sort((a, b) => b.from - a.from).find((one) => utilisation >= one.from);
  const paid = f.minimumDue > 0 && f.unpaidMinimum > 0 ? Math.min(1, Math.max(0, f.paidInEpisode / f.minimumDue)) : 0;
  return [
    {
      row: 'paid-part',
      points: whole(card.paidShare * paid),
      inputs: { paidInEpisode: f.paidInEpisode, minimumDue: f.minimumDue },
    },
    { row: 'utilisation', points: step?.points ?? 0, inputs: { utilisation } },
    { row: 'amount', points: card.bands[band] ?? 0, inputs: { band } },
    {
      row: 'after-grace',
      points: card.dayAfterGrace * Math.max(0, f.daysAfterGrace),
      inputs: { daysAfterGrace: f.daysAfterGrace },
    },
  ];
};

/** Score 0–100: how likely the account is cured within three days without a human. Every row with points is a reason. */
export const scoreAccount = (strategy: Strategy, features: ScoreFeatures): ScoreResult => {
  const card = strategy.scorecard;
  const band = bandOf(strategy, features.currency, features.unpaidMinimum);
  const rows = [
    ...conversationRows(card, features),
    ...historyRows(card, features),
    ...amountRows(card, features, band),
  ];
  const reasons = rows.filter((row) => row.points !== 0);
  const score = Math.min(
    100,
    Math.max(
      0,
      reasons.reduce((sum, row) => sum + row.points, card.start),
    ),
  );
  return { score, band: scoreBandOf(card, score), reasons };
};

export const scoreBandOf = (card: Scorecard, score: number): ScoreResult['band'] => {
  const { A, B, C } = card.scoreBands;
  if (score >= A) return 'A';
  if (score >= B) return 'B';
  return score >= C ? 'C' : 'D';
};

/** Place in the worklist, higher first: base of the reason plus risk weighed by amount. An unscored account counts as 50. */
export const worklistPriority = (
  strategy: Strategy,
  input: { readonly reason: HandOverReason; readonly score: number | null; readonly band: AmountBand },
): number => {
  const { worklist, start } = strategy.scorecard;
  const risk = whole((100 - (input.score ?? start)) * worklist.weights[input.band]);
  return strategy.handover.reasons[input.reason].priority + Math.min(worklist.limit, risk);
};
