/** A real PostgreSQL that Mora installs, starts and stops by itself: `npm start` needs Node and nothing else. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, open, readFile, realpath, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve as absolute, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { DatabaseNotStarted, DatabasePortInUse, WrongServer } from './errors.js';
import { locateBinaries, locateData, type ServerUser, serverUser } from './postgres-binaries.js';
import { claim, clearLeftOver, dismissGuard, guardServer, signalTo } from './postgres-process.js';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const LOG_LIMIT = 5_000_000;

/** For a laptop: durable commits, few checkpoints, loopback only, no Unix socket, no replication. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  synchronous_commit: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_buffers: '16MB',
  min_wal_size: '512MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Where a server is and who may administer it. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface EmbeddedPostgres extends ServerAddress {
  /** Where the files really are: below /var/lib/mora when the server's user cannot enter the wanted folder. */
  readonly dataDir: string;
  /** Pid of the running server. */
  readonly pid: number;
  /** Shuts down, waits for the end; repeated: the same promise. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly log: (message: string) => void;
  /** Free port when absent. */
  readonly port?: number;
  /** Over the built-in settings; tests switch fsync off. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder is removed when the server was stopped or this process died. */
  readonly temporary?: boolean;
}

/**
 * Initialises the data directory if it is empty, starts the server and proves that it is ours before anybody writes.
 * A server that dies is started again on the same port until `stop`.
 * @throws DataDirectoryInUse | DatabasePortInUse | DatabaseNotStarted | WrongServer
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const user = await serverUser();
  const folder = await locateData(absolute(options.dataDir), user);
  const release = await claim(folder);
  try {
    const programs = await locateBinaries(user);
    const cluster = join(folder, 'cluster');
    await clearLeftOver(cluster);
    const password = await initialise({ folder, cluster, programs, user, log: options.log });
    if (options.port !== undefined && !(await isFree(options.port))) throw new DatabasePortInUse(options.port);
    return await supervise({ folder, cluster, programs, user, password, release, options });
  } catch (error) {
    await release();
    throw error;
  }
};

interface Place {
  readonly folder: string;
  readonly cluster: string;
  readonly programs: string;
  readonly user: ServerUser | null;
}

/** The password's draft becomes `password` only after initdb has ended: the sign of a finished cluster. */
const initialise = async (place: Place & { log: (message: string) => void }): Promise<string> => {
  const file = join(place.folder, 'password');
  const draft = join(place.folder, 'initialising');
  if (await exists(join(place.cluster, 'PG_VERSION'))) {
    if (await exists(file)) return (await readFile(file, 'utf8')).trim();
    if (!(await exists(draft))) throw new DatabaseNotStarted(`${file} is missing; nobody can log in to the database`);
  }
  place.log('Initialising the embedded database');
  await rm(place.cluster, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  await writeFile(draft, `${password}\n`, { mode: 0o600 });
  if (place.user !== null) await chown(draft, place.user.uid, place.user.gid);
  try {
    const flags = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
    await run(
      join(place.programs, 'bin', 'initdb'),
      [`--pgdata=${place.cluster}`, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${draft}`, ...flags],
      { ...place.user, cwd: place.folder, env: environment() },
    );
  } catch (cause) {
    const said = String((cause as { stderr?: string }).stderr ?? '').trim();
    throw new DatabaseNotStarted(`initdb failed in ${place.folder}: ${said || String(cause)}`, { cause });
  }
  await rename(draft, file);
  return password;
};

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' });

interface Supervised extends Place {
  readonly password: string;
  readonly release: () => Promise<void>;
  readonly options: EmbeddedPostgresOptions;
}

const supervise = async (s: Supervised): Promise<EmbeddedPostgres> => {
  let server = await launchOnFreePort(s);
  let stopping: Promise<void> | null = null;
  const onExit = () => signalTo(server.pid, 'SIGINT');
  process.once('exit', onExit);

  const watch = (): void => {
    void server.ended.then(async () => {
      for (let wait = 200; stopping === null; wait = Math.min(wait * 2, 5_000)) {
        s.options.log(
          `The embedded database ended unexpectedly (${join(s.folder, 'postgres.log')}); starting it again`,
        );
        await pause(wait);
        if (stopping !== null) return;
        const again = await launch(s, server.port).catch((error: Error) => {
          s.options.log(error.message);
          return null;
        });
        if (again === null) continue;
        server = again;
        if (stopping === null) watch();
        else signalTo(server.pid, 'SIGINT');
        return;
      }
    });
  };
  watch();

  const stop = async (): Promise<void> => {
    process.removeListener('exit', onExit);
    signalTo(server.pid, 'SIGINT');
    const late = setTimeout(() => signalTo(server.pid, 'SIGQUIT'), 30_000);
    await server.ended;
    clearTimeout(late);
    await s.release();
    if (s.options.temporary === true) await rm(s.folder, { recursive: true, force: true });
  };
  return {
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    password: s.password,
    dataDir: s.folder,
    get pid() {
      return server.pid;
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
};

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly ended: Promise<void>;
}

/** Between finding a free port and binding it, somebody else may take it: try again. */
const launchOnFreePort = async (s: Supervised): Promise<Running> => {
  for (let tries = 1; ; tries++) {
    try {
      return await launch(s, s.options.port ?? (await freePort()));
    } catch (error) {
      if (!(error instanceof DatabasePortInUse) || s.options.port !== undefined || tries === 5) throw error;
    }
  }
};

const launch = async (s: Supervised, port: number): Promise<Running> => {
  await clearLeftOver(s.cluster);
  const logFile = join(s.folder, 'postgres.log');
  if (((await stat(logFile).catch(() => null))?.size ?? 0) > LOG_LIMIT) await truncate(logFile);
  const log = await open(logFile, 'a', 0o600);
  const logFrom = (await log.stat()).size;
  const settings = Object.entries({ ...SETTINGS, ...s.options.settings }).flatMap(([k, v]) => ['-c', `${k}=${v}`]);
  const child = spawn(join(s.programs, 'bin', 'postgres'), ['-D', s.cluster, '-p', String(port), ...settings], {
    ...s.user,
    cwd: s.folder,
    env: environment(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  await log.close();
  if (child.pid === undefined) throw new DatabaseNotStarted(`${s.programs}/bin/postgres cannot be executed`);
  child.unref();
  const guard = guardServer(child.pid, s.options.temporary === true ? s.folder : null);
  void ended.then(() => dismissGuard(guard));
  try {
    await ready(child, { host: '127.0.0.1', port, user: 'postgres', password: s.password }, s.cluster);
    return { pid: child.pid, port, ended };
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null) signalTo(child.pid, 'SIGQUIT');
    await ended;
    if (error instanceof WrongServer) throw error;
    const said = (await readFile(logFile)).subarray(logFrom).toString('utf8').trim();
    if (/could not bind|Address already in use/.test(said)) throw new DatabasePortInUse(port, { cause: error });
    throw new DatabaseNotStarted(`PostgreSQL did not start in ${s.folder}: ${said.split('\n').slice(-6).join(' | ')}`, {
      cause: error,
    });
  }
};

/** Ready = answers, and with our data directory: another server on this port keeps its tables. */
const ready = async (child: ChildProcess, address: ServerAddress, cluster: string): Promise<void> => {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ ...address, database: 'postgres', connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const found = (await client.query<{ data_directory: string }>('show data_directory')).rows[0]?.data_directory;
      const same = found !== undefined && (await realpath(found).catch(() => found)) === (await realpath(cluster));
      if (!same) throw new WrongServer(cluster, found ?? 'unknown');
      return;
    } catch (error) {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (error instanceof WrongServer || hasEnded || performance.now() > deadline) throw error;
      await pause(25);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
