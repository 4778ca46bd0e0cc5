export { storeError } from './errors.js';
export { PostgresStore, type PostgresStoreOptions } from './postgres-store.js';
export { EVENT_STORE_MIGRATION } from './schema.js';
