/** How far the strategy's calendar reaches. */
import { daysBetween, type LocalDate } from '@mora/business-time';
import type { Strategy } from './package/schema.js';

type Calendar = Strategy['calendar'];

/** Days before its end from which a calendar warns. */
const WARN_DAYS = 60;

const yearOf = (date: LocalDate): number => Number(date.slice(0, 4));

/** False: the calendar says nothing of the day; it is no working day, and no robot contact is planned on it. */
export const isInCalendar = (calendar: Calendar, date: LocalDate): boolean =>
  calendar.years.some(({ year }) => year === yearOf(date));

/** What a person must know of the calendar on a day: that it ends soon, has ended, or is a guess. */
export const calendarWarnings = (calendar: Calendar, today: LocalDate): readonly string[] => {
  const last = Math.max(...calendar.years.map(({ year }) => year));
  const left = daysBetween(today, `${last}-12-31`);
  const guessed = calendar.years.filter(({ year, announced }) => !announced && year >= yearOf(today));
  return [
    ...(isInCalendar(calendar, today)
      ? []
      : [`calendar-missing: ${calendar.name} has no ${yearOf(today)}; no robot contact`]),
    ...(left >= 0 && left <= WARN_DAYS ? [`${calendar.name} ends in ${left} days; add ${last + 1}`] : []),
    ...guessed.map(({ year }) => `${calendar.name} ${year} is not announced yet`),
  ];
};
