/**
 * What the writer remembers of a shard: where its head is, what its streams fold to, and what this service has taken in of
 * others. All but the last is only as true as the head, and nothing of it outlives an epoch.
 */
import type { Cursor, EventMeta } from '@mora/contracts';
import type { EventStore, Head } from '../store/store.js';
import type { Batch } from './batch.js';
import { STREAMS } from './feed-work.js';
import { ClockSkew } from './skew.js';
import { type Folded, StreamCache } from './stream-cache.js';

export class WriterMemory {
  private readonly heads = new Map<number, Omit<Head, 'shard'>>();
  private readonly states: StreamCache;
  private readonly taken: Map<string, Cursor>[];
  private epoch: number;
  /** Whose each stream is that could not be read. */
  readonly unreadable = new Map<string, string>();
  readonly skew = new ClockSkew();

  constructor(
    private readonly store: Pick<EventStore, 'epoch' | 'shards'>,
    cachedStreams: number,
  ) {
    this.epoch = store.epoch();
    this.states = new StreamCache(cachedStreams);
    this.taken = Array.from({ length: store.shards }, () => new Map());
  }

  /** What was remembered in another epoch may never have happened. */
  inEpoch(): number {
    const epoch = this.store.epoch();
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.heads.clear();
      this.states.clear();
    }
    return epoch;
  }

  get shards(): number {
    return this.store.shards;
  }

  head(shard: number): Omit<Head, 'shard'> | undefined {
    return this.heads.get(shard);
  }

  state(stream: string): Folded | undefined {
    return this.states.get(stream);
  }

  /** A head read under the lock: if somebody else moved it, the shard's states are outdated. */
  compare({ shard, position }: Head): void {
    if (this.heads.get(shard)?.position !== position) this.states.forgetShard(shard);
  }

  keep(batch: Batch): void {
    for (const stream of batch.nowReadable) this.unreadable.delete(stream);
    for (const [stream, subject] of batch.nowUnreadable) this.unreadable.set(stream, subject);
    if (batch.epoch !== this.inEpoch()) return;
    for (const { shard, to, lastAt } of batch.headMoves()) this.heads.set(shard, { position: to, lastAt });
    for (const [stream, folded] of batch.folded()) this.states.set(stream, folded);
  }

  forget(shards: readonly number[]): void {
    for (const shard of shards) {
      this.heads.delete(shard);
      this.states.forgetShard(shard);
    }
  }

  async recallUnreadable(store: Pick<EventStore, 'parkedSubjects'>): Promise<void> {
    for (const { source: stream, subject } of await store.parkedSubjects(STREAMS)) this.unreadable.set(stream, subject);
  }

  noteTaken(source: string, shard: number, cursor: Cursor): void {
    this.taken[shard]!.set(source, cursor);
  }

  takenOf(shard: number): ReadonlyMap<string, Cursor> {
    return this.taken[shard]!;
  }

  /** The `after` of one batch's events, made once per shard. */
  vectors(): (shard: number) => EventMeta['after'] {
    const vectors = new Map<number, EventMeta['after']>();
    return (shard) => {
      let vector = vectors.get(shard);
      if (!vector) {
        vector = Object.fromEntries([...this.taken[shard]!].map(([source, c]) => [source, [c.epoch, c.position]]));
        vectors.set(shard, vector);
      }
      return vector;
    };
  }
}
