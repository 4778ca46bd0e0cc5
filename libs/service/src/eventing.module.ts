/** What every service imports: its event cores, the pieces of the platform by their tokens, and the life that drives it. */
import type { Source } from '@mora/contracts';
import type { SqlMigration } from '@mora/postgres';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { EventCore } from './event-core.js';
import type { Platform } from './platform.js';
import { Retry } from './retry.js';
import { ServiceLife } from './service-life.js';
import {
  ACTIVITY,
  CLOCK,
  CORES,
  LOG,
  PAUSE,
  PLATFORM,
  POLICY_TEXT,
  POOL,
  PORTS,
  SERVICE,
  TRACE,
  WALL,
} from './tokens.js';

/** A schema of a service in its database. */
export interface ServiceSchema {
  /** Names role and schema. */
  readonly name: string;
  /** The source whose streams it holds; null: it holds views. */
  readonly source: Source | null;
  /** Default: the installation's. */
  readonly shards?: number;
  /** Of tables beyond the event store's. */
  readonly migrations: readonly SqlMigration[];
}

/** Injection token of the event core of a service's further source. */
export const coreOf = (source: Source): string => `EventCore ${source}`;

@Module({})
export class EventingModule {
  /** @param schemas the service's own first, which gives it its name; the event core of its source is injected as `EventCore` */
  static for(platform: Platform, schemas: readonly ServiceSchema[]): DynamicModule {
    const [{ name, source: main }] = schemas as [ServiceSchema];
    const cores = schemas.flatMap(({ name, source, shards = platform.shards }) =>
      source === null ? [] : [new EventCore({ name, source, shards }, platform)],
    );
    const shared: Provider[] = [
      { provide: SERVICE, useValue: name },
      { provide: PLATFORM, useValue: platform },
      { provide: CLOCK, useValue: platform.clock },
      { provide: ACTIVITY, useValue: platform.activity },
      { provide: LOG, useValue: platform.log },
      { provide: TRACE, useValue: platform.trace },
      { provide: WALL, useValue: platform.origin.wall },
      { provide: PORTS, useValue: platform.ports },
      { provide: POOL, useFactory: () => platform.pool(name) },
      { provide: POLICY_TEXT, useValue: platform.policyText },
      { provide: PAUSE, useValue: platform.pause },
      Retry,
      { provide: CORES, useValue: cores },
      ...cores.map((core) => ({
        provide: core.own.source === main ? EventCore : coreOf(core.own.source),
        useValue: core,
      })),
    ];
    return {
      module: EventingModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [...shared, ServiceLife],
      exports: [...shared, ServiceLife],
    };
  }
}
