import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Book, major, makeBook, minimumDueOf, openBook } from './book.js';
import { type BookRow, columns } from './columns.js';
import { csvLine } from './write-book.js';

const FROM = '2026-11-02';
const collect = async (rows: AsyncIterable<BookRow>): Promise<readonly BookRow[]> => {
  const list: BookRow[] = [];
  for await (const row of rows) list.push(row);
  return list;
};

describe('the sample book', () => {
  let book: Book;
  let rows: readonly BookRow[];
  beforeAll(async () => {
    book = await openBook({ seed: 1, from: FROM });
    rows = await collect(makeBook({ seed: 1, from: FROM }));
  });

  it('holds the 6,818 clients overdue in September, 1,689 of whom owe nothing', () => {
    expect(rows).toHaveLength(6_818);
    expect(new Set(rows.map(({ account_id }) => account_id)).size).toBe(6_818);
    const nothing = rows.filter(({ minimum_due }) => minimum_due === '0.00');
    expect(nothing).toHaveLength(1_689);
    expect(nothing.every(({ statement_balance }) => Number(statement_balance) <= 0)).toBe(true);
  });

  it('keeps the true balances: their sum is that of the data', () => {
    const sum = rows.reduce((total, { statement_balance }) => total + Number(statement_balance), 0);
    expect(sum).toMatchInlineSnapshot(`297178909`);
  });

  it('lets every account enter on day 1 past due, over the first three days', () => {
    const perDay = new Map<string, number>();
    for (const row of rows) {
      perDay.set(row.business_date, (perDay.get(row.business_date) ?? 0) + 1);
    }
    const dayOne = ({ business_date, due_date, dpd }: BookRow) =>
      dpd === '1' && Date.parse(business_date) - Date.parse(due_date) === 86_400_000;
    expect(rows.every(dayOne)).toBe(true);
    expect([...perDay]).toEqual([
      ['2026-11-02', 2_273],
      ['2026-11-03', 2_273],
      ['2026-11-04', 2_272],
    ]);
  });

  it.each([
    [-1, 0],
    [0, 0],
    [1, 100],
    [999, 99_900],
    [1_000, 100_000],
    [10_000, 100_000],
    [10_001, 100_010],
    [101_429, 1_014_290],
  ])('asks, of a balance of TWD %d, %d minor units as the minimum', (balance, minimum) => {
    expect(minimumDueOf(balance)).toBe(minimum);
  });

  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [-5, '-0.05'],
    [123_450, '1234.50'],
    [-1_014_290, '-10142.90'],
  ])('writes %d minor units as %s', (minor, text) => {
    expect(major(minor)).toBe(text);
  });

  it('invents numbers that cannot exist and addresses everybody alike', () => {
    const numbers = rows.flatMap(({ phones }) => phones.split(';').map((phone) => phone.split('|')[0]!));
    expect(numbers.every((number) => /^\+999[12]\d{8}$/.test(number))).toBe(true);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(new Set(rows.map(({ salutation }) => salutation)).size).toBe(1);
    expect(
      rows.every(
        ({ name, surname, card_tail }) => name.startsWith(surname) && name.length >= 2 && /^\d{4}$/.test(card_tail),
      ),
    ).toBe(true);
  });

  it('has no column for sex, age, marriage or education', () => {
    expect(columns.filter((column) => /sex|gender|age$|marri|educat|ethnic/.test(column))).toEqual(['language']);
    expect(Object.keys(rows[0]!).sort()).toEqual([...columns].sort());
  });

  it('counts a run of overdue months as one earlier episode', () => {
    for (const { delinquency_history, earlier_episodes, recorded_months } of rows.slice(0, 500)) {
      const months = delinquency_history.split(';').map(Number);
      expect(months).toHaveLength(Number(recorded_months));
      const runs = months.filter((month, index) => month >= 1 && (months[index + 1] ?? 0) < 1).length;
      expect(earlier_episodes === '' ? 0 : earlier_episodes.split(';').length).toBe(runs);
    }
  });

  it('is the same book for the same seed, and another order and other people for another', async () => {
    expect(await collect(makeBook({ seed: 1, from: FROM, accounts: 30 }))).toEqual(
      await collect(makeBook({ seed: '1', from: FROM, accounts: 30 })),
    );
    const other = await collect(makeBook({ seed: 2, from: FROM, accounts: 30 }));
    expect(other.map(({ name }) => name)).not.toEqual(rows.slice(0, 30).map(({ name }) => name));
    expect(other.map(({ statement_balance }) => statement_balance)).not.toEqual(
      rows.slice(0, 30).map(({ statement_balance }) => statement_balance),
    );
  });

  it('gives the first of the shuffle when fewer are wanted, and repeats rows under new ids when more are', async () => {
    const few = await openBook({ seed: 1, from: FROM, accounts: 5 });
    expect([0, 1, 2, 3, 4].map((index) => few.row(index))).toEqual([0, 1, 2, 3, 4].map((index) => book.row(index)));
    expect(() => few.row(5)).toThrow(RangeError);
    const many = await openBook({ seed: 1, from: FROM, accounts: 6_820 });
    const repeated = many.row(6_818);
    expect(repeated.statement_balance).toBe(book.row(0).statement_balance);
    expect(repeated.account_id).not.toBe(book.row(0).account_id);
    expect(repeated.customer_no).not.toBe(book.row(0).customer_no);
    expect(repeated.phones).not.toBe(book.row(0).phones);
  });

  it('finds a row by its account id', () => {
    expect(book.indexOf(book.row(4_711).account_id)).toBe(4_711);
    expect(book.indexOf('A9999999')).toBe(-1);
    expect(book.indexOf('A0000000')).toBe(-1);
    expect(book.indexOf('other')).toBe(-1);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a book of %d accounts', async (accounts) => {
    await expect(openBook({ seed: 1, from: FROM, accounts })).rejects.toThrow(RangeError);
  });

  it('quotes a field with a comma, a quote or a line break', () => {
    const line = csvLine({ ...book.row(0), name: '王"小",明', benefits_text: 'a\nb' });
    expect(line).toContain('"王""小"",明"');
    expect(line).toContain('"a\nb"');
  });
});
