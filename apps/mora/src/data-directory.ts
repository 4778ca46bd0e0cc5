/** The folder of an installation: nobody else's to read. Its files are made so by {@link keepPrivate}. */
import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataDirectoryUnusable } from './errors.js';

const PRIVATE = 0o700;
/** As root the database is another user's, who has to pass, not to look around. */
const PASSABLE = 0o711;
/** What an installation has from its first start on. */
const MARK = 'postgres';

/** Whatever this process and those that it starts make from now on is their user's alone. */
export const keepPrivate = (): void => {
  process.umask(0o077);
};

/** Makes it, or takes one that is empty or an installation's; of any other folder the mode is left alone. @throws DataDirectoryUnusable */
export const openDataDirectory = async (dataDir: string): Promise<string> => {
  try {
    const mode = process.getuid?.() === 0 ? PASSABLE : PRIVATE;
    await makeFolder(dataDir, mode);
    const real = await realpath(dataDir);
    await access(real, constants.R_OK | constants.W_OK | constants.X_OK);
    if (await isOurs(real)) await chmod(real, mode);
    return real;
  } catch (cause) {
    throw new DataDirectoryUnusable(dataDir, { cause: cause as NodeJS.ErrnoException });
  }
};

const isOurs = async (folder: string): Promise<boolean> => {
  const found = await readdir(folder);
  const { uid } = await stat(folder);
  return uid === process.getuid?.() && (found.length === 0 || found.includes(MARK));
};

/** Not `mkdir`'s own recursion: it never ends where a file system answers ENOENT below a folder that exists. */
const makeFolder = async (folder: string, mode: number): Promise<void> => {
  const made = await mkdir(folder).catch((error: NodeJS.ErrnoException) => error);
  if (made === undefined) return chmod(folder, mode);
  if (made.code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
  if (made.code !== 'ENOENT' || dirname(folder) === folder) throw made;
  await makeFolder(dirname(folder), mode);
  await mkdir(folder);
  await chmod(folder, mode);
};
