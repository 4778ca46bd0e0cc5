import { z } from 'zod';

/** UTC instant, `2026-11-02T01:30:00.000Z`. */
export const isoInstant = z.iso.datetime({ precision: 3 });
/** Calendar date, `2026-11-02`. */
export const isoDate = z.iso.date();
/** Amount in minor units (fen, cents) of a currency; a safe integer. */
export const minorUnits = z.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
export const currency = z.string().regex(/^[A-Z]{3}$/);
/** AES-256-GCM ciphertext `enc:1:<keyId>:<base64 of iv, tag, text>`, additional data `debtorId|stream|field`. */
export const ciphertext = z.string().regex(/^enc:1:[^:]+:[A-Za-z0-9+/=]+$/);
/** HMAC(debtor's key, E.164): names a number of one debtor without telling it. */
export const phoneRef = z.string().min(8);

export const destinationKind = z.enum([
  'mobile',
  'fixed',
  'premium',
  'satellite',
  'shared-cost',
  'toll-free',
  'service',
  'unknown',
]);
export type DestinationKind = z.infer<typeof destinationKind>;
/** Where a number leads, without telling it: country (ISO 3166; `test`, `unknown`) and kind of number. */
export const destination = z.object({ country: z.string(), kind: destinationKind });
export type Destination = z.infer<typeof destination>;

export const tier = z.enum(['L', 'M', 'H']);
/** short DPD 1–3, mid 4–5, long 6–8, by days alone. */
export const term = z.enum(['short', 'mid', 'long']);
/** Who acts: the bank's robot, an agency, or a person at the desk. */
export const contactActor = z.enum(['bank', 'agency', 'human']);
export const channel = z.enum(['call', 'sms']);
export const voice = z.string().min(1);
export type Tier = z.infer<typeof tier>;
export type Term = z.infer<typeof term>;
export type Channel = z.infer<typeof channel>;

/** Copied on every intent, verdict and outcome, so that no view needs a join. */
export const contactContext = z.object({
  caseId: z.string(),
  accountId: z.string(),
  treatmentId: z.string(),
  businessDate: isoDate,
  dpd: z.number().int(),
  tier,
  term,
  /** What the contact is for: `l-first`, `m-second`, `broken`, `sms.a` … */
  stage: z.string(),
  experimentId: z.string(),
  arm: z.string(),
  strategyHash: z.string(),
  channel,
  ordinalInEpisode: z.number().int(),
  ordinalToday: z.number().int(),
});
export type ContactContext = z.infer<typeof contactContext>;

/** Seeded chance: `draw` in [0, 1) = HMAC(salt, unit, purpose). */
export const chance = z.object({
  saltId: z.string(),
  unitId: z.string(),
  purpose: z.string(),
  draw: z.number().min(0).max(1),
});
export type Chance = z.infer<typeof chance>;

/** What a decision was made of, so that it can be made again. Probabilities of all options sum to 1. */
export const decision = z.object({
  trigger: z.string(),
  decidedOnVersion: z.number().int(),
  inputs: z.record(z.string(), z.unknown()),
  options: z.array(
    z.object({ option: z.string(), eligible: z.boolean(), reason: z.string(), probability: z.number().min(0).max(1) }),
  ),
  chosen: z.string(),
  chance: chance.nullable(),
  rules: z.array(z.string()),
  desiredAt: isoInstant.nullable(),
  notBefore: isoInstant.nullable(),
  notAfter: isoInstant.nullable(),
  nextReviewAt: isoInstant.nullable(),
});
export type Decision = z.infer<typeof decision>;
