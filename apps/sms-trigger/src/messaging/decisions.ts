/** A look at a debtor's plan: what is new about each trigger is said as an event, and the SMS that is due is drafted. */
import { addDays, businessDate, dpdOf } from '@mora/business-time';
import { type DebtorId, smsIdOf } from '@mora/contracts';
import { callsMade } from '@mora/strategy';
import { lookAtAcks } from './acknowledgement.js';
import type { MessagingEvent } from './events.js';
import { messaging } from './messaging.js';
import { callsOf, numberFor, type PlanGround, type PlannedSms, planDebtor } from './plan.js';
import { type Asked, type CaseNote, type Draft, keyOf, type Messaging, type Said } from './records.js';
import { type House, templateFacts } from './template-facts.js';

export interface LookGround extends PlanGround {
  readonly strategyHash: string;
  readonly house: House;
  readonly version: number;
  readonly cause: string;
}

export const lookAtPlan = (state: Messaging, ground: LookGround): readonly MessagingEvent[] => {
  if (state.open !== null || state.lookAt === null || state.lookAt > ground.at) return [];
  const acks = lookAtAcks(state, ground);
  // The plan itself is looked at once that SMS is settled.
  if (acks.some(({ type }) => type === 'SmsDrafted')) return acks;
  const plan = planDebtor(state, ground);
  const said = plan.items.flatMap((one) => sayItem(state, one, ground));
  const gone = sayGone(state, plan.items);
  const late = sayLate(state, ground);
  const events: MessagingEvent[] = [...acks, ...gone, ...late, ...said];
  const drafted = plan.next === null ? null : draft(state, plan.next, ground);
  if (drafted !== null) return [...events, { type: 'LookPlanned', data: { at: plan.lookAt } }, drafted];
  return [...events, { type: 'LookPlanned', data: { at: plan.lookAt } }];
};

const same = (before: Said | undefined, now: Said): boolean =>
  before !== undefined && (Object.keys(now) as (keyof Said)[]).every((field) => before[field] === now[field]);

/** Today's place is taken: said already, by the name of the SMS that took it. */
const waitsAlike = (before: Said | undefined, now: Said): boolean =>
  before?.state === 'held' && now.reason === 'one-per-day' && before.nextReviewAt === now.nextReviewAt;

const sayItem = (
  state: Messaging,
  { caseId, origin, item }: PlannedSms,
  ground: LookGround,
): readonly MessagingEvent[] => {
  const debtorId = state.debtor?.debtorId ?? '';
  const before = state.said[keyOf(caseId, origin)];
  switch (item.state) {
    case 'due':
    case 'later': {
      const dueAt = item.dueAt ?? ground.at;
      const { trigger, templateId, variant, kind } = item;
      if (same(before, { state: 'planned', trigger, templateId, dueAt, reason: '', nextReviewAt: null })) return [];
      return [
        {
          type: 'SmsPlanned',
          data: {
            debtorId,
            caseId,
            accountId: state.cases[caseId]?.accountId ?? '',
            trigger,
            variant,
            dueAt,
            kind,
            decision: decisionOf({ caseId, origin, item }, ground),
          },
        },
      ];
    }
    case 'held': {
      const { reason, nextReviewAt, handOver } = item;
      const now: Said = { state: 'held', trigger: origin, templateId: null, dueAt: null, reason, nextReviewAt };
      if (same(before, now) || waitsAlike(before, now)) return [];
      return [{ type: 'SmsHeld', data: { debtorId, caseId, trigger: origin, reason, nextReviewAt, handOver } }];
    }
    case 'lapsed':
      return [
        {
          type: 'SmsLapsed',
          data: { debtorId, caseId, trigger: origin, reason: item.reason, handOver: item.handOver },
        },
      ];
    default: {
      const never: never = item.state;
      return never;
    }
  }
};

const decisionOf = ({ item }: PlannedSms, ground: LookGround): Draft['decision'] => ({
  trigger: ground.cause,
  decidedOnVersion: ground.version,
  ...item.decision,
  inputs: { ...item.decision.inputs, templateId: item.templateId },
});

/** What was planned and now has nothing to say waits for a fact: cured, taken out of the arm, the promise gone. */
const sayGone = (state: Messaging, items: readonly PlannedSms[]): readonly MessagingEvent[] => {
  const raised = new Set(items.map(({ caseId, origin }) => keyOf(caseId, origin)));
  return Object.entries(state.said).flatMap(([key, said]): readonly MessagingEvent[] => {
    if (raised.has(key)) return [];
    const caseId = key.slice(0, key.indexOf('|'));
    const trigger = key.slice(key.indexOf('|') + 1) as PlannedSms['origin'];
    const status = state.cases[caseId]?.status ?? 'closed';
    const reason = status === 'open' ? 'no-longer-due' : status;
    if (said.state === 'held' && said.reason === reason && said.nextReviewAt === null) return [];
    const debtorId = state.debtor?.debtorId ?? '';
    return [{ type: 'SmsHeld', data: { debtorId, caseId, trigger, reason, nextReviewAt: null } }];
  });
};

/** What was asked for in a call goes that day or the next, or not at all. */
const sayLate = (state: Messaging, { at, strategy }: LookGround): readonly MessagingEvent[] => {
  const { zone } = strategy.about;
  const oldest = addDays(businessDate(at, zone), -1);
  const isOld = (asked: Asked) => businessDate(asked.at, zone) < oldest;
  return Object.values(state.cases)
    .filter((one) => one.asked.length > 0 && one.asked.every(isOld))
    .map((one) => ({
      type: 'SmsLapsed',
      data: { debtorId: state.debtor?.debtorId ?? '', caseId: one.caseId, trigger: 'q', reason: 'too-late' },
    }));
};

/** `promise`, `callback` or `ways`: which of the things asked for this SMS says. */
const askedOf = (one: CaseNote, { item }: PlannedSms): Asked | null =>
  item.trigger === 'q' ? (one.asked.findLast((asked) => asked.content === item.variant) ?? null) : null;

const draft = (state: Messaging, planned: PlannedSms, ground: LookGround): MessagingEvent | null => {
  const { strategy, at } = ground;
  const { caseId, origin, item } = planned;
  const one = state.cases[caseId];
  const { debtor } = state;
  const number = numberFor(state, strategy, at);
  if (!one?.treatment || !one.tier || debtor === null || number === null || item.templateId === null) return null;
  const today = businessDate(at, strategy.about.zone);
  const ordinal = state.ordinal + 1;
  const dpd = dpdOf(today, one.facts.dueDate);
  const asked = askedOf(one, planned);
  const solicited = asked !== null && businessDate(asked.at, strategy.about.zone) === today;
  return {
    type: 'SmsDrafted',
    data: {
      smsId: smsIdOf(debtor.debtorId as DebtorId, origin, ordinal),
      debtorId: debtor.debtorId,
      ordinal,
      caseId,
      accountId: one.accountId,
      trigger: item.trigger,
      insteadOf: item.insteadOf,
      templateId: item.templateId,
      variant: item.variant,
      kind: item.kind,
      reason: item.reason,
      phoneRef: number.phoneRef,
      phoneIndex: number.index,
      strategyHash: ground.strategyHash,
      ...one.treatment,
      businessDate: today,
      term: one.tier.term,
      ordinalInEpisode: one.done.filter((d) => d.smsId !== null).length + 1,
      ordinalToday: (state.sent.on === today ? state.sent.all : 0) + 1,
      solicitedBy: solicited ? asked.key : null,
      facts: templateFacts({
        strategy,
        one,
        calls: callsMade(callsOf(state, one)),
        at,
        dpd,
        house: ground.house,
        asked,
      }),
      surname: debtor.surname,
      salutation: debtor.salutation,
      decision: decisionOf(planned, ground),
    },
  };
};

/** The first look at a debtor whose strategy is not here yet, or who waits for any other reason. */
export const lookLater = (state: Messaging, at: string, waitMs: number): readonly MessagingEvent[] =>
  state.open === null && state.lookAt !== null && state.lookAt <= at
    ? [{ type: 'LookPlanned', data: { at: new Date(Date.parse(at) + waitMs).toISOString() } }]
    : [];

/** Folds what was just decided, for a decision that goes on from there. */
export const after = (state: Messaging, events: readonly MessagingEvent[], at: string): Messaging =>
  events.reduce((now, event) => messaging.evolve(now, event, at), state);
