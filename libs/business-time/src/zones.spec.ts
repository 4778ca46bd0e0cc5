import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, DAY_MS } from './dates.js';
import { HOUR_MS, toInstant } from './instants.js';
import { businessDate, dayBounds, endOfDay, isZone, localInstant, localMs, localTime } from './zones.js';

const SHANGHAI = 'Asia/Shanghai';
const ZONES = [
  SHANGHAI,
  'Asia/Kathmandu',
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];
const hoursOf = (date: string, zone: string) => {
  const { start, end } = dayBounds(date, zone);
  return (end - start) / HOUR_MS;
};

describe('time zones', () => {
  it.each([SHANGHAI, 'UTC', 'America/Argentina/Buenos_Aires'])('knows %s, asked again too', (zone) => {
    expect([isZone(zone), isZone(zone)]).toEqual([true, true]);
  });

  it.each(['Mars/Phobos', '', 'local'])('does not know %j, asked again neither', (zone) => {
    expect([isZone(zone), isZone(zone)]).toEqual([false, false]);
    expect(() => businessDate('2026-11-02T00:00:00.000Z', zone)).toThrow(RangeError);
    expect(() => localTime(0, zone)).toThrow(RangeError);
    expect(() => dayBounds('2026-11-02', zone)).toThrow(RangeError);
    expect(() => localMs('2026-11-02', '09:00', zone)).toThrow(RangeError);
  });

  it('reads no instant, date or time that is none', () => {
    expect(() => businessDate('soon', SHANGHAI)).toThrow(RangeError);
    expect(() => localTime(Number.NaN, SHANGHAI)).toThrow(RangeError);
    for (const date of ['2026-11-31', 'today', '']) {
      expect(() => localInstant(date, '09:00', SHANGHAI)).toThrow(RangeError);
      expect(() => endOfDay(date, SHANGHAI)).toThrow(RangeError);
    }
    expect(() => localInstant('2026-11-02', '25:00', SHANGHAI)).toThrow(RangeError);
  });
});

describe('local time in a zone whose clocks never change', () => {
  it.each([
    ['2026-11-01T15:59:59.999Z', '2026-11-01'],
    ['2026-11-01T16:00:00.000Z', '2026-11-02'],
    ['2026-12-31T16:00:00.000Z', '2027-01-01'],
    ['2024-02-28T16:00:00.000Z', '2024-02-29'],
  ])('%s is on %s in Shanghai', (at, date) => {
    expect(businessDate(at, SHANGHAI)).toBe(date);
  });

  it('shows what the clock on the wall shows', () => {
    expect(localTime(Date.parse('2026-11-02T06:30:15.250Z'), SHANGHAI)).toEqual({
      date: '2026-11-02',
      hour: 14,
      minute: 30,
      timeMs: 52_215_250,
      text: '2026-11-02T14:30:15.250',
    });
    expect(localTime(Date.parse('2026-11-02T18:15:00.000Z'), 'Asia/Kathmandu').text).toBe('2026-11-03T00:00:00.000');
    expect(localTime(-1, 'UTC').text).toBe('1969-12-31T23:59:59.999');
  });

  it('is the instant of a local date and time', () => {
    expect(localInstant('2026-11-02', '06:00', SHANGHAI)).toBe('2026-11-01T22:00:00.000Z');
    expect(localInstant('2026-11-02', '24:00', SHANGHAI)).toBe(localInstant('2026-11-03', '00:00', SHANGHAI));
    expect(endOfDay('2026-12-31', SHANGHAI)).toBe('2026-12-31T16:00:00.000Z');
    expect(hoursOf('2026-11-02', SHANGHAI)).toBe(24);
  });
});

describe('local time where the clocks change', () => {
  it.each([
    ['2026-03-08', 'America/New_York', 23],
    ['2026-11-01', 'America/New_York', 25],
    ['2026-10-25', 'Europe/Berlin', 25],
    ['2026-10-04', 'Australia/Lord_Howe', 23.5],
    ['2026-04-24', 'Africa/Cairo', 23],
    ['2026-04-23', 'Africa/Cairo', 24],
    ['2026-04-25', 'Africa/Cairo', 24],
    ['2026-11-01', 'America/Havana', 25],
  ])('%s in %s lasts %d hours', (date, zone, hours) => {
    expect(hoursOf(date, zone)).toBe(hours);
  });

  it('keeps the time of day on both sides of a change', () => {
    expect(localInstant('2026-03-28', '09:30', 'Europe/Berlin')).toBe('2026-03-28T08:30:00.000Z');
    expect(localInstant('2026-03-29', '09:30', 'Europe/Berlin')).toBe('2026-03-29T07:30:00.000Z');
  });

  it('moves a skipped time forward by what was skipped', () => {
    expect(localInstant('2026-03-08', '01:59', 'America/New_York')).toBe('2026-03-08T06:59:00.000Z');
    expect(localInstant('2026-03-08', '02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z');
    expect(localInstant('2026-03-08', '03:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z');
    expect(localInstant('2026-10-04', '02:15', 'Australia/Lord_Howe')).toBe('2026-10-03T15:45:00.000Z');
  });

  it('takes the first of a time that comes twice', () => {
    expect(localInstant('2026-11-01', '01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z');
    expect(localInstant('2026-10-25', '02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
  });

  it('begins a day without midnight at its first instant, and keeps the times after', () => {
    expect(localInstant('2026-04-24', '00:00', 'Africa/Cairo')).toBe('2026-04-23T22:00:00.000Z');
    expect(localInstant('2026-04-24', '09:00', 'Africa/Cairo')).toBe('2026-04-24T06:00:00.000Z');
    expect(endOfDay('2026-04-24', 'Africa/Cairo')).toBe('2026-04-24T21:00:00.000Z');
  });

  it('begins a day with two midnights at the first', () => {
    expect(dayBounds('2026-11-01', 'America/Havana').start).toBe(Date.parse('2026-11-01T04:00:00.000Z'));
    expect(localInstant('2026-10-31', '24:00', 'America/Havana')).toBe('2026-11-01T04:00:00.000Z');
    expect(localInstant('2026-11-01', '24:00', 'America/Havana')).toBe('2026-11-02T05:00:00.000Z');
  });

  it('a day that a zone left out is empty', () => {
    expect(hoursOf('2011-12-30', 'Pacific/Apia')).toBe(0);
  });
});

describe('every zone', () => {
  const zone = fc.constantFrom(...ZONES);
  const quarter = fc
    .integer({ min: Date.parse('2020-01-01') / 900_000, max: Date.parse('2030-01-01') / 900_000 })
    .map((n) => n * 900_000);

  it('holds each instant in exactly one day, whose bounds meet those of its neighbours', () => {
    fc.assert(
      fc.property(zone, quarter, (name, ms) => {
        const date = businessDate(toInstant(ms), name);
        expect(localTime(ms, name)).toMatchObject({ date, text: expect.stringContaining(date) });
        const { start, end } = dayBounds(date, name);
        expect(start <= ms && ms < end).toBe(true);
        expect(dayBounds(addDays(date, 1), name).start).toBe(end);
        expect(businessDate(toInstant(start - 1), name)).toBe(addDays(date, -1));
      }),
      { numRuns: 300 },
    );
  });

  it('reads a local time back unless it was skipped, and never later than the clock showed it first', () => {
    fc.assert(
      fc.property(zone, quarter, (name, ms) => {
        const { date, text } = localTime(ms, name);
        const back = localMs(date, text.slice(11, 16), name);
        expect(localTime(back, name).text).toBe(text);
        expect(back <= ms && ms - back <= DAY_MS / 24).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
