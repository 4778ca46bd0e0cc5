import { describe, expect, test } from '@jest/globals';
import { spokenAmount, spokenDate, spokenDay, spokenNumber, spokenTail } from './spoken.js';

describe('slots spoken in Chinese', () => {
  test.each([
    [0, '零'],
    [7, '七'],
    [10, '十'],
    [11, '十一'],
    [20, '二十'],
    [100, '一百'],
    [101, '一百零一'],
    [110, '一百一十'],
    [1000, '一千'],
    [1001, '一千零一'],
    [1010, '一千零一十'],
    [1234, '一千二百三十四'],
    [10_000, '一万'],
    [10_001, '一万零一'],
    [10_100, '一万零一百'],
    [12_000, '一万二千'],
    [100_000, '十万'],
    [100_010, '十万零一十'],
    [1_000_500, '一百万零五百'],
    [20_003_000, '二千万三千'],
    [100_000_000, '一亿'],
    [100_000_001, '一亿零一'],
    [100_010_000, '一亿零一万'],
  ])('says %d as %s', (value, words) => expect(spokenNumber(value)).toBe(words));

  test.each([
    [123_450, '一千二百三十四元五角'],
    [100, '一元'],
    [0, '零元'],
    [50, '五角'],
    [5, '五分'],
    [105, '一元零五分'],
    [100_009, '一千元零九分'],
    [123_456, '一千二百三十四元五角六分'],
    [-100, '负一元'],
  ])('says %d minor units as %s', (minor, words) =>
    expect(spokenAmount(minor, { before: '', unit: '元', decimals: 2 })).toBe(words),
  );

  test('says a card tail digit by digit with 1 as 幺', () => expect(spokenTail('1203')).toBe('幺二零三'));
  test('says a date as month and day', () => expect(spokenDate('2026-06-15')).toBe('六月十五号'));
  test.each([
    ['2026-11-04', '后天'],
    ['2026-11-03', '明天'],
    ['2026-11-02', '今天'],
    ['2026-11-01', '昨天'],
    ['2026-10-31', '前天'],
    ['2026-11-05', '十一月五号'],
  ])('says %s as %s on 2 November', (date, words) => expect(spokenDay(date, '2026-11-02')).toBe(words));
});
