/** Local day and hour of instants in the business zone; remembered per minute, since events come in time order. */
import { DateTime } from 'luxon';
import type { Place } from './view.js';

const REMEMBERED = 20_000;

/** @param zone IANA name, `Asia/Shanghai` by default strategy. */
/** Injection token of {@link Place}. */
export const PLACE = Symbol('Place');

export const placeIn = (zone: string): Place => {
  const known = new Map<string, { readonly day: string; readonly hour: number }>();
  const of = (at: string) => {
    const minute = at.slice(0, 16);
    const found = known.get(minute);
    if (found !== undefined) return found;
    const local = DateTime.fromISO(at, { zone });
    const place = { day: local.toISODate() ?? at.slice(0, 10), hour: local.isValid ? local.hour : 0 };
    if (known.size >= REMEMBERED) known.clear();
    known.set(minute, place);
    return place;
  };
  return { day: (at) => of(at).day, hour: (at) => of(at).hour };
};

/** First and last instant of a local day, `[from, to)`. */
export const dayBounds = (day: string, zone: string): { readonly from: string; readonly to: string } => {
  const start = DateTime.fromISO(day, { zone }).startOf('day');
  return { from: start.toUTC().toISO() ?? day, to: start.plus({ days: 1 }).toUTC().toISO() ?? day };
};

export const addDays = (day: string, days: number): string =>
  DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toISODate() ?? day;
