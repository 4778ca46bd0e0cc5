/**
 * Real PostgreSQL for `*.int.spec.ts`: one server per process that runs tests (Jest gives every file fresh modules, so the
 * server is found again through a file), a database per test file. The server ends, with its files, when the process does.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createPool,
  type DatabaseAddress,
  migrate,
  ownerAddress,
  type PoolOptions,
  provision,
  type ServerAddress,
  type SqlMigration,
  serviceAddress,
  startEmbeddedPostgres,
} from '@mora/postgres';
import pg from 'pg';

/** Nobody needs test data after a power cut. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', shared_buffers: '64MB', max_wal_size: '512MB' };

/** The server of this process, started at the first call. */
export const testServer = async (): Promise<ServerAddress> => {
  const folder = join(tmpdir(), `mora-test-${process.pid}`);
  const note = join(folder, 'address.json');
  const known = await readFile(note, 'utf8').catch(() => null);
  if (known !== null) {
    const address = JSON.parse(known) as ServerAddress;
    if (await answers(address)) return address;
  }
  const { host, port, user, password } = await startEmbeddedPostgres({
    dataDir: folder,
    log: () => undefined,
    settings: SETTINGS,
    temporary: true,
  });
  const address = { host, port, user, password };
  await writeFile(note, JSON.stringify(address), { mode: 0o600 });
  return address;
};

const answers = async (address: ServerAddress): Promise<boolean> => {
  const client = new pg.Client({ ...address, database: 'postgres', connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
};

export type PoolOver = Partial<Pick<ServerAddress, 'port'> & Pick<PoolOptions, 'statementMs' | 'silenceMs'>>;

export interface TestDatabase {
  readonly server: ServerAddress;
  readonly name: string;
  /** Role that owns the tables, for whatever a test must do behind a service's back. */
  readonly owner: DatabaseAddress;
  /** Makes the service's schema and role, runs its migrations, grants; @returns how the service logs in. */
  install(service: string, migrations: readonly SqlMigration[]): Promise<DatabaseAddress>;
  /** A pool of an installed service, closed by `close`. @param over another way to the server, or other limits */
  pool(service: string, max?: number, over?: PoolOver): pg.Pool;
  /** Runs SQL as the server's administrator in this database. */
  admin(sql: string): Promise<pg.QueryResult>;
  /** Ends the pools and drops the database. Call it in `afterAll`. */
  close(): Promise<void>;
}

/** A fresh, empty database. */
export const testDatabase = async (): Promise<TestDatabase> => {
  const server = await testServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await provision(server, { database: name, services: [] });
  const pools: pg.Pool[] = [];
  const as = async (database: string, sql: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ ...server, database });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  return {
    server,
    name,
    owner: ownerAddress(server, name),
    install: async (service, migrations) => {
      await provision(server, { database: name, services: [service] });
      await migrate(ownerAddress(server, name), service, migrations);
      return serviceAddress(server, name, service);
    },
    pool: (service, max, { port = server.port, ...limits } = {}) => {
      const options = { log: () => undefined, ...(max === undefined ? {} : { max }), ...limits };
      const pool = createPool({ ...serviceAddress(server, name, service), port }, service, options);
      pools.push(pool);
      return pool;
    },
    admin: (sql) => as(name, sql),
    close: async () => {
      await Promise.all(pools.splice(0).map((pool) => (pool.ended ? undefined : pool.end())));
      await as('postgres', `drop database if exists ${name} with (force)`);
    },
  };
};
