import { z } from 'zod';
import { defineEvents } from './define.js';
import { ciphertext, currency, destination, isoDate, isoInstant, minorUnits, phoneRef } from './values.js';

/** How a bank record reached us. */
export const provenance = z.object({
  bankEventId: z.string(),
  /** Order given by the bank inside one business date; 0 where it gives none. */
  bankSequence: z.number().int(),
  channel: z.object({ kind: z.enum(['file', 'grpc', 'kafka']), name: z.string(), offset: z.number().int() }),
  /** HMAC of the raw record under the debtor's key, or the intake key where there is none. */
  rawHash: z.string(),
  /** HMAC, under the intake key, of what the record says whatever its id: of one order it tells a repetition from a contradiction. */
  contentHash: z.string().optional(),
  businessDate: isoDate,
  receivedAt: isoInstant,
});
export type Provenance = z.infer<typeof provenance>;

export const bankFlagKind = z.enum([
  'dispute',
  'plan',
  'complaint',
  'hardship',
  'deceased',
  'incapable',
  'barred',
  'legal',
  'represented',
  'disaster',
]);

/** Facts of an account as the bank reported them (`domain.md` 1.1); null: the bank did not say. */
export const accountFacts = z.object({
  accountId: z.string(),
  product: z.string(),
  currency,
  creditLimit: minorUnits.nullable(),
  statementBalance: minorUnits.nullable(),
  minimumDue: minorUnits,
  paidSinceStatement: minorUnits,
  overdueAmount: minorUnits.nullable(),
  interestToDate: minorUnits.nullable(),
  lateFee: minorUnits.nullable(),
  feesAsOf: isoDate.nullable(),
  dueDate: isoDate,
  dpdReported: z.number().int().nullable(),
  cycle: z.string().nullable(),
  /** Last four digits of the card. */
  cardTail: z.string().regex(/^\d{4}$/),
  graceDays: z.number().int().min(0).nullable(),
  tolerance: minorUnits.nullable(),
  bureauReportOn: isoDate.nullable(),
  cardActionOn: isoDate.nullable(),
  cardStatus: z.enum(['active', 'stopped', 'unknown']),
  creditReportStatus: z.enum(['not-reported', 'reported', 'unknown']),
  autopay: z.object({ on: z.boolean(), nextTryAt: isoInstant.nullable() }),
  offers: z.array(z.string()),
  benefitsText: z.string().nullable(),
  agencyNotice: z.object({ agency: z.string(), toldOn: isoDate }).nullable(),
  flags: z.array(z.object({ kind: bankFlagKind, source: z.string(), since: isoDate, until: isoDate.nullable() })),
  history: z.object({
    /** Months the bank has records of, before this episode. */
    recordedMonths: z.number().int().min(0),
    /** Months overdue at each of the past months, newest first (the bank's codes; ≤ 0: not overdue). */
    delinquency: z.array(z.number().int()),
    payments: z.array(minorUnits),
    earlierEpisodes: z.array(z.object({ openedOn: isoDate, curedAtDpd: z.number().int().nullable() })),
    promises: z.array(z.object({ on: isoDate, result: z.enum(['kept', 'partly', 'broken']) })),
  }),
});
export type AccountFacts = z.infer<typeof accountFacts>;

export const phone = z.object({
  phoneRef,
  /** E.164, sealed with the debtor's key. */
  number: ciphertext,
  kind: z.enum(['registered', 'other-own']),
  order: z.number().int(),
  confirmedAt: isoDate.nullable(),
  /** Absent: not known, and then nobody is contacted there. */
  destination: destination.optional(),
});
export type Phone = z.infer<typeof phone>;

/**
 * Fields of the record (names of the file format) that said nothing; what `facts` holds of them was said by an earlier record,
 * or stands for silence. Absent: every field was said.
 */
const unsaid = z.array(z.string()).optional();

const caseEvent = { caseId: z.string(), debtorId: z.string(), accountId: z.string() };

export const intakeEvents = defineEvents('intake', {
  /** The debtor as the bank knows him: how to name and reach him. Names and numbers are sealed with the debtor's key. */
  DebtorRecorded: z.object({
    debtorId: z.string(),
    name: ciphertext,
    surname: ciphertext,
    salutation: z.string(),
    language: z.string(),
    timeZone: z.string(),
    timeZoneBasis: z.enum(['bank', 'assumed']),
    phones: z.array(phone),
    agreedWindows: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        channel: z.enum(['call', 'sms', 'any']),
        expiresOn: isoDate.nullable(),
      }),
    ),
    consents: z.array(z.object({ kind: z.string(), expiresOn: isoDate.nullable() })),
    /** HMACs under the debtor's key: whether a later record names him otherwise. */
    nameHash: z.string().optional(),
    surnameHash: z.string().optional(),
    /** Of all the content: tells whether a later record says anything new. */
    contentHash: z.string().optional(),
    /** What this record said (names of the file format); the rest stands from earlier ones. Absent: all. */
    said: z.array(z.string()).optional(),
    /** Fields that were said again since they were recorded, with the newest record that did. */
    repeated: z
      .array(
        z.object({
          businessDate: isoDate,
          bankSequence: z.number().int(),
          accountId: z.string(),
          fields: z.array(z.string()),
        }),
      )
      .optional(),
    /** Whose record it was: of two accounts of one order the greater id counts. */
    accountId: z.string().optional(),
    provenance,
  }),
  /** So many debtors have this number by the bank's word, this one among them; told when it changes. 1: he alone again, 3: three or more. */
  NumberShared: z.object({ debtorId: z.string(), phoneRef, debtors: z.number().int().min(1) }),
  /** An overdue account came in and is worked from now on: one delinquency episode begins. */
  CaseOpened: z.object({
    ...caseEvent,
    facts: accountFacts,
    unpaidMinimum: minorUnits,
    dpd: z.number().int(),
    /** The bank corrected the account's customer: the case that this one goes on from, under the other debtor. */
    predecessor: z.object({ debtorId: z.string(), caseId: z.string() }).optional(),
    unsaid,
    provenance,
  }),
  /** A later bank record of an open case, also when nothing changed: it keeps the case fresh. */
  AccountReported: z.object({
    ...caseEvent,
    facts: accountFacts,
    unpaidMinimum: minorUnits,
    dpd: z.number().int(),
    unsaid,
    provenance,
  }),
  /** The bank's own days past due differ from ours; once per case. */
  DpdDiffers: z.object({ ...caseEvent, ours: z.number().int(), banks: z.number().int(), businessDate: isoDate }),
  /** After a movement the bank says another remaining minimum due than our sum; the bank's counts. */
  RemainingDiffers: z.object({
    ...caseEvent,
    paymentId: z.string(),
    ours: minorUnits,
    banks: minorUnits,
    businessDate: isoDate,
  }),
  /** Money arrived. Incremental, unless the bank states the remaining minimum due, which wins. */
  PaymentPosted: z.object({
    ...caseEvent,
    paymentId: z.string(),
    amount: minorUnits,
    currency,
    valueDate: isoDate,
    postedAt: isoInstant,
    remainingMinimumDue: minorUnits.nullable(),
    unpaidMinimum: minorUnits,
    provenance,
  }),
  /** A payment was taken back. */
  PaymentReversed: z.object({
    ...caseEvent,
    paymentId: z.string(),
    reversalOf: z.string(),
    amount: minorUnits,
    currency,
    valueDate: isoDate,
    postedAt: isoInstant,
    remainingMinimumDue: minorUnits.nullable(),
    unpaidMinimum: minorUnits,
    provenance,
  }),
  /** The minimum due is covered: every contact stops at once. */
  CaseCured: z.object({ ...caseEvent, curedBy: z.string(), unpaidMinimum: minorUnits, dpd: z.number().int() }),
  /** What is missing is within the bank's tolerance: no contact, no tier. */
  WithinTolerance: z.object({ ...caseEvent, unpaidMinimum: minorUnits, tolerance: minorUnits }),
  /** A cured case owes again: a payment was reversed. Its history goes on. */
  CaseReopened: z.object({ ...caseEvent, unpaidMinimum: minorUnits, because: z.string() }),
  /** No further work: `nothing-due` (no positive balance), `tolerance` (at DPD 9), `debtor-corrected`, `withdrawn`. */
  CaseClosed: z.object({
    ...caseEvent,
    reason: z.enum(['nothing-due', 'tolerance', 'debtor-corrected', 'withdrawn']),
    /** `debtor-corrected`, `withdrawn`: the case in which the account goes on. */
    successor: z.object({ debtorId: z.string(), caseId: z.string() }).optional(),
  }),
  /** The bank has posted every payment it received up to `asOf`. One in every shard's `bank-<shard>` stream. */
  PaymentsPostedThrough: z.object({ asOf: isoInstant, provenance }),
});
export type IntakeEvent = (typeof intakeEvents)['Event'];
