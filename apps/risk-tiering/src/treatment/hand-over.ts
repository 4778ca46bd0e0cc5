/** When a human takes an account over, and when the robot has it back (`domain.md` 2.9). */
import { dpdOf, localInstant } from '@mora/business-time';
import type { DeepReadonly, DialogueResult, HandOverReason } from '@mora/contracts';
import { bandOf, handOverDue, handOverFor, overrideRanOut, type Strategy } from '@mora/strategy';
import type { Steps } from './steps.js';
import { owesNothingToCollect } from './tier-decision.js';
import { inForce, type Treatment, type TreatmentFacts } from './treatment.js';

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
    score: state.scoreAwaited ? null : state.score,
    openPromise: state.promise !== null,
    calls: dpd > strategy.about.lastDpd ? state.calls : state.calls.slice(state.returned.calls),
    hasUsableNumber: state.usableNumbers === null || state.usableNumbers > 0,
    reached: state.reachedBySms || state.calls.some((c) => c.rpc),
    promisesKept: state.promisesKept,
    brokenInEpisode: state.brokenInEpisode - state.returned.broken,
    lastBrokenTier: state.lastBrokenTier,
    withinTolerance: owesNothingToCollect(strategy, state.facts),
    holdout: state.holdout,
    paidCheckDone: paidCheckDone(strategy, state),
  });
  if (reason && !(trigger === 'settlement' && isEndOfRobot(reason, dpd, strategy) && isBeforePlan(steps)))
    handOver(steps, reason, trigger);
};

/** The end of the robot's days comes with the day plan, not with what is settled in the night before it. */
const isEndOfRobot = (reason: HandOverReason, dpd: number, strategy: Strategy): boolean =>
  dpd > strategy.about.lastDpd && (reason === 'end-of-robot' || reason === 'lost');

const isBeforePlan = ({ today, ground: { at, strategy } }: Steps): boolean =>
  at < localInstant(today, strategy.dayPlan.planAt, strategy.about.zone);

/** The call about a payment that was not found was held, or was tried as often as it is. */
const paidCheckDone = (strategy: Strategy, state: Treatment): boolean => {
  if (!state.claimUnmet || state.claimUnmetAt === null || state.promise !== null) return false;
  const { script } = strategy.dayPlan.overrides['paid-check'];
  const calls = state.calls.slice(state.returned.calls);
  const override = { kind: 'paid-check', since: state.claimUnmetAt } as const;
  return calls.some((c) => c.rpc && c.script === script) || overrideRanOut(strategy, override, calls);
};

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
