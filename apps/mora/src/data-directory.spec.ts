import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataDirectory } from './data-directory.js';

/** As root the database's user has to pass. */
const OWN = process.getuid?.() === 0 ? 0o711 : 0o700;
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mora-data-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('the data directory', () => {
  it('is made for its user alone, with the folders on the way to it', async () => {
    const data = join(root, 'a', 'b');
    await openDataDirectory(data);
    expect([await modeOf(data), await modeOf(join(root, 'a'))]).toEqual([OWN, OWN]);
  });

  it('is closed where it was open, empty or an installation', async () => {
    const [empty, old] = [join(root, 'empty'), join(root, 'old')];
    await mkdir(empty);
    await mkdir(join(old, 'postgres'), { recursive: true });
    for (const data of [empty, old]) {
      await chmod(data, 0o755);
      await openDataDirectory(data);
      expect(await modeOf(data)).toBe(OWN);
    }
  });

  it('keeps its mode where it is a folder of other things', async () => {
    await writeFile(join(root, 'letter.txt'), '');
    await chmod(root, 0o755);
    await openDataDirectory(root);
    expect(await modeOf(root)).toBe(0o755);
  });

  it('that is a file is refused by its path', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    await expect(openDataDirectory(file)).rejects.toMatchObject({ name: 'DataDirectoryUnusable' });
  });
});
