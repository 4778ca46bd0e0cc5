/** One data directory has one owner process and at most one server; what is left of killed ones is found and cleared. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DataDirectoryInUse } from './errors.js';

interface Living {
  /** Start time: tells a re-used pid from the process once meant. */
  readonly mark: string;
  /** Whether it is a server on this cluster: PostgreSQL works inside its data directory. */
  serves(cluster: string): Promise<boolean>;
}

const lookAt = async (pid: number): Promise<Living | null> => {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (stat === null) return null;
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return null;
    const serves = async (cluster: string) =>
      (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === (await realpath(cluster));
    return { mark: fields[18] ?? '', serves };
  }
  const child = spawn('ps', ['-o', 'lstart=,command=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  if (text.trim() === '') return null;
  return { mark: text.slice(0, 24).trim(), serves: async (cluster) => `${text.trim()} `.includes(` -D ${cluster} `) };
};

/** @throws DataDirectoryInUse when a living process owns the directory. */
export const claim = async (folder: string): Promise<() => Promise<void>> => {
  const file = join(folder, 'owner.json');
  const mine = JSON.stringify({ pid: process.pid, mark: (await lookAt(process.pid))?.mark });
  for (;;) {
    try {
      await writeFile(file, mine, { flag: 'wx', mode: 0o600 });
      return async () => {
        if ((await readFile(file, 'utf8').catch(() => null)) === mine) await rm(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(await readFile(file, 'utf8').catch(() => ''));
    if (owner !== null && (await lookAt(owner.pid))?.mark === owner.mark) {
      throw new DataDirectoryInUse(folder, owner.pid);
    }
    await rm(file, { force: true });
  }
};

const ownerOf = (text: string): { pid: number; mark: string } | null => {
  try {
    const { pid, mark } = JSON.parse(text) as { pid?: unknown; mark?: unknown };
    return typeof pid === 'number' && typeof mark === 'string' ? { pid, mark } : null;
  } catch {
    return null;
  }
};

/**
 * Ends a server that a killed owner left on this cluster, and removes a `postmaster.pid` that names a process of
 * somebody else (pids are re-used after a crash or in a new container).
 */
export const clearLeftOver = async (cluster: string): Promise<void> => {
  const file = join(cluster, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number(text.split('\n', 1)[0]);
  const isOurs = async () => {
    const found = Number.isInteger(pid) && pid > 0 ? await lookAt(pid) : null;
    return (await found?.serves(cluster)) ?? false;
  };
  if (await isOurs()) await endProcess(pid, isOurs);
  await rm(file, { force: true });
};

/** Fast shutdown, after 20 s the immediate one (recovery at the next start, nothing committed is lost). */
const endProcess = async (pid: number, alive: () => Promise<boolean>): Promise<void> => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    signalTo(pid, signal);
    for (let waited = 0; waited < 20_000; waited += 20) {
      if (!(await alive())) return;
      await pause(20);
    }
  }
};

export const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const GUARD = `read done && exit 0
kill -INT "$1"
[ -n "$2" ] || exit 0
while kill -0 "$1"; do sleep 0.1; done
rm -rf "$2"`;

/**
 * Shuts the server down when this process dies in any way, even by SIGKILL: the guard waits on a pipe that only we hold.
 * Both are in sessions of their own, so that Ctrl-C reaches neither: the owner drains first.
 * @param temporary folder to remove after that.
 */
export const guardServer = (server: number, temporary: string | null): ChildProcess => {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'mora-guard', String(server), temporary ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.stdin?.on('error', () => undefined);
  guard.on('error', () => undefined);
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
};

export const dismissGuard = (guard: ChildProcess): void => {
  guard.stdin?.end('done\n');
};
