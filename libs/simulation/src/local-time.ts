/** Shanghai has kept UTC+8 without daylight saving since 1991, so local time here is arithmetic. */
const OFFSET_MS = 8 * 3_600_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const isoOf = (ms: number): string => new Date(ms).toISOString();
export const msOf = (iso: string): number => Date.parse(iso);

/** Local calendar date of an instant. */
export const localDate = (ms: number): string => isoOf(ms + OFFSET_MS).slice(0, 10);
/** Minutes since local midnight. */
export const localMinute = (ms: number): number => Math.floor(((ms + OFFSET_MS) % DAY_MS) / MINUTE_MS);
/** Instant of a local date and minute of the day. */
export const atLocal = (date: string, minute: number): number =>
  Date.parse(`${date}T00:00:00.000Z`) - OFFSET_MS + minute * MINUTE_MS;
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
