/** A throw-away PostgreSQL, and stores on it. It does not sync to disk: no machine falls here, and three brokers share two cores. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_STORE_MIGRATION, PostgresStore } from '@mora/event-store-postgres';
import { createActivity, ShardWriter } from '@mora/eventing';
import {
  createPool,
  type DatabaseAddress,
  type EmbeddedPostgres,
  migrate,
  ownerAddress,
  provision,
  serviceAddress,
  startEmbeddedPostgres,
} from '@mora/postgres';
import type { Pool } from 'pg';
import { SHARDS } from './said.js';

export const startDatabase = (): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({
    dataDir: join(tmpdir(), `mora-faults-${process.pid}-${randomBytes(4).toString('hex')}`),
    log: () => undefined,
    temporary: true,
    settings: { fsync: 'off', shared_buffers: '64MB' },
  });

/** Empty stores of these services in a database of its own. @returns where each is */
export const makeStores = async (
  server: EmbeddedPostgres,
  database: string,
  services: readonly string[],
): Promise<(service: string) => DatabaseAddress> => {
  await provision(server, { database, services });
  for (const service of services) await migrate(ownerAddress(server, database), service, [EVENT_STORE_MIGRATION]);
  return (service) => serviceAddress(server, database, service);
};

export interface OpenStore {
  readonly pool: Pool;
  readonly store: PostgresStore;
  readonly writer: ShardWriter;
  readonly activity: ReturnType<typeof createActivity>;
}

export const openStore = async (address: DatabaseAddress, source: string): Promise<OpenStore> => {
  const pool = createPool(address, source, { max: 6, log: () => undefined });
  const store = await PostgresStore.open({ pool, source, shards: SHARDS });
  const activity = createActivity();
  const writer = new ShardWriter({
    store,
    activity,
    origin: {
      source,
      shards: SHARDS,
      build: 'faults',
      tzdata: 'faults',
      clock: { kind: 'real', anchorId: 'real' },
      simulated: null,
      now: () => new Date().toISOString(),
      wall: Date.now,
    },
  });
  return { pool, store, writer, activity };
};
