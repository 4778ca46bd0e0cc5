import { describe, expect, it, test } from '@jest/globals';
import { nearestField } from './column-words.js';
import { CsvRecords } from './csv-records.js';
import { FileRefused } from './file-refused.js';
import { type ColumnMap, readHeader } from './header.js';

const header = (text: string, map?: ColumnMap) => {
  const rows = new CsvRecords();
  return readHeader('book.csv', [...rows.add(text), ...rows.end()][0]!, map);
};
const NEEDED =
  'bank_event_id,business_date,customer_no,account_id,currency,minimum_due,paid_since_statement,due_date,card_tail';

describe('a header', () => {
  test.each([
    { 'Konto-Nr': 'account_id', 'KONTO-NR': 'customer_no' },
    { Ｎｒ: 'account_id', nr: 'customer_no' },
  ])('is refused where the mapping gives one word two meanings: %j', (map) => {
    expect(() => header(NEEDED, map as unknown as ColumnMap)).toThrow(/--map: gives a word a second meaning/);
  });

  it('is read in any case, and strangers are named', () => {
    expect(header(`${NEEDED.toUpperCase()},Sex`)).toMatchObject({ ignored: ['sex'] });
  });

  test.each([
    [`${NEEDED},due_date`, /line 1, due_date: is there twice/],
    [NEEDED.replace(',due_date', ''), /line 1, due_date: is missing/],
    ['a,b,c', /none of these columns/],
    [`${NEEDED},a\u0000b`, /NUL/],
    [`${NEEDED},王\ufffd`, /cannot be decoded/],
    ['"a,b', /header/],
  ])('of %j refuses the file', (text, reason) => {
    expect(() => header(text)).toThrow(FileRefused);
    expect(() => header(text)).toThrow(reason);
  });

  it('may be in the bank’s own words, once they are mapped', () => {
    const text = NEEDED.replace('account_id', '账号').replace('customer_no', ' Cust No ');
    const map = { 账号: 'account_id', 'cust no': 'CUSTOMER_NO' };
    expect(header(text, map)).toEqual({ columns: NEEDED.split(','), ignored: [], unused: [] });
  });

  it('in unknown words offers the mapping with the nearest names, and guesses nothing', () => {
    const text = NEEDED.replace('account_id', '账号').replace('customer_no', 'cust_no').replace('due_date', '奇怪');
    expect(() => header(text)).toThrow(/missing.*--map cust_no=customer_no,账号=account_id,奇怪=…, or with --map FILE/);
  });

  it('says which words of the mapping are no columns of the file', () => {
    const map = { 帐号: 'account_id', '13800138000': 'phones', Currency: 'currency' };
    expect(header(NEEDED, map).unused).toEqual(['帐号', '(11 characters)']);
    expect(() => header(NEEDED.replace('account_id', '账号'), { 帐号: 'account_id' })).toThrow(
      /account_id: is missing.*--map names columns that are not there: 帐号; .*账号=account_id/,
    );
  });

  test.each([
    [{ 账号: 'acount_id' }, /--map: names no column of ours: acount_id \(account_id\?\)/],
    [{ 账号: 'customer_no' }, /customer_no: is there twice/],
  ])('with a mapping that cannot be is refused: %j', (map, reason) => {
    expect(() => header(`${NEEDED},账号`, map as ColumnMap)).toThrow(reason);
  });

  it('that is not there is refused without a word of what stands in its place', () => {
    const row = 'EV-NH-02023,1,2026-11-03,6228480402564890018,欧阳明,先生,+999100002023|registered|1,CNY,20000.00';
    const refused = (text: string) => {
      try {
        header(text);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(refused(row)).toMatch(/line 1, header: is not there/);
    for (const text of [row, `name,${row}`, `bank_event_id,name,${row}`])
      for (const cell of ['欧阳明', '6228480402564890018', 'EV-NH', '99910', '20000'])
        expect(refused(text)).not.toContain(cell);
  });

  it('shows no number that hides among its names', () => {
    expect(() => header(`${NEEDED.replace('due_date,', '')},13800138000`)).toThrow(/\(column 9\)=…/);
    expect(header(`${NEEDED},13800138000`).ignored).toEqual(['(11 characters)']);
  });
});

test.each([
  ['最低还款额', 'minimum_due'],
  ['帳號', 'account_id'],
  ['Acct-No', 'account_id'],
  ['currencies', 'currency'],
  ['card tail no', 'card_tail'],
  ['zzz', null],
])('the nearest of our columns to %s is %s', (word, field) => {
  expect(nearestField(word)).toBe(field);
});
