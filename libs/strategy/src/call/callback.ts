import { addDays, daysBetween, kindOfDay, type LocalDate } from '@mora/business-time';
import { isInCalendar } from '../calendar.js';
import type { Strategy } from '../package/schema.js';

/** When a call that a debtor asks for may be made. */
export interface CallbackHours {
  /** Local hours, those of the guard. */
  readonly from: string;
  readonly to: string;
  /** The robot's last day. */
  readonly until: LocalDate;
  /** Days without any contact before it. */
  readonly notOn: LocalDate[];
}

/** Hours and days on which the robot may call a debtor who asks for it; null: none is left. */
export const callbackHours = (
  strategy: Strategy,
  { today, dueDate }: { readonly today: LocalDate; readonly dueDate: LocalDate },
): CallbackHours | null => {
  const until = addDays(dueDate, strategy.about.lastDpd);
  const left = daysBetween(today, until);
  if (left < 0) return null;
  const days = Array.from({ length: left + 1 }, (_, nth) => addDays(today, nth));
  const closed = (date: LocalDate) =>
    !isInCalendar(strategy.calendar, date) || kindOfDay(strategy.calendar, date) === 'blackout';
  return { ...strategy.caps.callHours, until, notOn: days.filter(closed) };
};
