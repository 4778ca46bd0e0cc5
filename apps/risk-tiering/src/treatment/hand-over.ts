/** When a human takes an account over, and when the robot has it back (`domain.md` 2.9). */
import { dpdOf } from '@mora/business-time';
import type { DeepReadonly, DialogueResult, HandOverReason } from '@mora/contracts';
import { bandOf, handOverDue, handOverFor, type Strategy } from '@mora/strategy';
import type { Steps } from './steps.js';
import { owesNothingToCollect } from './tier-decision.js';
import { inForce, type TreatmentFacts } from './treatment.js';

type SpokenStop = Pick<DeepReadonly<DialogueResult['stops'][number]>, 'kind' | 'scope'>;

/** A stop on the account or the debtor; one on a number says nothing about who owes. */
export const stopsTheDebtor = (stop: SpokenStop): boolean => stop.scope === 'account' || stop.scope === 'debtor';

/** The desk of the gravest stop that was spoken; more exact than the disposition (fraud is a kind of dispute). */
export const deskOfStops = (strategy: Strategy, stops: readonly SpokenStop[]): HandOverReason | null => {
  const reasons = stops
    .filter(stopsTheDebtor)
    .flatMap(({ kind }) => strategy.stops.stops[kind]?.handOver ?? [])
    .sort((a, b) => priorityOf(strategy, b) - priorityOf(strategy, a));
  return reasons[0] ?? null;
};

const priorityOf = (strategy: Strategy, reason: HandOverReason): number => strategy.handover.reasons[reason].priority;

/**
 * A stop that no human knows of brings the account to its desk, once. Where humans have the account already, only a graver
 * desk takes it over: the call that led to a stop may itself have handed the account over.
 */
export const handOverStopped = (steps: Steps): void => {
  const { state, ground } = steps;
  if (!state.facts || owesNothingToCollect(ground.strategy, state.facts)) return;
  const unknown = state.stops.filter((s) => !s.withHuman && s.channels.includes('call') && inForce(s, ground.at));
  const reason = deskOfStops(
    ground.strategy,
    unknown.map(({ kind }) => ({ kind, scope: 'account' })),
  );
  if (!reason) return;
  const has = state.handedOverFor;
  if (has && priorityOf(ground.strategy, reason) <= priorityOf(ground.strategy, has)) return;
  if (state.status === 'active' || state.status === 'handed-over')
    bringToDesk(steps, state.facts, reason, `stop ${unknown.map((s) => s.kind).join(', ')}`);
};

/** Looks at the state alone. What was known when a human gave the account back does not hand it over again. */
export const handOverIfDue = (steps: Steps, trigger: string): void => {
  const { state, ground } = steps;
  if (state.status !== 'active' || !state.facts) return;
  handOverStopped(steps);
  if (steps.state.status !== 'active') return;
  const { strategy } = ground;
  const dpd = dpdOf(steps.today, state.facts.dueDate);
  const reason = handOverDue(strategy, {
    dpd,
    tier: state.tier,
    band: bandOf(strategy, state.facts.currency, state.facts.unpaidMinimum),
    score: state.score,
    calls: dpd > strategy.about.lastDpd ? state.calls : state.calls.slice(state.returned.calls),
    hasUsableNumber: state.usableNumbers === null || state.usableNumbers > 0,
    reached: state.reachedBySms || state.calls.some((c) => c.rpc),
    promisesKept: state.promisesKept,
    brokenInEpisode: state.brokenInEpisode - state.returned.broken,
    lastBrokenTier: state.lastBrokenTier,
    withinTolerance: owesNothingToCollect(strategy, state.facts),
    holdout: state.holdout,
    paidCheckDone:
      state.claimUnmet &&
      state.promise === null &&
      state.calls.slice(state.returned.calls).some((c) => c.rpc && c.script === paidCheckScript(strategy)),
  });
  if (reason) handOver(steps, reason, trigger);
};

const paidCheckScript = (strategy: Strategy): string => strategy.dayPlan.overrides['paid-check'].script;

export const handOver = (steps: Steps, reason: HandOverReason, trigger: string): void => {
  const { status, facts } = steps.state;
  if (status === 'active' && facts) bringToDesk(steps, facts, reason, trigger);
};

const bringToDesk = (steps: Steps, facts: TreatmentFacts, reason: HandOverReason, trigger: string): void => {
  const { state, ground } = steps;
  const { queue, firstActionDue, suggestedNextStep } = handOverFor(ground.strategy, reason, ground.at);
  steps.add({
    type: 'HandedOver',
    data: {
      ...steps.about,
      reason,
      queue,
      firstActionDue,
      suggestedNextStep,
      trigger,
      dpd: dpdOf(steps.today, facts.dueDate),
      tier: state.tier,
      score: state.score,
      ...(state.smsTasks.length > 0 ? { smsTasks: [...state.smsTasks] } : {}),
    },
  });
};
