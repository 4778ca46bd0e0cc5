/** How one service reads another's events. `read` may be served from a buffer; `onMore` only says that reading is worth while. */
import type { Cursor } from '@mora/contracts';
import type { ReadRequest, ReadResult } from '../store/store.js';

/** The source's own word on how far it is: nothing after `position` existed at wall time `at`. */
export interface Watermark extends Cursor {
  readonly at: string;
}

export interface EventFeed {
  readonly source: string;
  read(request: ReadRequest): Promise<ReadResult>;
  watermark(shard: number): Promise<Watermark>;
  /** The reader has everything up to there, before it reads again. */
  taken?(shard: number, upTo: Cursor): void;
  /** @returns a function that ends the subscription. */
  onMore(listener: (shard: number) => void): () => void;
}
