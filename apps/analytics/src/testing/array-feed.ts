import type { EventEnvelope } from '@mora/contracts';
import type { EventFeed, ReadRequest, ReadResult } from '@mora/eventing';

/** A feed over given events of one source; `offer` adds more, `deliver` lets a test spoil what is read. */
export class ArrayFeed implements EventFeed {
  deliver: (events: readonly EventEnvelope[]) => readonly EventEnvelope[] = (events) => events;
  private readonly shards = new Map<number, EventEnvelope[]>();
  private readonly listeners = new Set<(shard: number) => void>();

  constructor(readonly source: string) {}

  offer(events: readonly EventEnvelope[]): void {
    const touched = new Set<number>();
    for (const event of events) {
      if (event.source !== this.source) continue;
      const log = this.shards.get(event.shard) ?? [];
      log.push(event);
      this.shards.set(event.shard, log);
      touched.add(event.shard);
    }
    for (const shard of touched) for (const listener of this.listeners) listener(shard);
  }

  async read({ shard, after, limit }: ReadRequest): Promise<ReadResult> {
    const log = this.shards.get(shard) ?? [];
    const head = { epoch: 1, position: log.length };
    const from = after.epoch === 0 ? { epoch: 1, position: 0 } : after;
    return { from, events: this.deliver(log.slice(from.position, from.position + limit)), head };
  }

  async watermark(shard: number) {
    return { epoch: 1, position: this.shards.get(shard)?.length ?? 0, at: '2026-11-02T00:00:00.000Z' };
  }

  onMore(listener: (shard: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
