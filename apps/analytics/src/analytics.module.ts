/** The service: archive, views, figures. Owns no streams; names its adapters. */
import { SOURCES } from '@mora/contracts';
import type { Loop, Platform, ReaderDefinition, ServiceParts } from '@mora/service';
import type { Log } from '@mora/telemetry';
import type { AnalyticsConfig } from './config.js';
import { Consumer, type ConsumerOptions } from './consumer.js';
import { type HttpServer, httpServer } from './inbound/server.js';
import { migrations } from './migrations/index.js';
import { PROCESSOR, readCheckpoints } from './projection/checkpoints.js';
import { placeIn } from './projection/place.js';
import type { AnalyticsQueries } from './queries/answers.js';
import { createQueries } from './queries/queries.js';
import { ensureViews } from './rebuild.js';
import { VIEWS } from './views/all.js';

export interface AnalyticsParts extends ServiceParts {
  /** What the command line asks in process. */
  readonly api: AnalyticsQueries;
  readonly http: HttpServer | null;
}

export const analyticsService = (config: AnalyticsConfig): ReaderDefinition<AnalyticsParts> => ({
  name: 'analytics',
  source: null,
  migrations,
  open: async ({ pool, platform, clock, activity, log }) => {
    const place = placeIn(config.zone);
    await ensureViews({ pool, views: VIEWS, place });
    const consumer = new Consumer({
      pool,
      views: VIEWS,
      place,
      activity,
      log,
      feeds: () => everyFeed(platform, log),
      batchSize: config.batchSize,
      holdAbove: config.holdAbove,
    });
    const api = createQueries({ pool, views: VIEWS, place, zone: config.zone, consumer, now: () => clock.now() });
    const http = config.http === null ? null : httpServer({ ...config.http, queries: api, log });
    const consume: Loop = {
      name: 'analytics-consumer',
      start: () => consumer.start(),
      stop: () => consumer.stop(),
    };
    return {
      api,
      http,
      loops: http === null ? [consume] : [consume, http],
      claims: async () =>
        (await readCheckpoints(pool))
          .filter((progress) => progress.eventId !== '')
          .map(({ lastAt: _, ...progress }) => ({ ...progress, processor: PROCESSOR })),
    };
  },
});

/** A source that nobody offers here is left out, with a warning. Policies have no debtor: one shard. */
const everyFeed = (platform: Platform, log: Log): ReturnType<ConsumerOptions['feeds']> =>
  SOURCES.flatMap((source) => {
    try {
      return [{ feed: platform.feed(source), shards: source === 'policy' ? 1 : platform.shards }];
    } catch (error) {
      log.warn({ source, error: String(error) }, 'Analytics has no feed of a source');
      return [];
    }
  });
