/** Commands of a treatment. Foreign facts come in as commands; every one ends in a new look at tier, promise and hand-over. */
import { type DeepReadonly, type HandOverReason, type IntentLabel, type SpokenPromise, uuidv5 } from '@mora/contracts';
import {
  addDays,
  afterCall,
  bandOf,
  businessDate,
  type ChanceSource,
  dpdOf,
  drawArm,
  type EndedCall,
  endOfDay,
  handOverDue,
  handOverFor,
  latestPromiseDate,
  type PastCall,
  plusMinutes,
  type Strategy,
  settlePromise,
  toleranceOf,
} from '@mora/strategy';
import { isWithinTolerance, sameTier, tieredEvent } from './tier-decision.js';
import {
  type Promised,
  type Treatment,
  type TreatmentEvent,
  type TreatmentFacts,
  type TreatmentPayment,
  treatment,
} from './treatment.js';

/** What a decision knows beside the treatment. */
export interface Ground {
  readonly at: string;
  readonly version: number;
  readonly cause: string;
  readonly strategy: Strategy;
  readonly strategyHash: string;
  readonly postedThrough: string | null;
  readonly chance: ChanceSource;
}

export interface CallFacts {
  readonly call: EndedCall;
  readonly promise: DeepReadonly<SpokenPromise> | null;
  readonly claimedPaidOn: string | null;
  readonly stops: readonly { readonly kind: string; readonly scope: string }[];
}

export type TreatmentCommand =
  | { readonly do: 'start'; readonly caseId: string; readonly debtorId: string; readonly facts: TreatmentFacts }
  | { readonly do: 'note-facts'; readonly facts: TreatmentFacts }
  | { readonly do: 'note-payment'; readonly payment: TreatmentPayment; readonly unpaidMinimum: number }
  | { readonly do: 'note-call'; readonly facts: CallFacts }
  | { readonly do: 'note-label'; readonly attemptId: string; readonly label: IntentLabel; readonly rightParty: boolean }
  | { readonly do: 'note-score'; readonly score: number }
  | { readonly do: 'note-reach' }
  | { readonly do: 'note-numbers'; readonly usable: number }
  | { readonly do: 'hand-over'; readonly reason: HandOverReason }
  | { readonly do: 'return-to-robot'; readonly reason: string; readonly by: string }
  | { readonly do: 'plan-day' }
  | { readonly do: 'settle' }
  | { readonly do: 'end'; readonly reason: 'cured' | 'closed' }
  | { readonly do: 'resume'; readonly because: string };

/** Decides step by step on the state that its own earlier events made. */
class Steps {
  readonly events: TreatmentEvent[] = [];
  constructor(
    public state: Treatment,
    readonly ground: Ground,
  ) {}

  add(event: TreatmentEvent): void {
    this.events.push(event);
    this.state = treatment.evolve(this.state, event, this.ground.at);
  }

  get about() {
    const { caseId, debtorId, facts } = this.state;
    return { caseId, debtorId, accountId: facts?.accountId ?? '', strategyHash: this.ground.strategyHash };
  }

  get today(): string {
    return businessDate(this.ground.at, this.ground.strategy.about.zone);
  }
}

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
      return noteCall(command.facts, steps);
    case 'note-label':
      if (!command.rightParty || steps.state.status === 'none') return;
      steps.add({ type: 'LabelNoted', data: { attemptId: command.attemptId, label: command.label } });
      return retier(steps, 'label');
    case 'note-score':
      if (steps.state.status === 'none' || steps.state.score === command.score) return;
      steps.add({ type: 'ScoreNoted', data: { score: command.score } });
      return handOverIfDue(steps, 'score');
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
      return settle(steps);
    case 'end':
      return end(command.reason, steps);
    case 'resume':
      if (steps.state.status !== 'ended') return;
      steps.add({ type: 'TreatmentResumed', data: { ...steps.about, because: command.because } });
      return tierNow(steps, 'reopened');
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
  retier(steps, 'payment');
};

const noteCall = (facts: CallFacts, steps: Steps): void => {
  const { state, ground } = steps;
  const { call } = facts;
  if (state.status === 'none' || state.calls.some((c) => c.attemptId === call.attemptId)) return;
  const dueDate = state.facts?.dueDate ?? steps.today;
  const advice = afterCall(ground.strategy, { call, earlier: state.calls, tier: call.tier, dueDate });
  const past: PastCall = pastOf(call);
  steps.add({
    type: 'CallNoted',
    data: {
      call: past,
      deferTo: call.deferTo,
      unclear: call.disposition === 'unclear' || call.disposition === 'dropped',
      refused: call.disposition === 'refused',
    },
  });
  if (facts.promise) promise(facts.promise, call.attemptId, steps);
  if (call.disposition === 'claims-paid') claim(facts.claimedPaidOn ?? steps.today, call.attemptId, steps);
  if (facts.stops.length > 0 && steps.state.promise && call.disposition !== 'claims-paid')
    voidPromise(facts.stops[0]!.kind, steps);
  if (advice.handOver) handOver(steps, advice.handOver, `call ${call.attemptId}: ${advice.rule}`);
  else handOverIfDue(steps, `call ${call.attemptId}`);
  retier(steps, 'call');
};

const pastOf = ({ callbackAt: _callbackAt, deferTo: _deferTo, ...past }: EndedCall): PastCall => past;

const promise = (spoken: DeepReadonly<SpokenPromise>, attemptId: string, steps: Steps): void => {
  const { strategy } = steps.ground;
  const { state } = steps;
  if (!state.facts || !state.tier) return;
  const latest = latestPromiseDate(strategy, { today: steps.today, dueDate: state.facts.dueDate, tier: state.tier });
  if (spoken.date > latest) return;
  const { amount, currency, date, turn, confidence } = spoken;
  const common = { ...steps.about, amount, currency, date, promiseKind: spoken.kind, attemptId, turn };
  const open = state.promise;
  if (open?.moved) return;
  if (open) {
    steps.add({ type: 'PromiseMoved', data: { ...common, promiseId: open.promiseId, movedFrom: open.date } });
  } else {
    const promiseId = uuidv5(state.caseId, `promise|${state.promisesMade + 1}`);
    steps.add({ type: 'PromiseMade', data: { ...common, promiseId, confidence } });
  }
  planSettlement(steps, endOfDay(date, strategy.about.zone), 'the promise is judged when its day is over');
};

const claim = (claimedOn: string, attemptId: string, steps: Steps): void => {
  const { strategy } = steps.ground;
  if (steps.state.claim) return;
  const checkAfter = endOfDay(addDays(claimedOn, 1), strategy.about.zone);
  steps.add({ type: 'PaymentClaimed', data: { ...steps.about, claimedOn, attemptId, checkAfter } });
  planSettlement(steps, checkAfter, 'a claimed payment is looked for until the day after');
};

/** A little after the watermark can have come; then every hour until it has. */
const planSettlement = (steps: Steps, from: string, why: string): void =>
  steps.add({ type: 'SettlementPlanned', data: { at: plusMinutes(from, 45), why } });

const settle = (steps: Steps): void => {
  settlePromiseNow(steps);
  const { claim: open } = steps.state;
  const { postedThrough, at } = steps.ground;
  if (open && postedThrough !== null && postedThrough >= open.checkAfter)
    steps.add({
      type: 'PaymentClaimUnmet',
      data: { ...steps.about, claimedOn: open.claimedOn, watermark: postedThrough },
    });
  const waits = steps.state.promise !== null || steps.state.claim !== null;
  const due = [
    steps.state.promise && endOfDay(steps.state.promise.date, steps.ground.strategy.about.zone),
    steps.state.claim?.checkAfter,
  ]
    .filter((instant) => instant !== null && instant !== undefined)
    .sort()[0];
  if (waits && due) planSettlement(steps, due > at ? due : plusMinutes(at, 15), 'the bank has not posted that far yet');
  handOverIfDue(steps, 'settlement');
  retier(steps, 'settlement');
};

const settlePromiseNow = (steps: Steps): void => {
  const { promise: open, facts, payments } = steps.state;
  if (!open || !facts) return;
  const { strategy, postedThrough } = steps.ground;
  const tolerance = toleranceOf(strategy, facts.currency, facts.tolerance);
  const result = settlePromise(strategy, {
    promise: open,
    payments,
    watermark: postedThrough,
    today: steps.today,
    tolerance,
  });
  const { promiseId, amount, currency, date, promiseKind } = open;
  const data = {
    ...steps.about,
    promiseId,
    amount,
    currency,
    date,
    promiseKind,
    paid: result.paid,
    payments: [...result.payments],
    watermark: postedThrough,
  };
  if (result.result === 'kept') steps.add({ type: 'PromiseKept', data });
  if (result.result === 'partly') steps.add({ type: 'PromisePartlyKept', data });
  if (result.result === 'broken') steps.add({ type: 'PromiseBroken', data });
};

const voidPromise = (because: string, steps: Steps): void => {
  const open = steps.state.promise;
  if (open) steps.add({ type: 'PromiseVoided', data: { ...steps.about, ...plain(open), because } });
};

const plain = ({ promiseId, amount, currency, date, promiseKind }: Promised) => ({
  promiseId,
  amount,
  currency,
  date,
  promiseKind,
});

const planDay = (steps: Steps, trigger = 'day-plan'): void => {
  if (steps.state.status !== 'active') return;
  handOverIfDue(steps, 'day-plan');
  if (steps.state.status === 'active') tierNow(steps, trigger);
};

const tierNow = (steps: Steps, trigger: string): void => {
  const { state, ground } = steps;
  if (!state.facts) return;
  steps.add({
    type: 'AccountTiered',
    data: tieredEvent(ground.strategy, ground.strategyHash, state, state.facts, {
      at: ground.at,
      trigger,
      atDayPlan: true,
    }),
  });
};

/** Between day plans only a changed tier, or a rise that begins to wait, is an event. */
const retier = (steps: Steps, trigger: string): void => {
  const { state, ground } = steps;
  if (
    state.status !== 'active' ||
    !state.facts ||
    state.tier === null ||
    isWithinTolerance(ground.strategy, state.facts)
  )
    return;
  const tiered = tieredEvent(ground.strategy, ground.strategyHash, state, state.facts, {
    at: ground.at,
    trigger,
    atDayPlan: false,
  });
  if (!sameTier(state, tiered)) steps.add({ type: 'AccountTiered', data: tiered });
};

const handOverIfDue = (steps: Steps, trigger: string): void => {
  const { state, ground } = steps;
  if (state.status !== 'active' || !state.facts) return;
  const { strategy } = ground;
  const reason = handOverDue(strategy, {
    dpd: dpdOf(steps.today, state.facts.dueDate),
    tier: state.tier,
    band: bandOf(strategy, state.facts.currency, state.facts.unpaidMinimum),
    score: state.score,
    calls: state.calls,
    hasUsableNumber: state.usableNumbers === null || state.usableNumbers > 0,
    reached: state.reachedBySms || state.calls.some((c) => c.rpc),
    promisesKept: state.promisesKept,
    brokenInEpisode: state.brokenInEpisode,
    lastBrokenTier: state.lastBrokenTier,
    withinTolerance: isWithinTolerance(strategy, state.facts),
    holdout: state.holdout,
    paidCheckDone: state.claimUnmet && state.calls.some((c) => c.rpc && c.script === 'paid-check'),
  });
  if (reason) handOver(steps, reason, trigger);
};

const handOver = (steps: Steps, reason: HandOverReason, trigger: string): void => {
  const { state, ground } = steps;
  if (state.status !== 'active' || !state.facts) return;
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
      dpd: dpdOf(steps.today, state.facts.dueDate),
      tier: state.tier,
      score: state.score,
    },
  });
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
