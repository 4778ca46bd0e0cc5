import { afterAll, beforeAll } from '@jest/globals';
import {
  eventCoreContracts,
  postgresLane,
  SHARDS,
  sqlMigration,
  type TestDatabase,
  testDatabase,
} from '@mora/test-kit';
import { EVENT_STORE_MIGRATION, PostgresStore } from './index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
});
afterAll(() => database.close());

const lane = postgresLane(
  () => database,
  'dialer',
  (pool) => PostgresStore.open({ pool, source: 'dialer', shards: SHARDS }),
);

eventCoreContracts('the PostgreSQL store', lane, 4);
