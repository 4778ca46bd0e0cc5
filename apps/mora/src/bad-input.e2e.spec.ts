import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { Product, type Started, until } from './testing/product.js';

interface Summary {
  readonly read: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly parked: number;
  readonly problems: readonly { readonly line: number; readonly field: string; readonly reason: string }[];
}

describe('a file of the bank', () => {
  let product: Product;
  let idle: Started;
  let header: string;
  let sample: readonly string[];
  let made = 0;

  beforeAll(async () => {
    product = await Product.make();
    await product.untilIdle(['--accounts', '20', '--days', '1']);
    const [first, second] = (await readFile(join(product.dataDir, 'book', 'book-2026-11-02.csv'), 'utf8')).split(
      /\r?\n/,
    );
    header = first!;
    sample = second!.split(',');
    idle = product.start([]);
    await until('all days are worked', () => idle.said().includes('stays up and idle'));
  });
  afterAll(() => product.remove());

  /** A row of a customer whom the book does not have. */
  const row = (changes: Readonly<Record<string, string>> = {}): string => {
    made += 1;
    const n = String(made).padStart(6, '0');
    const own: Readonly<Record<string, string>> = {
      bank_event_id: `e2e-${n}`,
      customer_no: `X${n}`,
      account_id: `X${n}`,
      phones: `+999100${n}|registered|1`,
      ...changes,
    };
    return header
      .split(',')
      .map((column, i) => own[column] ?? sample[i])
      .join(',');
  };
  const fileOf = async (content: string | Buffer): Promise<string> => {
    const path = join(product.dataDir, `input-${made}.csv`);
    await writeFile(path, content);
    return path;
  };
  const load = async (content: string | Buffer, ...args: readonly string[]): Promise<Summary> =>
    product.json<Summary>('load', await fileOf(content), ...args);
  const lines = (...rows: readonly string[]): string => `${[header, ...rows].join('\n')}\n`;

  it('may begin with a BOM', async () => {
    expect(await load(`\ufeff${lines(row(), row())}`)).toMatchObject({ read: 2, accepted: 2, parked: 0 });
  });

  test.each([
    ['CR only', ['\r', '\r', '\r']],
    ['CR LF', ['\r\n', '\r\n', '\r\n']],
    ['all kinds', ['\r\n', '\r', '\n']],
  ])('may have any line ends: %s', async (_, [a, b, c]) => {
    expect(await load(`${header}${a}${row()}${b}${row()}${c}`)).toMatchObject({ read: 2, accepted: 2, parked: 0 });
  });

  test.each([
    ['an unclosed quote', () => `"${row()}`],
    ['too few fields', () => row().split(',').slice(0, -3).join(',')],
    ['too many fields', () => `${row()},more`],
    ['NUL', () => row({ name: '周\u0000然' })],
    ['a field of 10 MB', () => row({ name: '周'.repeat(3_500_000) })],
  ])('with %s in a row has that row parked with its line, and the others taken', async (_, bad) => {
    const summary = await load(lines(row(), row(), bad(), row(), row()));
    expect(summary).toMatchObject({ accepted: 4, parked: 1, problems: [expect.objectContaining({ line: 4 })] });
  });

  it('with values that cannot be has each such row parked with its line and field, and the others taken', async () => {
    const bad: readonly (readonly [string, string])[] = [
      ['minimum_due', '1e309'],
      ['minimum_due', '-0'],
      ['minimum_due', 'NaN'],
      ['minimum_due', '"1,234.56"'],
      ['due_date', '2026-02-31'],
      ['due_date', '31 Feb'],
      ['due_date', '02/03'],
      ['phones', '+99910CALLME|registered|1'],
      ['phones', '110|registered|1'],
      ['phones', '120|registered|1'],
      ['currency', 'XXX'],
    ];
    const summary = await load(lines(row(), ...bad.map(([field, value]) => row({ [field]: value })), row()));
    expect(summary).toMatchObject({ accepted: 2, parked: bad.length });
    expect(summary.problems.map(({ line, field }) => [line, field])).toEqual(bad.map(([field], i) => [i + 3, field]));
  });

  test.each([
    ['is empty', () => '', /empty/],
    ['has a column twice', () => `${header},customer_no\n${row()},x\n`, /line 1, customer_no/],
    ['has no column that we know', () => 'a,b\n1,2\n', /line 1/],
    ['is a picture', () => Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13, 0xff, 0xfe, 0, 1]), /line|encoding|text/],
  ])('that %s is refused in one line', async (_, content, words) => {
    const { code, stderr } = await product.ask('load', await fileOf(content()));
    expect({ code: code === 0, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: false, lines: 1 });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('that is not there is refused in one line', async () => {
    const { code, stderr } = await product.ask('load', '/nowhere/book.csv');
    expect({ code: code === 0, stderr }).toEqual({
      code: false,
      stderr: expect.stringMatching(/^mora: book\.csv.*no such file\n$/),
    });
  });

  it('that is loaded twice changes nothing the second time', async () => {
    const content = lines(row(), row(), row());
    const before = (await product.json<unknown[]>('cases', 'list', '--limit', '1000')).length;
    expect(await load(content, '--dry-run')).toMatchObject({ accepted: 3 });
    expect(await product.json<unknown[]>('cases', 'list', '--limit', '1000')).toHaveLength(before);
    expect(await load(content)).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(await load(content)).toMatchObject({ accepted: 0, duplicates: 3, parked: 0 });
    expect(await product.json<unknown[]>('cases', 'list', '--limit', '1000')).toHaveLength(before + 3);
  });

  it('has its parked rows listed, shown and driven again with a corrected field', async () => {
    const summary = await load(lines(row({ currency: 'QQQ' })));
    expect(summary.parked).toBe(1);
    const { inputs, total } = await product.json<{
      readonly inputs: readonly { id: string; problems: { field: string; value: string }[] }[];
      readonly total: number;
    }>('parked', 'list', '--file', `input-${made}.csv`);
    expect([total, inputs[0]!.problems[0]]).toMatchObject([1, { field: 'currency', value: '3 letters' }]);
    const mine = inputs[0]!;
    expect(await product.json('parked', 'show', mine.id)).toMatchObject({ raw: { currency: 'QQQ' } });
    expect(await product.json('parked', 'redrive', mine.id)).toMatchObject({ result: 'parked' });
    const corrected = join(product.dataDir, 'corrected.json');
    await writeFile(corrected, JSON.stringify({ currency: 'TWD' }));
    expect(await product.json('parked', 'redrive', mine.id, '--raw', corrected)).toMatchObject({ result: 'accepted' });
    expect((await product.ask('parked', 'list', '--limit', '2')).stdout).toMatch(/\n2 of \d+\n$/);
  });

  it('tells by its exit code what became of it, and writes every problem into a file that no spreadsheet runs', async () => {
    const bad = Array.from({ length: 30 }, () => row({ minimum_due: '=1+1', name: '周然' }));
    const problems = join(product.dataDir, 'problems.csv');
    const loaded = await product.ask('load', await fileOf(lines(row(), ...bad)), '--problems', problems);
    expect({ code: loaded.code, stdout: loaded.stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/1 taken.*30 parked[\s\S]*and 10 more; 30 problems written to/),
    });
    const written = await readFile(problems, 'utf8');
    expect(written.trimEnd().split('\r\n')).toHaveLength(31);
    expect(written).not.toMatch(/周然|,"[=+@-]/);
    expect((await product.ask('load', await fileOf(lines(...bad)))).code).toBe(2);
    expect((await product.ask('load', await fileOf(lines(row())))).code).toBe(0);
  });

  it('that is loaded again once it is corrected closes what was parked of it, and its accounts can be asked for', async () => {
    const wrong = row({ currency: 'QQQ' });
    await load(lines(wrong));
    const parked = () => product.json<{ readonly total: number }>('parked', 'list', '--reason', 'currency');
    const before = (await parked()).total;
    expect(await load(lines(wrong.replace('QQQ', 'TWD')))).toMatchObject({ accepted: 1, parked: 0 });
    expect((await parked()).total).toBe(before - 1);
    const { code, stdout } = await product.ask('why', `X${String(made).padStart(6, '0')}`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^debtor /) });
  });

  it('whose load is killed in the middle is taken whole by a second load', async () => {
    await product.json('stop');
    await idle.ended;
    const path = await fileOf(lines(...Array.from({ length: 1_500 }, () => row())));
    const { signal } = await product.run(['load', path, '--json'], { MORA_FAULT: 'after:CaseOpened:700' }).ended;
    expect(signal).toBe('SIGKILL');
    const again = await product.json<Summary>('load', path);
    expect(again).toMatchObject({ read: 1_500, parked: 0 });
    expect(again.accepted + again.duplicates).toBe(1_500);
    expect(again.duplicates).toBeGreaterThan(0);
    expect(again.duplicates).toBeLessThan(1_500);
  });
});
