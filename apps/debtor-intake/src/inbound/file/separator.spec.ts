import { describe, expect, it, test } from '@jest/globals';
import { separatorOf } from './separator.js';

const HEADER = ['bank_event_id', 'customer_no', 'name', 'phones'];

describe('the separator of a file', () => {
  test.each([',', ';', '\t', '|'] as const)('%j is told by the first line, quoted or not', (separator) => {
    expect(separatorOf(HEADER.join(separator))).toEqual({ ok: true, separator });
    expect(separatorOf(HEADER.map((name) => `"${name}"`).join(separator))).toEqual({ ok: true, separator });
    expect(separatorOf(['账号', '"金额,元"', '币种'].join(separator))).toEqual({ ok: true, separator });
  });

  it('is the one that a spreadsheet announces in a line before', () => {
    expect(separatorOf('sep=;')).toEqual({ ok: true, separator: ';' });
  });

  it('is the one that gives names we know, or that the bank maps', () => {
    expect(separatorOf('bank_event_id,name;of customer;x;y')).toMatchObject({ separator: ',' });
    expect(separatorOf('账号,a;b;c', new Set(['账号']))).toMatchObject({ separator: ',' });
  });

  test.each([
    ['a^b^c', /“\^” \(U\+005E\), 2 times/],
    ['账号，金额，币种', /“，” \(U\+FF0C\)/],
    ['a\u0001b', /U\+0001, 1 times/],
    ['bank_event_id', /one column only/],
    ['a;b,c', /cannot tell 1 × comma from 1 × semicolon/],
  ])('that cannot be told is refused with what was seen: %j', (line, reason) => {
    expect(separatorOf(line)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});
