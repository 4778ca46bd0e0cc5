/** `feed.v1`: one service reads the events of another, and a source asks its subscribers how far they are. */
import type { CheckpointRow, EventFeed } from '@mora/eventing';
import { clientFor } from '../client.js';
import { feedV1 } from '../generated.js';
import { createCaller, type PortClientOptions } from '../remote.js';
import { checkpointOf, cursorMessage, readResultOf, watermarkOf } from './messages.js';

/** What a process lets others read: an own source's feed. */
export type ServedFeed = Pick<EventFeed, 'source' | 'read' | 'watermark'> & { readonly shards: number };

/** A source at another process, for backfill and watermarks. It says nothing by itself of new events. */
export type RemoteReader = Pick<EventFeed, 'source' | 'read' | 'watermark'> & { close(): void };

/** Reads `source` from the process at `host:port`; an answer may hold fewer events than asked for although the head is further on. */
export const remoteReader = (address: string, source: string, options: PortClientOptions = {}): RemoteReader => {
  const service = clientFor(feedV1.FeedService, address, options);
  const closed = new AbortController();
  const caller = createCaller(options, closed.signal);
  return {
    source,
    read: async ({ shard, after, limit }) => {
      const request = { source, shard, after: cursorMessage(after), limit };
      return readResultOf(await caller.repeated((per) => service.read(request, per)), { source, shard });
    },
    watermark: async (shard) => watermarkOf(await caller.repeated((per) => service.watermark({ source, shard }, per))),
    close: () => {
      closed.abort();
      service.close();
    },
  };
};

/** What the process at `host:port` has taken in of a source: asked before that source's first append. */
export const remoteCheckpoints = (
  address: string,
  options: PortClientOptions = {},
): { checkpoints(source: string): Promise<readonly CheckpointRow[]>; close(): void } => {
  const service = clientFor(feedV1.FeedService, address, options);
  const closed = new AbortController();
  const caller = createCaller(options, closed.signal);
  return {
    checkpoints: async (source) => {
      const { checkpoints } = await caller.repeated((per) => service.checkpoints({ source }, per));
      return checkpoints.map((message) => checkpointOf(message, source));
    },
    close: () => {
      closed.abort();
      service.close();
    },
  };
};
