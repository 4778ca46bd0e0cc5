/** Instants and the local dates and times of a zone. What a zone says of a quarter of an hour and of a day is remembered. */
import { IANAZone } from 'luxon';
import { addDays, DAY_MS, isDate, type LocalDate } from './dates.js';
import { HOUR_MS, type Instant, MINUTE_MS, toInstant } from './instants.js';
import { remember } from './remember.js';
import { minutesOf } from './times.js';

/** Since 1972 offsets are whole quarters of an hour and change at one, so within a quarter the local date is one. */
const QUARTER_MS = 15 * MINUTE_MS;
const KEEP = 5_000;
const KEEP_ZONES = 50;
const KEEP_NAMES = 1_000;

/** Milliseconds of a local calendar day: [start, end). */
export interface DayBounds {
  readonly start: number;
  readonly end: number;
}

interface ZoneMemo {
  readonly zone: IANAZone;
  readonly quarters: Map<number, { readonly offsetMs: number; readonly date: LocalDate }>;
  readonly days: Map<LocalDate, DayBounds>;
}

const zones = new Map<string, ZoneMemo>();
const names = new Map<string, boolean>();

/** True for a name that the runtime knows as a time zone, such as `Asia/Shanghai`. */
export const isZone = (zone: string): boolean =>
  names.get(zone) ?? remember(names, KEEP_NAMES, zone, IANAZone.isValidZone(zone));

const memoOf = (zone: string): ZoneMemo => {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  if (!isZone(zone)) throw new RangeError(`unknown time zone ${zone}`);
  return remember(zones, KEEP_ZONES, zone, { zone: IANAZone.create(zone), quarters: new Map(), days: new Map() });
};

const quarterOf = (ms: number, zone: string): { readonly offsetMs: number; readonly date: LocalDate } => {
  const memo = memoOf(zone);
  const quarter = Math.floor(ms / QUARTER_MS);
  const known = memo.quarters.get(quarter);
  if (known !== undefined) return known;
  const offsetMs = memo.zone.offset(quarter * QUARTER_MS) * MINUTE_MS;
  const date = toInstant(quarter * QUARTER_MS + offsetMs).slice(0, 10);
  return remember(memo.quarters, KEEP, quarter, { offsetMs, date });
};

/** Calendar date of an instant in a zone. @throws RangeError for an unknown zone and what is no instant. */
export const businessDate = (at: Instant, zone: string): LocalDate => quarterOf(Date.parse(at), zone).date;

export interface LocalTime {
  /** `2026-11-02` */
  readonly date: LocalDate;
  readonly hour: number;
  readonly minute: number;
  /** Milliseconds since local midnight by the clock on the wall. */
  readonly timeMs: number;
  /** `2026-11-02T09:30:00.000` */
  readonly text: string;
}

/** What the clocks of a zone show at an instant in milliseconds. @throws RangeError for an unknown zone. */
export const localTime = (ms: number, zone: string): LocalTime => {
  const { offsetMs, date } = quarterOf(ms, zone);
  const local = ms + offsetMs;
  const timeMs = local - Math.floor(local / DAY_MS) * DAY_MS;
  return {
    date,
    hour: Math.floor(timeMs / HOUR_MS),
    minute: Math.floor(timeMs / MINUTE_MS) % 60,
    timeMs,
    text: toInstant(local).slice(0, 23),
  };
};

/** A clock that shows `wall` (as if in UTC): the first instant at which it does; in a gap, as if it were set later. */
const instantOfWall = (wall: number, zone: string): number => {
  const before = wall - quarterOf(wall - DAY_MS, zone).offsetMs;
  const after = wall - quarterOf(wall + DAY_MS, zone).offsetMs;
  const shows = (ms: number) => ms + quarterOf(ms, zone).offsetMs === wall;
  return !shows(before) && shows(after) ? after : before;
};

/** Bounds of a local calendar day. @throws RangeError for what is no date or zone. */
export const dayBounds = (date: LocalDate, zone: string): DayBounds => {
  const { days } = memoOf(zone);
  const known = days.get(date);
  if (known !== undefined) return known;
  if (!isDate(date)) throw new RangeError(`not a date: ${date}`);
  const midnight = (of: LocalDate) => instantOfWall(Date.parse(`${of}T00:00:00.000Z`), zone);
  return remember(days, KEEP, date, { start: midnight(date), end: midnight(addDays(date, 1)) });
};

/**
 * Milliseconds of a local date and time of day, `HH:mm` to `24:00`. Where the clocks change, a skipped time moves
 * forward by what was skipped and of a time that comes twice it is the first.
 * @throws RangeError for what is no date, time or zone.
 */
export const localMs = (date: LocalDate, time: string, zone: string): number => {
  const { start, end } = dayBounds(date, zone);
  const sinceMidnight = minutesOf(time) * MINUTE_MS;
  if (end - start === DAY_MS) return start + sinceMidnight;
  return sinceMidnight === DAY_MS ? end : instantOfWall(Date.parse(`${date}T00:00:00.000Z`) + sinceMidnight, zone);
};

/** Instant of a local date and time of day; see `localMs`. */
export const localInstant = (date: LocalDate, time: string, zone: string): Instant =>
  toInstant(localMs(date, time, zone));

/** First instant after the local day. @throws RangeError for what is no date or zone. */
export const endOfDay = (date: LocalDate, zone: string): Instant => toInstant(dayBounds(date, zone).end);
