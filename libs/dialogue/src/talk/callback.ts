import { addDays, daysBetween, type Instant, isZone, localInstant, localTime, plusMinutes } from '@mora/business-time';
import type { Dialogue } from '../compile/dialogue.js';
import type { CallbackHours } from '../script/facts.js';
import type { HeardSlots } from './conversation.js';

/** Minutes before the end of the hours at which the last call may be promised: it is made within ten minutes of its time. */
const LAST_MINUTES = 10;
const DAYS_TRIED = 14;

/** The time a debtor named; a day without a time means ten o'clock. Null: none. */
export function callbackInstant({ facts }: Dialogue, { date, time }: HeardSlots): Instant | null {
  if (date === undefined && time === undefined) return null;
  return isZone(facts.timeZone) ? localInstant(date ?? facts.callDate, time ?? '10:00', facts.timeZone) : null;
}

const isOpen = ({ until, notOn }: CallbackHours, date: string): boolean => date <= until && !notOn.includes(date);

/**
 * The nearest time at which a call may be promised; the asked one where it may. Of the day of the call itself only that one,
 * since the rest of it may be over. Null: there is none.
 */
export function nearestAllowed({ facts }: Dialogue, asked: Instant): Instant | null {
  const { callbackHours: hours, timeZone, callDate } = facts;
  if (hours === undefined) return asked;
  if (hours === null) return null;
  const { date } = localTime(Date.parse(asked), timeZone);
  const firstOf = (day: string): Instant => localInstant(day, hours.from, timeZone);
  const lastOf = (day: string): Instant => plusMinutes(localInstant(day, hours.to, timeZone), -LAST_MINUTES);
  if (isOpen(hours, date) && firstOf(date) <= asked && asked <= lastOf(date)) return asked;
  const days = Array.from({ length: DAYS_TRIED }, (_, nth) => addDays(date, nth - 1));
  const distance = (at: Instant): number => Math.abs(Date.parse(at) - Date.parse(asked));
  return (
    days
      .filter((day) => daysBetween(callDate, day) > 0 && isOpen(hours, day))
      .flatMap((day) => [firstOf(day), lastOf(day)])
      .sort((a, b) => distance(a) - distance(b))[0] ?? null
  );
}
