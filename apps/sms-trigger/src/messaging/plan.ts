/** The SMS plan of one debtor over all his accounts: what each trigger comes to, and which SMS goes now. Pure. */
import { addDays, businessDate, dpdOf, localInstant } from '@mora/business-time';
import type { SmsTrigger, StopKind } from '@mora/contracts';
import {
  type AgreedHours,
  bulkInstant,
  type ChanceSource,
  callsMade,
  chooseLead,
  chooseNumber,
  type PastCall,
  planSms,
  type SmsInputs,
  type SmsPlanItem,
  type Strategy,
  toleranceOf,
  withinTolerance,
} from '@mora/strategy';
import { KNOWN_GOOD, SETTLE_MS } from './messaging.js';
import { type CaseNote, keyOf, type Messaging } from './records.js';

export interface PlanGround {
  readonly at: string;
  readonly strategy: Strategy;
  readonly chance: ChanceSource;
  /** Why no SMS of this account may go now: halted, or an event of the debtor is parked. */
  blocked(one: CaseNote): string | null;
}

export interface PlannedSms {
  readonly caseId: string;
  /** The trigger that it is about, also where `n` stands for it. */
  readonly origin: SmsTrigger;
  readonly item: SmsPlanItem;
}

export interface DebtorPlan {
  readonly items: readonly PlannedSms[];
  /** The one that goes now. */
  readonly next: PlannedSms | null;
  /** Next instant at which the plan changes by time alone. */
  readonly lookAt: string | null;
}

const BLOCKED_MS = 3_600_000;
/** Stops that are facts of their own in the rules of SMS. */
const OWN_FACT: ReadonlySet<StopKind> = new Set(['claims-paid', 'handed-over', 'tolerance']);

const plus = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

const stopsOf = (state: Messaging, one: CaseNote, at: string): readonly StopKind[] =>
  Object.values(state.stops)
    .filter((stop) => stop.until === null || stop.until > at)
    .filter((stop) => stop.scope === 'debtor' || (stop.scope === 'account' && stop.accountId === one.accountId))
    .map((stop) => stop.kind)
    .sort();

/** The number of the last conversation with him, else the one last called, else the first usable one. */
export const numberFor = (
  state: Messaging,
  strategy: Strategy,
  at: string,
): { readonly phoneRef: string; readonly index: number } | null => {
  const phones = (state.debtor?.phones ?? []).map(({ phoneRef, order }) => ({
    phoneRef,
    order,
    state: (state.numbers[phoneRef] ?? KNOWN_GOOD).state,
  }));
  const reached = state.calls.findLast(
    (call) => call.rpc && phones.some((p) => p.phoneRef === call.phoneRef && p.state === 'ok'),
  );
  const last = reached ?? state.calls.at(-1);
  const today = businessDate(at, strategy.about.zone);
  return chooseNumber(strategy, { phones, calls: last ? [last] : [], advice: null, today });
};

/** Calls of the episode that left; they count for every account of the debtor. */
export const callsOf = (state: Messaging, one: CaseNote): readonly PastCall[] =>
  state.calls.filter((c) => c.originatedAt >= one.openedAt && c.disposition !== 'trunk-fault');

const isRecent = (one: CaseNote, strategy: Strategy, at: string) => {
  const { zone } = strategy.about;
  const oldest = addDays(businessDate(at, zone), -1);
  return one.asked.filter((asked) => businessDate(asked.at, zone) >= oldest);
};

const inputsOf = (state: Messaging, one: CaseNote, phoneRef: string | null, ground: PlanGround): SmsInputs | null => {
  const { strategy, at, chance } = ground;
  const { tier, treatment, facts } = one;
  if (tier === null || treatment === null || state.debtor === null) return null;
  const today = businessDate(at, strategy.about.zone);
  const number = phoneRef === null ? KNOWN_GOOD : (state.numbers[phoneRef] ?? KNOWN_GOOD);
  const stops = stopsOf(state, one, at);
  const tolerance = toleranceOf(strategy, facts.currency, facts.tolerance);
  return {
    at,
    debtorId: state.debtor.debtorId,
    dpd: dpdOf(today, facts.dueDate),
    dueDate: facts.dueDate,
    graceDays: facts.graceDays,
    tier: tier.tier,
    arm: treatment.arm,
    unpaid: (one.status === 'open' || one.status === 'tolerance') && one.unpaidMinimum > 0,
    withinTolerance: withinTolerance(one.unpaidMinimum, tolerance),
    handedOver: one.handedOver || stops.includes('handed-over'),
    stops: stops.filter((kind) => !OWN_FACT.has(kind)),
    claimChecking: one.claimChecking || stops.includes('claims-paid'),
    openPromise: one.promise,
    firstReminderOn: one.firstReminderOn,
    firstCall: one.firstCall,
    firstConversation: one.firstConversation,
    rpcInEpisode: one.rpc,
    calls: callsMade(callsOf(state, one)),
    callsToday: callsMade(
      callsOf(state, one).filter((c) => businessDate(c.originatedAt, strategy.about.zone) === today),
    ),
    agreedWindows: state.debtor.agreedWindows,
    brokenInEpisode: one.broken,
    lastLabel: one.lastLabel,
    done: one.done.map(({ smsId: _smsId, ...done }) => done),
    unsolicitedToday: state.sent.on === today ? state.sent.unsolicited : 0,
    asked: isRecent(one, strategy, at)
      .filter((asked) => plus(asked.at, SETTLE_MS) <= at)
      .map(({ content, at: askedAt }) => ({ content, at: askedAt })),
    number: {
      doubtful: number.state === 'doubtful',
      shared: phoneRef !== null && (state.sharing[phoneRef] ?? 1) > 1,
      lastAnsweredByThirdParty: number.thirdParty,
    },
    chance,
  };
};

const held = (item: SmsPlanItem, reason: string, nextReviewAt: string): SmsPlanItem => ({
  ...item,
  state: 'held',
  reason,
  dueAt: null,
  nextReviewAt,
});

/** Highest tier, then larger amount, then older; as a call to a debtor with several accounts. */
const inLeadOrder = (cases: readonly CaseNote[]): readonly CaseNote[] => {
  const ordered: CaseNote[] = [];
  let left = cases.map((one) => ({ ...one, tier: one.tier?.tier ?? ('L' as const), note: one }));
  for (let lead = chooseLead(left); lead !== null; lead = chooseLead(left)) {
    ordered.push(lead.note);
    left = left.filter((one) => one.caseId !== lead!.caseId);
  }
  return ordered;
};

/** What became due on an earlier day, or is free again since this morning, goes at its bulk time. */
const atBulkTime = (
  item: SmsPlanItem,
  origin: SmsTrigger,
  agreed: readonly AgreedHours[],
  { strategy, at }: PlanGround,
): SmsPlanItem => {
  if (item.state !== 'due' || item.kind !== 'bulk' || (origin !== 'a' && origin !== 'b' && origin !== 'c')) return item;
  const { zone } = strategy.about;
  const bulkAt = bulkInstant(strategy, agreed, businessDate(at, zone), strategy.sms[origin].bulkAt);
  return at < bulkAt ? { ...item, state: 'later', dueAt: bulkAt } : item;
};

const itemsOf = (
  state: Messaging,
  one: CaseNote,
  phoneRef: string | null,
  ground: PlanGround,
): readonly PlannedSms[] => {
  const { strategy, at } = ground;
  const inputs = inputsOf(state, one, phoneRef, ground);
  if (inputs === null) return [];
  const tomorrow = localInstant(
    addDays(businessDate(at, strategy.about.zone), 1),
    strategy.caps.sms.from,
    strategy.about.zone,
  );
  return planSms(strategy, inputs).map((raised): PlannedSms => {
    const origin = raised.insteadOf ?? raised.trigger;
    const item = atBulkTime(raised, origin, inputs.agreedWindows, ground);
    const hold = state.holds[keyOf(one.caseId, origin)];
    const blocked = item.state === 'due' ? ground.blocked(one) : null;
    const now =
      item.state !== 'due'
        ? item
        : hold && hold.until > at
          ? held(item, hold.because, hold.until)
          : blocked !== null
            ? held(item, blocked, plus(at, BLOCKED_MS))
            : phoneRef === null
              ? held(item, 'no-usable-number', tomorrow)
              : item;
    return { caseId: one.caseId, origin, item: now };
  });
};

/** Of the unsolicited SMS due of all accounts one goes, by trigger and then by account; the others wait a day. */
const oneOfAll = (items: readonly PlannedSms[], { strategy, at }: PlanGround): readonly PlannedSms[] => {
  const order: readonly SmsTrigger[] = ['q.remind', ...strategy.sms.precedence];
  const due = items
    .filter(({ item, origin }) => item.state === 'due' && origin !== 'q')
    .sort((x, y) => order.indexOf(x.origin) - order.indexOf(y.origin));
  const [winner] = due;
  const tomorrow = localInstant(
    addDays(businessDate(at, strategy.about.zone), 1),
    strategy.caps.sms.from,
    strategy.about.zone,
  );
  return items.map((one) =>
    winner === undefined || one === winner || !due.includes(one)
      ? one
      : { ...one, item: held(one.item, `after-${winner.origin}`, tomorrow) },
  );
};

/** When c is due of an account that is not near it yet. */
const looksOf = (one: CaseNote, agreed: readonly AgreedHours[], { strategy, at }: PlanGround): readonly string[] => {
  const asked = one.asked.map((a) => plus(a.at, SETTLE_MS)).filter((instant) => instant > at);
  const allowed = one.treatment !== null && (strategy.arms.arms[one.treatment.arm]?.sms.includes('c') ?? false);
  const open = one.status === 'open' && one.unpaidMinimum > 0;
  if (!open || !allowed || one.done.some((d) => d.trigger === 'c' || d.insteadOf === 'c')) return asked;
  const due = bulkInstant(strategy, agreed, addDays(one.facts.dueDate, strategy.sms.c.dpd), strategy.sms.c.bulkAt);
  return due > at ? [...asked, due] : asked;
};

export const planDebtor = (state: Messaging, ground: PlanGround): DebtorPlan => {
  const cases = inLeadOrder(Object.values(state.cases));
  const number = numberFor(state, ground.strategy, ground.at);
  const raised = cases.flatMap((one) => itemsOf(state, one, number?.phoneRef ?? null, ground));
  const items = oneOfAll(raised, ground);
  const due = items.filter(({ item }) => item.state === 'due');
  const next = due.find(({ origin }) => origin === 'q') ?? due[0] ?? null;
  const looks = [
    ...items.flatMap(({ item }) =>
      item.state === 'later' ? [item.dueAt] : item.state === 'held' ? [item.nextReviewAt] : [],
    ),
    ...cases.flatMap((one) => looksOf(one, state.debtor?.agreedWindows ?? [], ground)),
  ].filter((instant) => instant !== null);
  return { items, next, lookAt: looks.sort()[0] ?? null };
};
