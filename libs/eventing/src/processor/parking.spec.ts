import { describe, expect, it } from '@jest/globals';
import { ParkAlarm } from './parking.js';

/** Notes events one after the other. @returns the first reason, with the number of the event at which it came. */
const noted = (alarm: ParkAlarm, events: readonly (readonly [subject: string, parked: boolean])[]) => {
  for (const [i, [subject, parked]] of events.entries()) {
    const reason = alarm.note(subject, parked ? 'parked' : 'taken');
    if (reason !== null) return { at: i + 1, reason };
  }
  return null;
};
const debtors = (count: number) => Array.from({ length: count }, (_, i) => [`d${i}`, true] as const);
const good = (count: number) => Array.from({ length: count }, () => ['good', false] as const);
/** One park after every `n - 1` good ones. */
const everyNth = (n: number, count: number) =>
  Array.from({ length: count }, (_, i) => [`d${i}`, i % n === n - 1] as const);

describe('the park alarm', () => {
  it('lets 20 debtors in a row pass and stops at the 21st', () => {
    expect(noted(new ParkAlarm(), [...debtors(20), ...good(1), ...debtors(20)])).toBeNull();
    expect(noted(new ParkAlarm(), debtors(21))).toEqual({
      at: 21,
      reason: '21 debtors in a row could not be processed',
    });
  });

  it('counts debtors in a row, not their events', () => {
    const one = Array.from({ length: 49 }, () => ['d', true] as const);
    expect(noted(new ParkAlarm(), one)).toBeNull();
  });

  it('lets 5 % of the last 1,000 events pass and stops at one more', () => {
    expect(noted(new ParkAlarm(), everyNth(20, 5_000))).toBeNull();
    expect(noted(new ParkAlarm(), [...everyNth(20, 1_000), ['more', true]])).toEqual({
      at: 1_001,
      reason: '51 of the last 1000 events could not be processed',
    });
    expect(noted(new ParkAlarm(), [['first', true], ...everyNth(20, 999), ['more', true]])).toBeNull();
  });

  it('says nothing of shares before there were 1,000 events', () => {
    expect(noted(new ParkAlarm(), everyNth(2, 999))).toBeNull();
    expect(noted(new ParkAlarm(), everyNth(2, 1_000))).toEqual({
      at: 1_000,
      reason: '500 of the last 1000 events could not be processed',
    });
  });

  it('hears nothing of what waits behind a parked event', () => {
    const alarm = new ParkAlarm();
    for (const [subject] of debtors(20)) {
      expect(alarm.note(subject, 'parked')).toBeNull();
      expect(alarm.note(subject, 'waits')).toBeNull();
    }
    expect(alarm.note('one more', 'parked')).toMatch('21 debtors in a row');
  });

  it('forgets what a copy of it noted that came to nothing', () => {
    const alarm = new ParkAlarm();
    expect(noted(alarm.fork(), debtors(21))).toMatchObject({ at: 21 });
    expect(noted(alarm, debtors(20))).toBeNull();
  });

  it('forgets what lies more than 1,000 events back', () => {
    const early = everyNth(2, 100);
    expect(noted(new ParkAlarm(), [...early, ...good(1_000), ...early])).toBeNull();
  });
});
