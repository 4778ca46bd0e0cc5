/** A topic in memory: the relay publishes into it, feeds read from it; it can lose, repeat and reorder deliveries on demand. */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { EventStore } from '../store/store.js';
import { START } from './checkpoint.js';
import type { EventFeed, Watermark } from './feed.js';
import type { Publisher } from './relay.js';

export interface MemoryTopic extends Publisher {
  /** @param store the source's `Read`, for what the topic no longer has. */
  feed(store: Pick<EventStore, 'read' | 'source'>): EventFeed;
}

/** @param deliver what a reader gets of a published batch; default: as published. */
export const createMemoryTopic = (
  shards: number,
  deliver: (events: readonly EventEnvelope[]) => readonly EventEnvelope[] = (events) => events,
): MemoryTopic => {
  const published: Cursor[] = Array.from({ length: shards }, () => START);
  const marks: (Watermark | undefined)[] = Array.from({ length: shards }, () => undefined);
  const buffers: EventEnvelope[][] = Array.from({ length: shards }, () => []);
  const listeners = new Set<(shard: number) => void>();
  const wake = (shard: number) => {
    for (const listener of listeners) listener(shard);
  };
  return {
    published: async (shard) => published[shard]!,
    publish: async (shard, events) => {
      buffers[shard]!.push(...deliver(events));
      const last = events.at(-1)!;
      published[shard] = { epoch: last.epoch, position: last.position };
      wake(shard);
    },
    watermark: async (shard, mark) => {
      marks[shard] = mark;
      wake(shard);
    },
    feed: (store) => ({
      source: store.source,
      read: async (request) => {
        const { shard, after, limit } = request;
        const next = buffers[shard]!.findIndex((e) => e.epoch === after.epoch && e.position === after.position + 1);
        if (next === -1) return store.read(request);
        return { from: after, events: buffers[shard]!.slice(next, next + limit), head: published[shard]! };
      },
      watermark: async (shard) => marks[shard] ?? { ...published[shard]!, at: new Date(0).toISOString() },
      onMore: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  };
};
