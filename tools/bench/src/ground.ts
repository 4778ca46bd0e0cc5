/** A fresh PostgreSQL below the system's temporary folder, durable as in earnest, removed at the end. */
import { randomBytes } from 'node:crypto';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_STORE_MIGRATION, PostgresStore } from '@mora/event-store-postgres';
import { createActivity, type Origin, ShardWriter } from '@mora/eventing';
import {
  createPool,
  type DatabaseAddress,
  migrate,
  ownerAddress,
  provision,
  type ServerAddress,
  type SqlMigration,
  serviceAddress,
  startEmbeddedPostgres,
} from '@mora/postgres';
import pg from 'pg';

export const SHARDS = 12;
const DATABASE = 'bench';

export interface Service {
  readonly store: PostgresStore;
  readonly writer: ShardWriter;
  readonly activity: ReturnType<typeof createActivity>;
  readonly pool: pg.Pool;
}

export interface Ground {
  /** A role and schema with these migrations, owned by the owner role as in an installation. */
  schema(service: string, migrations: readonly SqlMigration[]): Promise<DatabaseAddress>;
  pool(service: string, max?: number): pg.Pool;
  /** An event store of Mora with its shard writer, wired as an open service has it. */
  service(source: string): Promise<Service>;
  /** A database of its own for somebody else's store. */
  database(name: string): Promise<string>;
}

/** What an installation writes into `meta`, so that events have their real size. */
const originOf = (source: string): Omit<Origin, 'now'> => ({
  source,
  shards: SHARDS,
  build: '89c154c0c1d97a2b8ce0b0d6a5e8a4b1f7a3d2e1',
  tzdata: '2026c',
  clock: { kind: 'stepped', anchorId: '6b1f8c8e-2f70-4d3c-9c1b-2a4d3d6f0a11' },
  simulated: { version: 'debtors-1', seed: '42' },
  wall: () => Date.now(),
});

export const withGround = async (work: (ground: Ground) => Promise<void>): Promise<void> => {
  const server = await startEmbeddedPostgres({
    dataDir: join(tmpdir(), `mora-bench-${process.pid}-${randomBytes(4).toString('hex')}`),
    log: () => undefined,
    temporary: true,
  });
  const pools: pg.Pool[] = [];
  try {
    await provision(server, { database: DATABASE, services: [] });
    await work(groundOn(server, pools));
  } finally {
    await Promise.all(pools.map((pool) => pool.end().catch(() => undefined)));
    await server.stop();
  }
};

const groundOn = (server: ServerAddress, pools: pg.Pool[]): Ground => {
  const kept = (pool: pg.Pool): pg.Pool => {
    pools.push(pool);
    return pool;
  };
  const schema: Ground['schema'] = async (service, migrations) => {
    await provision(server, { database: DATABASE, services: [service] });
    await migrate(ownerAddress(server, DATABASE), service, migrations);
    return serviceAddress(server, DATABASE, service);
  };
  const pool: Ground['pool'] = (service, max) =>
    kept(
      createPool(serviceAddress(server, DATABASE, service), service, {
        log: () => undefined,
        ...(max === undefined ? {} : { max }),
      }),
    );
  return {
    schema,
    pool,
    service: async (source) => {
      await schema(source, [EVENT_STORE_MIGRATION]);
      const own = pool(source);
      const store = await PostgresStore.open({ pool: own, source, shards: SHARDS });
      const activity = createActivity();
      const origin = { ...originOf(source), now: () => new Date().toISOString() };
      return { store, activity, pool: own, writer: new ShardWriter({ store, activity, origin }) };
    },
    database: async (name) => {
      const admin = new pg.Client({ ...server, database: 'postgres' });
      await admin.connect();
      await admin.query(`create database ${name}`);
      await admin.end();
      return `postgresql://${server.user}:${encodeURIComponent(server.password)}@${server.host}:${server.port}/${name}`;
    },
  };
};

export const machine = (): string =>
  `${new Date().toISOString().slice(0, 10)} · ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'} · Node ${process.version}`;
