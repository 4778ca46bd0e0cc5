/** Builds `AccountTiered` from a treatment's own state: every rule, its inputs, and what the tier guards made of it. */
import { addDays, businessDate, dpdOf, localInstant, monthsBefore } from '@mora/business-time';
import type { Tier } from '@mora/contracts';
import {
  effectiveTier,
  inGrace,
  isTalk,
  type Strategy,
  tierAccount,
  toleranceOf,
  withinTolerance,
} from '@mora/strategy';
import type { Treatment, TreatmentEvent, TreatmentFacts } from './treatment.js';

type Tiered = Extract<TreatmentEvent, { type: 'AccountTiered' }>['data'];

/** Paid, or short by no more than the tolerance: no tier, no hand-over (`domain.md` 2.1). */
export const owesNothingToCollect = (strategy: Strategy, facts: TreatmentFacts): boolean =>
  facts.unpaidMinimum <= 0 ||
  withinTolerance(facts.unpaidMinimum, toleranceOf(strategy, facts.currency, facts.tolerance));

export const earlierEpisodes12m = (strategy: Strategy, facts: TreatmentFacts): number =>
  facts.history.earlierEpisodes.filter(
    (e) =>
      e.openedOn >= monthsBefore(facts.dueDate, strategy.tiers.rules.T2.episodeMonths) && e.openedOn < facts.dueDate,
  ).length;

const brokenEarlier6m = (strategy: Strategy, facts: TreatmentFacts): number =>
  facts.history.promises.filter(
    (p) =>
      p.result === 'broken' &&
      p.on >= monthsBefore(facts.dueDate, strategy.tiers.rules.T2.brokenMonths) &&
      p.on < facts.dueDate,
  ).length;

export const nextPlanAt = (strategy: Strategy, at: string): string => {
  const { zone } = strategy.about;
  const today = businessDate(at, zone);
  const todays = localInstant(today, strategy.dayPlan.planAt, zone);
  return at < todays ? todays : localInstant(addDays(today, 1), strategy.dayPlan.planAt, zone);
};

export const tieredEvent = (
  strategy: Strategy,
  strategyHash: string,
  state: Treatment,
  facts: TreatmentFacts,
  input: { readonly at: string; readonly trigger: string; readonly atDayPlan: boolean },
): Tiered => {
  const today = businessDate(input.at, strategy.about.zone);
  const dpd = dpdOf(today, facts.dueDate);
  const result = tierAccount(strategy, {
    dpd,
    currency: facts.currency,
    unpaidMinimum: facts.unpaidMinimum,
    minimumDue: facts.minimumDue,
    statementBalance: facts.statementBalance,
    creditLimit: facts.creditLimit,
    earlierEpisodes12m: earlierEpisodes12m(strategy, facts),
    brokenEarlier6m: brokenEarlier6m(strategy, facts),
    recordedMonths: facts.history.recordedMonths,
    rpcConversations: state.calls.filter(isTalk).length,
    promisedInEpisode: state.promisesMade > 0,
    brokenInEpisode: state.brokenInEpisode,
    lastPromiseResult: state.lastPromiseResult,
    lastLabel: state.lastLabel,
    lastDeferTo: state.lastDeferTo,
    paidInEpisode: state.paidInEpisode,
  });
  const frozen = state.promise !== null || state.claim !== null;
  const effective = effectiveTier({ previous: state.tier, computed: result.tier, atDayPlan: input.atDayPlan, frozen });
  return {
    caseId: state.caseId,
    debtorId: state.debtorId,
    accountId: facts.accountId,
    strategyHash,
    businessDate: today,
    dpd,
    term: result.term,
    base: result.base,
    rules: result.rules.map((r) => ({ ...r })),
    sum: result.sum,
    shift: result.shift,
    previous: state.tier,
    tier: effective.tier,
    pendingRise: effective.pendingRise,
    frozen,
    unpaidMinimum: facts.unpaidMinimum,
    currency: facts.currency,
    band: result.band,
    inGrace: inGrace(strategy, today, facts.dueDate, facts.graceDays),
    lastLabel: state.lastLabel,
    score: state.score,
    trigger: input.trigger,
    nextPlanAt: input.atDayPlan ? nextPlanAt(strategy, input.at) : null,
  };
};

export const sameTier = (
  state: Treatment,
  tiered: { readonly tier: Tier; readonly pendingRise: Tier | null },
): boolean => state.tier === tiered.tier && state.pendingRise === tiered.pendingRise;
