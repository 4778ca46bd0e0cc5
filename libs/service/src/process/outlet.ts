/** One own source on its way to Kafka: the relay, by one replica at a time, and what readiness and the drain ask of it. */
import { KafkaPublisher, type KafkaPublisherOptions } from '@mora/event-feed-kafka';
import { type Activity, type EventFeed, type EventStore, type Publisher, Relay, type StoreFeed } from '@mora/eventing';
import type { Log } from '@mora/telemetry';
import type { Pool } from 'pg';
import { messageOf } from '../errors.js';
import { type Lease, notifyHolder } from './lease.js';

export interface OutletOptions {
  readonly store: EventStore;
  readonly feed: EventFeed;
  readonly activity: Activity;
  readonly log: Log;
  readonly kafka: Omit<KafkaPublisherOptions, 'source' | 'shards' | 'onError'>;
  readonly watermarkEveryMs: number;
}

/** A leader that moves takes less; after it the service is not ready. */
const FAILING_MS = 10_000;
const LOOK_AGAIN_MS = 20;

export class Outlet {
  readonly publisher: KafkaPublisher;
  private readonly relay: Relay;
  private readonly sent: number[];
  private failingSince: number | null = null;
  private failure = '';
  private waiting = 0;
  private waitingSince = 0;
  private isRunning = false;

  constructor(private readonly options: OutletOptions) {
    const { store, feed, activity, log, kafka, watermarkEveryMs } = options;
    const { source, shards } = store;
    const onError = (error: unknown, shard: number) => {
      this.failure = messageOf(error);
      if (this.failingSince === null) log.warn({ source, shard, error: this.failure }, 'publishing is interrupted');
      this.failingSince ??= performance.now();
    };
    this.publisher = new KafkaPublisher({ ...kafka, source, shards, onError });
    this.sent = Array.from({ length: shards }, () => 0);
    this.relay = new Relay({ feed, shards, activity, watermarkEveryMs, onError, publisher: this.watched() });
  }

  get source(): string {
    return this.options.store.source;
  }

  /** Waits until Kafka can be asked. @param stoodBy another replica may have published meanwhile */
  async start({ stoodBy } = { stoodBy: false }): Promise<void> {
    if (stoodBy) this.publisher.lookAgain();
    await this.relay.start();
    this.isRunning = true;
  }

  /** Why nothing is published, or null; null also while another replica publishes. */
  notReady(): string | null {
    const { failingSince, waiting, waitingSince, isRunning } = this;
    if (!isRunning) return null;
    const now = performance.now();
    if (failingSince !== null && now - failingSince > FAILING_MS) return this.failure;
    return waiting > 0 && now - waitingSince > FAILING_MS ? 'Kafka does not acknowledge' : null;
  }

  /** Resolves when all that is stored has been published, or at the deadline. @returns whether it was */
  async flush(deadline: number): Promise<boolean> {
    if (!this.isRunning) return true;
    for (;;) {
      const heads = await this.options.store.heads();
      if (heads.every(({ shard, position }) => this.sent[shard]! >= position)) return true;
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  /** Committed events that Kafka has not acknowledged to this replica; 0 while another one publishes. */
  async lag(): Promise<number> {
    if (!this.isRunning) return 0;
    const heads = await this.options.store.heads();
    return heads.reduce((sum, { shard, position }) => sum + Math.max(0, position - this.sent[shard]!), 0);
  }

  async stop(): Promise<void> {
    const stopped = this.relay.stop();
    await this.publisher.close();
    await stopped;
  }

  private watched(): Publisher {
    const { publisher } = this;
    const answered = async <T>(work: Promise<T>): Promise<T> => {
      if (this.waiting === 0) this.waitingSince = performance.now();
      this.waiting += 1;
      try {
        const value = await work;
        this.failingSince = null;
        this.waitingSince = performance.now();
        return value;
      } finally {
        this.waiting -= 1;
      }
    };
    return {
      published: async (shard) => {
        const cursor = await answered(publisher.published(shard));
        this.sent[shard] = cursor.position;
        return cursor;
      },
      publish: async (shard, events) => {
        await answered(publisher.publish(shard, events));
        this.sent[shard] = events.at(-1)?.position ?? this.sent[shard]!;
      },
      watermark: (shard, mark) => answered(publisher.watermark(shard, mark)),
    };
  }
}

/** A replica that writes and does not publish tells the one that does. */
export const announceCommits = (
  feed: EventFeed,
  lease: Pick<Lease, 'held'>,
  at: { readonly pool: Pool; readonly key: string },
): (() => void) => {
  let telling = false;
  return feed.onMore(() => {
    if (telling || lease.held) return;
    telling = true;
    setImmediate(() => {
      telling = false;
      // The holder polls too: a lost word costs a second.
      void notifyHolder(at.pool, at.key).catch(() => undefined);
    });
  });
};

export const canPoll = (feed: EventFeed): feed is StoreFeed => 'poll' in feed;
