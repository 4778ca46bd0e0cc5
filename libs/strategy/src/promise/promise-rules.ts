import { addDays, businessDate, earliest, endOfDay, type Instant, type LocalDate } from '@mora/business-time';
import type { Tier } from '@mora/contracts';
import type { Strategy } from '../package/schema.js';
import type { OpenPromise, PromisePayment, PromiseResult } from './records.js';

/** Latest date a promise may name: by tier, and never after the last day of the robot. */
export const latestPromiseDate = (
  strategy: Strategy,
  input: { readonly today: LocalDate; readonly dueDate: LocalDate; readonly tier: Tier },
): LocalDate =>
  earliest(
    addDays(input.today, strategy.promises.latestDays[input.tier]),
    addDays(input.dueDate, strategy.promises.lastDpd),
  );

/**
 * Least amount of a promise, in minor units: a share of what is missing of the minimum, and more than the tolerance; never
 * more than what is missing.
 */
export const leastPromise = (
  strategy: Strategy,
  of: { readonly unpaidMinimum: number; readonly tolerance: number },
): number =>
  Math.min(of.unpaidMinimum, Math.max(Math.ceil(strategy.promises.leastShare * of.unpaidMinimum), of.tolerance + 1));

/**
 * Only what is paid after a promise was made counts, and by the end of its date: by the bank's time of posting, or by the
 * value date where it gave none or posted later. What was posted, or heard of, before it never does; what was heard of by
 * the end of its date was made by then.
 */
const countsFor = (strategy: Strategy, promise: OpenPromise, payment: PromisePayment): boolean => {
  const { zone } = strategy.about;
  const { postedAt = null, notedAt = null, valueDate } = payment;
  const byValueDate = businessDate(promise.madeAt, zone) <= valueDate && valueDate <= promise.date;
  if (postedAt === null && notedAt !== null) {
    const inTime = valueDate <= promise.date || notedAt < endOfDay(promise.date, zone);
    return notedAt > promise.madeAt && valueDate >= businessDate(promise.madeAt, zone) && inTime;
  }
  if (postedAt === null) return byValueDate;
  if (postedAt <= promise.madeAt) return false;
  return postedAt < endOfDay(promise.date, zone) || byValueDate;
};

/** A reversal goes with the payment that it takes back. */
const counted = (
  strategy: Strategy,
  promise: OpenPromise,
  payments: readonly PromisePayment[],
): readonly PromisePayment[] => {
  const original = (reversal: PromisePayment) =>
    reversal.reversalOf ? payments.find((one) => one.paymentId === reversal.reversalOf) : undefined;
  return payments.filter((payment) => countsFor(strategy, promise, original(payment) ?? payment));
};

/**
 * What became of a promise. Kept as soon as enough is there; otherwise judged only when its date is over and the bank's
 * postings have passed it.
 */
export const settlePromise = (
  strategy: Strategy,
  input: {
    readonly promise: OpenPromise;
    readonly payments: readonly PromisePayment[];
    readonly watermark: Instant | null;
    readonly today: LocalDate;
    readonly tolerance: number;
  },
): PromiseResult => {
  const { promise, watermark, today, tolerance } = input;
  const towards = counted(strategy, promise, input.payments);
  const paid = towards.reduce((sum, payment) => sum + payment.amount, 0);
  const answer = (result: PromiseResult['result']): PromiseResult => ({
    result,
    paid: Math.max(0, paid),
    payments: towards.map((payment) => payment.key),
  });
  if (paid > 0 && paid >= promise.amount - tolerance) return answer('kept');
  if (today <= promise.date) return answer('open');
  if (watermark === null || watermark < endOfDay(promise.date, strategy.about.zone)) return answer('awaiting');
  return answer(paid > 0 && paid >= strategy.promises.partlyFrom * promise.amount ? 'partly' : 'broken');
};

/** Is this promise, or this date, one that is reminded of, and when? */
export const reminderAt = (
  strategy: Strategy,
  promise: OpenPromise,
): { readonly on: LocalDate; readonly at: string } | null => {
  const madeOn = businessDate(promise.madeAt, strategy.about.zone);
  const { at, ifMadeDaysBefore } = strategy.promises.remind;
  return addDays(madeOn, ifMadeDaysBefore) <= promise.date ? { on: promise.date, at } : null;
};
