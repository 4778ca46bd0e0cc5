/** `feed.v1`: others read the events of this process's sources, and ask how far its consumers are. */
import type { CheckpointRow } from '@mora/eventing';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { feedV1 } from '../generated.js';
import { InvalidRequest } from '../remote.js';
import { SERVED_FEEDS } from '../tokens.js';
import type { ServedFeed } from './feed.js';
import { checkpointMessage, cursorOf, readMessage, watermarkMessage } from './messages.js';

export interface ServedFeeds {
  /** Of the sources that this process owns; none for one that only reads. */
  feeds(): readonly ServedFeed[];
  /** Checkpoints that this process's consumers have stored in a source, for the epoch check of that source. */
  checkpoints(source: string): Promise<readonly CheckpointRow[]>;
  /** An answer has fewer events when they would be larger than this; default 8 MB, half of what a message may have. */
  readonly maxBytes?: number;
}

const MOST_EVENTS = 500;
const MAX_BYTES = 8 * 1024 * 1024;

/** This process owns no such source. */
class UnknownSource extends Error {
  readonly code = 'UNKNOWN_SOURCE';
}

@Controller()
export class FeedController {
  constructor(@Inject(SERVED_FEEDS) private readonly served: ServedFeeds) {}

  @GrpcMethod('FeedService', 'Read')
  async read({ source, shard, after, limit }: feedV1.ReadRequest) {
    const feed = this.feedOf(source, shard);
    if (limit < 1) throw new InvalidRequest('ReadRequest: limit');
    const from = cursorOf(after, () => new InvalidRequest('ReadRequest: after'));
    const result = await feed.read({ shard, after: from, limit: Math.min(limit, MOST_EVENTS) });
    return readMessage(result, this.served.maxBytes ?? MAX_BYTES);
  }

  @GrpcMethod('FeedService', 'Watermark')
  async watermark({ source, shard }: feedV1.WatermarkRequest) {
    return watermarkMessage(await this.feedOf(source, shard).watermark(shard));
  }

  @GrpcMethod('FeedService', 'Checkpoints')
  async checkpoints({ source }: feedV1.CheckpointsRequest) {
    const rows = await this.served.checkpoints(source);
    return { checkpoints: rows.filter((row) => row.source === source).map(checkpointMessage) };
  }

  private feedOf(source: string, shard: number): ServedFeed {
    const feed = this.served.feeds().find((each) => each.source === source);
    if (feed === undefined) throw new UnknownSource(`this process does not own ${source}`);
    if (shard >= feed.shards) throw new InvalidRequest(`shard: ${source} has ${feed.shards}`);
    return feed;
  }
}
