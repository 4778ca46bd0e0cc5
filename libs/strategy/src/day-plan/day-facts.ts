import { addDays, businessDate, type Instant, type LocalDate, localInstant, plusMinutes } from '@mora/business-time';
import { isAttempt, isTalk } from '../call/number.js';
import type { Strategy } from '../package/schema.js';
import type { PastCall, PlanInputs, PlanOverride } from '../records.js';

/** Counters and dates of a debtor's calls that the day plan is made of; kept in its decision. */
export interface DayFacts {
  readonly today: LocalDate;
  readonly attemptsToday: number;
  readonly connectedToday: number;
  readonly conversationsToday: number;
  readonly attemptsInEpisode: number;
  readonly conversationsInEpisode: number;
  /** Those in which the matter was named. */
  readonly talksInEpisode: number;
  readonly conversationsInTier: number;
  readonly lastConversationAt: Instant | null;
  /** Window in which a person answered last. */
  readonly answeredWindow: string | null;
  /** Windows of today that were tried. */
  readonly triedToday: readonly string[];
}

const personAnswered = (call: PastCall): boolean => call.rpc || (call.connected && call.disposition !== 'machine');

export const dayFacts = (strategy: Strategy, i: PlanInputs): DayFacts => {
  const zone = strategy.about.zone;
  const today = businessDate(i.at, zone);
  const attempts = i.calls.filter(isAttempt);
  const ofToday = attempts.filter((call) => businessDate(call.originatedAt, zone) === today);
  const conversations = attempts.filter((call) => call.rpc);
  const talks = attempts.filter(isTalk);
  const inTier = talks.filter((call) => call.tier === i.tier);
  return {
    today,
    attemptsToday: ofToday.length,
    connectedToday: ofToday.filter((call) => call.connected).length,
    conversationsToday: ofToday.filter((call) => call.rpc).length,
    attemptsInEpisode: attempts.length,
    conversationsInEpisode: conversations.length,
    talksInEpisode: talks.length,
    conversationsInTier: inTier.length,
    lastConversationAt: conversations[conversations.length - 1]?.endedAt ?? null,
    answeredWindow: attempts.findLast((call) => personAnswered(call) && call.windowId !== null)?.windowId ?? null,
    triedToday: ofToday.flatMap((call) => (call.windowId === null ? [] : [call.windowId])),
  };
};

export const overrideKinds = ['paid-check', 'broken', 'part-paid'] as const;

/** The first override, in the order of the kinds, that no conversation has settled since. */
export const liveOverride = (i: PlanInputs): PlanOverride | null => {
  const live = i.overrides.filter((one) => !i.calls.some((call) => call.rpc && call.originatedAt > one.since));
  const first = overrideKinds.map((kind) => live.findLast((one) => one.kind === kind)).find((one) => one !== undefined);
  return first ?? null;
};

/** As many attempts as an override has were made since, and nobody was reached by them. */
export const overrideRanOut = (strategy: Strategy, override: PlanOverride, calls: readonly PastCall[]): boolean => {
  const { script, attemptsInAll } = strategy.dayPlan.overrides[override.kind];
  const made = calls.filter((call) => isAttempt(call) && call.originatedAt > override.since && call.script === script);
  return attemptsInAll !== null && made.length >= attemptsInAll && !made.some((call) => call.rpc);
};

/** The callback that is still to be made: inside the robot's days, not missed by more than the tolerance, not yet tried. */
export const pendingCallback = (strategy: Strategy, i: PlanInputs): Instant | null => {
  const { toleranceMinutes } = strategy.dayPlan.callback;
  if (i.callbackAt === null) return null;
  const tried = i.calls.some(
    (call) => isAttempt(call) && call.originatedAt >= plusMinutes(i.callbackAt!, -toleranceMinutes),
  );
  if (tried || i.at > plusMinutes(i.callbackAt, toleranceMinutes)) return null;
  const { zone } = strategy.about;
  const on = businessDate(i.callbackAt, zone);
  const { from, to } = strategy.caps.callHours;
  if (i.callbackAt < localInstant(on, from, zone) || i.callbackAt >= localInstant(on, to, zone)) return null;
  return on <= addDays(i.dueDate, strategy.about.lastDpd) ? i.callbackAt : null;
};
