export {
  createPool,
  type DatabaseAddress,
  databaseRoleOf,
  migrate,
  missingMigrations,
  OWNER,
  ownerAddress,
  type PoolOptions,
  provision,
  type SqlMigration,
  serviceAddress,
  sqlMigration,
} from './databases.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type ServerAddress,
  startEmbeddedPostgres,
} from './embedded-postgres.js';
export { DatabaseNotStarted, DatabasePortInUse, DataDirectoryInUse, WrongServer } from './errors.js';
