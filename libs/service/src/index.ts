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
export { createEmbeddedPlatform } from './embedded-platform.js';
export { ConfigInvalid, DoorClosed, LeaseTaken, SchemaMissing, UnknownSubscription } from './errors.js';
export { followPolicies } from './follow-policies.js';
export { type Host, type HostOptions, LoopTransport, type Resource, startHost } from './life-cycle.js';
export { checkEpochs, type OpenOptions, type OpenService, openService } from './open-service.js';
export { type ProcessConfig, type ReadSettings, readProcess, type Wanted } from './process/config.js';
export { whileOpen } from './process/doors.js';
export { DEFAULT_GRPC_PORT, OWNERS, REQUIRED_SUBSCRIBERS, SERVICES, SUBSCRIBERS } from './process/installation.js';
export { Lease, type LeaseOptions } from './process/lease.js';
export type { Ground, ProcessOptions, ProcessParts, RunningProcess } from './process/parts.js';
export { runProcess } from './process/run-process.js';
export { type AnyDefinition, type RunningServices, runServices } from './run-services.js';
export * from './service.js';
