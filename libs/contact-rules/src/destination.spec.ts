import { describe, expect, test } from '@jest/globals';
import { destinationList, destinationOf, isListed } from './destination.js';

describe('the destination of a number', () => {
  test.each([
    ['+8613800138000', 'CN', 'mobile'],
    ['+8619912345678', 'CN', 'mobile'],
    ['+861062345678', 'CN', 'fixed'],
    ['+8675582345678', 'CN', 'fixed'],
    ['+864347234567', 'CN', 'fixed'],
    ['+8613491234567', 'CN', 'satellite'],
    ['+8617401234567', 'CN', 'satellite'],
    ['+8614801234567', 'CN', 'unknown'],
    ['+864001234567', 'CN', 'shared-cost'],
    ['+868001234567', 'CN', 'toll-free'],
    ['+8695588', 'CN', 'service'],
    ['+8612590123', 'CN', 'service'],
    ['+8610168123', 'CN', 'service'],
    ['+8616812345', 'CN', 'premium'],
    ['+85251234567', 'HK', 'mobile'],
    ['+85223456789', 'HK', 'fixed'],
    ['+85290012345678', 'HK', 'premium'],
    ['+85366123456', 'MO', 'mobile'],
    ['+85328123456', 'MO', 'fixed'],
    ['+886912345678', 'TW', 'mobile'],
    ['+886223456789', 'TW', 'fixed'],
    ['+886801234567', 'TW', 'toll-free'],
    ['+886203123', 'TW', 'premium'],
    ['+870773123456', 'unknown', 'satellite'],
    ['+881612345678', 'unknown', 'satellite'],
    ['+88213123456', 'unknown', 'satellite'],
    ['+979123456789', 'unknown', 'premium'],
    ['+80012345678', 'unknown', 'toll-free'],
    ['+80812345678', 'unknown', 'shared-cost'],
    ['+999100200300', 'test', 'mobile'],
    ['+19002345678', 'unknown', 'unknown'],
    ['+18765551234', 'unknown', 'unknown'],
    ['+3727001234', 'unknown', 'unknown'],
    ['110', 'unknown', 'unknown'],
    ['', 'unknown', 'unknown'],
  ])('%s is %s %s', (number, country, kind) => {
    expect(destinationOf(number)).toEqual({ country, kind });
  });

  test('is allowed only where a list says so, never because nothing is known of it', () => {
    const list = { CN: ['mobile', 'fixed'], unknown: ['mobile'] } as const;
    expect(isListed(list, { country: 'CN', kind: 'fixed' })).toBe(true);
    expect(isListed(list, { country: 'CN', kind: 'premium' })).toBe(false);
    expect(isListed(list, { country: 'HK', kind: 'mobile' })).toBe(false);
    expect(isListed(list, { country: 'constructor', kind: 'mobile' })).toBe(false);
    expect(isListed(list, null)).toBe(false);
  });

  test('lists are written as country and kinds; what is no kind is refused by its place', () => {
    expect(destinationList('CN:mobile+fixed HK:mobile')).toEqual({ CN: ['mobile', 'fixed'], HK: ['mobile'] });
    expect(() => destinationList('CN:mobile HK:unknown')).toThrow('item 2');
    expect(() => destinationList('CN')).toThrow('item 1');
  });
});
