import type { ServiceWorld, ServiceWorldOptions } from './service-world.js';

export { sqlMigration } from '@mora/postgres';
export { type FeedUnderTest, feedContract } from './event-core/feed-contract.js';
export { storeFeedOn } from './event-core/feeds.js';
export { postgresLane } from './event-core/postgres-lane.js';
export * from './event-core/rig.js';
export { eventCoreContracts } from './event-core/suites.js';
export { type ServerAt, type ServerFolder, serverAt, serverFolder } from './server-at.js';
export type { ServiceWorld, ServiceWorldOptions } from './service-world.js';
export { type TestDatabase, testDatabase, testServer } from './test-database.js';
export { NeverHappened, waitFor } from './wait-for.js';
export { Wire, type WireOptions } from './wire.js';

/** One service in memory. Loaded only where it is wanted: pure specs stay free of Nest. */
export const serviceWorld = async (options: ServiceWorldOptions): Promise<ServiceWorld> =>
  (await import('./service-world.js')).ServiceWorld.of(options);
