/** Commands of a treatment. Foreign facts come in as commands; every one ends in a new look at tier, promise and hand-over. */
import { dpdOf } from '@mora/business-time';
import type { HandOverReason, IntentLabel } from '@mora/contracts';
import { bandOf, drawArm } from '@mora/strategy';
import { type CallFacts, noteCall } from './calls.js';
import { handOver, handOverIfDue, handOverStopped } from './hand-over.js';
import { reopenPromise, settleOpen, settlePromiseNow, voidPromise } from './promises.js';
import { noteReply, type ReplyFacts } from './replies.js';
import { type SharedFact, takeIn } from './shared-facts.js';
import { type Ground, Steps } from './steps.js';
import { nextPlanAt, owesNothingToCollect, sameTier, tieredEvent } from './tier-decision.js';
import type { SmsTask, Treatment, TreatmentEvent, TreatmentFacts, TreatmentPayment } from './treatment.js';

export type TreatmentCommand =
  | { readonly do: 'start'; readonly caseId: string; readonly debtorId: string; readonly facts: TreatmentFacts }
  | { readonly do: 'note-facts'; readonly facts: TreatmentFacts }
  | { readonly do: 'note-payment'; readonly payment: TreatmentPayment; readonly unpaidMinimum: number }
  | { readonly do: 'note-call'; readonly facts: CallFacts }
  /** What concerns this account too, from the debtor's other ones and from the guard. */
  | { readonly do: 'take-in'; readonly facts: readonly SharedFact[] }
  | {
      readonly do: 'note-sms-task';
      readonly task: SmsTask;
      readonly reason: HandOverReason;
      /** The robot will not send it any more. */
      readonly lapsed: boolean;
    }
  | { readonly do: 'note-reply'; readonly facts: ReplyFacts }
  | { readonly do: 'note-label'; readonly attemptId: string; readonly label: IntentLabel; readonly rightParty: boolean }
  | { readonly do: 'note-score'; readonly score: number; readonly trigger?: string }
  | { readonly do: 'note-reach' }
  | { readonly do: 'note-numbers'; readonly usable: number }
  | { readonly do: 'hand-over'; readonly reason: HandOverReason }
  | { readonly do: 'return-to-robot'; readonly reason: string; readonly by: string }
  | { readonly do: 'plan-day' }
  | { readonly do: 'settle' }
  | { readonly do: 'end'; readonly reason: 'cured' | 'closed' }
  | { readonly do: 'resume'; readonly because: string };

export const decideTreatment = (
  command: TreatmentCommand,
  state: Treatment,
  ground: Ground,
): readonly TreatmentEvent[] => {
  const steps = new Steps(state, ground);
  run(command, steps);
  return steps.events;
};

const run = (command: TreatmentCommand, steps: Steps): void => {
  switch (command.do) {
    case 'start':
      return start(command, steps);
    case 'note-facts':
      return noteFacts(command.facts, steps);
    case 'note-payment':
      return notePayment(command, steps);
    case 'note-call':
      return noteCall(command.facts, steps) ? retier(steps, 'call') : undefined;
    case 'note-reply':
      return noteReply(command.facts, steps) ? retier(steps, 'sms') : undefined;
    case 'take-in':
      return takeIn(command.facts, steps) ? retier(steps, 'debtor') : undefined;
    case 'note-sms-task':
      return noteSmsTask(command, steps);
    case 'note-label':
      if (!command.rightParty || steps.state.status === 'none') return;
      steps.add({ type: 'LabelNoted', data: { attemptId: command.attemptId, label: command.label } });
      return retier(steps, 'label');
    case 'note-score':
      return noteScore(command, steps);
    case 'note-reach':
      if (steps.state.status !== 'none' && !steps.state.reachedBySms)
        steps.add({ type: 'ReachNoted', data: { by: 'sms' } });
      return;
    case 'note-numbers':
      if (steps.state.usableNumbers === command.usable || steps.state.status === 'none') return;
      steps.add({ type: 'NumbersNoted', data: { usable: command.usable } });
      return handOverIfDue(steps, 'numbers');
    case 'hand-over':
      return handOver(steps, command.reason, 'asked');
    case 'return-to-robot':
      return returnToRobot(command, steps);
    case 'plan-day':
      return planDay(steps);
    case 'settle':
      settleOpen(steps);
      handOverIfDue(steps, 'settlement');
      return retier(steps, 'settlement');
    case 'end':
      return end(command.reason, steps);
    case 'resume':
      if (steps.state.status !== 'ended') return;
      return resume(command.because, steps);
    default: {
      const never: never = command;
      return never;
    }
  }
};

const start = (command: Extract<TreatmentCommand, { do: 'start' }>, steps: Steps): void => {
  if (steps.state.status !== 'none') return;
  const { strategy, strategyHash, chance, cause, version } = steps.ground;
  const { caseId, debtorId, facts } = command;
  const drawn = drawArm(strategy, { debtorId, band: bandOf(strategy, facts.currency, facts.unpaidMinimum), chance });
  steps.add({
    type: 'TreatmentStarted',
    data: {
      caseId,
      debtorId,
      accountId: facts.accountId,
      strategyHash,
      treatmentId: caseId,
      experimentId: drawn.experimentId,
      arm: drawn.arm,
      probability: drawn.probability,
      holdout: drawn.holdout,
      chance: drawn.chance,
      decision: { trigger: cause, decidedOnVersion: version, ...drawn.decision },
    },
  });
  steps.add({ type: 'FactsNoted', data: { facts } });
  planDay(steps, 'opened');
};

const noteFacts = (facts: TreatmentFacts, steps: Steps): void => {
  const { state } = steps;
  if (state.status === 'none' || state.status === 'ended' || JSON.stringify(state.facts) === JSON.stringify(facts))
    return;
  steps.add({ type: 'FactsNoted', data: { facts } });
  retier(steps, 'facts');
};

const notePayment = (command: Extract<TreatmentCommand, { do: 'note-payment' }>, steps: Steps): void => {
  const { state } = steps;
  if (state.status === 'none' || state.payments.some((p) => p.key === command.payment.key)) return;
  steps.add({ type: 'PaymentNoted', data: { payment: command.payment, unpaidMinimum: command.unpaidMinimum } });
  settlePromiseNow(steps);
  reopenPromise(steps);
  retier(steps, 'payment');
};

const noteScore = (command: Extract<TreatmentCommand, { do: 'note-score' }>, steps: Steps): void => {
  const { status, score, scoreAwaited } = steps.state;
  if (status === 'none' || (score === command.score && !scoreAwaited)) return;
  const { score: said, trigger } = command;
  steps.add({ type: 'ScoreNoted', data: trigger === undefined ? { score: said } : { score: said, trigger } });
  handOverIfDue(steps, 'score');
};

const planDay = (steps: Steps, trigger = 'day-plan'): void => {
  if (steps.state.status !== 'active') return;
  settlePromiseNow(steps);
  handOverIfDue(steps, 'day-plan');
  if (steps.state.status === 'active') tierNow(steps, trigger);
};

/** Where nothing is to be collected there is no tier; the next look is planned all the same. */
const tierNow = (steps: Steps, trigger: string): void => {
  const { state, ground } = steps;
  if (!state.facts) return;
  const { strategy, strategyHash, at } = ground;
  if (owesNothingToCollect(strategy, state.facts)) {
    const next = nextPlanAt(strategy, at);
    if (state.dayPlanAt !== next)
      steps.add({ type: 'PlanPostponed', data: { at: next, why: 'nothing to collect beyond the tolerance' } });
    return;
  }
  const input = { at, trigger, atDayPlan: true };
  steps.add({ type: 'AccountTiered', data: tieredEvent(strategy, strategyHash, state, state.facts, input) });
};

/** Between day plans only a changed tier, or a rise that begins to wait, is an event. */
const retier = (steps: Steps, trigger: string): void => {
  const { state, ground } = steps;
  const { strategy, strategyHash, at } = ground;
  if (state.status !== 'active' || !state.facts || owesNothingToCollect(strategy, state.facts)) return;
  const tiered = tieredEvent(strategy, strategyHash, state, state.facts, { at, trigger, atDayPlan: false });
  if (!sameTier(state, tiered)) steps.add({ type: 'AccountTiered', data: tiered });
};

const returnToRobot = (command: Extract<TreatmentCommand, { do: 'return-to-robot' }>, steps: Steps): void => {
  const { state, ground } = steps;
  if (state.status !== 'handed-over' || !state.facts) return;
  const dpd = dpdOf(steps.today, state.facts.dueDate);
  if (dpd < ground.strategy.about.firstDpd || dpd > ground.strategy.about.lastDpd) return;
  steps.add({ type: 'ReturnedToRobot', data: { ...steps.about, reason: command.reason, by: command.by } });
  tierNow(steps, 'returned');
};

const end = (reason: 'cured' | 'closed', steps: Steps): void => {
  const { state } = steps;
  if (state.status === 'none' || state.status === 'ended') return;
  if (reason === 'cured') settlePromiseNow(steps);
  voidPromise(reason, steps);
  steps.add({ type: 'TreatmentEnded', data: { ...steps.about, reason } });
};

/** The next hand-over carries the task; an SMS that will never go leaves the account to the human who sees to it. */
const noteSmsTask = (command: Extract<TreatmentCommand, { do: 'note-sms-task' }>, steps: Steps): void => {
  const { status, smsTasks } = steps.state;
  const { task, reason, lapsed } = command;
  if (status === 'none' || status === 'ended') return;
  if (!smsTasks.some((t) => t.trigger === task.trigger)) steps.add({ type: 'SmsTaskNoted', data: { task } });
  if (lapsed) handOver(steps, reason, `sms ${task.trigger}: ${task.reason}`);
};

/** The episode goes on where it was: an account that humans had is theirs again. */
const resume = (because: string, steps: Steps): void => {
  steps.add({ type: 'TreatmentResumed', data: { ...steps.about, because } });
  handOverStopped(steps);
  const before = steps.state.handedOverFor;
  if (before) handOver(steps, before, 'reopened');
  planDay(steps, 'reopened');
};
