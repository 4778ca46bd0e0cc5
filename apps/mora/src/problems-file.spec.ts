import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
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
    await (await openProblems(path)).close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
  await rm(folder, { recursive: true });
});
