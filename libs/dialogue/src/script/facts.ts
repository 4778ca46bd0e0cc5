import { currency, isoDate, isoInstant, minorUnits, term, tier } from '@mora/contracts';
import { z } from 'zod';

/** What is said around a number, and the digits of the minor unit (ISO 4217). */
export const money = z.strictObject({
  before: z.string(),
  unit: z.string().min(1),
  decimals: z.number().int().min(0).max(4),
});
export type Money = z.infer<typeof money>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** When a call that the debtor asks for may be made: local hours, on every day to `until` but those of `notOn`. */
export const callbackHours = z.strictObject({
  from: timeOfDay,
  to: timeOfDay,
  until: isoDate,
  notOn: z.array(isoDate),
});
export type CallbackHours = z.infer<typeof callbackHours>;

/**
 * What a script may speak of, as known when the call is planned. Null: unknown, and then not spoken. The person's name
 * is no fact: it is given at `start`, so that a compiled dialogue names nobody.
 */
export const dialogueFacts = z.object({
  bank: z.string().min(1),
  /** `先生`, `女士` or empty. */
  salutation: z.string(),
  hotline: z.string().nullable(),
  tier,
  term,
  /** Local date of the call. */
  callDate: isoDate,
  timeZone: z.string().default('Asia/Shanghai'),
  tail: z.string().regex(/^\d{4}$/),
  currency,
  /** How the currency is said; null: it has no name, and no amount is spoken. */
  money: money.nullable(),
  unpaidMin: minorUnits,
  /** Least amount of a promise. */
  leastPromise: minorUnits,
  /** What the strategy's floors let be said of today. */
  mayTell: z.object({
    interest: z.boolean(),
    fee: z.boolean(),
    benefits: z.boolean(),
    credit: z.boolean(),
    legal: z.boolean(),
  }),
  statement: minorUnits.nullable(),
  /** Paid since the statement. */
  paid: minorUnits.nullable(),
  dueDate: isoDate,
  dpd: z.number().int(),
  inGrace: z.boolean(),
  /** Last day of grace, only if the bank states it. */
  graceEnd: isoDate.nullable(),
  /** Null: no call at a time of his choice can be promised. */
  callbackHours: callbackHours.nullable(),
  /** Latest date of a promise. */
  limitDate: isoDate,
  interest: minorUnits.nullable(),
  lateFee: minorUnits.nullable(),
  feesAsOf: isoDate.nullable(),
  bureauReportOn: isoDate.nullable(),
  benefits: z.string().nullable(),
  offers: z.string().nullable(),
  /** Other overdue cards of the debtor, at most three. */
  others: z
    .array(z.object({ tail: z.string().regex(/^\d{4}$/), amount: minorUnits, currency, money: money.nullable() }))
    .max(3),
  /** Two debtors use the number: identity needs keypad digits. */
  sharedNumber: z.boolean(),
  /** `never`: tried several times and not reached; `untold`: nothing that could be said of it. */
  history: z.enum(['untold', 'never', 'spoken', 'refused', 'broken']),
  lastConversationOn: isoDate.nullable(),
  promised: z.object({ amount: minorUnits, date: isoDate }).nullable(),
  /** Received of a promise or without one. */
  partPaid: minorUnits.nullable(),
  /** A standing debit is known, and its time has passed. */
  autopayTried: z.boolean(),
  seatFree: z.boolean(),
  humanSlot: isoInstant.nullable(),
});
export type DialogueFacts = z.infer<typeof dialogueFacts>;

/** Facts of which nothing optional is known; a start for callers and tests. */
export const bareFacts = {
  salutation: '',
  callbackHours: null,
  money: null,
  leastPromise: 0,
  mayTell: { interest: false, fee: false, benefits: false, credit: false, legal: false },
  hotline: null,
  timeZone: 'Asia/Shanghai',
  statement: null,
  paid: null,
  inGrace: false,
  graceEnd: null,
  interest: null,
  lateFee: null,
  feesAsOf: null,
  bureauReportOn: null,
  benefits: null,
  offers: null,
  others: [],
  sharedNumber: false,
  history: 'untold',
  lastConversationOn: null,
  promised: null,
  partPaid: null,
  autopayTried: false,
  seatFree: false,
  humanSlot: null,
} as const satisfies Partial<DialogueFacts>;
