import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  daysBetween,
  dpdOf,
  earliest,
  isDate,
  isWeekend,
  isWorkday,
  kindOfDay,
  monthsBefore,
} from './dates.js';

const noDates = ['', '2026-11', '2026-11-31', '2026-02-29', '2100-02-29', '2026-13-01', '2026-00-10', '2026-01-00'];
const anyDate = fc
  .integer({ min: 0, max: 80_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));

describe('dates of the calendar', () => {
  it.each(['2024-02-29', '2000-02-29', '2026-12-31', '2026-01-01'])('takes %s', (text) => {
    expect(isDate(text)).toBe(true);
  });

  it.each([...noDates, '2026-1-1', '20261101', ' 2026-11-01', '2026-11-01T00:00:00Z'])('refuses %j', (text) => {
    expect(isDate(text)).toBe(false);
  });

  it.each([
    ['2026-11-30', 1, '2026-12-01'],
    ['2026-12-31', 1, '2027-01-01'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2026-02-28', 1, '2026-03-01'],
    ['2100-02-28', 1, '2100-03-01'],
    ['2024-03-01', -1, '2024-02-29'],
    ['2026-11-02', 0, '2026-11-02'],
    ['2026-11-02', -366, '2025-11-01'],
  ])('counts from %s by %i days to %s', (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected);
    expect(daysBetween(date, expected)).toBe(days);
  });

  it('takes as many days away as it has added, and counts them', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -5_000, max: 5_000 }), (date, days) => {
        const other = addDays(date, days);
        expect(daysBetween(date, other)).toBe(days);
        expect(addDays(other, -days)).toBe(date);
      }),
    );
  });

  it.each(noDates)('reckons with no date that does not exist: %j', (text) => {
    expect(() => addDays(text, 1)).toThrow(RangeError);
    expect(() => daysBetween('2026-11-01', text)).toThrow(RangeError);
    expect(() => daysBetween(text, '2026-11-01')).toThrow(RangeError);
    expect(() => monthsBefore(text, 1)).toThrow(RangeError);
    expect(() => isWeekend(text)).toThrow(RangeError);
  });

  it('is past due by the days after the due date, and less than none before it', () => {
    expect(dpdOf('2026-11-01', '2026-11-01')).toBe(0);
    expect(dpdOf('2026-11-09', '2026-11-01')).toBe(8);
    expect(dpdOf('2026-11-02', '2026-10-31')).toBe(2);
    expect(dpdOf('2026-10-31', '2026-11-01')).toBe(-1);
  });

  it.each([
    ['2026-11-15', 12, '2025-11-15'],
    ['2026-03-15', 6, '2025-09-15'],
    ['2026-03-31', 1, '2026-02-28'],
    ['2026-08-31', 6, '2026-02-28'],
    ['2028-08-31', 6, '2028-02-29'],
    ['2024-03-31', 1, '2024-02-29'],
    ['2024-02-29', 12, '2023-02-28'],
    ['2026-01-31', 0, '2026-01-31'],
  ])('is from %s %i months back at %s', (date, months, expected) => {
    expect(monthsBefore(date, months)).toBe(expected);
  });

  it('knows the earlier of two dates', () => {
    expect(earliest('2026-11-02', '2026-11-01')).toBe('2026-11-01');
    expect(earliest('2026-11-01', '2026-11-01')).toBe('2026-11-01');
  });
});

describe('kinds of days', () => {
  const calendar = {
    holidays: [{ from: '2026-10-01', to: '2026-10-07' }],
    workingWeekends: ['2026-09-27', '2026-10-03', '2026-10-10', '2026-10-24'],
    blackouts: [
      { from: '2026-10-07', to: '2026-10-07' },
      { from: '2026-10-24', to: '2026-10-25' },
    ],
  };

  it.each([
    ['2026-09-30', 'workday'],
    ['2026-10-01', 'holiday'],
    ['2026-10-06', 'holiday'],
    ['2026-10-07', 'blackout'],
    ['2026-10-24', 'blackout'],
    ['2026-10-26', 'workday'],
    ['2026-10-08', 'workday'],
    ['2026-10-11', 'weekend'],
    ['2026-10-10', 'workday'],
    ['2026-10-03', 'holiday'],
  ] as const)('%s is a %s', (date, kind) => {
    expect(kindOfDay(calendar, date)).toBe(kind);
    expect(isWorkday(calendar, date)).toBe(kind === 'workday');
  });

  it('has no blackout where the calendar names none', () => {
    const { blackouts: _, ...plain } = calendar;
    expect(kindOfDay(plain, '2026-10-07')).toBe('holiday');
    expect(isWorkday(plain, '2026-10-24')).toBe(true);
  });

  it.each([
    ['2026-10-30', false],
    ['2026-10-31', true],
    ['2026-11-01', true],
    ['2026-11-02', false],
  ])('tells whether %s is a weekend: %s', (date, weekend) => {
    expect(isWeekend(date)).toBe(weekend);
  });
});
