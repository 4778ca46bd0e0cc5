import { describe, expect, it } from '@jest/globals';
import { moneyOf, moneyText } from './money.js';
import { strategy } from './package.fixture.js';
import { fillText } from './sms/templates.js';

const text = (minor: number, currency: string) => {
  const money = moneyOf(strategy, currency);
  return money && moneyText(minor, money);
};

describe('amounts in texts', () => {
  it.each([
    ['CNY', 123_450, '1,234.50元'],
    ['TWD', 123_450, '新台币1,234.50元'],
    ['HKD', 123_450, '1,234.50港元'],
    ['USD', 5, '0.05美元'],
    ['JPY', 1_234, '1,234日元'],
    ['CNY', -1, '-0.01元'],
    ['EUR', 123_450, null],
  ])('of %s: %i minor units are %s', (currency, minor, said) => {
    expect(text(minor, currency)).toBe(said);
  });

  it('take the place of the 元 that a template writes behind its slot, and of no other', () => {
    const filled = (unpaidMin: string | null) => fillText('还差{unpaidMin}元，{tail}元', { unpaidMin, tail: '1' });
    expect(filled('1,234日元')).toEqual({ text: '还差1,234日元，1元', missing: [] });
    expect(filled(null).missing).toEqual(['unpaidMin']);
  });
});
