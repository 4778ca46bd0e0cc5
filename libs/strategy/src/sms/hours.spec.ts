import { describe, expect, it } from '@jest/globals';
import { dayOf, local, smsInputs, strategy } from '../package.fixture.js';
import { type AgreedHours, bulkInstant, intoSmsHours } from './hours.js';
import type { SmsInputs } from './records.js';
import { planSms } from './sms-plan.js';

const at = (dpd: number, time: string) => local(dayOf(dpd), time);
const agreed = (from: string, to: string, expiresOn: string | null = null): readonly AgreedHours[] => [
  { from, to, expiresOn },
];
const into = (hours: readonly AgreedHours[], dpd: number, time: string) => intoSmsHours(strategy, hours, at(dpd, time));
const item = (trigger: string, dpd: number, time: string, of: Partial<SmsInputs>) =>
  planSms(strategy, smsInputs(at(dpd, time), dpd, of)).find((one) => one.trigger === trigger);

describe('hours agreed with the debtor for SMS', () => {
  it('take the place of the strategy’s, later and earlier than they are', () => {
    expect(into([], 1, '08:00')).toBe(at(1, '09:00'));
    expect(into(agreed('08:00', '08:30'), 1, '08:00')).toBe(at(1, '08:00'));
    expect(into(agreed('19:00', '21:30'), 1, '12:00')).toBe(at(1, '19:00'));
    expect(into(agreed('19:00', '21:30'), 1, '21:29')).toBe(at(1, '21:29'));
    expect(into(agreed('19:00', '21:30'), 1, '21:30')).toBe(at(2, '19:00'));
  });
  it('lie inside the guard’s walls, also where they pass midnight', () => {
    expect(into(agreed('06:00', '09:00'), 1, '06:00')).toBe(at(1, '08:00'));
    expect(into(agreed('21:00', '23:00'), 1, '22:00')).toBe(at(2, '21:00'));
    expect(into(agreed('21:00', '09:00'), 1, '08:59')).toBe(at(1, '08:59'));
    expect(into(agreed('21:00', '09:00'), 1, '09:00')).toBe(at(1, '21:00'));
  });
  it('that lie outside the walls leave no hour at all', () => {
    expect(into(agreed('22:30', '23:30'), 1, '12:00')).toBeNull();
    expect(item('a', 1, '12:00', { agreedWindows: agreed('22:30', '23:30') })).toMatchObject({
      state: 'held',
      reason: 'no-agreed-hours',
    });
  });
  it('that leave no hour at all make b and c the task of a human, from the day before', () => {
    const agreedWindows = agreed('22:30', '23:30');
    const task = { state: 'held', reason: 'no-day-to-send', handOver: 'sms-task' };
    expect(item('b', 4, '12:00', { agreedWindows })?.handOver).toBeNull();
    expect(item('b', 6, '12:00', { agreedWindows })).toMatchObject(task);
    expect(item('c', 7, '12:00', { agreedWindows })).toMatchObject(task);
    expect(item('c', 9, '09:00', { agreedWindows })).toMatchObject({ state: 'lapsed', handOver: 'sms-task' });
  });
  it('hold through their last day', () => {
    expect(into(agreed('19:00', '20:00', dayOf(1)), 1, '12:00')).toBe(at(1, '19:00'));
    expect(into(agreed('19:00', '20:00', dayOf(1)), 2, '12:00')).toBe(at(2, '12:00'));
  });
  it('move what goes in bulk inside its day', () => {
    const bulk = (hours: readonly AgreedHours[]) => bulkInstant(strategy, hours, dayOf(6), '12:00');
    expect(bulk([])).toBe(at(6, '12:00'));
    expect(bulk(agreed('11:00', '13:00'))).toBe(at(6, '12:00'));
    expect(bulk(agreed('19:00', '20:00'))).toBe(at(6, '19:00'));
    expect(bulk(agreed('09:00', '10:00'))).toBe(at(6, '09:00'));
  });
  it('hold for a, b, c and the reminder', () => {
    const agreedWindows = agreed('19:00', '20:00');
    expect(item('a', 1, '15:00', { agreedWindows })).toMatchObject({ state: 'later', dueAt: at(1, '19:00') });
    expect(item('b', 6, '12:00', { agreedWindows })).toMatchObject({ state: 'later', dueAt: at(6, '19:00') });
    expect(item('b', 6, '19:00', { agreedWindows })?.state).toBe('due');
    expect(item('c', 8, '12:00', { agreedWindows })).toMatchObject({ state: 'later', dueAt: at(8, '19:00') });
    const openPromise = { amount: 10_000, currency: 'CNY', date: dayOf(4), madeAt: at(1, '14:30') };
    expect(item('q.remind', 4, '09:00', { agreedWindows, openPromise })).toMatchObject({ dueAt: at(4, '19:00') });
  });
  it('do not keep him waiting for what he asked for himself', () => {
    const asked = [{ content: 'ways', at: at(1, '14:30') }] as const;
    expect(item('q', 1, '14:31', { asked, agreedWindows: agreed('19:00', '20:00') })?.state).toBe('due');
  });
});
