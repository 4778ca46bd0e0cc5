/** Arbitrary histories for properties. */
import fc from 'fast-check';
import type { Life, LivedDay } from './event-book.js';

const call = fc.record({
  hour: fc.integer({ min: 9, max: 20 }),
  disposition: fc.constantFrom('no-answer', 'machine', 'hung-up-early', 'promised', 'refused', 'trunk-fault', 'denied'),
  rules: fc.integer({ min: 1, max: 3 }),
  talkMs: fc.integer({ min: 1, max: 90_000 }),
});
const day: fc.Arbitrary<LivedDay> = fc.record({
  tier: fc.constantFrom('L', 'M', 'H'),
  calls: fc.array(call, { maxLength: 3 }),
  sms: fc.constantFrom('none', 'none', 'pending', 'delivered', 'late', 'undelivered', 'n'),
  promise: fc.constantFrom('none', 'none', 'kept', 'partly', 'broken', 'voided', 'open', 'bounced', 'reopened'),
  pays: fc.constantFrom('nothing', 'nothing', 'part', 'all', 'over', 'near', 'late', 'reversed', 'bounces'),
  stop: fc.constantFrom('none', 'none', 'complaint', 'early', 'stop-asked', 'wrong-person', 'barred'),
});

export const lives = (debtors: number): fc.Arbitrary<readonly Life[]> =>
  fc
    .array(
      fc.record({
        days: fc.array(day, { minLength: 1, maxLength: 9 }),
        holdout: fc.boolean(),
        exempt: fc.boolean(),
        enters: fc.nat(4),
        currency: fc.constantFrom('CNY', 'CNY', 'JPY'),
        unpaid: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      { minLength: 1, maxLength: debtors },
    )
    .map((found) => found.map((life, debtor) => ({ ...life, debtor })));
