/** A service as a process of its own: around its module, what the process tells of itself and what others may read. */
import {
  CLOCK_HOST,
  ClockController,
  type ClockHost,
  FeedController,
  GrpcHealthController,
  SERVED_FEEDS,
  SERVING,
  type ServedFeeds,
} from '@mora/grpc';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { ErrorFilter } from '../error.filter.js';
import { HEALTH, type Health, HealthController } from '../http/health.js';
import { HistoryController } from '../http/history.js';
import { METRICS, MetricsController } from '../http/metrics.js';
import { StandingController } from '../http/standing.js';
import { IS_OPEN, WhileOpen } from '../http/while-open.js';

export interface ProcessTells {
  readonly health: Health;
  metrics(): Promise<string>;
  isOpen(): boolean;
  readonly feeds: ServedFeeds;
  readonly clock: ClockHost;
}

@Module({})
export class ProcessModule {
  static around(service: DynamicModule, tells: ProcessTells): DynamicModule {
    return {
      module: ProcessModule,
      imports: [service, TerminusModule.forRoot({ logger: false })],
      controllers: [
        HealthController,
        MetricsController,
        StandingController,
        HistoryController,
        FeedController,
        GrpcHealthController,
        ClockController,
      ],
      providers: [
        { provide: HEALTH, useValue: tells.health },
        { provide: METRICS, useValue: () => tells.metrics() },
        { provide: IS_OPEN, useValue: () => tells.isOpen() },
        { provide: SERVED_FEEDS, useValue: tells.feeds },
        { provide: SERVING, useValue: (name: string) => (name === '' ? tells.isOpen() : null) },
        { provide: CLOCK_HOST, useValue: tells.clock },
        { provide: APP_GUARD, useClass: WhileOpen },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}
