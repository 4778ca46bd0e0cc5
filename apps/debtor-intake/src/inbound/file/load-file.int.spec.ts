import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { rawAccount } from '../../testing/samples.js';
import type { Inbound } from '../outcome.js';
import { FileRefused } from './file-refused.js';
import { type LoadOptions, loadFile } from './load-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mora-load-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NAMES = Object.keys(rawAccount());
const row = (n: number, name: string, change: Readonly<Record<string, string>> = {}) =>
  Object.values(
    rawAccount({ bank_event_id: `E${n}`, account_id: `A${n}`, name, surname: '', salutation: '', ...change }),
  );
const table = (rows: readonly (readonly string[])[], separator = ',', header: readonly string[] = NAMES) =>
  [header, ...rows].map((cells) => cells.join(separator)).join('\r\n');
const bookOf = (...names: readonly string[]) => table(names.map((name, n) => row(n, name)));

/** What a door would get that takes whatever was read. */
const load = async (content: string | Uint8Array, options?: LoadOptions) => {
  const path = join(folder, 'book.csv');
  await writeFile(path, content);
  const taken: Inbound[] = [];
  const summary = await loadFile(
    path,
    async (rows) => {
      taken.push(...rows);
      return rows.map(({ broken }) =>
        broken
          ? { result: 'parked', parkedId: null, problems: broken }
          : { result: 'accepted', debtorId: null, caseId: null },
      );
    },
    options,
  );
  const names = taken.flatMap(({ raw, broken }) => (broken ? [] : [raw['name']]));
  return { summary, taken, names };
};
const refusal = (content: string | Uint8Array, options?: LoadOptions): Promise<string> =>
  load(content, options).then(
    () => 'taken',
    (error: unknown) => (error instanceof FileRefused ? error.message : `not refused: ${error}`),
  );

describe('a file in another encoding', () => {
  test.each([
    ['big5', ['陳怡君', '許功蓋', '林淑芬', '黃俊傑']],
    ['windows-1252', ['François Lefèvre', 'Jürgen Weiß', 'Søren Kjær']],
    ['shift_jis', ['佐藤花子', '鈴木一郎', '高橋健太']],
  ] as const)('%s is refused and asked for; once it is named the names are right', async (encoding, names) => {
    const bytes = iconv.encode(bookOf(...names), encoding);
    expect(await refusal(bytes)).toMatch(/^book\.csv, line 2, encoding: cannot be told.*--encoding.*big5.*shift_jis/);
    expect((await load(bytes, { encoding })).names).toEqual(names);
  });

  test.each([
    ['utf-8', 'gb18030'],
    ['gb18030', 'utf-8'],
  ] as const)('than %s in one row parks that row, and the others are right', async (encoding, other) => {
    const [head, first, second, third] = bookOf('张伟', '王秀英', '刘洋').split('\r\n') as [
      string,
      string,
      string,
      string,
    ];
    const lines = [head, first, second, third].map((line, i) =>
      iconv.encode(`${line}\r\n`, i === 2 ? other : encoding),
    );
    const { summary, names } = await load(Buffer.concat(lines));
    expect(names).toEqual(['张伟', '刘洋']);
    expect(summary).toMatchObject({ encoding, accepted: 2, parked: 1 });
    expect(summary.problems).toMatchObject([
      { line: 3, field: 'name', reason: `is not in the encoding of the file (${encoding})`, value: '' },
    ]);
  });

  it('than its byte order mark says is refused', async () => {
    expect(await refusal(`\ufeff${bookOf('张伟')}`, { encoding: 'big5' })).toMatch(/mark of utf-8, not big5/);
  });
});

describe('the columns of a file', () => {
  test.each([
    [',', 'comma'],
    [';', 'semicolon'],
    ['\t', 'TAB'],
    ['|', 'pipe'],
  ])('may be separated by %j, quoted or not', async (separator, name) => {
    const plain = row(1, '张伟', { phones: '' });
    const quoted = (cells: readonly string[]) => cells.map((cell) => `"${cell}"`);
    expect(await load(table([plain], separator))).toMatchObject({ names: ['张伟'], summary: { separator: name } });
    const all = table([quoted(row(1, '张伟'))], separator, quoted(NAMES));
    expect((await load(`\ufeff${all}`)).taken).toMatchObject([
      { raw: { name: '张伟', phones: rawAccount()['phones'] } },
    ]);
  });

  it('may be separated by TAB in UTF-16, as spreadsheets save them', async () => {
    for (const encoding of ['utf-16le', 'utf-16be'])
      expect(
        (await load(iconv.encode(table([row(1, '𠮷野', { phones: '' })], '\t'), encoding, { addBOM: true }))).names,
      ).toEqual(['𠮷野']);
  });

  it('are known by the line that a spreadsheet puts before, and lines keep their numbers', async () => {
    const { taken } = await load(`sep=;\r\n${table([row(1, '张伟', { phones: '' })], ';')}`);
    expect(taken).toMatchObject([{ raw: { name: '张伟' }, channel: { offset: 3 } }]);
  });

  it('separated by anything else are refused with the sign that was seen', async () => {
    expect(await refusal(table([row(1, '张伟')], '^'))).toMatch(/line 1, header: .*“\^” \(U\+005E\)/);
  });

  it('without a header are refused, and nobody is named', async () => {
    const message = await refusal(row(1, '欧阳明', { account_id: '6228480402564890018' }).join(','));
    expect(message).toMatch(/header: is not there/);
    expect(message).not.toMatch(/欧阳明|62284|99910|E1/);
  });

  it('in the bank’s own words are taken once they are mapped', async () => {
    const header = NAMES.map((name) => (name === 'account_id' ? '账号' : name));
    const text = table([row(1, '张伟')], ',', header);
    expect(await refusal(text)).toMatch(/account_id: is missing.*--map 账号=account_id/);
    expect((await load(text, { map: { 账号: 'account_id' } })).taken).toMatchObject([{ raw: { account_id: 'A1' } }]);
  });
});

describe('a file of ids that a spreadsheet rounded', () => {
  const rounded = table(
    Array.from({ length: 20 }, (_, n) => row(n, '张伟', { account_id: `62284804025${10 + n}000000` })),
  );

  it('is refused before anything of it is taken', async () => {
    expect(await refusal(rounded)).toMatch(/^book\.csv, account_id: all 20 values end in zeros.*--ids-exact/);
  });

  it('is taken when its source says that they are exact, each row confirmed', async () => {
    const { taken, summary } = await load(rounded, { exactIds: true });
    expect([summary.accepted, taken.every(({ asIs }) => asIs === true)]).toEqual([20, true]);
    expect((await load(bookOf('张伟'))).taken[0]).not.toHaveProperty('asIs');
  });
});

it('every problem is told, the summary keeps the first, and nothing in them is personal', async () => {
  const told: string[] = [];
  const rows = Array.from({ length: 30 }, (_, n) => [...row(n, '欧阳明'), '欧阳明']);
  const { summary } = await load(table(rows), { onProblem: (problem) => told.push(JSON.stringify(problem)) });
  expect([told.length, summary.problems.length, summary.problemCount]).toEqual([30, 20, 30]);
  expect(told.join('')).not.toMatch(/欧阳明|99910/);
  expect(summary.problems[0]).toMatchObject({ line: 2, field: 'row', mend: expect.stringContaining('as many fields') });
});

describe('a file that changes while it is loaded', () => {
  const many = (from: number) => table(Array.from({ length: 1_200 }, (_, n) => row(from + n, '张伟')));
  const change: Readonly<Record<string, (path: string) => Promise<void>>> = {
    'written over': (path) => writeFile(path, many(5_000)),
    'put in its place': async (path) => {
      await writeFile(`${path}.new`, many(5_000));
      await rename(`${path}.new`, path);
    },
    'taken away': (path) => rm(path),
  };
  const loading = async (changes: (path: string) => Promise<void>, after: number) => {
    const path = join(folder, 'changing.csv');
    await writeFile(path, many(0));
    const taken: Inbound[] = [];
    const ended = await loadFile(path, async (rows) => {
      taken.push(...rows);
      if (taken.length === after) await changes(path);
      return rows.map(() => ({ result: 'accepted', debtorId: null, caseId: null }) as const);
    }).then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    );
    return { ended, taken };
  };

  test.each(Object.entries(change))('%s: nothing more of it is taken', async (_, changes) => {
    const { ended, taken } = await loading(changes, 500);
    expect(ended).toMatch(/changing\.csv.*changed while it was loaded/);
    expect(taken).toHaveLength(500);
  });

  it('after its last row does not matter', async () => {
    expect((await loading(change['taken away']!, 1_200)).ended).toBe('done');
  });
});
