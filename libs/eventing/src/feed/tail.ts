/**
 * The last committed events of a store, kept in memory so that readers in the same process need not ask the database.
 * It only ever holds a gapless end of each shard; whatever it cannot prove, it leaves to the store.
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';

export class Tail {
  private readonly shards: EventEnvelope[][];

  constructor(
    shards: number,
    private readonly keep: number,
  ) {
    this.shards = Array.from({ length: shards }, () => []);
  }

  push(shard: number, events: readonly EventEnvelope[]): void {
    const kept = this.shards[shard]!;
    const first = events[0];
    if (!first) return;
    const last = kept.at(-1);
    if (last && (last.epoch !== first.epoch || last.position + 1 !== first.position)) kept.length = 0;
    kept.push(...events);
    if (kept.length > this.keep * 2) kept.splice(0, kept.length - this.keep);
  }

  forget(shard: number): void {
    this.shards[shard]!.length = 0;
  }

  /** Events after a cursor, or null when the tail does not reach back that far or may be behind. */
  after(shard: number, cursor: Cursor, limit: number): readonly EventEnvelope[] | null {
    const kept = this.shards[shard]!;
    const first = kept[0];
    if (!first || first.epoch !== cursor.epoch) return null;
    const skip = cursor.position + 1 - first.position;
    if (skip < 0 || skip > kept.length) return null;
    return kept.slice(skip, skip + limit);
  }
}
