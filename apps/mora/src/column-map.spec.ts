import { describe, expect, it, test } from '@jest/globals';
import { columnMapOf, pairsOf } from './column-map.js';

describe('a mapping of columns', () => {
  it('is pairs on the command line', async () => {
    expect(await columnMapOf('账号=account_id, Cust No = customer_no，姓名=name')).toEqual({
      账号: 'account_id',
      'Cust No': 'customer_no',
      姓名: 'name',
    });
  });

  it('is the lines of a file, with remarks', () => {
    expect(pairsOf(['# ours', '', '账号=account_id', 'a=b=name'], 'line')).toEqual({
      账号: 'account_id',
      'a=b': 'name',
    });
  });

  test.each([
    [['账号'], /line 1 is not WORD=column/],
    [['=account_id'], /line 1 is not/],
    [['a=name', 'a=surname'], /line 2 gives a word a second meaning/],
  ])('that is none says where: %j', (lines, words) => {
    expect(() => pairsOf(lines, 'line')).toThrow(words);
  });
});
