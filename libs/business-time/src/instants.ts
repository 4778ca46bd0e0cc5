/** An instant in UTC with milliseconds, `2026-11-02T01:30:00.000Z`; so written, later ones sort later. */
export type Instant = string;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** @throws RangeError for NaN and for what no calendar reaches. */
export const toInstant = (ms: number): Instant => new Date(ms).toISOString();

/** @throws RangeError for what is no instant. */
export const plusMinutes = (at: Instant, minutes: number): Instant => toInstant(Date.parse(at) + minutes * MINUTE_MS);

export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** The first business tick at or after an instant; both in milliseconds. */
export const snapUp = (ms: number, tickSeconds: number): number =>
  Math.ceil(ms / (tickSeconds * 1000)) * tickSeconds * 1000;
