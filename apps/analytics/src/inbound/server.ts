/** Nest on Fastify around the API; a loop of the service, so that it starts and drains with it. */

import type { Loop } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import 'reflect-metadata';
import type { AnalyticsQueries } from '../queries/answers.js';
import { CallsController, CasesController, FiguresController, ProofController, QUERIES } from './analytics.http.js';
import { ProblemFilter } from './problem.filter.js';

export interface HttpServer extends Loop {
  /** Base address once started; null before. */
  readonly url: string | null;
}

export const httpServer = (options: {
  readonly host: string;
  readonly port: number;
  readonly queries: AnalyticsQueries;
  readonly log: Log;
}): HttpServer => {
  let app: NestFastifyApplication | null = null;
  let url: string | null = null;
  return {
    name: 'analytics-http',
    get url() {
      return url;
    },
    start: async () => {
      app = await NestFactory.create<NestFastifyApplication>(moduleOf(options.queries), new FastifyAdapter(), {
        logger: false,
      });
      app.setGlobalPrefix('api');
      app.useGlobalFilters(
        new ProblemFilter((error) => options.log.error({ error: String(error) }, 'A request failed')),
      );
      const document = new DocumentBuilder()
        .setTitle('Mora analytics')
        .setDescription('Figures, cases, calls and proofs, read from projected views. Without personal data.')
        .setVersion('1')
        .build();
      SwaggerModule.setup(
        'api/docs',
        app,
        () => SwaggerModule.createDocument(app as NestFastifyApplication, document),
        {
          ui: false,
          raw: ['json'],
          jsonDocumentUrl: 'api/openapi.json',
        },
      );
      await app.listen(options.port, options.host);
      url = await app.getUrl();
      options.log.info({ url: `${url}/api` }, 'Analytics API is up');
    },
    stop: async () => {
      const closing = app;
      app = null;
      url = null;
      await closing?.close();
    },
  };
};

const moduleOf = (queries: AnalyticsQueries) => {
  @Module({
    controllers: [FiguresController, CasesController, CallsController, ProofController],
    providers: [{ provide: QUERIES, useValue: queries }],
  })
  class AnalyticsHttpModule {}
  return AnalyticsHttpModule;
};
