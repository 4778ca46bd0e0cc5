/** The build of a commit, in a git worktree of its own that is gone when the work is done or stopped. */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

export interface BuildOptions {
  /** Checkout whose repository holds the commit. */
  readonly from: string;
  readonly commit: string;
  /** Where the worktree is made. */
  readonly at: string;
  readonly signal: AbortSignal;
}

/** @returns what `work` does with the compiled worktree. */
export const withBuildOf = async <T>(
  { from, commit, at, signal }: BuildOptions,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    // Hooks are for people's checkouts.
    const add = ['-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '--quiet', '--detach', at, commit];
    await command('git', add, { cwd: from, signal });
    if (await installsAlike(from, at)) await linkModules(from, at, signal);
    await command(process.execPath, [join(at, 'tools/run/ensure.mjs')], { cwd: at, signal });
    return await work();
  } finally {
    await command('git', ['worktree', 'remove', '--force', '--force', at], { cwd: from }).catch(() => undefined);
  }
};

/** The full name of a commit. @throws RangeError when there is none of that name */
export const commitOf = async (from: string, ref: string): Promise<string> => {
  const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  return await command('git', asked, { cwd: from }).catch(() => {
    throw new RangeError(`--against ${ref}: git knows no such commit here`);
  });
};

/** A commit of all that the working tree holds, ignored files aside; no branch, index or file of the checkout changes. */
export const snapshotOf = async (root: string, scratch: string): Promise<string> => {
  const env = { GIT_INDEX_FILE: join(scratch, 'index') };
  await command('git', ['add', '--all'], { cwd: root, env });
  const tree = await command('git', ['write-tree'], { cwd: root, env });
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];
  return await command('git', [...who, 'commit-tree', '-p', 'HEAD', '-m', 'working tree', tree], { cwd: root });
};

interface CommandOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
}

/** A session of its own, so that Ctrl-C stops it once, by `signal`. @returns its standard output */
const command = async (
  program: string,
  args: readonly string[],
  { cwd, signal, env: more = {} }: CommandOptions,
): Promise<string> => {
  const { INIT_CWD: _, ...env } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGTERM' }),
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    let failure: Error | null = null;
    child.on('error', (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    child.on('close', (ended) => (failure === null ? resolve(ended) : reject(failure)));
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return said.trim();
};

/** Lock files that name the same packages at the same places; what our own workspaces ask of one another is no matter. */
const installsAlike = async (a: string, b: string): Promise<boolean> =>
  isDeepStrictEqual(await installed(a), await installed(b));

const installed = async (root: string): Promise<unknown> => {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as { packages: object };
  return Object.fromEntries(Object.entries(lock.packages).filter(([path]) => path.includes('node_modules/')));
};

/** Hard links where the file system has them. The workspaces' own links are relative, so they lead into the worktree. */
const linkModules = async (from: string, to: string, signal: AbortSignal): Promise<void> => {
  for (const folder of ['', ...(await workspaces(from))]) {
    const target = join(to, folder, 'node_modules');
    const source = join(from, folder, 'node_modules');
    if (!(await holds(source))) continue;
    await mkdir(join(to, folder), { recursive: true });
    await command('cp', ['-al', source, target], { cwd: from, signal }).catch(async () => {
      signal.throwIfAborted();
      await rm(target, { recursive: true, force: true });
      await cp(source, target, { recursive: true, verbatimSymlinks: true });
    });
  }
  // Written in place by whoever installs: through a link they would change this checkout's.
  for (const note of ['.mora-lock', '.package-lock.json']) await unshare(join(to, 'node_modules', note));
};

const workspaces = async (root: string): Promise<readonly string[]> => {
  const kinds = ['apps', 'libs', 'tools'];
  return (
    await Promise.all(kinds.map(async (kind) => (await readdir(join(root, kind))).map((n) => join(kind, n))))
  ).flat();
};

const holds = async (folder: string): Promise<boolean> => (await readdir(folder).catch(() => [])).length > 0;

const unshare = async (file: string): Promise<void> => {
  const text = await readFile(file).catch(() => null);
  if (text === null) return;
  await rm(file);
  await writeFile(file, text);
};
