import { SOURCES } from '@mora/contracts';
import { type Clock } from '@mora/eventing';
import { CLOCK, EventingModule, type Platform, POOL, processSpec, type ServiceSchema } from '@mora/service';
import { type DynamicModule, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pool } from 'pg';
import { ANALYTICS_CONFIG, type AnalyticsConfig, analyticsConfig, settings } from './config.js';
import { Consumer } from './consumer.js';
import {
  CallsController,
  CasesController,
  FiguresController,
  ProofController,
  QUERIES,
} from './inbound/analytics.http.js';
import { serveDocument } from './inbound/document.js';
import { migrations } from './migrations/index.js';
import { PLACE, type Place, placeIn } from './projection/place.js';
import { Projection } from './projection/projection.js';
import { createQueries } from './queries/queries.js';
import { VIEWS } from './views/all.js';

/** Archive, views, figures, and the API that reads them. Owns no streams. */
@Module({})
export class AnalyticsModule {
  static readonly schemas: readonly ServiceSchema[] = [{ name: 'analytics', source: null, migrations }];
  static readonly process = processSpec({ settings, active: 'all', reads: SOURCES, configure: analyticsConfig });

  static for(platform: Platform, config: AnalyticsConfig): DynamicModule {
    return {
      module: AnalyticsModule,
      imports: [EventingModule.for(platform, AnalyticsModule.schemas)],
      controllers: [FiguresController, CasesController, CallsController, ProofController],
      providers: [
        { provide: ANALYTICS_CONFIG, useValue: config },
        { provide: PLACE, useFactory: () => placeIn(config.zone) },
        Projection,
        {
          provide: Consumer,
          useFactory: ({ consumer }: Projection) => consumer,
          inject: [Projection],
        },
        {
          provide: QUERIES,
          useFactory: (pool: Pool, place: Place, consumer: Consumer, clock: Clock) =>
            createQueries({ pool, views: VIEWS, place, zone: config.zone, consumer, now: () => clock.now() }),
          inject: [POOL, PLACE, Consumer, CLOCK],
        },
      ],
    };
  }

  static prepare(app: NestFastifyApplication): void {
    serveDocument(app);
  }
}
