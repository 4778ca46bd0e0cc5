export { type ProcessConfig, type ReadSettings, readProcess, type Wanted } from './config.js';
export { whileOpen } from './doors.js';
export { DoorClosed, LeaseTaken, SchemaMissing, UnknownSubscription } from './errors.js';
export { DEFAULT_GRPC_PORT, OWNERS, REQUIRED_SUBSCRIBERS, SERVICES, SUBSCRIBERS } from './installation.js';
export { Lease, type LeaseOptions } from './lease.js';
export type { Ground, ProcessOptions, ProcessParts, RunningProcess } from './parts.js';
export { runProcess } from './run-process.js';
