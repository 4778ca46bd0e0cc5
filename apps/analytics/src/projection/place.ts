/** Local day and hour of instants in the business zone; remembered per minute, since events come in time order. */
import { dayBounds, localTime, toInstant } from '@mora/business-time';
import type { Place } from './view.js';

export type { Place };

const REMEMBERED = 20_000;

/** Injection token of {@link Place}. */
export const PLACE = Symbol('Place');

/** @param zone IANA name, `Asia/Shanghai` by default strategy. */
export const placeIn = (zone: string): Place => {
  const known = new Map<string, { readonly day: string; readonly hour: number }>();
  const of = (at: string) => {
    const minute = at.slice(0, 16);
    const found = known.get(minute);
    if (found !== undefined) return found;
    const ms = Date.parse(at);
    const local = Number.isNaN(ms) ? { date: at.slice(0, 10), hour: 0 } : localTime(ms, zone);
    const place = { day: local.date, hour: local.hour };
    if (known.size >= REMEMBERED) known.clear();
    known.set(minute, place);
    return place;
  };
  return { day: (at) => of(at).day, hour: (at) => of(at).hour };
};

const DAY_MS = 86_400_000;

/** Whole days from one local day to another; negative before it. */
export const daysPast = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** First instant of a local day and of the next, `[from, to)`. */
export const dayInstants = (day: string, zone: string): { readonly from: string; readonly to: string } => {
  const { start, end } = dayBounds(day, zone);
  return { from: toInstant(start), to: toInstant(end) };
};
