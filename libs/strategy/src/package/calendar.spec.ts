import { describe, expect, it } from '@jest/globals';
import { kindOfDay } from '@mora/business-time';
import { strategy } from '../package.fixture.js';

describe('calendar of the shipped strategy', () => {
  it.each([
    ['2026-11-06', 'workday'],
    ['2026-11-07', 'weekend'],
    ['2026-09-20', 'workday'],
    ['2026-10-01', 'holiday'],
    ['2026-10-08', 'workday'],
    ['2026-02-15', 'holiday'],
    ['2026-02-16', 'blackout'],
    ['2026-02-19', 'blackout'],
    ['2026-02-20', 'holiday'],
    ['2027-02-04', 'workday'],
    ['2027-02-05', 'blackout'],
    ['2027-02-08', 'blackout'],
    ['2027-02-09', 'workday'],
  ])('calls %s a %s', (date, kind) => {
    expect(kindOfDay(strategy.calendar, date)).toBe(kind);
  });
});
