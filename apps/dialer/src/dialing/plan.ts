import { businessDate, plusMinutes } from '@mora/business-time';
import { TICK_SECONDS } from '@mora/eventing';
import { type ChanceSource, type DayPlan, dialPriority, graceEnd, inGrace, planDay } from '@mora/strategy';
import { type Gate, haltOf } from '../gate/gate.js';
import type { Playbook, PlaybookOf } from '../playbook.js';
import { dialing } from './dialing.js';
import type { DayPlanned, DialingEvent, DialingEventNamed } from './events.js';
import { attemptIdFor, dayHasBegun, leadOf, nextPlanAt, openCases, planInputs, type TieredCase } from './facts.js';
import type { Dialing, QueuedDial } from './records.js';

export interface PlanSources {
  readonly playbookOf: PlaybookOf;
  readonly chance: ChanceSource;
  readonly zone: string;
}

/** On what a plan is made. `trigger` says why; the day plan is written also when nothing changed. */
export interface PlanOccasion {
  readonly debtorId: string;
  readonly at: string;
  readonly trigger: string;
  readonly version: number;
}

type Step = DialingEvent | DayPlanned;

/** Minutes after which a decision that could not be made is tried again. */
const WAIT_MINUTES = { strategy: 10, blob: 0.5, halted: 5, parked: 10 };
const DEFAULT_PLAN_AT = '06:00';
/** A dial that waits for a line this long is asked for again. */
const LOOK_AGAIN_MINUTES = 20;
/** So many dials that came to nothing on one day are enough. */
const CLOSED_PER_DAY = 12;

export const after = (state: Dialing, events: readonly Step[], at: string): Dialing =>
  events.reduce<Dialing>((folded, event) => dialing.evolve(folded, event, at), state);

export const waited = (at: string, because: keyof typeof WAIT_MINUTES): DialingEventNamed<'PlanWaited'> => ({
  type: 'PlanWaited',
  data: { until: plusMinutes(at, WAIT_MINUTES[because]), because },
});

const activePlaybook = (gate: Gate, sources: PlanSources): Playbook | undefined =>
  gate.strategyHash === null ? undefined : sources.playbookOf(gate.strategyHash);

const planAtOf = (playbook: Playbook | undefined): string => playbook?.strategy.dayPlan.planAt ?? DEFAULT_PLAN_AT;

export const zoneOf = (gate: Gate, sources: PlanSources): string =>
  activePlaybook(gate, sources)?.strategy.about.zone ?? sources.zone;

export const nextPlanOf = (gate: Gate, sources: PlanSources, at: string): string =>
  nextPlanAt(at, zoneOf(gate, sources), planAtOf(activePlaybook(gate, sources)));

/** True once the plan of the day was due: before it, a new fact waits for it. */
export const dayBegun = (gate: Gate, sources: PlanSources, at: string): boolean =>
  dayHasBegun(at, zoneOf(gate, sources), planAtOf(activePlaybook(gate, sources)));

const unplanned = (
  state: Dialing,
  occasion: PlanOccasion,
  { why, zone, nextReviewAt }: { readonly why: string; readonly zone: string; readonly nextReviewAt: string | null },
): readonly Step[] => {
  if (state.plan?.why === why && state.plan.nextDialAt === null && state.reviewAt === nextReviewAt) return [];
  return [
    {
      type: 'DayPlanned',
      data: {
        debtorId: occasion.debtorId,
        businessDate: businessDate(occasion.at, zone),
        leadCaseId: null,
        otherCaseIds: [],
        script: null,
        windows: [],
        maxAttempts: 0,
        nextDialAt: null,
        why,
        decision: {
          trigger: occasion.trigger,
          decidedOnVersion: occasion.version,
          inputs: {},
          options: [{ option: 'none', eligible: true, reason: why, probability: 1 }],
          chosen: 'none',
          chance: null,
          rules: [why],
          desiredAt: null,
          notBefore: null,
          notAfter: null,
          nextReviewAt,
        },
      },
    },
  ];
};

interface Computed {
  readonly playbook: Playbook;
  readonly lead: TieredCase;
  readonly others: readonly TieredCase[];
  readonly plan: DayPlan;
  /** Why nothing is dialed although the strategy would. */
  readonly held: string | null;
}

/** The strategy's plan for this instant; a debtor held back by the guard or by failures is planned from the end of that. */
const compute = (
  state: Dialing,
  gate: Gate,
  sources: PlanSources,
  { debtorId, at }: PlanOccasion,
): Computed | DialingEventNamed<'PlanWaited'> | 'no-open-case' | 'not-tiered' => {
  if (openCases(state).length === 0) return 'no-open-case';
  if (gate.strategyHash === null) return waited(at, 'strategy');
  const playbook = activePlaybook(gate, sources);
  if (!playbook) return waited(at, 'blob');
  const found = leadOf(state, at);
  if (found === null) return 'not-tiered';
  const { strategy } = playbook;
  const today = businessDate(at, strategy.about.zone);
  const heldToday = state.heldUntil !== null && state.heldUntil > at ? state.heldUntil : null;
  const from = heldToday !== null && businessDate(heldToday, strategy.about.zone) === today ? heldToday : at;
  const of = { strategy, debtorId, at: from, chance: sources.chance };
  const plan = planDay(strategy, planInputs(state, found.lead, of));
  const tooOften = state.closed.on === today && state.closed.times >= CLOSED_PER_DAY;
  const held = tooOften ? 'closed-too-often' : heldToday !== null && from === at ? 'held-until-tomorrow' : null;
  return { playbook, ...found, plan, held: plan.nextDialAt === null ? null : held };
};

const dayPlanned = (computed: Computed, occasion: PlanOccasion, handedOver: boolean): DayPlanned => {
  const { playbook, lead, others, plan, held } = computed;
  const { zone } = playbook.strategy.about;
  const tomorrow = nextPlanAt(occasion.at, zone, planAtOf(playbook));
  const review = plan.decision.nextReviewAt;
  // The strategy's own "tomorrow" is the hour of the plan; ours waits one tick longer, for the tiers of the day.
  const early = review !== null && review > occasion.at && plusMinutes(review, TICK_SECONDS / 60) < tomorrow;
  const nextDialAt = held === null ? plan.nextDialAt : null;
  return {
    type: 'DayPlanned',
    data: {
      debtorId: occasion.debtorId,
      businessDate: businessDate(occasion.at, zone),
      leadCaseId: lead.caseId,
      otherCaseIds: others.map((one) => one.caseId),
      script: held === null ? plan.script : null,
      windows: held === null ? plan.windows.map(({ id, from, to }) => ({ id, from, to })) : [],
      maxAttempts: held === null ? plan.maxAttempts : 0,
      nextDialAt,
      why: held ?? plan.why,
      decision: {
        ...writable(plan.decision),
        ...(held === null ? {} : { chosen: 'none', desiredAt: null, notBefore: null, notAfter: null }),
        trigger: occasion.trigger,
        decidedOnVersion: occasion.version,
        nextReviewAt: handedOver ? null : early ? review : tomorrow,
      },
    },
  };
};

/** The contract's decision is a plain mutable shape. */
const writable = (decision: DayPlan['decision']) => ({
  ...decision,
  inputs: { ...decision.inputs },
  options: decision.options.map((option) => ({ ...option })),
  rules: [...decision.rules],
});

const sameDial = (state: Dialing, { data }: DayPlanned, at: string): boolean => {
  const { plan } = state;
  if (!plan || plan.why !== data.why || plan.script !== data.script || plan.leadCaseId !== data.leadCaseId)
    return false;
  if (plan.windowId !== data.decision.chosen || state.reviewAt !== data.decision.nextReviewAt) return false;
  if (plan.nextDialAt === null || data.nextDialAt === null) return plan.nextDialAt === data.nextDialAt;
  return plan.nextDialAt > at && (data.why === 'planned' || plan.nextDialAt === data.nextDialAt);
};

const closeQueued = (state: Dialing, because: string, on: string): readonly DialingEventNamed<'DialClosed'>[] =>
  state.active?.stage === 'queued'
    ? [
        {
          type: 'DialClosed',
          data: { attemptId: state.active.attemptId, because, heldUntil: null, on, fromQueue: true },
        },
      ]
    : [];

/**
 * Plans the rest of the day. A dial that waits for a line stays, if the plan would still make it; a call on its way is not
 * touched: its end plans anew. The same plan again is not written again, but at the day plan.
 */
export const planDebtor = (
  state: Dialing,
  gate: Gate,
  sources: PlanSources,
  occasion: PlanOccasion,
): readonly Step[] => {
  if (state.active?.stage === 'calling')
    return occasion.trigger === 'day-plan'
      ? [{ type: 'PlanScheduled', data: { at: nextPlanOf(gate, sources, occasion.at) } }]
      : [];
  const computed = compute(state, gate, sources, occasion);
  const zone = zoneOf(gate, sources);
  const on = businessDate(occasion.at, zone);
  if (computed === 'no-open-case')
    return [
      ...closeQueued(state, computed, on),
      ...unplanned(state, occasion, { why: computed, zone, nextReviewAt: null }),
    ];
  if (computed === 'not-tiered') {
    const nextReviewAt = nextPlanOf(gate, sources, occasion.at);
    return [...closeQueued(state, computed, on), ...unplanned(state, occasion, { why: computed, zone, nextReviewAt })];
  }
  if ('type' in computed) return state.active ? [] : [computed];
  const handedOver = openCases(state).some((one) => one.handedOver);
  const planned = dayPlanned(computed, occasion, handedOver);
  const { active } = state;
  if (active !== null) {
    const stays =
      planned.data.nextDialAt !== null &&
      planned.data.script === active.script &&
      planned.data.leadCaseId === active.leadCaseId &&
      computed.plan.phone?.phoneRef === active.phoneRef;
    if (stays)
      return occasion.trigger === 'day-plan'
        ? [{ type: 'PlanScheduled', data: { at: planned.data.decision.nextReviewAt ?? occasion.at } }]
        : [];
    return [...closeQueued(state, planned.data.why, on), planned];
  }
  if (occasion.trigger !== 'day-plan' && sameDial(state, planned, occasion.at)) return [];
  return [planned];
};

/**
 * What follows from the facts of one instant is planned once, when all of them are in. A dial that waits for a line gives its
 * place back at once where it may not stay; a call on its way is not touched: its end wants a plan.
 */
export const wantPlan = (
  state: Dialing,
  gate: Gate,
  sources: PlanSources,
  occasion: PlanOccasion,
): readonly DialingEvent[] => {
  if (state.active?.stage === 'calling') return [];
  const dropped =
    state.active === null
      ? []
      : planDebtor(state, gate, sources, occasion).filter((step) => step.type === 'DialClosed');
  if (state.wanted?.because.includes(occasion.trigger)) return dropped;
  return [...dropped, { type: 'PlanWanted', data: { because: occasion.trigger } }];
};

/** Of a debtor with an open case of the robot's who waits for no review. */
export const firstReview = (state: Dialing, gate: Gate, sources: PlanSources, at: string): readonly DialingEvent[] => {
  const open = openCases(state);
  if (state.reviewAt !== null || open.length === 0 || open.some((one) => one.handedOver)) return [];
  return [{ type: 'PlanScheduled', data: { at: nextPlanOf(gate, sources, at) } }];
};

const reasonOf = (state: Dialing, computed: Computed): string => {
  if (computed.plan.why === 'callback') return 'callback';
  if (computed.plan.override !== null) return computed.plan.override;
  const calls = state.calls.filter((call) => call.originatedAt >= computed.lead.openedAt);
  const last = calls.at(-1);
  if (!last) return 'first';
  return last.rpc ? 'second voice' : `redial after ${last.disposition}`;
};

/** The planned instant has come: the dial is queued for a line, if the strategy still wants it now. */
export const queueDial = (
  state: Dialing,
  gate: Gate,
  sources: PlanSources,
  occasion: PlanOccasion,
): readonly Step[] => {
  if (state.active !== null) return [];
  const { at, debtorId } = occasion;
  const computed = compute(state, gate, sources, occasion);
  if (typeof computed === 'string' || 'type' in computed) return planDebtor(state, gate, sources, occasion);
  const { plan, lead, others, playbook } = computed;
  const window = plan.windows.find((one) => one.id === plan.windowId);
  const dueNow =
    plan.why === 'callback'
      ? plan.nextDialAt !== null && plan.nextDialAt <= at
      : window !== undefined && window.from <= at;
  if (computed.held !== null || plan.nextDialAt === null || plan.script === null || plan.phone === null || !dueNow)
    return planDebtor({ ...state, plan: null }, gate, sources, occasion);
  if (haltOf(gate, { strategyHash: playbook.hash, tier: lead.tier.tier, debtorId })) return [waited(at, 'halted')];
  const ordinal = state.ordinal + 1;
  const { strategy } = playbook;
  const { dueDate, graceDays } = lead.facts;
  const today = businessDate(at, strategy.about.zone);
  const dial: QueuedDial = {
    attemptId: attemptIdFor(debtorId, ordinal),
    debtorId,
    ordinal,
    leadCaseId: lead.caseId,
    otherCaseIds: others.map((one) => one.caseId),
    strategyHash: playbook.hash,
    script: plan.script,
    phoneRef: plan.phone.phoneRef,
    phoneIndex: plan.phone.index,
    windowId: plan.windowId,
    windowTo: window?.to ?? null,
    override: plan.override,
    priority: dialPriority(strategy, {
      isCallback: plan.why === 'callback',
      override: plan.override,
      lastGraceDay: inGrace(strategy, today, dueDate, graceDays) && today === graceEnd(strategy, dueDate, graceDays),
      tier: lead.tier.tier,
      script: plan.script,
      band: lead.tier.band,
      dpd: planInputs(state, lead, { strategy, debtorId, at, chance: sources.chance }).dpd,
    }),
    queuedAt: at,
    askedBy: plan.why === 'callback' ? (state.callback?.askedBy ?? null) : null,
    reason: reasonOf(state, computed),
  };
  return [{ type: 'DialQueued', data: { ...dial, lookAgainAt: plusMinutes(at, LOOK_AGAIN_MINUTES) } }];
};

/** A dial that still waits for a line is kept, and asked for again. */
export const keepQueued = (state: Dialing, occasion: PlanOccasion): readonly Step[] =>
  state.active?.stage === 'queued'
    ? [
        {
          type: 'QueueKept',
          data: {
            attemptId: state.active.attemptId,
            debtorId: occasion.debtorId,
            until: plusMinutes(occasion.at, LOOK_AGAIN_MINUTES),
          },
        },
      ]
    : [];
