/** Hours in which a contact may begin: they must hold in every candidate zone of the debtor. */
import { addDays, localMs, localTime, MINUTE_MS, minutesOf } from '@mora/business-time';
import type { Channel } from '@mora/contracts';
import type { AgreedWindow, Finding, RuleInputs } from './inputs.js';
import type { CheckOf } from './profile.js';

type Hours = CheckOf<'hours'>;

/** The debtor's own zone where the bank knows it; beside an assumed or absent one also the profile's. */
export const candidateZones = (zone: RuleInputs['zone'], profileZones: readonly string[]): readonly string[] => {
  if (zone === null) return profileZones;
  if (zone.basis === 'bank') return [zone.name];
  return [...new Set([zone.name, ...profileZones])];
};

/** Milliseconds since midnight of `HH:mm`, up to `24:00`. */
const timeOfDay = (time: string): number => minutesOf(time) * MINUTE_MS;

const inside = (timeMs: number, from: string, to: string): boolean =>
  timeOfDay(from) <= timeMs && timeMs < timeOfDay(to);

/** End of the agreed window that holds an instant, in a zone; null: none does. */
const agreedUntil = (at: number, zone: string, channel: Channel, windows: readonly AgreedWindow[]): number | null => {
  const local = localTime(at, zone);
  let until: number | null = null;
  for (const w of windows) {
    if (w.channel !== 'any' && w.channel !== channel) continue;
    const wraps = w.to <= w.from;
    const evening = wraps ? timeOfDay(w.from) <= local.timeMs : inside(local.timeMs, w.from, w.to);
    const morning = wraps && local.timeMs < timeOfDay(w.to);
    if (!evening && !morning) continue;
    const begun = morning ? addDays(local.date, -1) : local.date;
    if (w.expiresOn !== null && begun > w.expiresOn) continue;
    const end = localMs(wraps && !morning ? addDays(local.date, 1) : local.date, w.to, zone);
    until = Math.max(until ?? end, end);
  }
  return until;
};

interface ZoneHours {
  readonly zone: string;
  readonly local: string;
  readonly inHours: boolean;
  readonly agreedUntil: number | null;
  /** When a contact that begins now must have ended. */
  readonly endBy: number | null;
}

const zoneHours = (check: Hours, inputs: RuleInputs, zones: readonly string[]): readonly ZoneHours[] => {
  const at = Date.parse(inputs.at);
  const { channel } = inputs.request;
  return zones.map((zone) => {
    const local = localTime(at, zone);
    const { from, to } = check.allow[channel];
    const inHours = inside(local.timeMs, from, to);
    const agreed = check.exceptions.includes('agreed-window')
      ? agreedUntil(at, zone, channel, inputs.agreedWindows)
      : null;
    const ownEnd = inHours ? localMs(local.date, check.endBy, zone) : null;
    const ends = [ownEnd, agreed].filter((end) => end !== null);
    return {
      zone,
      local: local.text,
      inHours,
      agreedUntil: agreed,
      endBy: ends.length === 0 ? null : Math.max(...ends),
    };
  });
};

/** First instant at or after `from` at which the plain hours hold in every zone; null: the zones never agree. */
export const nextAllowed = (check: Hours, channel: Channel, zones: readonly string[], from: number): number | null => {
  const allow = check.allow[channel];
  let at = from;
  for (let round = 0; round < 12; round++) {
    const later = zones.map((zone) => {
      const local = localTime(at, zone);
      if (inside(local.timeMs, allow.from, allow.to)) return at;
      const today = localMs(local.date, allow.from, zone);
      return today > at ? today : localMs(addDays(local.date, 1), allow.from, zone);
    });
    const next = Math.max(...later);
    if (next === at) return at;
    at = next;
  }
  return null;
};

export const checkHours = (check: Hours, inputs: RuleInputs, zones: readonly string[]): Finding => {
  const seen = zoneHours(check, inputs, zones);
  const at = Date.parse(inputs.at);
  const allowed = seen.every((z) => z.endBy !== null);
  const excepted = allowed && seen.some((z) => !z.inHours);
  const retryAt = allowed ? null : nextAllowed(check, inputs.request.channel, zones, at);
  return {
    result: allowed ? 'allow' : 'deny',
    inputs: {
      zones: seen.map((z) => ({ zone: z.zone, local: z.local, inHours: z.inHours, agreed: z.agreedUntil !== null })),
      allow: check.allow[inputs.request.channel],
    },
    ...(excepted ? { exception: 'agreed-window' } : {}),
    ...(retryAt === null ? {} : { retryAt }),
  };
};

/** Business time by which a contact that begins now must have ended; null: it must not begin. */
export const endByOf = (check: Hours, inputs: RuleInputs, zones: readonly string[]): number | null => {
  const ends = zoneHours(check, inputs, zones).map((z) => z.endBy);
  return ends.includes(null) ? null : Math.min(...ends.filter((end) => end !== null));
};
