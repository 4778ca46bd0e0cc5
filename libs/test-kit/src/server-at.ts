/** A PostgreSQL server on a folder of the test's own: for servers that fail over, are restored or stand still. */
import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createPool,
  migrate,
  ownerAddress,
  provision,
  type ServerAddress,
  type SqlMigration,
  serviceAddress,
  startEmbeddedPostgres,
} from '@mora/postgres';
import pg from 'pg';

const run = promisify(execFile);
const DATABASE = 'test';

export interface ServerFolder {
  readonly path: string;
  /** Keeps the files of the stopped server. */
  backUp(): Promise<void>;
  /** The kept files as those of an asynchronous standby of a server. */
  standby(primary: ServerAt): Promise<ServerFolder>;
  /** Puts the kept files in place of the stopped server's; recovered, they are another line of its history. */
  restore(): Promise<void>;
  remove(): Promise<void>;
}

export interface ServerAt {
  readonly port: number;
  readonly pid: number;
  readonly address: ServerAddress;
  /** As its administrator. */
  ask(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  install(service: string, migrations: readonly SqlMigration[]): Promise<void>;
  /** Whoever asks for it ends it. */
  pool(service: string, max?: number): pg.Pool;
  stop(): Promise<void>;
}

/** An empty folder that the server's user may enter. */
export const serverFolder = async (): Promise<ServerFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'mora-server-'));
  await chmod(path, 0o755);
  return folderAt(path);
};

const folderAt = (path: string): ServerFolder => {
  const [cluster, kept, signal] = ['cluster', 'kept', 'cluster/recovery.signal'].map((name) => join(path, name));
  return {
    path,
    backUp: async () => void (await run('cp', ['-a', cluster!, kept!])),
    standby: async ({ address }) => {
      const other = await serverFolder();
      await run('cp', ['-a', kept!, join(other.path, 'cluster')]);
      await run('cp', ['-a', join(path, 'password'), other.path]);
      await run('cp', ['-p', join(kept!, 'PG_VERSION'), join(other.path, 'cluster', 'standby.signal')]);
      const { host, port, user, password } = address;
      const conninfo = `host=${host} port=${port} user=${user} password=${password}`;
      await appendFile(join(other.path, 'cluster', 'postgresql.auto.conf'), `\nprimary_conninfo = '${conninfo}'\n`);
      return other;
    },
    restore: async () => {
      await rm(cluster!, { recursive: true });
      await run('cp', ['-a', kept!, cluster!]);
      await run('cp', ['-p', join(cluster!, 'PG_VERSION'), signal!]);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
};

/** @param port free when absent */
export const serverAt = async (folder: ServerFolder, port?: number): Promise<ServerAt> => {
  const server = await startEmbeddedPostgres({
    dataDir: folder.path,
    log: () => undefined,
    settings: {
      fsync: 'off',
      shared_buffers: '32MB',
      wal_level: 'replica',
      max_wal_senders: '4',
      restore_command: 'false',
    },
    ...(port === undefined ? {} : { port }),
  });
  return {
    port: server.port,
    get pid() {
      return server.pid;
    },
    address: server,
    ask: (sql) => ask(server, sql),
    install: async (service, migrations) => {
      await provision(server, { database: DATABASE, services: [service] });
      await migrate(ownerAddress(server, DATABASE), service, migrations);
    },
    pool: (service, max = 2) =>
      createPool(serviceAddress(server, DATABASE, service), service, { max, log: () => undefined }),
    stop: () => server.stop(),
  };
};

const ask = async (server: ServerAddress, sql: string): ReturnType<ServerAt['ask']> => {
  const { host, port, user, password } = server;
  const client = new pg.Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};
