/** `feed.v1`: one service reads the events of another, and a source asks its subscribers how far they are. */
import type { CheckpointRow, EventFeed } from '@mora/eventing';
import { feedV1 } from '../generated.js';
import { addService, clientFor } from '../grpc.js';
import {
  createCaller,
  InvalidRequest,
  type PortClientOptions,
  type PortServeOptions,
  type PortServer,
  withStatuses,
} from '../remote.js';
import {
  checkpointMessage,
  checkpointOf,
  cursorMessage,
  cursorOf,
  readMessage,
  readResultOf,
  watermarkMessage,
  watermarkOf,
} from './messages.js';

/** What a process lets others read: an own source's feed. */
export type ServedFeed = Pick<EventFeed, 'source' | 'read' | 'watermark'> & { readonly shards: number };

export interface FeedServeOptions extends Omit<PortServeOptions, 'activity'> {
  /** Checkpoints that this process's consumers have stored in a source, for the epoch check of that source. */
  readonly checkpoints: (source: string) => Promise<readonly CheckpointRow[]>;
  /** An answer has fewer events when they would be larger than this; default 8 MB, half of what a message may have. */
  readonly maxBytes?: number;
}

const MOST_EVENTS = 500;
const MAX_BYTES = 8 * 1024 * 1024;

/** This process owns no such source. */
class UnknownSource extends Error {
  readonly code = 'UNKNOWN_SOURCE';
}

/** @param feeds of the sources that this process owns; none for one that only reads */
export const addFeed = (server: PortServer, feeds: readonly ServedFeed[], options: FeedServeOptions): void => {
  const served = (source: string, shard: number): ServedFeed => {
    const feed = feeds.find((each) => each.source === source);
    if (feed === undefined) throw new UnknownSource(`this process does not own ${source}`);
    if (shard >= feed.shards) throw new InvalidRequest(`shard: ${source} has ${feed.shards}`);
    return feed;
  };
  addService(
    server,
    feedV1.FeedService,
    {
      read: async ({ source, shard, after, limit }) => {
        const feed = served(source, shard);
        if (limit < 1) throw new InvalidRequest('ReadRequest: limit');
        const from = cursorOf(after, () => new InvalidRequest('ReadRequest: after'));
        const result = await feed.read({ shard, after: from, limit: Math.min(limit, MOST_EVENTS) });
        return readMessage(result, options.maxBytes ?? MAX_BYTES);
      },
      watermark: async ({ source, shard }) => watermarkMessage(await served(source, shard).watermark(shard)),
      checkpoints: async ({ source }) => {
        const rows = await options.checkpoints(source);
        return { checkpoints: rows.filter((row) => row.source === source).map(checkpointMessage) };
      },
    },
    withStatuses(options),
  );
};

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
