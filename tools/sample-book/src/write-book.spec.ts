import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeBook } from './write-book.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mora-book-'));
});
afterEach(() => rm(root, { recursive: true }));

test('a book is for its user alone: it has names and numbers', async () => {
  const folder = join(root, 'book');
  const files = await writeBook(folder, { seed: '1', from: '2026-11-02', accounts: 3 });
  const modes = await Promise.all(
    [folder, ...files.map(({ path }) => path)].map(async (path) => (await stat(path)).mode & 0o777),
  );
  expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
});
