/** The comparison: Event-Driven.io's emmett on PostgreSQL, as its documentation uses it, with a pool as large as Mora's. */
import { getPostgreSQLEventStore, type PostgresEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import type { Ground } from './ground.js';
import { callEnded, metaOf } from './sample.js';

export interface Emmett {
  readonly store: PostgresEventStore;
  readonly connectionString: string;
  close(): Promise<void>;
}

export const openEmmett = async (ground: Ground, database: string, connections = 16): Promise<Emmett> => {
  const connectionString = await ground.database(database);
  const pool = new pg.Pool({ connectionString, max: connections });
  pool.on('error', () => undefined);
  const store = getPostgreSQLEventStore(connectionString, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    store,
    connectionString,
    close: async () => {
      await store.close();
      if (!pool.ended) await pool.end();
    },
  };
};

let ordinal = 0;

export const appendEmmett = ({ store }: Emmett, debtorId: string, n: number): Promise<unknown> =>
  store.appendToStream(
    `dialing-${debtorId}`,
    Array.from({ length: n }, () => ({
      ...callEnded(debtorId, ++ordinal),
      metadata: metaOf(debtorId, new Date().toISOString()),
    })),
  );
