import { z } from 'zod';
import { defineEvents } from './define.js';
import { stopKind, stopScope } from './labels.js';
import { channel, contactActor, contactContext, destination, isoInstant, phoneRef } from './values.js';

export const ruleResult = z.object({
  ruleId: z.string(),
  profile: z.string(),
  profileHash: z.string(),
  result: z.enum(['allow', 'deny', 'alert', 'not-applicable']),
  limit: z.number().nullable(),
  windowStart: isoInstant.nullable(),
  windowEnd: isoInstant.nullable(),
  counter: z.object({ confirmed: z.number().int(), reserved: z.number().int() }).nullable(),
  /** Event keys of the facts the rule saw. */
  facts: z.array(z.string()),
  /** Any further input of the rule, by name. */
  inputs: z.record(z.string(), z.unknown()),
  exception: z.string().nullable(),
  retryNotBefore: isoInstant.nullable(),
});
export type RuleResult = z.infer<typeof ruleResult>;

/** The guard's answer with everything it saw: every rule of every active profile, not only the first that denies. */
export const verdict = z.object({
  contactId: z.string(),
  channel,
  actor: contactActor,
  actorId: z.string().nullable().optional(),
  party: z.enum(['debtor', 'guarantor', 'third-party']),
  phoneRef,
  /** Every account that the contact will speak of. */
  accountIds: z.array(z.string()).optional(),
  solicitedBy: z.string().nullable().optional(),
  askedBy: z.string().nullable().optional(),
  /** An SMS that counts towards the limit of unsolicited ones. */
  unsolicited: z.boolean().optional(),
  result: z.enum(['allowed', 'denied']),
  rules: z.array(ruleResult),
  /** Rule ids that deny. */
  deniedBy: z.array(z.string()),
  localTimes: z.array(z.object({ zone: z.string(), local: z.string() })),
  calendarHash: z.string(),
  /** Business time judged. */
  judgedAt: isoInstant,
  guardClock: z.object({ wall: isoInstant, skewMs: z.number() }),
  watermarks: z.record(z.string(), z.object({ epoch: z.number().int(), position: z.number().int(), at: isoInstant })),
  /** Counters in which a place was reserved. */
  reservations: z.array(z.enum(['attempt', 'connected', 'sms', 'number-attempt'])),
  /** Wall time after which nothing may begin under this permit. */
  startNotAfter: isoInstant.nullable(),
  ringMaxSeconds: z.number().int().nullable(),
  /** Business time by which the contact must have ended. */
  endBy: isoInstant.nullable(),
  retryNotBefore: isoInstant.nullable(),
  destination: destination.nullable().optional(),
  /** Minor units set aside for the contact, and what a minute or a part costs; absent: nothing is counted. */
  price: z
    .object({ currency: z.string(), perUnit: z.number().int(), reserved: z.number().int() })
    .nullable()
    .optional(),
});
export type Verdict = z.infer<typeof verdict>;

const contactRef = { contactId: z.string(), debtorId: z.string(), channel };

export const guardEvents = defineEvents('guard', {
  /** The guard allowed a contact; a signed permit was given out. */
  ContactPermitted: z.object({ ...contactRef, gatewayId: z.string(), context: contactContext, verdict }),
  /** The guard refused a contact; every rule that denies is named. */
  ContactDenied: z.object({ ...contactRef, context: contactContext, verdict }),
  /** The contact left: its places in the counters are used. `connected` null: not yet known or not a call. */
  ReservationConfirmed: z.object({
    ...contactRef,
    attempt: z.boolean(),
    connected: z.boolean(),
    because: z.string(),
    /** Business time at which the contact counts. */
    countedAt: isoInstant.optional(),
  }),
  /** The contact certainly never left, or was not connected: places are given back. */
  ReservationReleased: z.object({
    ...contactRef,
    attempt: z.boolean(),
    connected: z.boolean(),
    because: z.string(),
  }),
  /**
   * A contact that others know and the guard does not, because its store was put back: it counts from now on, and nothing is
   * permitted under its id. `phoneRef` null: which number it was is not known.
   */
  ContactImported: z.object({
    ...contactRef,
    phoneRef: phoneRef.nullable(),
    accountIds: z.array(z.string()),
    connected: z.boolean(),
    because: z.string(),
    /** Business time at which the contact counts. */
    countedAt: isoInstant,
  }),
  /** A permit that was given is taken back: cure, stop, complaint, halt. */
  PermitRevoked: z.object({ ...contactRef, why: z.string(), cause: z.string() }),
  /** Contacts may not go on, in this scope and on these channels. */
  StopPlaced: z.object({
    stopId: z.string(),
    debtorId: z.string(),
    kind: stopKind,
    scope: stopScope,
    accountId: z.string().nullable(),
    phoneRef: phoneRef.nullable(),
    channels: z.array(channel),
    until: isoInstant.nullable(),
    source: z.string(),
    evidence: z.string(),
  }),
  /** A stop is over. */
  StopLifted: z.object({ stopId: z.string(), debtorId: z.string(), reason: z.string(), by: z.string() }),
  /** A number that must not be used: for one debtor, or for everybody. */
  NumberBarred: z.object({ debtorId: z.string(), phoneRef, everywhere: z.boolean(), evidence: z.string() }),
});
export type GuardEvent = (typeof guardEvents)['Event'];
