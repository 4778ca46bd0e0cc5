/** What a service's module tells of itself, so that it can run as a process of its own. */
import type { DescService } from '@bufbuild/protobuf';
import type { Source } from '@mora/contracts';
import type { Log } from '@mora/telemetry';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config, Settings } from '../config.js';
import type { ServiceSchema } from '../eventing.module.js';
import type { Platform } from '../platform.js';
import type { ProcessConfig } from './config.js';

/** What stands when a process configures its service. */
export interface Ground<S extends Settings = Settings, K extends Settings = Settings> {
  readonly process: ProcessConfig;
  /** The service's own settings. */
  readonly config: Config<S>;
  /** Another one after every start. */
  readonly incarnation: string;
  readonly log: Log;
  /** A secret of the installation: from the simulation's seed, or else as it was given. */
  secret<T>(ofSeed: (seed: string) => T, given: (secrets: Config<K>) => T): T;
}

export interface ProcessSpec<C, S extends Settings = Settings, K extends Settings = Settings> {
  readonly settings: S;
  /** Required only where no seed gives them. */
  readonly secrets: K;
  /** Its outward adapters are simulated: without a seed it cannot run. */
  readonly needsSeed?: boolean;
  /**
   * `one` (default): one replica works, the others stand by and take over; for what decides by what it has taken in itself or
   * acts outside its store. `all`: each works.
   */
  readonly active?: 'one' | 'all';
  /** Sources that are read by other parts than processors. */
  readonly reads?: readonly Source[];
  /** The service asks for the texts of published policies. */
  readonly followsPolicies?: boolean;
  /** Wall time for which the doors stay closed when history was lost: until every permit given before has ended. */
  readonly closedAfterLossMs?: number;
  /** gRPC services that its controllers answer. */
  readonly serves?: readonly DescService[];
  /** Methods of these that it does not offer, by their full path. */
  readonly notOffered?: readonly string[];
  configure(ground: Ground<S, K>): C;
}

/** A service's Nest module. */
export interface ServiceModule<C> {
  readonly schemas: readonly ServiceSchema[];
  // biome-ignore lint/suspicious/noExplicitAny: each service has settings of its own; `configure` is checked where it is written
  readonly process: ProcessSpec<C, any, any>;
  for(platform: Platform, config: C): DynamicModule;
  /** For what needs the application itself, such as its OpenAPI document. */
  prepare?(app: NestFastifyApplication): void;
}

/** Types of settings and secrets are those of the value. */
export const processSpec = <C, S extends Settings = Record<never, never>, K extends Settings = Record<never, never>>(
  spec: Omit<ProcessSpec<C, S, K>, 'settings' | 'secrets'> & { readonly settings?: S; readonly secrets?: K },
): ProcessSpec<C, S, K> => ({ ...spec, settings: spec.settings ?? ({} as S), secrets: spec.secrets ?? ({} as K) });
