export { sqlMigration } from '@mora/postgres';
export { type FeedUnderTest, feedContract } from './event-core/feed-contract.js';
export { storeFeedOn } from './event-core/feeds.js';
export { postgresLane } from './event-core/postgres-lane.js';
export * from './event-core/rig.js';
export { eventCoreContracts } from './event-core/suites.js';
export { type ServerAt, type ServerFolder, serverAt, serverFolder } from './server-at.js';
export { type TestDatabase, testDatabase, testServer } from './test-database.js';
export { NeverHappened, waitFor } from './wait-for.js';
