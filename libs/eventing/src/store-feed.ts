/**
 * A feed over a store of the same process (or, in tests, of another replica): what the writer just committed comes from
 * memory, everything else from `Read`. Commits of other replicas are found by polling the heads.
 */
import type { EventEnvelope } from '@mora/contracts';
import type { EventFeed } from './feed.js';
import type { ShardWriter } from './shard-writer.js';
import type { EventStore } from './store.js';
import { Tail } from './tail.js';

export interface StoreFeed extends EventFeed {
  /** Looks for commits of other replicas. */
  poll(): Promise<void>;
}

export const createStoreFeed = (
  store: EventStore,
  writer: Pick<ShardWriter, 'onCommitted'> | null,
  options: { readonly wall: () => number; readonly keep?: number },
): StoreFeed => {
  const tail = new Tail(store.shards, options.keep ?? 2_000);
  const heads = new Map<number, number>();
  const listeners = new Set<(shard: number) => void>();
  const wake = (shard: number) => {
    for (const listener of listeners) listener(shard);
  };
  writer?.onCommitted((events) => {
    const byShard = Map.groupBy(events, (e: EventEnvelope) => e.shard);
    for (const [shard, own] of byShard) {
      tail.push(shard, own);
      heads.set(shard, Math.max(heads.get(shard) ?? 0, own.at(-1)!.position));
      wake(shard);
    }
  });
  return {
    source: store.source,
    read: async (request) => {
      const kept = tail.after(request.shard, request.after, request.limit);
      if (kept && kept.length > 0)
        return {
          from: request.after,
          events: kept,
          head: { epoch: store.epoch(), position: heads.get(request.shard) ?? kept.at(-1)!.position },
        };
      const result = await store.read(request);
      heads.set(request.shard, Math.max(heads.get(request.shard) ?? 0, result.head.position));
      return result;
    },
    watermark: async (shard) => {
      if (!heads.has(shard)) for (const head of await store.heads()) heads.set(head.shard, head.position);
      return { epoch: store.epoch(), position: heads.get(shard) ?? 0, at: new Date(options.wall()).toISOString() };
    },
    onMore: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    poll: async () => {
      for (const head of await store.heads()) {
        if (head.position === heads.get(head.shard)) continue;
        heads.set(head.shard, head.position);
        wake(head.shard);
      }
    },
  };
};
