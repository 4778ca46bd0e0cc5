import { currency, isoDate, isoInstant, minorUnits, term, tier } from '@mora/contracts';
import { z } from 'zod';

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
  unpaidMin: minorUnits,
  statement: minorUnits.nullable(),
  /** Paid since the statement. */
  paid: minorUnits.nullable(),
  dueDate: isoDate,
  dpd: z.number().int(),
  inGrace: z.boolean(),
  /** Last day of grace, only if the bank states it. */
  graceEnd: isoDate.nullable(),
  /** Latest date of a promise. */
  limitDate: isoDate,
  interest: minorUnits.nullable(),
  lateFee: minorUnits.nullable(),
  feesAsOf: isoDate.nullable(),
  bureauReportOn: isoDate.nullable(),
  benefits: z.string().nullable(),
  offers: z.string().nullable(),
  /** Other overdue cards of the debtor, at most three. */
  others: z.array(z.object({ tail: z.string().regex(/^\d{4}$/), amount: minorUnits, currency })).max(3),
  /** Two debtors use the number: identity needs keypad digits. */
  sharedNumber: z.boolean(),
  history: z.enum(['never', 'spoken', 'refused', 'broken']),
  lastConversationOn: isoDate.nullable(),
  promised: z.object({ amount: minorUnits, date: isoDate }).nullable(),
  /** Received of a promise or without one. */
  partPaid: minorUnits.nullable(),
  seatFree: z.boolean(),
  humanSlot: isoInstant.nullable(),
});
export type DialogueFacts = z.infer<typeof dialogueFacts>;

/** Facts of which nothing optional is known; a start for callers and tests. */
export const bareFacts = {
  salutation: '',
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
  history: 'never',
  lastConversationOn: null,
  promised: null,
  partPaid: null,
  seatFree: false,
  humanSlot: null,
} as const satisfies Partial<DialogueFacts>;
