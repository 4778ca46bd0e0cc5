import {
  bankFlagKind,
  disposition,
  handOverReason,
  intentLabel,
  smsTrigger,
  stopKind,
  stopScope,
  tier,
} from '@mora/contracts';
import { z } from 'zod';

/** Local time of day, `09:30`. */
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day as "HH:MM"');
const share = z.number().min(0).max(1);
const count = z.number().int().min(0);
const dpdNumber = z.number().int().min(0).max(60);
const minor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const day = z.iso.date('write a date that exists as "YYYY-MM-DD"');
const windowId = z.string().regex(/^[A-Z][A-Za-z0-9]*$/);

export const amountBand = z.enum(['small', 'normal', 'large', 'very-large']);
export type AmountBand = z.infer<typeof amountBand>;

/** `strategy.yaml`: what the package is, and the units it counts in. Amounts in minor units. */
export const aboutSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  version: z.number().int().min(1),
  title: z.string().min(1),
  zone: z.string().min(1),
  /** Business tick, to which dials are snapped. */
  tickSeconds: z.number().int().min(1).max(3600),
  /** The robot works an account from `firstDpd` to `lastDpd`; the day after, humans do. */
  firstDpd: dpdNumber,
  lastDpd: dpdNumber,
  graceDaysIfUnknown: count,
  defaultCurrency: z.string().regex(/^[A-Z]{3}$/),
  currencies: z.record(
    z.string().regex(/^[A-Z]{3}$/),
    z.strictObject({
      tolerance: minor,
      bands: z.strictObject({ normalFrom: minor, largeFrom: minor, veryLargeFrom: minor }),
    }),
  ),
  /** How amounts are said: `before` and `unit` stand around the number. Amounts of a currency without a name are not said. */
  currencyNames: z.record(
    z.string().regex(/^[A-Z]{3}$/),
    z.strictObject({ before: z.string().default(''), unit: z.string().min(1) }),
  ),
  otherCurrencies: z.strictObject({ tolerance: minor, band: amountBand }),
});

/** `tiers.yaml`: base by days past due, shifts T1–T8, floors of content. */
export const tiersSchema = z.strictObject({
  base: z.array(z.strictObject({ upToDpd: dpdNumber, tier, term: z.enum(['short', 'mid', 'long']) })).min(1),
  /** The sum of the shifts is clamped to −clamp … +clamp. */
  clamp: count,
  rules: z.strictObject({
    T1: z.strictObject({
      shift: z.number().int(),
      always: z.array(amountBand),
      nearLimit: z.array(amountBand),
      utilisation: share,
    }),
    T2: z.strictObject({ shift: z.number().int(), earlierEpisodes: count, episodeMonths: count, brokenMonths: count }),
    T3: z.strictObject({ shift: z.number().int(), conversations: count }),
    T4: z.strictObject({ shift: z.number().int(), labels: z.array(intentLabel) }),
    T5: z.strictObject({ shift: z.number().int(), broken: count }),
    T6: z.strictObject({ shift: z.number().int(), bands: z.array(amountBand) }),
    T7: z.strictObject({ shift: z.number().int(), paidShare: share }),
    T8: z.strictObject({ shift: z.number().int(), recordedMonths: count }),
  }),
  floors: z.record(
    z.enum(['interest', 'fee', 'benefits', 'credit', 'legal']),
    z.strictObject({ afterGrace: z.boolean(), fromDpd: dpdNumber }),
  ),
});

/** `arms.yaml`: the experiment and its arms; probabilities sum to 1. */
export const armsSchema = z.strictObject({
  experiment: z.string().min(1),
  arms: z.record(
    z.string().regex(/^[a-z0-9-]+$/),
    z.strictObject({ probability: share, holdout: z.boolean(), calls: z.boolean(), sms: z.array(smsTrigger) }),
  ),
  /** Takes the share of whoever may not be held out. */
  fallback: z.string(),
  neverHeldOut: z.array(amountBand),
});

const windows = z.record(windowId, z.strictObject({ from: timeOfDay, to: timeOfDay }));
const rowSide = z.strictObject({
  max: count,
  windows: z.array(windowId),
  restAfterConversations: count.nullable().default(null),
});

/** `day-plan.yaml`: windows per kind of day and one row per day past due. */
export const dayPlanSchema = z.strictObject({
  planAt: timeOfDay,
  windows: z.strictObject({ workday: windows, weekend: windows, holiday: windows }),
  holiday: z.strictObject({ maxAttempts: count }),
  /** `clock`: the first N windows of the row are used as the day passes; `row`: strictly in the order of the row. */
  windowOrder: z.enum(['clock', 'row']),
  rows: z.record(z.string().regex(/^\d+$/), z.strictObject({ noRpc: rowSide, noPromise: rowSide })),
  scripts: z.record(tier, z.strictObject({ first: z.string(), second: z.string(), secondMinHours: z.number().min(0) })),
  overrides: z.record(
    z.enum(['paid-check', 'broken', 'part-paid']),
    z.strictObject({
      script: z.string(),
      max: count,
      windows: z.array(windowId),
      waitDays: count,
      /** Attempts without a conversation after which a human has it; null: as the caps allow. */
      attemptsInAll: count.nullable(),
    }),
  ),
  autopayWaitUntilDpd: dpdNumber,
  callback: z.strictObject({ toleranceMinutes: count }),
  priority: z.strictObject({
    order: z.array(z.enum(['callback', 'broken', 'last-grace-day', 'H', 'M', 'L-second', 'L-first'])).length(7),
  }),
});

/** `calendar.yaml`: public holidays, make-up working days and days without any contact. */
export const calendarSchema = z.strictObject({
  name: z.string(),
  years: z.array(z.strictObject({ year: z.number().int(), announced: z.boolean() })).min(1),
  holidays: z.array(z.strictObject({ name: z.string(), from: day, to: day })),
  workingWeekends: z.array(day),
  blackouts: z.array(z.strictObject({ name: z.string(), from: day, to: day })),
});

const redialRow = z.strictObject({
  /** Least time until the next attempt; null: this row alone does not allow one today. */
  delayMinutes: count.nullable(),
  /** The next attempt waits for a later window than this one. */
  nextWindow: z.boolean().default(true),
  /** Tomorrow's attempt avoids the window of this one. */
  otherWindow: z.boolean().default(false),
  otherWording: z.boolean().default(false),
  otherTrunk: z.boolean().default(false),
  nextNumber: z.boolean().default(false),
  doubtful: z.boolean().default(false),
  /** The number is answered by another person: no debt word by SMS. */
  thirdParty: z.boolean().default(false),
  /** Not called again until a human has confirmed the number. */
  unconfirmed: z.boolean().default(false),
  bar: z.enum(['no', 'debtor', 'everywhere']).default('no'),
  alarm: z.boolean().default(false),
  /** A time or date given by the debtor is followed. */
  followsDebtor: z.boolean().default(false),
  handOver: handOverReason.nullable().default(null),
});

/** `redial.yaml`: what follows each disposition; the last `nth` that is reached replaces the row, then the tier's. */
export const redialSchema = z.strictObject({
  rows: z.record(
    disposition,
    z.strictObject({
      first: redialRow,
      /** Other dispositions that count as occurrences of this one. */
      countsWith: z.array(disposition).default([]),
      nth: z
        .array(
          z.strictObject({
            from: z.number().int().min(2).max(20),
            /** `today`; `days`: days running on this number; `number`: in the episode on this number; `episode`. */
            counted: z.enum(['today', 'days', 'number', 'episode']),
            next: redialRow,
          }),
        )
        .default([]),
      inTier: z.partialRecord(tier, redialRow).default({}),
      stop: z.strictObject({ kind: stopKind, scope: stopScope }).nullable().default(null),
    }),
  ),
});

/** `caps.yaml`: the strategy's own limits, inside the guard's. */
export const capsSchema = z.strictObject({
  perDay: z.strictObject({ conversations: count, connected: count, attempts: count, attemptsPerNumber: count }),
  perEpisode: z.strictObject({ attempts: count, conversations: count }),
  ringSeconds: z.number().int().min(15),
  /** Outermost hours of calls, those of the guard: agreed hours and callbacks lie inside them too. */
  callHours: z.strictObject({ from: timeOfDay, to: timeOfDay }),
  /** Outermost hours of SMS, those of the guard: agreed hours lie inside them. */
  smsHours: z.strictObject({ from: timeOfDay, to: timeOfDay }),
  sms: z.strictObject({ unsolicitedPerDay: count, from: timeOfDay, to: timeOfDay }),
});

/** `promises.yaml` (promise to pay). */
export const promisesSchema = z.strictObject({
  latestDays: z.strictObject({ L: count, M: count, H: count }),
  lastDpd: dpdNumber,
  movesAllowed: count,
  partlyFrom: share,
  /** Share of the missing minimum that a promise must reach. */
  leastShare: share,
  remind: z.strictObject({ at: timeOfDay, ifMadeDaysBefore: count }),
  handOverAtBroken: count,
  handOverBrokenTiers: z.array(tier),
});

/** `stops.yaml`: what a stop covers and how it ends. */
export const stopsSchema = z.strictObject({
  stops: z.record(
    stopKind,
    z.strictObject({
      scope: stopScope,
      channels: z.array(z.enum(['call', 'sms'])).min(1),
      until: z.string().min(1),
      handOver: handOverReason.nullable(),
    }),
  ),
  bankFlags: z.record(bankFlagKind, stopKind),
});

export const queue = z.enum([
  'senior',
  'complaints',
  'fraud',
  'collectors',
  'disputes',
  'hardship',
  'deceased',
  'tracing',
]);
export type Queue = z.infer<typeof queue>;

const firstAction = z.union([
  z.strictObject({ minutes: count }),
  z.strictObject({ workingMinutes: count }),
  z.strictObject({ workingDays: count }),
  z.strictObject({ sameDay: z.literal(true) }),
]);

/** `handover.yaml`: queues and when a human must first act. */
export const handoverSchema = z.strictObject({
  workingHours: z.strictObject({ from: timeOfDay, to: timeOfDay }),
  reasons: z.record(
    handOverReason,
    z.strictObject({ queue, firstAction, priority: z.number().int().min(0).max(900), nextStep: z.string().min(1) }),
  ),
  largeAtRisk: z.strictObject({ tier, bands: z.array(amountBand), scoreBelow: z.number(), afterConversations: count }),
  talkedOutConversations: count,
});

/** `voices.yaml`: voices and the pool of each tier, first one starts. */
export const voicesSchema = z.strictObject({
  voices: z.record(
    z.string(),
    z.strictObject({ speaker: z.enum(['female', 'male']), manner: z.enum(['warm', 'calm', 'formal']) }),
  ),
  pools: z.record(tier, z.array(z.string()).min(1)),
});

/** `sms.yaml`: triggers, holds and times. */
export const smsSchema = z.strictObject({
  a: z.strictObject({
    afterHangUpMinutes: z.strictObject({ from: count, to: count }),
    bulkAt: timeOfDay,
    maxWaitDays: count,
    notAfter: z.array(disposition),
  }),
  b: z.strictObject({ daysAfterFirstReminder: count, bulkAt: timeOfDay, lastDpd: dpdNumber }),
  c: z.strictObject({ dpd: dpdNumber, bulkAt: timeOfDay }),
  precedence: z.array(z.enum(['a', 'b', 'c'])).length(3),
  resendUndeliveredAfterDays: count,
});

const textClass = z.enum(['plain', 'debt', 'credit', 'legal']);
const text = z.strictObject({
  class: textClass,
  approver: z.string().min(1).nullable().default(null),
  text: z.string().min(1),
});

/** `templates.yaml`: SMS texts; `{slot}` is required, `[… {slot} …]` is left out when its fact is missing. */
export const templatesSchema = z.strictObject({
  maxCharacters: z.number().int().min(1),
  /** Longest possible value of each slot, for the check of lengths. */
  longest: z.record(z.string(), z.string()),
  stage: z.record(tier, text),
  card: z.record(z.enum(['dated', 'unknown', 'stopped']), text),
  history: z.record(z.enum(['not-answered', 'broken', 'refuses', 'spoken']), text),
  templates: z.record(z.string().regex(/^[a-z][a-z.-]*$/), text),
});

const points = z.number().min(-100).max(100);

/** `scorecard.yaml` (domain, section 4). */
export const scorecardSchema = z.strictObject({
  start: points,
  labels: z.strictObject({
    promiseTodayOrTomorrow: points,
    promiseLater: points,
    promisePart: points,
    claimsPaid: points,
    vague: points,
    defersWithDate: points,
    defersWithoutDate: points,
    weak: points,
    cannot: points,
    refuses: points,
    dispute: points,
    none: points,
  }),
  easyReason: z.strictObject({ reasons: z.array(z.string()), points }),
  askedHow: points,
  realConversation: z.strictObject({ seconds: count, understoodTurns: count, points }),
  hungUpEarly: z.strictObject({ calls: count, points }),
  neverReached: z.strictObject({ attempts: count, points }),
  notReachedLately: z.strictObject({ days: count, points }),
  promiseKept: z.strictObject({ points, limit: points }),
  promiseBrokenNow: points,
  promiseBrokenBefore: z.strictObject({ points, limit: points }),
  paidShare: points,
  firstMiss: z.strictObject({ recordedMonths: count, points }),
  earlierCuredEarly: z.strictObject({ byDpd: dpdNumber, points, limit: points }),
  earlierCuredLate: z.strictObject({ points, limit: points }),
  utilisation: z.array(z.strictObject({ from: share, points })),
  bands: z.partialRecord(amountBand, points),
  dayAfterGrace: points,
  scoreBands: z.strictObject({ A: z.number(), B: z.number(), C: z.number() }),
  worklist: z.strictObject({
    limit: z.number(),
    weights: z.record(amountBand, z.number()),
  }),
});

/** File of the package → its schema. Scripts are checked by the dialogue compiler. */
export const fileSchemas = {
  'strategy.yaml': aboutSchema,
  'tiers.yaml': tiersSchema,
  'arms.yaml': armsSchema,
  'day-plan.yaml': dayPlanSchema,
  'calendar.yaml': calendarSchema,
  'redial.yaml': redialSchema,
  'caps.yaml': capsSchema,
  'promises.yaml': promisesSchema,
  'stops.yaml': stopsSchema,
  'handover.yaml': handoverSchema,
  'voices.yaml': voicesSchema,
  'sms.yaml': smsSchema,
  'templates.yaml': templatesSchema,
  'scorecard.yaml': scorecardSchema,
} as const;

/** The whole package as one value, of which the hash is made. Persisted. */
export const strategySchema = z.strictObject({
  about: aboutSchema,
  tiers: tiersSchema,
  arms: armsSchema,
  dayPlan: dayPlanSchema,
  calendar: calendarSchema,
  redial: redialSchema,
  caps: capsSchema,
  promises: promisesSchema,
  stops: stopsSchema,
  handover: handoverSchema,
  voices: voicesSchema,
  sms: smsSchema,
  templates: templatesSchema,
  scorecard: scorecardSchema,
  /** File name without `.yaml` → its content, opaque here. */
  scripts: z.record(z.string(), z.unknown()),
});

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type Strategy = DeepReadonly<z.infer<typeof strategySchema>>;
export type Scorecard = Strategy['scorecard'];
export type RedialRow = DeepReadonly<z.infer<typeof redialRow>>;
