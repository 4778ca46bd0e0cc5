import { remember } from './remember.js';

/** A date of the calendar, `2026-11-02`; no zone, no time of day. */
export type LocalDate = string;

export const DAY_MS = 86_400_000;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const KEEP = 5_000;
const starts = new Map<LocalDate, number>();

const startInUtc = (date: LocalDate): number => {
  const known = starts.get(date);
  if (known !== undefined) return known;
  if (!isDate(date)) throw new RangeError(`not a date: ${date}`);
  return remember(starts, KEEP, date, Date.parse(`${date}T00:00:00.000Z`));
};

const dateAt = (ms: number): LocalDate => new Date(ms).toISOString().slice(0, 10);

/** True for a day that the calendar has, strictly written `YYYY-MM-DD`. */
export const isDate = (text: string): boolean => {
  if (!DATE.test(text)) return false;
  // `Date` takes 30 February for 2 March.
  return new Date(`${text}T00:00:00.000Z`).getUTCDate() === Number(text.slice(8));
};

/** The date so many days later; earlier when negative. @throws RangeError for what is no date. */
export const addDays = (date: LocalDate, days: number): LocalDate => dateAt(startInUtc(date) + days * DAY_MS);

/**
 * The same day of the month so many months earlier, the last day of a month that lacks it: six months before 31 August is
 * 28 February. @throws RangeError for what is no date.
 */
export const monthsBefore = (date: LocalDate, months: number): LocalDate => {
  const from = new Date(startInUtc(date));
  const month = from.getUTCMonth() - months;
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return dateAt(Date.UTC(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), lastDay)));
};

/** Whole days from one date to another; negative when `to` is earlier. @throws RangeError for what is no date. */
export const daysBetween = (from: LocalDate, to: LocalDate): number => (startInUtc(to) - startInUtc(from)) / DAY_MS;

/** Days past due: the business date less the due date. */
export const dpdOf = (today: LocalDate, dueDate: LocalDate): number => daysBetween(dueDate, today);

export const earliest = (a: LocalDate, b: LocalDate): LocalDate => (a < b ? a : b);

/** Saturday or Sunday. @throws RangeError for what is no date. */
export const isWeekend = (date: LocalDate): boolean => {
  const weekday = new Date(startInUtc(date)).getUTCDay();
  return weekday === 0 || weekday === 6;
};

/** From one date through another, both days in it. */
export interface DateRange {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

export interface WorkCalendar {
  readonly holidays: readonly DateRange[];
  /** Weekends on which people work instead. */
  readonly workingWeekends: readonly LocalDate[];
  /** Days without any contact. */
  readonly blackouts?: readonly DateRange[];
}

export type KindOfDay = 'workday' | 'weekend' | 'holiday' | 'blackout';

const covers = (range: DateRange, date: LocalDate): boolean => range.from <= date && date <= range.to;

/** A blackout wins over a holiday, that one over a make-up working day, and this over its weekend. */
export const kindOfDay = (calendar: WorkCalendar, date: LocalDate): KindOfDay => {
  if (calendar.blackouts?.some((range) => covers(range, date))) return 'blackout';
  if (calendar.holidays.some((range) => covers(range, date))) return 'holiday';
  if (calendar.workingWeekends.includes(date)) return 'workday';
  return isWeekend(date) ? 'weekend' : 'workday';
};

export const isWorkday = (calendar: WorkCalendar, date: LocalDate): boolean => kindOfDay(calendar, date) === 'workday';
