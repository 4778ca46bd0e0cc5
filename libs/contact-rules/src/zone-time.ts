/** Local time of candidate zones. Offsets and day bounds are memoised: a verdict asks for them several times per rule. */
import { DateTime, IANAZone } from 'luxon';

export const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Zone offsets change only on quarter hours of UTC. */
const QUARTER_MS = 15 * MINUTE_MS;
const KEEP = 5_000;

const remember = <V>(memo: Map<string, V>, key: string, make: () => V): V => {
  const known = memo.get(key);
  if (known !== undefined) return known;
  if (memo.size >= KEEP) memo.clear();
  const made = make();
  memo.set(key, made);
  return made;
};

const offsets = new Map<string, number>();
const instants = new Map<string, number>();

export const isZone = (zone: string): boolean => IANAZone.isValidZone(zone);

export const toInstant = (ms: number): string => new Date(ms).toISOString();

/** Local wall time of an instant as milliseconds of a clock without a zone. @throws RangeError for an unknown zone. */
const localMs = (ms: number, zone: string): number => {
  const quarter = Math.floor(ms / QUARTER_MS);
  const minutes = remember(offsets, `${zone}|${quarter}`, () => {
    if (!isZone(zone)) throw new RangeError(`unknown time zone ${zone}`);
    return IANAZone.create(zone).offset(quarter * QUARTER_MS);
  });
  return ms + minutes * MINUTE_MS;
};

export interface LocalTime {
  /** `2026-11-02` */
  readonly date: string;
  /** Milliseconds since local midnight. */
  readonly timeMs: number;
  /** `2026-11-02T09:30:00.000` */
  readonly text: string;
}

export const localTime = (ms: number, zone: string): LocalTime => {
  const text = toInstant(localMs(ms, zone)).slice(0, 23);
  return { date: text.slice(0, 10), timeMs: Date.parse(`1970-01-01T${text.slice(11)}Z`), text };
};

/** Milliseconds since midnight of `HH:mm`, up to `24:00`. */
export const timeOfDay = (time: string): number =>
  Number(time.slice(0, 2)) * HOUR_MS + Number(time.slice(3, 5)) * MINUTE_MS;

export const addDays = (date: string, days: number): string =>
  toInstant(Date.parse(`${date}T00:00:00.000Z`) + days * 24 * HOUR_MS).slice(0, 10);

/** The instant of a local date and time of day; a time that a clock change skips moves forward. */
export const instantOf = (date: string, time: string, zone: string): number =>
  time === '24:00'
    ? instantOf(addDays(date, 1), '00:00', zone)
    : remember(instants, `${zone}|${date}|${time}`, () => DateTime.fromISO(`${date}T${time}`, { zone }).toMillis());

/** Bounds of the local calendar day that holds an instant: [start, end). */
export const dayOf = (ms: number, zone: string): { readonly start: number; readonly end: number } => {
  const { date } = localTime(ms, zone);
  return { start: instantOf(date, '00:00', zone), end: instantOf(addDays(date, 1), '00:00', zone) };
};
