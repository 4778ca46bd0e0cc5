import {
  addDays,
  businessDate,
  type Instant,
  isWeekend,
  isWorkday,
  type LocalDate,
  later,
  localInstant,
  plusMinutes,
} from '@mora/business-time';
import type { HandOverReason } from '@mora/contracts';
import { isInCalendar } from '../calendar.js';
import { isAttempt, isTalk } from '../call/number.js';
import type { Strategy } from '../package/schema.js';
import type { HandOver, HandOverInputs } from './records.js';

const minutesBetween = (from: Instant, to: Instant): number => (Date.parse(to) - Date.parse(from)) / 60_000;

const hoursOf = (strategy: Strategy, date: LocalDate): { readonly from: Instant; readonly to: Instant } => {
  const { from, to } = strategy.handover.workingHours;
  return { from: localInstant(date, from, strategy.about.zone), to: localInstant(date, to, strategy.about.zone) };
};

/** Beyond the calendar people work on weekdays: a deadline must have an end. */
const worksOn = (strategy: Strategy, date: LocalDate): boolean =>
  isInCalendar(strategy.calendar, date) ? isWorkday(strategy.calendar, date) : !isWeekend(date);

/** First working day on which some working time is left at or after an instant. */
const nextWorkday = (strategy: Strategy, at: Instant): LocalDate => {
  let date = businessDate(at, strategy.about.zone);
  while (!worksOn(strategy, date) || hoursOf(strategy, date).to <= at) date = addDays(date, 1);
  return date;
};

/** The instant after so many minutes of working time; a time outside working hours counts from their next start. */
export const addWorkingMinutes = (strategy: Strategy, at: Instant, minutes: number): Instant => {
  let date = nextWorkday(strategy, at);
  let from = later(at, hoursOf(strategy, date).from);
  let left = minutes;
  for (;;) {
    const { to } = hoursOf(strategy, date);
    const today = minutesBetween(from, to);
    if (left <= today) return plusMinutes(from, left);
    left -= today;
    date = nextWorkday(strategy, to);
    from = hoursOf(strategy, date).from;
  }
};

const firstActionDue = (strategy: Strategy, reason: HandOverReason, at: Instant): Instant => {
  const { firstAction } = strategy.handover.reasons[reason];
  if ('minutes' in firstAction) return plusMinutes(at, firstAction.minutes);
  if ('workingMinutes' in firstAction) return addWorkingMinutes(strategy, at, firstAction.workingMinutes);
  if ('sameDay' in firstAction) return hoursOf(strategy, nextWorkday(strategy, at)).to;
  const anyDay = hoursOf(strategy, businessDate(at, strategy.about.zone));
  return addWorkingMinutes(strategy, at, firstAction.workingDays * minutesBetween(anyDay.from, anyDay.to));
};

/** Queue, deadline and next step of a hand-over. "Same day" ends with the working hours of the first working day left. */
export const handOverFor = (strategy: Strategy, reason: HandOverReason, at: Instant): HandOver => {
  const row = strategy.handover.reasons[reason];
  return {
    reason,
    queue: row.queue,
    firstActionDue: firstActionDue(strategy, reason, at),
    priority: row.priority,
    suggestedNextStep: row.nextStep,
  };
};

/**
 * Does the state of an account, apart from what was said in a call, ask for a human? First match; null: the robot goes on.
 * At the end of the robot's days an account that was tried and never reached is `lost`, every other `end-of-robot`.
 */
export const handOverDue = (strategy: Strategy, i: HandOverInputs): HandOverReason | null => {
  if (i.withinTolerance) return null;
  const { largeAtRisk, talkedOutConversations } = strategy.handover;
  const attempts = i.calls.filter(isAttempt);
  const conversations = attempts.filter(isTalk);
  const { handOverAtBroken, handOverBrokenTiers } = strategy.promises;
  const brokenInTier = i.lastBrokenTier !== null && handOverBrokenTiers.includes(i.lastBrokenTier);
  // Before the end of the robot's days: a promise of the last one is judged when that is over.
  if (i.brokenInEpisode >= handOverAtBroken || (i.brokenInEpisode > 0 && brokenInTier)) return 'broken-promise';
  if (i.dpd > strategy.about.lastDpd) return !i.reached && attempts.length > 0 && !i.holdout ? 'lost' : 'end-of-robot';
  if (i.paidCheckDone) return 'claims-paid';
  if (conversations.length >= talkedOutConversations && i.promisesKept === 0) return 'talked-out';
  const { perEpisode } = strategy.caps;
  if (attempts.length >= perEpisode.attempts || conversations.length >= perEpisode.conversations) return 'capped';
  if (!i.hasUsableNumber && !i.holdout) return 'lost';
  const told = conversations.filter((call) => call.script === strategy.dayPlan.scripts[largeAtRisk.tier].first).length;
  const atRisk = largeAtRisk.bands.includes(i.band) || (i.score !== null && i.score < largeAtRisk.scoreBelow);
  return i.tier === largeAtRisk.tier && atRisk && !i.openPromise && told >= largeAtRisk.afterConversations
    ? 'large-at-risk'
    : null;
};
