export { Application, Applications, rootOf } from './applications.js';
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
export { createEmbeddedPlatform, type EmbeddedGround } from './embedded-platform.js';
export {
  ConfigInvalid,
  CoreNotOpen,
  DoorClosed,
  LeaseTaken,
  messageOf,
  NotHere,
  NotOnThisMachine,
  SchemaMissing,
  UnknownSubscription,
} from './errors.js';
export { EventCore } from './event-core.js';
export { coreOf, EventingModule, type ServiceSchema } from './eventing.module.js';
export { followPolicies } from './follow-policies.js';
export { FromThisMachine } from './http/from-this-machine.js';
export { AlwaysOpen } from './http/while-open.js';
export { isLoopback } from './loopback.js';
export { type MissingContact, notStored } from './missing-contacts.js';
export type { Committed, OwnSource, Platform, Ports } from './platform.js';
export { bootstrap } from './process/bootstrap.js';
export { type ProcessConfig, type ReadSettings, readProcess, type Wanted } from './process/config.js';
export { DEFAULT_GRPC_PORT, OWNERS, REQUIRED_SUBSCRIBERS, SERVICES, SUBSCRIBERS } from './process/installation.js';
export { Lease, type LeaseOptions } from './process/lease.js';
export { type Ground, type ProcessSpec, processSpec, type ServiceModule } from './process/service-module.js';
export { Retry, type Tries } from './retry.js';
export { type History, ServiceLife, type Standing } from './service-life.js';
export {
  ActsOutside,
  EventProcessor,
  EventView,
  Inlet,
  type ProvidesProcessor,
  type ProvidesView,
  type ServicePart,
} from './service-part.js';
export * from './tokens.js';
