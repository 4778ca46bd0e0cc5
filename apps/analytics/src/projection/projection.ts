/** The part of analytics that takes everything in: archive first, then every view, from all sources. */
import { SOURCES, type Source } from '@mora/contracts';
import type { Activity, CheckpointRow } from '@mora/eventing';
import { ACTIVITY, ActsOutside, LOG, PLATFORM, type Platform, POOL, type ServicePart } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { ANALYTICS_CONFIG, type AnalyticsConfig } from '../config.js';
import { Consumer, type ConsumerOptions } from '../consumer.js';
import { ensureViews } from '../rebuild.js';
import { PROCESSOR, readCheckpoints } from './checkpoints.js';
import { EventViews } from './event-views.js';
import { PLACE, type Place } from './place.js';

@ActsOutside()
@Injectable()
export class Projection implements ServicePart {
  readonly consumer: Consumer;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(PLACE) private readonly place: Place,
    @Inject(PLATFORM) platform: Platform,
    @Inject(ANALYTICS_CONFIG) { batchSize, holdAbove }: AnalyticsConfig,
    @Inject(ACTIVITY) activity: Activity,
    @Inject(LOG) log: Log,
    private readonly views: EventViews,
  ) {
    const feeds = () => everyFeed(platform, log);
    this.consumer = new Consumer({ pool, views: () => views.all, place, activity, log, feeds, batchSize, holdAbove });
  }

  async open(): Promise<void> {
    await ensureViews({ pool: this.pool, views: this.views.all, place: this.place });
  }

  async start(): Promise<void> {
    await this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
  }

  async claims(): Promise<readonly CheckpointRow[]> {
    const stored = await readCheckpoints(this.pool);
    return stored
      .filter((progress) => progress.eventId !== '')
      .map(({ lastAt: _, ...progress }) => ({ ...progress, processor: PROCESSOR }));
  }
}

/** A source that nobody offers here is left out, with a warning. Policies have no debtor: one shard. */
const everyFeed = (platform: Platform, log: Log): ReturnType<ConsumerOptions['feeds']> =>
  SOURCES.flatMap((source: Source) => {
    try {
      return [{ feed: platform.feed(source), shards: source === 'policy' ? 1 : platform.shards }];
    } catch (error) {
      log.warn({ source, error: String(error) }, 'Analytics has no feed of a source');
      return [];
    }
  });
