/**
 * A rule profile: contact rules as data, named by the hash of their canonical form. The hash is persisted in every verdict,
 * so that a past verdict is never judged by new rules.
 */

import { readFileSync } from 'node:fs';
import { isZone } from '@mora/business-time';
import { channel, destinationKind, isoDate, stopKind } from '@mora/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { canonicalHash } from './canonical.js';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be HH:mm');
const zone = z.string().refine(isZone, 'must be an IANA time zone');
const hours = z.strictObject({ from: time, to: time }).refine((h) => h.from < h.to, 'must begin before it ends');
const positive = z.number().positive();

export const counterWindow = z.enum(['calendar-day', 'rolling-24h']);

const destinations = z.record(z.string(), z.array(destinationKind.exclude(['unknown'])));
const prices = z.record(z.string(), z.number().int().min(0));

const check = z.discriminatedUnion('kind', [
  /** A contact may begin in [from, to) of the local day and must have ended at `endBy`. */
  z.strictObject({
    kind: z.literal('hours'),
    allow: z.strictObject({ call: hours, sms: hours }),
    endBy: time,
    exceptions: z.array(z.enum(['agreed-window'])),
  }),
  /** At most `limit` counted events in each of the windows. */
  z.strictObject({
    kind: z.literal('counter'),
    counts: z.enum(['connected', 'unanswered', 'attempt', 'sms']),
    key: z.enum(['debtor', 'number']),
    windows: z.array(counterWindow).min(1),
    limit: z.number().int().min(0),
    exceptions: z.array(z.enum(['solicited', 'acknowledgement'])),
    /** Binds only where the number is another debtor's as well. */
    onlyShared: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('paid') }),
  z.strictObject({ kind: z.literal('postings-fresh'), maxAgeHours: positive, retryMinutes: positive }),
  z.strictObject({ kind: z.literal('record-fresh'), businessDays: z.number().int().min(0) }),
  /** No contact while one of these stops lies on the debtor, an account spoken of, or the number; desks of the bank may be excepted. */
  z.strictObject({
    kind: z.literal('stop'),
    stops: z.array(stopKind).min(1),
    numberBars: z.boolean(),
    exceptDesks: z.array(z.string()).optional(),
    exceptions: z.array(z.enum(['solicited', 'acknowledgement'])).optional(),
  }),
  /** Countries and kinds of number that may be reached. */
  z.strictObject({ kind: z.literal('destination'), allow: z.strictObject({ call: destinations, sms: destinations }) }),
  /** What contacts may cost, minor units, in a clock hour and a local day of the whole installation. */
  z.strictObject({
    kind: z.literal('spend'),
    currency: z.string().regex(/^[A-Z]{3}$/),
    perHour: z.number().int().positive(),
    perDay: z.number().int().positive(),
    /** Price of a minute and of a part of an SMS, by country. */
    prices: z.strictObject({ call: prices, sms: prices }),
    /** So much is set aside until the contact's end is known. */
    reserve: z.strictObject({ callMinutes: positive, smsParts: positive }),
  }),
  /** Calls of two debtors on one number lie so far apart. */
  z.strictObject({ kind: z.literal('shared-apart'), minutes: positive }),
  /** Fewer debtors than this share the number. */
  z.strictObject({ kind: z.literal('shared-by'), below: z.number().int().min(2) }),
  /** An agency acts only where the debtor was told of it, and while the bank's published list names it. */
  z.strictObject({
    kind: z.literal('agency'),
    published: z.array(z.strictObject({ agency: z.string(), from: isoDate, to: isoDate.nullable() })),
  }),
  z.strictObject({ kind: z.literal('party'), allow: z.array(z.enum(['debtor', 'guarantor', 'third-party'])) }),
  z.strictObject({ kind: z.literal('halt') }),
  z.strictObject({ kind: z.literal('parked') }),
  z.strictObject({ kind: z.literal('stale'), maxAgeSeconds: positive, retrySeconds: positive }),
  /** The clock by which the contact is judged is off by at most so much, either way. */
  z.strictObject({ kind: z.literal('clock'), maxSkewMs: positive, retryMinutes: positive }),
  z.strictObject({ kind: z.literal('intent-age'), maxDays: z.number().int().min(0) }),
]);
export type Check = z.infer<typeof check>;
export type CheckOf<K extends Check['kind']> = Extract<Check, { kind: K }>;

const rule = z.strictObject({
  id: z.string().regex(/^[A-Z0-9]+(-[A-Z0-9]+)+$/),
  text: z.string(),
  scope: z.strictObject({
    channels: z.array(channel).min(1),
    actors: z.array(z.enum(['bank', 'agency', 'human'])).min(1),
    parties: z.array(z.enum(['debtor', 'guarantor', 'third-party'])).min(1),
  }),
  enforcement: z.enum(['deny', 'alert']),
  effective: z.strictObject({ from: isoDate.nullable(), to: isoDate.nullable() }),
  source: z.string(),
  /** Primary text seen, secondary source, one weak source, our own policy. */
  confidence: z.enum(['P', 'S', 'W', 'O']),
  check,
});
export type Rule = z.infer<typeof rule>;

export const ruleProfile = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    jurisdiction: z.string(),
    note: z.string(),
    /** Candidate zones where the debtor's own is not known, and beside an assumed one. */
    zones: z.array(zone).min(1),
    calendar: z.strictObject({
      name: z.string(),
      holidays: z.array(z.strictObject({ name: z.string(), from: isoDate, to: isoDate })),
      workingWeekends: z.array(isoDate),
    }),
    permit: z.strictObject({
      /** Wall seconds in which a contact may begin. */
      lifeSeconds: z.number().positive().max(15),
      ringMaxSeconds: z.number().int().min(15).max(120),
    }),
    rules: z.array(rule).min(1),
  })
  .refine((p) => new Set(p.rules.map((r) => r.id)).size === p.rules.length, 'a rule id stands twice');

type Frozen<T> = T extends (infer U)[]
  ? readonly Frozen<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
export type ProfileContent = Frozen<z.infer<typeof ruleProfile>>;
export type Calendar = ProfileContent['calendar'];

export interface RuleProfile {
  readonly content: ProfileContent;
  /** SHA-256 of the canonical form. */
  readonly hash: string;
  readonly calendarHash: string;
}

/** A profile does not have the shape of one; names each path. */
export class ProfileInvalid extends Error {
  readonly code = 'RULE_PROFILE_INVALID';
  constructor(
    readonly profile: string,
    readonly problems: readonly string[],
  ) {
    super(`rule profile ${profile} is not valid: ${problems.join('; ')}`);
    this.name = 'ProfileInvalid';
  }
}

/** @throws ProfileInvalid */
export const parseProfile = (yaml: string, name: string): RuleProfile => {
  const parsed = ruleProfile.safeParse(parse(yaml));
  if (!parsed.success)
    throw new ProfileInvalid(
      name,
      parsed.error.issues.map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`),
    );
  const content = parsed.data;
  return { content, hash: canonicalHash(content), calendarHash: canonicalHash(content.calendar) };
};

/** A profile shipped with this library: `cn-bank-creditcard`. @throws ProfileInvalid */
export const shippedProfile = (name: string): RuleProfile =>
  parseProfile(readFileSync(new URL(`../profiles/${name}.yaml`, import.meta.url), 'utf8'), name);
