export { sqlMigration } from '@mora/service-host';
export { type TestDatabase, testDatabase, testServer } from './test-database.js';
export { NeverHappened, waitFor } from './wait-for.js';
