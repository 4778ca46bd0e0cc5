/** Injection tokens of what every service has: the ground it stands on, in single pieces. */
import type { OwnSource, Platform, Ports } from './platform.js';

/** A service as its module tells of it. */
export interface ServiceSpec {
  readonly name: string;
  /** Sources that it owns, its main one first; none: it only reads. */
  readonly sources: readonly OwnSource[];
}

/** {@link Platform}. */
export const PLATFORM = Symbol('Platform');
/** {@link ServiceSpec}. */
export const SERVICE = Symbol('ServiceSpec');
/** `Clock` of `@mora/eventing`: business time. */
export const CLOCK = Symbol('Clock');
/** `Activity` of `@mora/eventing`: what the stepped clock waits for. */
export const ACTIVITY = Symbol('Activity');
/** `Log` of `@mora/telemetry`. */
export const LOG = Symbol('Log');
/** `Trace` of `@mora/eventing`. */
export const TRACE = Symbol('Trace');
/** Wall time, milliseconds: `() => number`. */
export const WALL = Symbol('Wall');
/** {@link Ports} of other services, resolved at the first call. */
export const PORTS = Symbol('Ports');
/** `Pool` of `pg` on the service's own schema. */
export const POOL = Symbol('Pool');
/** `(hash: string) => string | undefined`: canonical text of a published policy. */
export const POLICY_TEXT = Symbol('PolicyText');
/** What a service offers to others: a provider of `Partial<Ports>` under this token. */
export const OFFERS = Symbol('Offers');

export type { Platform, Ports };
