import { addDays, businessDate, dpdOf, localInstant } from '@mora/business-time';
import { attemptIdOf, type DebtorId } from '@mora/contracts';
import { TICK_SECONDS } from '@mora/eventing';
import { type ChanceSource, chooseLead, type PhoneState, type PlanInputs, type Strategy } from '@mora/strategy';
import type { CaseNote, Dialing } from './records.js';

/** Persisted: part of every attempt's id. */
const PURPOSE = 'collection';

export type TieredCase = CaseNote & {
  readonly tier: NonNullable<CaseNote['tier']>;
  readonly treatment: NonNullable<CaseNote['treatment']>;
};

const isTiered = (one: CaseNote): one is TieredCase => one.tier !== null && one.treatment !== null;

export const openCases = (state: Dialing): readonly CaseNote[] =>
  Object.values(state.cases)
    .filter((one) => one.status !== 'closed')
    .sort((a, b) => (a.caseId < b.caseId ? -1 : 1));

/** Stops that cover a call about this account now. */
export const stopsOn = (state: Dialing, accountId: string, at: string): readonly string[] =>
  Object.values(state.stops)
    .filter((stop) => stop.until === null || stop.until > at)
    .filter((stop) => stop.scope === 'debtor' || (stop.scope === 'account' && stop.accountId === accountId))
    .map((stop) => `${stop.kind}:${stop.stopId}`)
    .sort();

const isFree = (state: Dialing, one: CaseNote, at: string): boolean =>
  one.status === 'open' &&
  one.promise === null &&
  !one.claimChecking &&
  !one.handedOver &&
  stopsOn(state, one.accountId, at).length === 0;

/**
 * The account that a call would be about, and the others it names: among those that may be spoken of, else among all, so
 * that the plan says why nobody is called.
 */
export const leadOf = (
  state: Dialing,
  at: string,
): { readonly lead: TieredCase; readonly others: readonly TieredCase[] } | null => {
  const tiered = openCases(state).filter(isTiered);
  const free = tiered.filter((one) => isFree(state, one, at));
  const candidates = free.length > 0 ? free : tiered;
  const chosen = chooseLead(
    candidates.map(({ caseId, tier, unpaidMinimum, openedAt }) => ({
      caseId,
      tier: tier.tier,
      unpaidMinimum,
      openedAt,
    })),
  );
  if (chosen === null) return null;
  const lead = candidates.find((one) => one.caseId === chosen.caseId)!;
  return { lead, others: candidates.filter((one) => one !== lead && free.length > 0) };
};

/** The id of an attempt: never used twice, also when its dial came to nothing. */
export const attemptIdFor = (debtorId: string, ordinal: number): string =>
  attemptIdOf(debtorId as DebtorId, PURPOSE, ordinal);

/** From so many debtors on a number is not called by the robot: humans check it. */
const TOO_MANY_DEBTORS = 3;

const debtorsOn = (state: Dialing, phoneRef: string): number => state.sharing[phoneRef] ?? 1;

/** Whoever answers may be another debtor: identity by keypad digits. */
export const isShared = (state: Dialing, phoneRef: string): boolean => debtorsOn(state, phoneRef) > 1;

const phonesOf = (state: Dialing): readonly PhoneState[] =>
  (state.debtor?.phones ?? []).map(({ phoneRef, order }) => ({
    phoneRef,
    order,
    state: debtorsOn(state, phoneRef) >= TOO_MANY_DEBTORS ? 'barred' : (state.numbers[phoneRef] ?? 'ok'),
  }));

export const planInputs = (
  state: Dialing,
  lead: TieredCase,
  of: { readonly strategy: Strategy; readonly debtorId: string; readonly at: string; readonly chance: ChanceSource },
): PlanInputs => {
  const { strategy, debtorId, at, chance } = of;
  const today = businessDate(at, strategy.about.zone);
  return {
    at,
    debtorId,
    intentId: attemptIdFor(debtorId, state.ordinal + 1),
    dpd: dpdOf(today, lead.facts.dueDate),
    dueDate: lead.facts.dueDate,
    graceDays: lead.facts.graceDays,
    tier: lead.tier.tier,
    arm: lead.treatment.arm,
    withinTolerance: lead.status === 'tolerance',
    handedOver: openCases(state).some((one) => one.handedOver),
    openPromise: lead.promise !== null,
    claimChecking: lead.claimChecking,
    stops: stopsOn(state, lead.accountId, at),
    autopay: lead.facts.autopay,
    overrides: lead.overrides,
    lastPaymentOn: lead.lastPaymentOn,
    calls: callsOfEpisode(state, lead),
    phones: phonesOf(state),
    advice: state.advice,
    callbackAt: state.callback?.at ?? null,
    agreedWindows: (state.debtor?.agreedWindows ?? [])
      .filter((window) => window.expiresOn === null || window.expiresOn >= today)
      .map(({ from, to }) => ({ from, to })),
    chance,
  };
};

export const callsOfEpisode = (state: Dialing, lead: CaseNote): Dialing['calls'] =>
  state.calls.filter((call) => call.originatedAt >= lead.openedAt);

/**
 * The next day plan after an instant: one tick after the hour of the plan, so that the tiers of the day, which are reviewed
 * at the hour itself, are known.
 */
export const nextPlanAt = (at: string, zone: string, planAt: string): string => {
  const planned = (date: string): string =>
    new Date(Date.parse(localInstant(date, planAt, zone)) + TICK_SECONDS * 1000).toISOString();
  const today = planned(businessDate(at, zone));
  return at < today ? today : planned(addDays(businessDate(at, zone), 1));
};

/** True once the day's plan was due. */
export const dayHasBegun = (at: string, zone: string, planAt: string): boolean =>
  businessDate(nextPlanAt(at, zone, planAt), zone) > businessDate(at, zone);

/** The first instant of the next business day. */
export const tomorrowOf = (at: string, zone: string): string =>
  localInstant(addDays(businessDate(at, zone), 1), '00:00', zone);

/** The cases that a queued dial is about and that may still be spoken of; null: its lead is none of them. */
export const casesOfDial = (
  state: Dialing,
  dial: { readonly leadCaseId: string; readonly otherCaseIds: readonly string[] },
  at: string,
): { readonly lead: TieredCase; readonly others: readonly CaseNote[] } | null => {
  const open = (caseId: string): CaseNote[] => {
    const found = state.cases[caseId];
    return found && isFree(state, found, at) ? [found] : [];
  };
  const [lead] = open(dial.leadCaseId).filter(isTiered);
  return lead ? { lead, others: dial.otherCaseIds.flatMap(open) } : null;
};
