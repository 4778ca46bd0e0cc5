/** What an app tells of itself to run as a process. */
import type { Server } from '@grpc/grpc-js';
import type { Source } from '@mora/contracts';
import type { Activity, Trace } from '@mora/eventing';
import type { Log } from '@mora/telemetry';
import type { Pool } from 'pg';
import type { Config, Settings } from '../config.js';
import type { AnyDefinition } from '../run-services.js';
import type { Loop, ReaderDefinition, ServiceDefinition, ServiceParts } from '../service.js';
import type { ProcessConfig } from './config.js';

/** What stands when a process defines its services. */
export interface Ground<S extends Settings = Settings, K extends Settings = Settings> {
  readonly process: ProcessConfig;
  /** The service's own settings. */
  readonly config: Config<S>;
  /** Another one after every start. */
  readonly incarnation: string;
  readonly log: Log;
  /** Canonical text of a published policy that has arrived. */
  policyText(hash: string): string | undefined;
  /** A secret of the installation: from the simulation's seed, or else as it was given. */
  secret<T>(ofSeed: (seed: string) => T, given: (secrets: Config<K>) => T): T;
}

/** A process whose services are open. */
export interface RunningProcess {
  parts<P extends ServiceParts>(definition: ServiceDefinition<P> | ReaderDefinition<P>): P;
  pool(service: string): Pool;
  readonly activity: Activity;
  readonly log: Log;
  readonly trace: Trace;
  /** Whether work is taken; false while it ends. */
  isOpen(): boolean;
}

export interface ProcessParts {
  readonly definitions: readonly AnyDefinition[];
  /** Sources that are read by other parts than processors. */
  readonly reads?: readonly Source[];
  /** The services ask for the texts of published policies. */
  readonly followsPolicies?: boolean;
  /** Wall time for which the ports stay closed when history was lost: until every permit given before has ended. */
  readonly closedAfterLossMs?: number;
  /** gRPC services of its own, beside ports, feeds, clock and health. */
  readonly serve?: (server: Server, running: RunningProcess) => void;
  /** Loops that live outside the services' own life cycle, such as a bank's topics: ended before the services. */
  readonly loops?: (running: RunningProcess) => readonly Loop[];
  /** Once everything runs. */
  readonly onActive?: (running: RunningProcess) => Promise<void>;
}

export interface ProcessOptions<S extends Settings, K extends Settings> {
  /** The service's name: of its role, schema, consumer group and peers. */
  readonly name: string;
  /** Further services with schemas of their own in the same process. */
  readonly also?: readonly string[];
  readonly settings?: S;
  /** Required only where no seed gives them. */
  readonly secrets?: K;
  /** Its outward adapters are simulated: without a seed it cannot run. */
  readonly needsSeed?: boolean;
  /**
   * `one` (default): one replica works, the others stand by and take over; for what decides by what it has taken in itself or
   * acts outside its store. `all`: each works.
   */
  readonly active?: 'one' | 'all';
  define(ground: Ground<S, K>): ProcessParts | Promise<ProcessParts>;
}
