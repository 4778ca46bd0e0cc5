import { z } from 'zod';
import { defineEvents } from './define.js';
import { handOverReason, intentLabel } from './labels.js';
import { smsTrigger } from './sms.js';
import { chance, channel, currency, decision, isoDate, isoInstant, minorUnits, term, tier } from './values.js';

const treatmentEvent = { caseId: z.string(), debtorId: z.string(), accountId: z.string(), strategyHash: z.string() };

export const tierRule = z.object({
  id: z.enum(['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8']),
  fired: z.boolean(),
  shift: z.number().int(),
  inputs: z.record(z.string(), z.unknown()),
});

const promise = {
  promiseId: z.string(),
  amount: minorUnits,
  currency,
  date: isoDate,
  promiseKind: z.enum(['minimum', 'full', 'part']),
};
/** Payments (event keys) that were counted towards a promise, and their sum. */
const settled = { paid: minorUnits, payments: z.array(z.string()), watermark: isoInstant.nullable() };

/** Which contacts a halt covers; null fields do not narrow. */
export const haltScope = z.object({
  strategyHash: z.string().nullable(),
  tier: tier.nullable(),
  channel: z.enum(['call', 'sms']).nullable(),
  debtorId: z.string().nullable(),
});

export const tieringEvents = defineEvents('tiering', {
  /** A treatment begins with its case: the experiment arm is drawn once. */
  TreatmentStarted: z.object({
    ...treatmentEvent,
    treatmentId: z.string(),
    experimentId: z.string(),
    arm: z.string(),
    probability: z.number(),
    holdout: z.boolean(),
    chance: chance.nullable(),
    decision,
  }),
  /** Tier by base and shifts; on a change and at the day plan. */
  AccountTiered: z.object({
    ...treatmentEvent,
    businessDate: isoDate,
    dpd: z.number().int(),
    term,
    base: tier,
    rules: z.array(tierRule),
    /** Sum of the shifts of the fired rules, before clamping. */
    sum: z.number().int(),
    shift: z.number().int(),
    previous: tier.nullable(),
    tier,
    /** A rise waits for the next day plan; null: nothing waits. */
    pendingRise: tier.nullable(),
    frozen: z.boolean(),
    unpaidMinimum: minorUnits,
    currency,
    band: z.enum(['small', 'normal', 'large', 'very-large']),
    inGrace: z.boolean(),
    lastLabel: intentLabel.nullable(),
    score: z.number().nullable(),
    trigger: z.string(),
    /** Next day plan; null: this was not a day plan. */
    nextPlanAt: isoInstant.nullable().optional(),
  }),
  /** The debtor promised an amount by a date, read back and confirmed; one is open per account. */
  PromiseMade: z.object({
    ...treatmentEvent,
    ...promise,
    attemptId: z.string(),
    turn: z.number().int(),
    confidence: z.number(),
    /** End of the call in which it was made: only what is paid after it counts. Absent: when this was stored. */
    madeAt: isoInstant.optional(),
  }),
  /** An open promise got another date or amount before it was due; once. */
  PromiseMoved: z.object({
    ...treatmentEvent,
    ...promise,
    attemptId: z.string(),
    turn: z.number().int(),
    movedFrom: isoDate,
    madeAt: isoInstant.optional(),
  }),
  /** Enough was paid by the promised date, within the tolerance; known at once. */
  PromiseKept: z.object({ ...treatmentEvent, ...promise, ...settled }),
  /** The date and the bank’s postings have passed: at least the strategy’s share was paid (50 %), not all. */
  PromisePartlyKept: z.object({ ...treatmentEvent, ...promise, ...settled }),
  /** The date and the bank’s postings have passed: less than that share was paid. */
  PromiseBroken: z.object({ ...treatmentEvent, ...promise, ...settled }),
  /**
   * A result is taken back, since a payment that it counted bounced, or one came late: figures of the day of the result restate.
   * The promise is open again while its date runs; else its new result follows.
   */
  PromiseReopened: z.object({
    ...treatmentEvent,
    ...promise,
    was: z.enum(['kept', 'partly', 'broken']),
    /** When the result that is taken back was known. */
    settledAt: isoInstant,
    paid: minorUnits,
    payments: z.array(z.string()),
  }),
  /** Counted neither kept nor broken: a stop, dispute or hardship came first. */
  PromiseVoided: z.object({ ...treatmentEvent, ...promise, because: z.string() }),
  /** The debtor says he has paid: contacts wait until the bank's postings pass the claimed day. */
  PaymentClaimed: z.object({
    ...treatmentEvent,
    claimedOn: isoDate,
    /** The call in which he said so, or the SMS that he answered. */
    attemptId: z.string(),
    by: channel.optional(),
    checkAfter: isoInstant,
  }),
  /** The bank’s postings have passed the claimed day and nothing was found: one `paid-check` call, then a human. */
  PaymentClaimUnmet: z.object({ ...treatmentEvent, claimedOn: isoDate, watermark: isoInstant }),
  /** From here on the robot is silent. */
  HandedOver: z.object({
    ...treatmentEvent,
    reason: handOverReason,
    queue: z.enum(['senior', 'complaints', 'fraud', 'collectors', 'disputes', 'hardship', 'deceased', 'tracing']),
    firstActionDue: isoInstant,
    dpd: z.number().int(),
    tier: tier.nullable(),
    score: z.number().nullable(),
    suggestedNextStep: z.string(),
    trigger: z.string(),
    /** SMS that the robot could not send: a human sees to them in another way. */
    smsTasks: z.array(z.object({ trigger: smsTrigger, reason: z.string() })).optional(),
  }),
  /** A human gave the account back, inside the robot’s days past due. */
  ReturnedToRobot: z.object({ ...treatmentEvent, reason: z.string(), by: z.string() }),
  /** Cured or closed by intake; `reopened` treatments start again with the same id. */
  TreatmentEnded: z.object({ ...treatmentEvent, reason: z.enum(['cured', 'closed']) }),
  /** A reopened case is treated again, with its history. */
  TreatmentResumed: z.object({ ...treatmentEvent, because: z.string() }),

  // control-<shard>: the same event in every shard, in one transaction
  /** This strategy package holds from now on; applies at an account’s next decision. */
  StrategyActivated: z.object({ hash: z.string(), name: z.string(), at: isoInstant, by: z.string() }),
  /** This calendar of holidays and working days holds from now on. */
  CalendarActivated: z.object({ hash: z.string(), at: isoInstant, by: z.string() }),
  /** An operator stopped contacts in a scope; it survives restarts. */
  ContactsHalted: z.object({ haltId: z.string(), scope: haltScope, reason: z.string(), by: z.string() }),
  /** A halt is over; due work is planned again. */
  ContactsResumed: z.object({ haltId: z.string(), reason: z.string(), by: z.string() }),
  /** The installation’s clock got a new anchor. */
  ClockSet: z.object({
    kind: z.enum(['real', 'stepped']),
    anchorId: z.string(),
    businessAt: isoInstant,
    by: z.string(),
  }),
});
export type TieringEvent = (typeof tieringEvents)['Event'];

/** Content of policies, one shard; a package larger than one blob comes in parts. */
export const policyEvents = defineEvents('policy', {
  /** One part of a policy’s content, named by the hash of the whole; deciders that miss it wait. */
  PolicyPublished: z.object({
    kind: z.enum(['strategy', 'rules', 'scorecard', 'nlu', 'calendar']),
    hash: z.string(),
    name: z.string(),
    part: z.number().int(),
    parts: z.number().int(),
    /** Canonical JSON, at most 256 KB each. */
    blob: z.string().max(262_144),
    by: z.string(),
  }),
});
export type PolicyEvent = (typeof policyEvents)['Event'];
