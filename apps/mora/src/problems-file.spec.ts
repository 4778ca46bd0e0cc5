import { link, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { csvCell, csvLine, openProblems } from './problems-file.js';

test.each(['=1+1', '+99#', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1', '|calc'])(
  'a cell that a spreadsheet would run is text: %j',
  (text) => {
    expect(csvCell(text)).toBe(`"'${text}"`);
  },
);

test('a line is quoted throughout', () => {
  expect(csvLine(['7', 'name', 'says "no", twice'])).toBe('"7","name","says ""no"", twice"\r\n');
});

test('the file of problems is for its user alone, also where it was there before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mora-problems-'));
  const [fresh, old] = [join(folder, 'new.csv'), join(folder, 'old.csv')];
  await writeFile(old, '', { mode: 0o644 });
  for (const path of [fresh, old]) {
    await (await openProblems(path, join(folder, 'book.csv'))).close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
  await rm(folder, { recursive: true });
});

test('the file that is loaded is never the one of the problems, by whatever name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mora-problems-'));
  const [book, soft, hard] = ['book.csv', 'soft.csv', 'hard.csv'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(book, 'rows', { mode: 0o644 });
  await symlink(book, soft);
  await link(book, hard);
  for (const path of [book, soft, hard])
    await expect(openProblems(path, book)).rejects.toThrow(/the file to be loaded/);
  expect(await readFile(book, 'utf8')).toBe('rows');
  await rm(folder, { recursive: true });
});
