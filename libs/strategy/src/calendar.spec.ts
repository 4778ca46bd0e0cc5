import { describe, expect, it } from '@jest/globals';
import { calendarWarnings, isInCalendar } from './calendar.js';
import { planDay } from './day-plan/day-plan.js';
import { handOverFor } from './handover/handover.js';
import { local, planInputs, smsInputs, strategy } from './package.fixture.js';
import { planSms } from './sms/sms-plan.js';

const { calendar } = strategy;

describe('the end of the calendar', () => {
  it('is warned of from 60 days before, not 61, and an unannounced year is shown as such', () => {
    const ends = (today: string) => calendarWarnings(calendar, today).filter((one) => one.includes('ends in'));
    expect([ends('2027-10-31'), ends('2027-11-01')].map((of) => of.length)).toEqual([0, 1]);
    expect(calendarWarnings(calendar, '2027-12-31')[0]).toContain('ends in 0 days');
    expect(calendarWarnings(calendar, '2026-11-01')).toEqual(['CN-mainland 2027 is not announced yet']);
    expect(calendarWarnings(calendar, '2028-01-03')[0]).toContain('calendar-missing');
  });

  it('is the end of robot contacts: no call and no SMS is planned on the day after it', () => {
    const on = (date: string) => planInputs(2, { at: local(date, '06:00'), dueDate: date.replace(/..$/, '01') });
    expect(isInCalendar(calendar, '2027-12-31')).toBe(true);
    expect(planDay(strategy, on('2027-12-31')).why).toBe('planned');
    expect(planDay(strategy, on('2028-01-03')).why).toBe('calendar-missing');
    const sms = (date: string) =>
      planSms(
        strategy,
        smsInputs(local(date, '20:40'), 1, {
          firstReminderOn: null,
          firstCall: { endedAt: local(date, '14:30'), disposition: 'no-answer' },
        }),
      );
    expect(sms('2027-12-30').map((item) => item.state)).toContain('due');
    expect(sms('2028-01-03').map((item) => [item.state, item.reason])).toEqual([['held', 'calendar-missing']]);
  });

  it('leaves humans their deadlines', () => {
    expect(handOverFor(strategy, 'dispute', local('2027-12-31', '15:00')).firstActionDue).toBe(
      local('2028-01-03', '15:00'),
    );
  });
});
