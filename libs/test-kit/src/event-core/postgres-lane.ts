/** A service's event store in a test database, emptied at every `fresh`; each replica has its own pool. */
import type { EventStore } from '@mora/eventing';
import type { Pool } from 'pg';
import type { TestDatabase } from '../test-database.js';
import type { StoreLane } from './rig.js';

const TABLES = [
  'events',
  'heads',
  'snapshots',
  'timers',
  'checkpoints',
  'parked_events',
  'stopped_feeds',
  'epochs',
  'side_rows',
  'store_identity',
];

/** @param open how the store under test is opened on a pool; @param database asked late, after `beforeAll` */
export const postgresLane = (
  database: () => TestDatabase,
  service: string,
  open: (pool: Pool) => Promise<EventStore>,
): StoreLane => {
  const pools: Pool[] = [];
  const store = async (): Promise<EventStore> => {
    const pool = database().pool(service, 4);
    pools.push(pool);
    return open(pool);
  };
  return {
    fresh: async () => {
      await Promise.all(pools.splice(0).map((pool) => pool.end()));
      const schema = `mora_${service.replaceAll('-', '_')}`;
      await database().admin(`truncate ${TABLES.map((table) => `${schema}.${table}`).join(', ')}`);
      return store();
    },
    replica: store,
    cut: 'select pg_terminate_backend(pg_backend_pid())',
  };
};
