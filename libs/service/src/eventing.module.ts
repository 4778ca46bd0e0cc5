/** What every service imports: its event core, the pieces of the platform by their tokens, and the life that drives it. */
import type { Source } from '@mora/contracts';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { EventCore } from './event-core.js';
import { CORES, ServiceLife } from './service-life.js';
import {
  ACTIVITY,
  CLOCK,
  LOG,
  PLATFORM,
  type Platform,
  POLICY_TEXT,
  POOL,
  PORTS,
  SERVICE,
  type ServiceSpec,
  TRACE,
  WALL,
} from './tokens.js';

export interface EventingOptions {
  readonly name: string;
  /** The source whose streams the service owns; null: it only reads. */
  readonly source: Source | null;
  /** A second source, with a schema and a store of its own. */
  readonly second?: { readonly name: string; readonly source: Source; readonly shards: number; readonly token: symbol };
}

@Module({})
export class EventingModule {
  static for(platform: Platform, options: EventingOptions): DynamicModule {
    const { name, source, second } = options;
    const main = source === null ? null : new EventCore({ name, source, shards: platform.shards }, platform);
    const other = second ? new EventCore(second, platform) : null;
    const cores = [main, other].filter((core) => core !== null);
    const spec: ServiceSpec = { name, sources: cores.map(({ own }) => own) };
    const shared: Provider[] = [
      { provide: SERVICE, useValue: spec },
      { provide: PLATFORM, useValue: platform },
      { provide: CLOCK, useValue: platform.clock },
      { provide: ACTIVITY, useValue: platform.activity },
      { provide: LOG, useValue: platform.log },
      { provide: TRACE, useValue: platform.trace },
      { provide: WALL, useValue: platform.origin.wall },
      { provide: PORTS, useValue: platform.ports },
      { provide: POOL, useFactory: () => platform.pool(name) },
      { provide: POLICY_TEXT, useValue: platform.policyText },
      ...(main ? [{ provide: EventCore, useValue: main }] : []),
      ...(second && other ? [{ provide: second.token, useValue: other }] : []),
    ];
    return {
      module: EventingModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [...shared, { provide: CORES, useValue: cores }, ServiceLife],
      exports: [...shared, ServiceLife],
    };
  }
}
