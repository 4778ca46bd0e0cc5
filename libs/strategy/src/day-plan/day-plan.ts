import {
  addDays,
  businessDate,
  type Instant,
  kindOfDay,
  later,
  localInstant,
  snapUp,
  toInstant,
} from '@mora/business-time';
import { isInCalendar } from '../calendar.js';
import { chooseNumber } from '../call/number.js';
import type { Strategy } from '../package/schema.js';
import type { DayPlan, PlanInputs, PlanOverride, PlanReason } from '../records.js';
import { type DayFacts, dayFacts, liveOverride, overrideRanOut, pendingCallback } from './day-facts.js';
import {
  chooseWindow,
  earliestDial,
  minuteInside,
  type OpenWindow,
  openWindows,
  restAfterConversation,
} from './day-windows.js';

interface Context {
  readonly strategy: Strategy;
  readonly i: PlanInputs;
  readonly facts: DayFacts;
  readonly override: PlanOverride | null;
  readonly callback: Instant | null;
  /** A callback that falls on today. */
  readonly callbackToday: boolean;
  readonly row: { readonly max: number; readonly windows: readonly string[]; readonly rest: boolean };
}

/** States in which nobody is called, whatever the day. */
const standing = ({ strategy, i, facts }: Context): PlanReason | null => {
  if (i.dpd < strategy.about.firstDpd) return 'not-due';
  if (i.dpd > strategy.about.lastDpd) return 'end-of-robot';
  if (i.withinTolerance) return 'within-tolerance';
  if (i.handedOver) return 'handed-over';
  if (i.stops.length > 0) return 'stopped';
  if (strategy.arms.arms[i.arm]?.calls === false) return 'holdout';
  if (i.openPromise) return 'open-promise';
  if (i.claimChecking) return 'claim-checking';
  if (!isInCalendar(strategy.calendar, facts.today)) return 'calendar-missing';
  if (kindOfDay(strategy.calendar, facts.today) === 'blackout') return 'blackout';
  return i.lastPaymentOn === facts.today ? 'paid-today' : null;
};

/** What happened lately lets the day rest. */
const resting = (c: Context): PlanReason | null => {
  const { strategy, i, facts, override } = c;
  const { nextTryAt, on } = i.autopay;
  if (on && nextTryAt !== null && nextTryAt > i.at && i.dpd <= strategy.dayPlan.autopayWaitUntilDpd)
    return 'autopay-ahead';
  if (override !== null) {
    const rule = strategy.dayPlan.overrides[override.kind];
    const from = addDays(businessDate(override.since, strategy.about.zone), rule.waitDays);
    if (facts.today < from) return 'rest-today';
    if (overrideRanOut(strategy, override, i.calls)) return 'override-done';
  }
  if (c.callback !== null) return c.callbackToday ? null : 'callback-later';
  const { advice } = i;
  if (advice === null) return null;
  if (advice.dayOver && businessDate(advice.endedAt, strategy.about.zone) === facts.today) return 'day-over';
  const overtaken = override !== null && override.since > advice.endedAt;
  return advice.notBeforeDate !== null && advice.notBeforeDate > facts.today && !overtaken ? 'deferred' : null;
};

const capped = ({ strategy, facts, callbackToday }: Context): PlanReason | null => {
  const { perDay, perEpisode } = strategy.caps;
  if (facts.attemptsInEpisode >= perEpisode.attempts) return 'cap-attempts-episode';
  if (facts.talksInEpisode >= perEpisode.conversations) return 'cap-conversations-episode';
  if (facts.attemptsToday >= perDay.attempts) return 'cap-attempts-day';
  if (facts.connectedToday >= perDay.connected) return 'cap-connected-day';
  return facts.conversationsToday >= perDay.conversations && !callbackToday ? 'cap-conversations-day' : null;
};

const rowOf = (strategy: Strategy, i: PlanInputs, facts: DayFacts, override: PlanOverride | null): Context['row'] => {
  if (override !== null) return { ...strategy.dayPlan.overrides[override.kind], rest: false };
  const row = strategy.dayPlan.rows[String(i.dpd)];
  if (row === undefined) return { max: 0, windows: [], rest: true };
  const side = facts.conversationsInEpisode > 0 ? row.noPromise : row.noRpc;
  const enough = side.restAfterConversations !== null && facts.conversationsInEpisode >= side.restAfterConversations;
  return { max: side.max, windows: side.windows, rest: side.max === 0 || enough };
};

const scriptOf = ({ strategy, i, facts, override }: Context): { readonly id: string; readonly minHours: number } => {
  if (override !== null) return { id: strategy.dayPlan.overrides[override.kind].script, minHours: 0 };
  const scripts = strategy.dayPlan.scripts[i.tier];
  return facts.conversationsInTier > 0
    ? { id: scripts.second, minHours: scripts.secondMinHours }
    : { id: scripts.first, minHours: 0 };
};

type Found = Pick<DayPlan, 'script' | 'windows' | 'maxAttempts' | 'nextDialAt' | 'phone' | 'windowId' | 'why'> & {
  readonly considered: readonly OpenWindow[];
  readonly chance: DayPlan['decision']['chance'];
  readonly notAfter: Instant | null;
  readonly rule: string;
};

const nothing = (why: PlanReason, considered: readonly OpenWindow[] = []): Found => ({
  script: null,
  windows: [],
  maxAttempts: 0,
  nextDialAt: null,
  phone: null,
  windowId: null,
  why,
  considered,
  chance: null,
  notAfter: null,
  rule: why,
});

const find = (c: Context): Found => {
  const { strategy, i, facts } = c;
  const closed = standing(c) ?? resting(c) ?? capped(c);
  if (closed !== null) return nothing(closed);
  if (c.row.rest && !c.callbackToday) return nothing('row-rest');
  const number = chooseNumber(strategy, { phones: i.phones, calls: i.calls, advice: i.advice, today: facts.today });
  if (number === null) return nothing('no-number');
  if (number.capped) return nothing('cap-attempts-number');
  const phone = { phoneRef: number.phoneRef, index: number.index };
  const script = scriptOf(c);
  const { perDay, perEpisode } = strategy.caps;
  const underCaps = Math.min(perDay.attempts - facts.attemptsToday, perEpisode.attempts - facts.attemptsInEpisode);
  if (c.callback !== null) {
    const at = toInstant(snapUp(Date.parse(later(c.callback, i.at)), strategy.about.tickSeconds));
    return { ...nothing('callback'), script: script.id, maxAttempts: 1, nextDialAt: at, phone, rule: 'callback' };
  }
  const day = kindOfDay(strategy.calendar, facts.today);
  const kind = day === 'blackout' ? 'holiday' : day;
  const max = kind === 'holiday' ? Math.min(c.row.max, strategy.dayPlan.holiday.maxAttempts) : c.row.max;
  const left = Math.min(max - facts.attemptsToday, underCaps);
  if (left <= 0) return nothing('row-attempts-used');
  const earliest = earliestDial(i, restAfterConversation(facts, script.minHours));
  const considered = openWindows(strategy, i, facts, { kind, ids: c.row.windows, earliest });
  const usable = considered.filter((window) => window.usable);
  const choice = chooseWindow(strategy, usable, facts.answeredWindow, left);
  if (choice === null) return nothing('no-window-left', considered);
  const sameWindow = i.advice?.nextWindow === false && i.advice.windowId === choice.window.id;
  const exactly = sameWindow ? (i.advice?.notBefore ?? null) : null;
  const minute = minuteInside(strategy, choice.window, { intentId: i.intentId, chance: i.chance, exactly });
  return {
    script: script.id,
    windows: usable.map(({ id, from, to }) => ({ id, from, to })),
    maxAttempts: left,
    nextDialAt: minute.at,
    phone,
    windowId: choice.window.id,
    why: 'planned',
    considered,
    chance: minute.chance,
    notAfter: choice.window.to,
    rule: choice.rule,
  };
};

const inputsOf = (c: Context): Readonly<Record<string, unknown>> => {
  const { calls: _calls, chance: _chance, advice, ...plain } = c.i;
  return { ...plain, ...c.facts, advice: advice === null ? null : { rule: advice.rule, attemptId: advice.attemptId } };
};

const optionsOf = (found: Found): DayPlan['decision']['options'] => [
  ...found.considered.map((window) => ({
    option: window.id,
    eligible: window.usable,
    reason: window.reason,
    probability: window.id === found.windowId ? 1 : 0,
  })),
  ...(found.why === 'callback' ? [{ option: 'callback', eligible: true, reason: 'asked', probability: 1 }] : []),
  {
    option: 'none',
    eligible: true,
    reason: found.nextDialAt === null ? found.why : 'not needed',
    probability: found.nextDialAt === null ? 1 : 0,
  },
];

/** When a debtor who is left alone today is looked at again. */
const reviewAt = (c: Context, why: PlanReason): Instant => {
  const { strategy, i, facts } = c;
  const tomorrow = localInstant(addDays(facts.today, 1), strategy.dayPlan.planAt, strategy.about.zone);
  const { nextTryAt } = i.autopay;
  return why === 'autopay-ahead' && nextTryAt !== null && nextTryAt < tomorrow ? nextTryAt : tomorrow;
};

/**
 * One debtor's day, for his lead account: whether, when, on which number and with which script to dial next. Called at
 * the day plan and again after every call, payment, promise, stop or hand-over; the same inputs give the same plan.
 */
export const planDay = (strategy: Strategy, inputs: PlanInputs): DayPlan => {
  const facts = dayFacts(strategy, inputs);
  const override = liveOverride(inputs);
  const callback = pendingCallback(strategy, inputs);
  const callbackToday = callback !== null && businessDate(callback, strategy.about.zone) <= facts.today;
  const row = rowOf(strategy, inputs, facts, override);
  const context: Context = { strategy, i: inputs, facts, override, callback, callbackToday, row };
  const found = find(context);
  const { considered: _considered, chance, notAfter, rule, ...plan } = found;
  return {
    ...plan,
    override: plan.nextDialAt === null ? null : (override?.kind ?? null),
    decision: {
      inputs: inputsOf(context),
      options: optionsOf(found),
      chosen: plan.windowId ?? (plan.why === 'callback' ? 'callback' : 'none'),
      chance,
      rules: [`row-${inputs.dpd}`, ...(override === null ? [] : [`override-${override.kind}`]), rule],
      desiredAt: plan.nextDialAt,
      notBefore: plan.nextDialAt,
      notAfter,
      nextReviewAt: plan.nextDialAt === null ? reviewAt(context, plan.why) : null,
    },
  };
};
