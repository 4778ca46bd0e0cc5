import { DateTime } from 'luxon';
import type { Instant, LocalDate } from './records.js';
import type { Strategy } from './schema.js';

const dayMs = 86_400_000;
const minuteMs = 60_000;

export const toInstant = (ms: number): Instant => new Date(ms).toISOString();

/** Offsets of all zones are whole quarters of an hour, so the date is one within a quarter. */
const quarterMs = 15 * minuteMs;
const datesOfQuarters = new Map<string, LocalDate>();

/** Calendar date of an instant in a zone. */
export const businessDate = (at: Instant, zone: string): LocalDate => {
  const quarter = Math.floor(Date.parse(at) / quarterMs);
  const key = `${zone}|${quarter}`;
  const known = datesOfQuarters.get(key);
  if (known !== undefined) return known;
  const date = DateTime.fromMillis(quarter * quarterMs, { zone }).toFormat('yyyy-MM-dd');
  if (datesOfQuarters.size > 5_000) datesOfQuarters.clear();
  datesOfQuarters.set(key, date);
  return date;
};

const epochDay = (date: LocalDate): number => Date.parse(`${date}T00:00:00.000Z`) / dayMs;

export const addDays = (date: LocalDate, days: number): LocalDate =>
  toInstant((epochDay(date) + days) * dayMs).slice(0, 10);

/** Whole days from one date to another; negative when `to` is earlier. */
export const daysBetween = (from: LocalDate, to: LocalDate): number => epochDay(to) - epochDay(from);

/** Days past due: the business date less the due date. */
export const dpdOf = (today: LocalDate, dueDate: LocalDate): number => daysBetween(dueDate, today);

export const earliest = (a: LocalDate, b: LocalDate): LocalDate => (a < b ? a : b);

/** Last day on which a payment counts as on time; the strategy's own days where the bank gave none. */
export const graceEnd = (strategy: Strategy, dueDate: LocalDate, graceDays: number | null): LocalDate =>
  addDays(dueDate, graceDays ?? strategy.about.graceDaysIfUnknown);

export const inGrace = (strategy: Strategy, today: LocalDate, dueDate: LocalDate, graceDays: number | null): boolean =>
  today <= graceEnd(strategy, dueDate, graceDays);

/** Minutes since local midnight of `HH:mm`. */
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const localStarts = new Map<string, { readonly start: number; readonly next: number }>();

/** A day of a zone as milliseconds; memoised, because a day is planned for thousands of debtors. */
const dayBounds = (date: LocalDate, zone: string): { readonly start: number; readonly next: number } => {
  const key = `${zone}|${date}`;
  const known = localStarts.get(key);
  if (known !== undefined) return known;
  const start = DateTime.fromISO(date, { zone });
  if (!start.isValid) throw new RangeError(`not a date and zone: ${date}, ${zone}`);
  const bounds = { start: start.toMillis(), next: start.plus({ days: 1 }).toMillis() };
  if (localStarts.size > 5_000) localStarts.clear();
  localStarts.set(key, bounds);
  return bounds;
};

/** Instant of a local time of day. On a day on which the clocks change, a skipped time moves forward. */
export const localInstant = (date: LocalDate, time: string, zone: string): Instant => {
  const { start, next } = dayBounds(date, zone);
  if (next - start === dayMs) return toInstant(start + minutesOf(time) * minuteMs);
  return toInstant(DateTime.fromISO(`${date}T${time}`, { zone }).toMillis());
};

/** First instant after the local day. */
export const endOfDay = (date: LocalDate, zone: string): Instant => toInstant(dayBounds(date, zone).next);

export const plusMinutes = (at: Instant, minutes: number): Instant => toInstant(Date.parse(at) + minutes * minuteMs);

export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** The first business tick at or after an instant. */
export const snapUp = (ms: number, tickSeconds: number): number =>
  Math.ceil(ms / (tickSeconds * 1000)) * tickSeconds * 1000;

export type KindOfDay = 'workday' | 'weekend' | 'holiday' | 'blackout';

const covers = (range: { readonly from: LocalDate; readonly to: LocalDate }, date: LocalDate): boolean =>
  range.from <= date && date <= range.to;

/** What a date is in the strategy's calendar; a blackout wins over a holiday, a make-up working day over its weekend. */
export const kindOfDay = (strategy: Strategy, date: LocalDate): KindOfDay => {
  const { holidays, workingWeekends, blackouts } = strategy.calendar;
  if (blackouts.some((range) => covers(range, date))) return 'blackout';
  if (holidays.some((range) => covers(range, date))) return 'holiday';
  if (workingWeekends.includes(date)) return 'workday';
  const weekday = new Date(epochDay(date) * dayMs).getUTCDay();
  return weekday === 0 || weekday === 6 ? 'weekend' : 'workday';
};
