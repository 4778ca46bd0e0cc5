import { describe, expect, it } from '@jest/globals';
import { dayOf, dueDate, local, strategy } from '../package.fixture.js';
import { latestPromiseDate, reminderAt, settlePromise } from './promise-rules.js';
import type { OpenPromise, PromisePayment } from './records.js';

const at = (dpd: number, time: string) => local(dayOf(dpd), time);

describe('promise to pay', () => {
  it('may name a date up to 3, 2 and 1 days ahead by tier, never after DPD 8', () => {
    const latest = (dpd: number, tier: 'L' | 'M' | 'H') =>
      latestPromiseDate(strategy, { today: dayOf(dpd), dueDate, tier });
    expect([latest(2, 'L'), latest(4, 'M'), latest(6, 'H')]).toEqual([dayOf(5), dayOf(6), dayOf(7)]);
    expect([latest(7, 'H'), latest(8, 'H'), latest(6, 'L')]).toEqual([dayOf(8), dayOf(8), dayOf(8)]);
  });

  const promise: OpenPromise = { amount: 10_000, currency: 'CNY', date: dayOf(4), madeAt: at(2, '10:00') };
  const paid = (amount: number, valueDate = dayOf(3)): PromisePayment => ({ key: `k${amount}`, amount, valueDate });
  const settle = (payments: readonly PromisePayment[], of: { today?: string; watermark?: string | null } = {}) =>
    settlePromise(strategy, {
      promise,
      payments,
      watermark: of.watermark === undefined ? at(5, '02:00') : of.watermark,
      today: of.today ?? dayOf(5),
      tolerance: 1000,
    });

  it('is kept at once when the promised amount less the tolerance is there, and not a fen below', () => {
    expect(settle([paid(9_000)], { today: dayOf(3), watermark: null })).toEqual({
      result: 'kept',
      paid: 9_000,
      payments: ['k9000'],
    });
    expect(settle([paid(8_999)], { today: dayOf(3), watermark: null }).result).toBe('open');
  });
  it('is partly kept from half of it on, broken below', () => {
    expect([settle([paid(5_000)]).result, settle([paid(4_999)]).result, settle([]).result]).toEqual([
      'partly',
      'broken',
      'broken',
    ]);
  });
  it('counts value dates from its own day to its date', () => {
    expect([settle([paid(10_000, dayOf(2))]).result, settle([paid(10_000, dayOf(4))]).result]).toEqual([
      'kept',
      'kept',
    ]);
    expect([settle([paid(10_000, dayOf(1))]).result, settle([paid(10_000, dayOf(5))]).result]).toEqual([
      'broken',
      'broken',
    ]);
  });
  it('counts what was heard of inside it, although its value date is a Monday', () => {
    const heard = (at: string, valueDate = dayOf(6)) => settle([{ ...paid(10_000, valueDate), notedAt: at }]).result;
    expect([heard(at(4, '15:00')), heard(at(4, '23:59'))]).toEqual(['kept', 'kept']);
    expect([heard(at(5, '00:00')), heard(at(2, '09:00')), heard(at(3, '09:00'), dayOf(1))]).toEqual([
      'broken',
      'broken',
      'broken',
    ]);
  });
  it('is not judged before its day is over, nor before the postings have passed the end of that day', () => {
    expect(settle([], { today: dayOf(4) }).result).toBe('open');
    expect(settle([], { watermark: null }).result).toBe('awaiting');
    expect(settle([], { watermark: new Date(Date.parse(at(5, '00:00')) - 1).toISOString() }).result).toBe('awaiting');
    expect(settle([], { watermark: at(5, '00:00') }).result).toBe('broken');
  });
  it('loses what was paid back', () => {
    expect(settle([paid(10_000), paid(-10_000)]).result).toBe('broken');
  });
  it('is reminded of on its day if made two days before, not one', () => {
    expect(reminderAt(strategy, promise)).toEqual({ on: dayOf(4), at: '10:00' });
    expect(reminderAt(strategy, { ...promise, madeAt: at(3, '00:10') })).toBeNull();
  });
});
