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
 * What became of a promise. Payments count by value date, from the day it was made to its date. Kept as soon as enough
 * is there; otherwise judged only when its date is over and the bank's postings have passed it.
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
  const madeOn = businessDate(promise.madeAt, strategy.about.zone);
  const counted = input.payments.filter((payment) => madeOn <= payment.valueDate && payment.valueDate <= promise.date);
  const paid = counted.reduce((sum, payment) => sum + payment.amount, 0);
  const answer = (result: PromiseResult['result']): PromiseResult => ({
    result,
    paid,
    payments: counted.map((payment) => payment.key),
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
