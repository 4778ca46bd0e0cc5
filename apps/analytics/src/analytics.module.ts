import { SOURCES } from '@mora/contracts';
import { EventingModule, type Platform, processSpec, type ServiceSchema } from '@mora/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ANALYTICS_CONFIG, type AnalyticsConfig, analyticsConfig, settings } from './config.js';
import { Consumer } from './consumer.js';
import { CallsController, CasesController, FiguresController, ProofController } from './inbound/analytics.http.js';
import { serveDocument } from './inbound/document.js';
import { SmsController } from './inbound/sms.http.js';
import { ViewsController } from './inbound/views.http.js';
import { migrations } from './migrations/index.js';
import { EventViews, viewProvider } from './projection/event-views.js';
import { PLACE, placeIn } from './projection/place.js';
import { Projection } from './projection/projection.js';
import { questions } from './queries/queries.js';
import { ViewRows } from './queries/view-rows.js';
import { VIEWS } from './views/all.js';

/** Archive, views, figures, and the API that reads them. Owns no streams. */
@Module({})
export class AnalyticsModule {
  static readonly schemas: readonly ServiceSchema[] = [{ name: 'analytics', source: null, migrations }];
  static readonly process = processSpec({ settings, active: 'all', reads: SOURCES, configure: analyticsConfig });

  static for(platform: Platform, config: AnalyticsConfig): DynamicModule {
    return {
      module: AnalyticsModule,
      imports: [EventingModule.for(platform, AnalyticsModule.schemas), DiscoveryModule],
      controllers: [
        FiguresController,
        CasesController,
        CallsController,
        ProofController,
        SmsController,
        ViewsController,
      ],
      providers: [
        { provide: ANALYTICS_CONFIG, useValue: config },
        { provide: PLACE, useFactory: () => placeIn(config.zone) },
        ...VIEWS.map(viewProvider),
        EventViews,
        Projection,
        {
          provide: Consumer,
          useFactory: ({ consumer }: Projection) => consumer,
          inject: [Projection],
        },
        ViewRows,
        ...questions,
      ],
    };
  }

  static prepare(app: NestFastifyApplication): void {
    serveDocument(app);
  }
}
