/**
 * A feed over a store of the same process (or, in tests, of another replica): what the writer just committed comes from
 * memory, everything else from `Read`. Commits of other replicas are found by polling the heads.
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { EventStore } from '../store/store.js';
import type { ShardWriter } from '../writer/shard-writer.js';
import type { EventFeed } from './feed.js';
import { Tail } from './tail.js';

export interface StoreFeed extends EventFeed {
  /** Looks for commits of other replicas. */
  poll(): Promise<void>;
}

/** A watermark is never older than this; it tells the time at which the store was asked. */
const FRESH_MS = 1_000;

export const createStoreFeed = (
  store: EventStore,
  writer: Pick<ShardWriter, 'onCommitted'> | null,
  options: { readonly wall: () => number; readonly keep?: number },
): StoreFeed => {
  const tail = new Tail(store.shards, options.keep ?? 40);
  const heads = new Map<number, Cursor>();
  let epoch = store.epoch();
  let polled = Number.NEGATIVE_INFINITY;
  let polling: Promise<void> | null = null;
  /** When an epoch began elsewhere, what is kept of the one before may never have happened. */
  const forgetLost = (): void => {
    if (store.epoch() === epoch) return;
    epoch = store.epoch();
    for (let shard = 0; shard < store.shards; shard++) tail.forget(shard);
  };
  const reached = (shard: number, position: number): boolean => {
    const known = heads.get(shard);
    forgetLost();
    if (known && known.epoch === epoch && known.position >= position) return false;
    heads.set(shard, { epoch, position });
    return true;
  };
  const listeners = new Set<(shard: number) => void>();
  const wake = (shard: number) => {
    for (const listener of listeners) listener(shard);
  };
  writer?.onCommitted((events) => {
    const byShard = Map.groupBy(events, (e: EventEnvelope) => e.shard);
    forgetLost();
    for (const [shard, own] of byShard) {
      tail.push(shard, own);
      reached(shard, own.at(-1)!.position);
      wake(shard);
    }
  });
  const poll = async (): Promise<void> => {
    const asked = options.wall();
    for (const head of await store.heads()) if (reached(head.shard, head.position)) wake(head.shard);
    polled = asked;
  };
  const polledOnce = (): Promise<void> => {
    polling ??= poll().finally(() => {
      polling = null;
    });
    return polling;
  };
  return {
    source: store.source,
    read: async (request) => {
      forgetLost();
      const kept = tail.after(request.shard, request.after, request.limit);
      const head = heads.get(request.shard);
      if (kept && kept.length > 0 && head) return { from: request.after, events: kept, head };
      // At the known head: what other replicas committed since is found by the next poll, which wakes the reader.
      if (head && head.epoch === request.after.epoch && head.position === request.after.position)
        return { from: request.after, events: [], head };
      const result = await store.read(request);
      if (reached(request.shard, result.head.position)) wake(request.shard);
      return result;
    },
    watermark: async (shard) => {
      // Also when the clock was put back: a time to come says nothing.
      if (Math.abs(options.wall() - polled) > FRESH_MS) await polledOnce();
      return { ...heads.get(shard)!, at: new Date(polled).toISOString() };
    },
    onMore: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    poll: polledOnce,
  };
};
