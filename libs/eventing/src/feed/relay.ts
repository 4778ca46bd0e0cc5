/**
 * The store is its own outbox: the relay walks every shard from the last published position and hands every event over in
 * order, one publish in flight per shard; a failed one is repeated with the very same events. Every few seconds it adds a
 * watermark, so that "nothing happened" differs from "nothing arrives".
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { Activity } from '../clock/activity.js';
import { START } from './checkpoint.js';
import type { EventFeed, Watermark } from './feed.js';

export interface Publisher {
  /** Last published cursor of a shard, as the other side knows it. */
  published(shard: number): Promise<Cursor>;
  publish(shard: number, events: readonly EventEnvelope[]): Promise<void>;
  watermark(shard: number, mark: Watermark): Promise<void>;
}

export interface RelayOptions {
  readonly feed: EventFeed;
  readonly shards: number;
  readonly publisher: Publisher;
  readonly activity: Activity;
  readonly batch?: number;
  readonly watermarkEveryMs?: number;
  readonly onError?: (error: unknown, shard: number) => void;
}

export class Relay {
  private readonly cursors: Cursor[];
  private readonly running: (Promise<void> | null)[];
  private readonly again: boolean[];
  private stopped = false;
  private unsubscribe: (() => void) | null = null;
  private interval: NodeJS.Timeout | null = null;

  constructor(private readonly options: RelayOptions) {
    this.cursors = Array.from({ length: options.shards }, () => START);
    this.running = Array.from({ length: options.shards }, () => null);
    this.again = Array.from({ length: options.shards }, () => false);
  }

  async start(): Promise<void> {
    for (let shard = 0; shard < this.options.shards; shard++)
      this.cursors[shard] = await this.options.publisher.published(shard);
    this.unsubscribe = this.options.feed.onMore((shard) => this.run(shard));
    for (let shard = 0; shard < this.options.shards; shard++) this.run(shard);
    this.interval = setInterval(() => void this.mark(), this.options.watermarkEveryMs ?? 5_000);
    this.interval.unref();
  }

  /** Publishes what is under way and ends. Idempotent. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.unsubscribe?.();
    if (this.interval) clearInterval(this.interval);
    await Promise.all(this.running);
  }

  private run(shard: number): void {
    if (this.stopped) return;
    if (this.running[shard]) {
      this.again[shard] = true;
      return;
    }
    const end = this.options.activity.begin();
    this.running[shard] = this.drain(shard).finally(() => {
      this.running[shard] = null;
      if (this.again[shard]) {
        this.again[shard] = false;
        this.run(shard);
      }
      end();
    });
  }

  private async drain(shard: number): Promise<void> {
    for (let failures = 0; !this.stopped; ) {
      try {
        const { feed, publisher, batch } = this.options;
        const { from, events } = await feed.read({ shard, after: this.cursors[shard]!, limit: batch ?? 500 });
        if (events.length === 0) {
          this.cursors[shard] = from;
          return;
        }
        await publisher.publish(shard, events);
        const last = events.at(-1)!;
        this.cursors[shard] = { epoch: last.epoch, position: last.position };
        failures = 0;
      } catch (error) {
        this.options.onError?.(error, shard);
        failures += 1;
        await new Promise((r) => setTimeout(r, Math.min(5_000, 50 * 2 ** Math.min(failures, 7))));
      }
    }
  }

  private async mark(): Promise<void> {
    for (let shard = 0; shard < this.options.shards && !this.stopped; shard++) {
      if (this.running[shard]) continue;
      try {
        const head = await this.options.feed.watermark(shard);
        if (head.position === this.cursors[shard]!.position) await this.options.publisher.watermark(shard, head);
      } catch (error) {
        this.options.onError?.(error, shard);
      }
    }
  }
}
