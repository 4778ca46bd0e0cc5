/** Injection tokens of what every service has: the ground it stands on, in single pieces. */

export { ACTIVITY } from '@mora/grpc';
/** `Platform`. */
export const PLATFORM = Symbol('Platform');
/** The service's name. */
export const SERVICE = Symbol('Service');
/** `EventCore` of each own source, the main one first. */
export const CORES = Symbol('EventCores');
/** `Clock` of `@mora/eventing`: business time. */
export const CLOCK = Symbol('Clock');
/** `Log` of `@mora/telemetry`. */
export const LOG = Symbol('Log');
/** `Trace` of `@mora/eventing`. */
export const TRACE = Symbol('Trace');
/** Wall time in milliseconds: `() => number`. */
export const WALL = Symbol('Wall');
/** `Ports` of other services, each resolved at the first call. */
export const PORTS = Symbol('Ports');
/** `Pool` of `pg` on the service's own schema. */
export const POOL = Symbol('Pool');
/** `(hash: string) => string | undefined`: canonical text of a published policy. */
export const POLICY_TEXT = Symbol('PolicyText');
/** Waits, wall milliseconds: `(ms: number) => Promise<void>`. */
export const PAUSE = Symbol('Pause');
