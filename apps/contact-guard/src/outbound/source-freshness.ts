import { EventCore, PLATFORM, type Platform } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { GUARD_CONFIG, type GuardConfig } from '../config.js';
import { REQUIRED_SOURCES } from '../reactions/guard-processor.js';
import { createFreshness, type Freshness } from './freshness.js';

const STALE_WAIT_MS = 2_000;

/** Freshness of the sources without whose word nobody is contacted. */
@Injectable()
export class SourceFreshness {
  private readonly fresh: Freshness;

  constructor(
    core: EventCore,
    @Inject(PLATFORM) platform: Platform,
    @Inject(GUARD_CONFIG) { staleWaitMs = STALE_WAIT_MS }: GuardConfig,
  ) {
    this.fresh = createFreshness({
      sources: REQUIRED_SOURCES,
      feed: (source) => platform.feed(source),
      takenOf: (shard) => core.writer.takenOf(shard),
      wall: platform.origin.wall,
      waitMs: staleWaitMs,
      acceptEarlier: platform.clock.anchor.kind === 'real',
    });
  }

  of(shard: number): ReturnType<Freshness> {
    return this.fresh(shard);
  }
}
