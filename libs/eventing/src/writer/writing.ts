/**
 * Writes one batch in one transaction: on what is remembered in one round trip, or under the lock, where heads and streams are
 * read before anything is decided. Who asked hears of it when it is committed, after everybody who follows the events.
 */
import type { EventEnvelope } from '@mora/contracts';
import { ClockAhead, EpochMoved } from '../errors.js';
import { type CommitResult, type EventStore, type LockedSession, NO_WRITE, type StoreWrite } from '../store/store.js';
import type { Trace } from '../trace.js';
import { Batch } from './batch.js';
import type { Decision } from './command.js';
import { Decider } from './deciding.js';
import type { Origin } from './envelope.js';
import { type FeedOutcome, isOutcome } from './feed-work.js';
import { type Item, type Outcome, shardsOf } from './item.js';
import { load, needsSide, recall, sideKeysOf } from './loading.js';
import type { WriterMemory } from './memory.js';
import { realNow } from './skew.js';

export interface WritingOptions {
  readonly store: EventStore;
  readonly origin: Origin;
  readonly memory: WriterMemory;
  readonly trace: Trace;
  /** An item whose turn comes again. */
  readonly again: (item: Item) => void;
  readonly onCommit?:
    | ((committed: { readonly events: readonly EventEnvelope[]; readonly ms: number }) => void)
    | undefined;
  readonly onCommitted: (events: readonly EventEnvelope[]) => void;
}

interface Decided {
  readonly batch: Batch;
  readonly outcomes: readonly Outcome[];
  /** Wall time, ms. */
  readonly beganAt: number;
}

export class Writing {
  private readonly decider: Decider;

  constructor(private readonly options: WritingOptions) {
    this.decider = new Decider(options.origin.source, options.trace);
  }

  /**
   * One round trip on remembered heads and states, also when nothing was decided: silence and refusals on memory must be as
   * true as events are. @returns false when somebody else wrote, or the side table is needed.
   */
  async optimistic(items: readonly Item[]): Promise<boolean> {
    if (needsSide(items)) return false;
    const { memory, origin, store } = this.options;
    memory.inEpoch();
    const shards = shardsOf(items);
    if (shards.some((shard) => !memory.head(shard))) return false;
    const batch = this.newBatch();
    for (const shard of shards) {
      const head = memory.head(shard)!;
      batch.setHead(shard, head.position, head.lastAt);
    }
    const missing = recall(batch, items, memory);
    if (missing.length > 0) await load(batch, missing, store);
    const outcomes = this.decider.decideAll(batch, items);
    const beganAt = origin.wall();
    const write = batch.write();
    const result = await store.commit(write);
    if (result.status === 'committed') {
      this.noteClock(write.clock, result.recordedAt);
      this.finish({ batch, outcomes, beganAt }, result.recordedAt);
      return true;
    }
    this.forget(items);
    return false;
  }

  /**
   * Decides once more when another replica began an epoch.
   * @throws with `allOrNone`, what one of the commands threw; nothing is written then
   */
  async underLock(items: readonly Item[], options = { allOrNone: false }): Promise<readonly Decision[]> {
    try {
      return await this.locked(items, options);
    } catch (error) {
      if (!(error instanceof EpochMoved)) throw error;
      return this.locked(items, options);
    }
  }

  /** @param error with which the items ended */
  failed(items: readonly Item[], error: unknown): void {
    if (error instanceof ClockAhead) this.options.memory.skew.wasRefused(error.aheadMs);
    this.forget(items);
  }

  forget(items: readonly Item[]): void {
    this.options.memory.forget(shardsOf(items));
  }

  private noteClock(asked: number | null, recordedAt: string): void {
    if (asked !== null) this.options.memory.skew.note(asked, realNow(this.options.origin), Date.parse(recordedAt));
  }

  private async locked(items: readonly Item[], { allOrNone }: { allOrNone: boolean }): Promise<readonly Decision[]> {
    const { origin, store } = this.options;
    let batch = this.newBatch();
    let outcomes: readonly Outcome[] = [];
    const beganAt = origin.wall();
    let asked: number | null = null;
    const shards = shardsOf(items).sort((a, b) => a - b);
    const result: CommitResult = await store.locked(shards, async (session): Promise<StoreWrite> => {
      batch = await this.opened(session, items);
      outcomes = this.decider.decideAll(batch, items);
      const write = allOrNone && outcomes.some((o) => 'error' in o) ? NO_WRITE : batch.write();
      asked = write.clock;
      return write;
    });
    if (allOrNone) for (const outcome of outcomes) if ('error' in outcome) throw outcome.error;
    if (result.status === 'committed') this.noteClock(asked, result.recordedAt);
    if (result.status === 'committed') return this.finish({ batch, outcomes, beganAt }, result.recordedAt);
    this.forget(items);
    // A command that shared a transaction with a feed batch of a moved checkpoint is innocent.
    for (const item of items)
      if (item.feed) item.resolve({ status: 'checkpoint-moved' } satisfies FeedOutcome);
      else this.options.again(item);
    return [];
  }

  /** A batch of what holds under the lock. */
  private async opened(session: LockedSession, items: readonly Item[]): Promise<Batch> {
    const { memory } = this.options;
    const batch = this.newBatch();
    for (const head of session.heads) {
      memory.compare(head);
      batch.setHead(head.shard, head.position, head.lastAt);
    }
    const missing = recall(batch, items, memory);
    if (missing.length > 0) await load(batch, missing, session);
    const keys = sideKeysOf(items);
    if (keys.length > 0) batch.setSide(await session.lockSide(keys));
    return batch;
  }

  private newBatch(): Batch {
    const { memory, origin } = this.options;
    return new Batch(origin, memory.inEpoch(), memory);
  }

  private finish(decided: Decided, recordedAt: string): readonly Decision[] {
    this.endTraced(decided);
    const { batch, outcomes } = decided;
    this.options.memory.keep(batch);
    for (const envelope of batch.envelopes) Object.assign(envelope, { recordedAt });
    for (const outcome of outcomes) this.noteTaken(outcome);
    if (batch.envelopes.length > 0) this.options.onCommitted(batch.envelopes);
    for (const outcome of outcomes)
      if ('error' in outcome) outcome.item.reject(outcome.error);
      else outcome.item.resolve(outcome.value);
    return outcomes.flatMap((o) => ('value' in o && 'events' in (o.value as object) ? [o.value as Decision] : []));
  }

  /** The commit is one statement for many traces, so each shows it as its own. */
  private endTraced({ batch, outcomes, beganAt }: Decided): void {
    const { origin, onCommit, store, trace } = this.options;
    if (batch.envelopes.length > 0) onCommit?.({ events: batch.envelopes, ms: origin.wall() - beganAt });
    const attributes = { 'db.system.name': store.system, 'db.operation.name': 'commit' };
    for (const { work } of outcomes)
      for (const piece of work ?? []) {
        const { traceparent: parent } = piece;
        trace.begin({ name: 'commit', kind: 'client', parent, attributes, startedAt: beganAt }).end();
        piece.end();
      }
  }

  private noteTaken(outcome: Outcome): void {
    const { feed, shard } = outcome.item;
    if (!feed || feed.redrive || !('value' in outcome) || !isOutcome(outcome.value)) return;
    const last = outcome.value.status === 'done' ? feed.steps[outcome.value.taken - 1]?.event : undefined;
    if (last) this.options.memory.noteTaken(last.source, shard, { epoch: last.epoch, position: last.position });
  }
}
