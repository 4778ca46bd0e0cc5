/** Rules that look at facts and not at counters. Each fails closed: what is not known denies. */
import { addDays, HOUR_MS, isWorkday, localTime, MINUTE_MS, snapUp } from '@mora/business-time';
import type { AccountFacts, Finding, Halt, NumberBar, RuleInputs, SourceMark, Stop } from './inputs.js';
import type { Calendar, CheckOf } from './profile.js';

const TICK_SECONDS = 30;
/** A watermark that lies further ahead is none. */
const MOST_AHEAD_MS = 2_000;

/** Every account the contact will speak of, the lead among them. */
export const accountsSpokenOf = (request: RuleInputs['request']): readonly string[] => [
  ...new Set([request.context.accountId, ...request.accountIds]),
];

const known = (inputs: RuleInputs): readonly (readonly [string, AccountFacts | null])[] =>
  accountsSpokenOf(inputs.request).map((id) => [id, inputs.accounts[id] ?? null] as const);

const keysOf = (inputs: RuleInputs): readonly string[] => known(inputs).flatMap(([, a]) => (a ? [a.fact] : []));

export const checkPaid = (inputs: RuleInputs): Finding => {
  const owes = (a: AccountFacts | null): boolean =>
    a !== null && a.status === 'open' && a.unpaidMinimum !== null && a.unpaidMinimum > 0;
  return {
    result: known(inputs).every(([, a]) => owes(a)) ? 'allow' : 'deny',
    facts: keysOf(inputs),
    inputs: {
      accounts: known(inputs).map(([accountId, a]) => ({
        accountId,
        status: a?.status ?? 'unknown',
        unpaidMinimum: a?.unpaidMinimum ?? null,
      })),
    },
  };
};

export const checkPostingsFresh = (check: CheckOf<'postings-fresh'>, inputs: RuleInputs): Finding => {
  const now = Date.parse(inputs.at);
  const { postings } = inputs;
  const maxAge = check.maxAgeHours * HOUR_MS;
  const fresh = postings !== null && now - Date.parse(postings.asOf) <= maxAge;
  return {
    result: fresh ? 'allow' : 'deny',
    limit: check.maxAgeHours,
    windowStart: now - maxAge,
    windowEnd: now,
    facts: postings === null ? [] : [postings.fact],
    inputs: { asOf: postings?.asOf ?? null },
    ...(fresh ? {} : { retryAt: snapUp(now + check.retryMinutes * MINUTE_MS, TICK_SECONDS) }),
  };
};

/** Business days after `from`, up to and with `to`, counted no further than `enough`. */
export const businessDaysAfter = (calendar: Calendar, from: string, to: string, enough: number): number => {
  let days = 0;
  for (let date = addDays(from, 1); date <= to && days < enough; date = addDays(date, 1))
    if (isWorkday(calendar, date)) days += 1;
  return days;
};

export const checkRecordFresh = (
  check: CheckOf<'record-fresh'>,
  inputs: RuleInputs,
  calendar: Calendar,
  zone: string,
): Finding => {
  const today = localTime(Date.parse(inputs.at), zone).date;
  const ages = known(inputs).map(([accountId, a]) => ({
    accountId,
    reportedOn: a?.reportedOn ?? null,
    businessDays: a?.reportedOn ? businessDaysAfter(calendar, a.reportedOn, today, check.businessDays + 1) : null,
  }));
  const fresh = ages.every((a) => a.businessDays !== null && a.businessDays <= check.businessDays);
  return {
    result: fresh ? 'allow' : 'deny',
    limit: check.businessDays,
    facts: keysOf(inputs),
    inputs: { today, accounts: ages },
  };
};

const liesOn = (stop: Stop, inputs: RuleInputs): boolean => {
  switch (stop.scope) {
    case 'debtor':
      return true;
    case 'account':
      return stop.accountId !== null && accountsSpokenOf(inputs.request).includes(stop.accountId);
    case 'number':
    case 'number-everywhere':
      return stop.phoneRef === inputs.request.phoneRef;
  }
};

/** True while a stop holds for this contact. */
export const stopHolds = (stop: Stop, inputs: RuleInputs): boolean =>
  stop.channels.includes(inputs.request.channel) &&
  (stop.until === null || inputs.at < stop.until) &&
  liesOn(stop, inputs);

/** Stops of the rule that hold for this contact. */
export const heldStops = (check: CheckOf<'stop'>, inputs: RuleInputs): readonly Stop[] =>
  inputs.stops.filter((stop) => check.stops.includes(stop.kind) && stopHolds(stop, inputs));

/** Bars of the number that count in the rule. */
export const barsOn = (check: CheckOf<'stop'>, { bars, request }: RuleInputs): readonly NumberBar[] =>
  check.numberBars ? bars.filter((bar) => bar.phoneRef === request.phoneRef) : [];

export const checkStops = (check: CheckOf<'stop'>, inputs: RuleInputs): Finding => {
  const { actor, actorId = null } = inputs.request;
  if (actor === 'human' && actorId !== null && check.exceptDesks?.includes(actorId))
    return { result: 'allow', exception: `desk:${actorId}` };
  const held = heldStops(check, inputs);
  const bars = barsOn(check, inputs);
  const elsewhere = check.numberBars && (inputs.number?.barred ?? false);
  const denies = held.length > 0 || bars.length > 0 || elsewhere;
  const ends = held.map((stop) => stop.until);
  const finite = denies && bars.length === 0 && !elsewhere && ends.every((end) => end !== null);
  return {
    result: denies ? 'deny' : 'allow',
    facts: [...held.map((stop) => stop.evidence), ...bars.map((bar) => bar.evidence)],
    inputs: denies
      ? {
          stops: held.map((s) => ({ stopId: s.stopId, kind: s.kind, scope: s.scope })),
          numberBarred: bars.length > 0,
          numberBarredElsewhere: elsewhere,
        }
      : {},
    ...(finite ? { retryAt: Math.max(...ends.map((end) => Date.parse(end))) } : {}),
  };
};

/** Null fields of a halt's scope do not narrow it. */
export const haltCovers = (
  scope: Halt['scope'],
  contact: {
    readonly strategyHash: string;
    readonly tier: string;
    readonly channel: string;
    readonly debtorId: string;
  },
): boolean =>
  (scope.strategyHash === null || scope.strategyHash === contact.strategyHash) &&
  (scope.tier === null || scope.tier === contact.tier) &&
  (scope.channel === null || scope.channel === contact.channel) &&
  (scope.debtorId === null || scope.debtorId === contact.debtorId);

export const checkHalts = (inputs: RuleInputs): Finding => {
  const { context, channel, debtorId } = inputs.request;
  const covering = inputs.halts.filter((halt) =>
    haltCovers(halt.scope, { strategyHash: context.strategyHash, tier: context.tier, channel, debtorId }),
  );
  return {
    result: covering.length > 0 ? 'deny' : 'allow',
    facts: covering.map((halt) => halt.fact),
    inputs: { halts: covering.map((halt) => halt.haltId) },
  };
};

/** By a wrong clock a contact at night looks like one at noon. */
export const checkClock = (check: CheckOf<'clock'>, inputs: RuleInputs): Finding => {
  const { skewMs } = inputs;
  const denies = !(Math.abs(skewMs) <= check.maxSkewMs);
  return {
    result: denies ? 'deny' : 'allow',
    limit: check.maxSkewMs,
    inputs: { skewMs },
    ...(denies ? { retryAt: snapUp(Date.parse(inputs.at) + check.retryMinutes * MINUTE_MS, TICK_SECONDS) } : {}),
  };
};

/** A word from the future says nothing of the present. */
const isOfNow = (mark: SourceMark, wall: number, maxAgeMs: number): boolean => {
  const age = wall - Date.parse(mark.at);
  return age >= -MOST_AHEAD_MS && age <= maxAgeMs;
};

export const checkStale = (check: CheckOf<'stale'>, inputs: RuleInputs): Finding => {
  const wall = Date.parse(inputs.wall);
  const stale = Object.entries(inputs.watermarks)
    .filter(([, mark]) => !mark.consumed || !isOfNow(mark, wall, check.maxAgeSeconds * 1000))
    .map(([source]) => source)
    .sort();
  const none = Object.keys(inputs.watermarks).length === 0;
  const denies = none || stale.length > 0;
  return {
    result: denies ? 'deny' : 'allow',
    limit: check.maxAgeSeconds,
    inputs: { stale },
    ...(denies ? { retryAt: snapUp(Date.parse(inputs.at) + check.retrySeconds * 1000, TICK_SECONDS) } : {}),
  };
};

/** Verdicts are remembered for some days; an older intent could be asked twice and get two answers, so it gets none. */
export const checkIntentAge = (check: CheckOf<'intent-age'>, inputs: RuleInputs, zone: string): Finding => {
  const today = localTime(Date.parse(inputs.at), zone).date;
  const { businessDate } = inputs.request.context;
  return {
    result: businessDate < addDays(today, -check.maxDays) ? 'deny' : 'allow',
    limit: check.maxDays,
    inputs: { businessDate, today },
  };
};
