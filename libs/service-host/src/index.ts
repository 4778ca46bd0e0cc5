export {
  address,
  bytes,
  type Config,
  flag,
  integer,
  oneOf,
  port,
  readConfig,
  type Setting,
  type Settings,
  setting,
  text,
  Unfit,
  variableOf,
} from './config.js';
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
  serviceAddress,
  sqlMigration,
} from './databases.js';
export { createEmbeddedPlatform } from './embedded-platform.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type ServerAddress,
  startEmbeddedPostgres,
} from './embedded-postgres.js';
export { ConfigInvalid, DatabaseNotStarted, DataDirectoryInUse, PortInUse, WrongServer } from './errors.js';
export * from './field-cipher.js';
export {
  type Answered,
  addService,
  answerOf,
  type CallContext,
  clientFor,
  createGrpcServer,
  type GrpcServer,
  type Implementation,
  type RemoteCallOptions,
  RemoteError,
  type RemoteOptions,
  type RemoteService,
  type ServeOptions,
  type StatusByCode,
  serviceDefinition,
} from './grpc.js';
export { addHealthRoutes, type Health, startHealthServer } from './health.js';
export { type Host, type HostOptions, LoopTransport, type Resource, startHost } from './life-cycle.js';
export { createLog, type LogOptions } from './log.js';
export { checkEpochs, type OpenOptions, type OpenService, openService } from './open-service.js';
export { PolicyTexts } from './policy-texts.js';
export { type AnyDefinition, type RunningServices, runServices } from './run-services.js';
export { type ChanceSalt, chanceOfSalt, seededChance, seededPermitSecret } from './seeded.js';
export * from './service.js';
