/**
 * The only way to append. One mailbox per shard merges commands, due timers and feed batches; a lane takes what queued in
 * every idle mailbox during the last commit and writes it in one transaction: that is the group commit, nobody waits for
 * company. Correctness needs no ownership: the head row serialises replicas, and a writer whose memory of a shard is not at
 * its head is refused as stale and decides again under the lock.
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { Activity } from '../clock/activity.js';
import { StoreUnavailable } from '../errors.js';
import type { EventStore, TimerRow } from '../store/store.js';
import { NO_TRACE, type Trace } from '../trace.js';
import { type Command, type Decision, isCommand } from './command.js';
import type { Origin } from './envelope.js';
import type { FeedOutcome, FeedWork } from './feed-work.js';
import { type Item, settled, type Work, workOf } from './item.js';
import { Lanes } from './lanes.js';
import { WriterMemory } from './memory.js';
import { realNow } from './skew.js';
import { writeOrTakeApart } from './taking-apart.js';
import { Writing } from './writing.js';

export interface ShardWriterOptions {
  readonly store: EventStore;
  readonly origin: Origin;
  readonly activity: Activity;
  /** Transactions at once. */
  readonly lanes?: number;
  readonly maxItems?: number;
  readonly cachedStreams?: number;
  /** Default: nobody follows. */
  readonly trace?: Trace;
  /** Told of every commit with events. */
  readonly onCommit?: (committed: { readonly events: readonly EventEnvelope[]; readonly ms: number }) => void;
  readonly onCommitted?: (events: readonly EventEnvelope[]) => void;
  /** Told when somebody who hears of a commit fails; what was committed stands. */
  readonly onTellingFailed?: (error: unknown) => void;
}

/** A statement ends before: this is for a lane that hangs in spite of it. */
const LONGEST_MS = 120_000;

const NO_COMMAND = 'what was asked for is no command of a shard of this store';

const isShard = (shard: number, shards: number): boolean => Number.isInteger(shard) && shard >= 0 && shard < shards;

export class ShardWriter {
  private readonly lanes: Lanes;
  private readonly memory: WriterMemory;
  private readonly writing: Writing;
  private readonly trace: Trace;
  private readonly listeners: ((events: readonly EventEnvelope[]) => void)[] = [];
  private closed = false;

  constructor(private readonly options: ShardWriterOptions) {
    const { store, origin, activity, trace = NO_TRACE, onCommit } = options;
    this.trace = trace;
    this.memory = new WriterMemory(store, options.cachedStreams ?? 3_000);
    this.lanes = new Lanes({
      shards: store.shards,
      lanes: options.lanes ?? 2,
      maxItems: options.maxItems ?? 200,
      longestMs: LONGEST_MS,
      work: (items) => writeOrTakeApart(this.writing, items),
    });
    this.writing = new Writing({
      store,
      origin,
      trace,
      memory: this.memory,
      again: (item) => this.lanes.putBack({ ...item, end: activity.begin() }),
      onCommit: onCommit && ((committed) => this.tell(() => onCommit(committed))),
      onCommitted: (events) => {
        for (const listener of this.listeners) this.tell(() => listener(events));
      },
    });
    if (options.onCommitted) this.listeners.push(options.onCommitted);
  }

  /** Called with the events of every commit, in order per shard, before the command's promise resolves. */
  onCommitted(listener: (events: readonly EventEnvelope[]) => void): void {
    this.listeners.push(listener);
  }

  get shards(): number {
    return this.options.store.shards;
  }

  /**
   * @returns the events this command added (none when it was a repetition) and its streams' states.
   * @throws what `decide` threw, or {@link StoreUnavailable} when the store did not answer.
   */
  execute(command: Command, traceparent: string | null = this.trace.current()): Promise<Decision> {
    return isCommand(command)
      ? this.enqueue<Decision>(workOf(command, this.shards, traceparent))
      : Promise.reject(new TypeError(NO_COMMAND));
  }

  /** Takes a feed batch in: effects, checkpoint and parked rows in one transaction. */
  take(work: FeedWork): Promise<FeedOutcome> {
    return this.enqueue<FeedOutcome>({
      shard: work.shard,
      commands: work.steps.flatMap((s) => s.commands),
      feed: work,
    });
  }

  fire(timer: TimerRow, commands: readonly Command[]): Promise<Decision> {
    const cause = { cause: `timer:${timer.stream}/${timer.name}/${timer.dueAt}`, traceparent: null };
    return this.enqueue<Decision>({ shard: timer.shard, commands, timer, cause });
  }

  /** Appends to several shards in one transaction: the same fact for every shard. */
  async executeInEveryShard(commandOf: (shard: number) => Command): Promise<readonly EventEnvelope[]> {
    const end = this.options.activity.begin();
    try {
      const decided = await this.lanes.alone(() => {
        const works = Array.from({ length: this.shards }, (_, shard) => ({
          ...workOf(commandOf(shard), this.shards, null),
          shard,
        }));
        return this.writing.underLock(works.map(settled), { allOrNone: true });
      });
      return decided.flatMap((d) => d.events);
    } finally {
      end();
    }
  }

  /** What this service has taken in of a source in a shard; becomes part of `after`. */
  noteTaken(source: string, shard: number, cursor: Cursor): void {
    this.memory.noteTaken(source, shard, cursor);
  }

  takenOf(shard: number): ReadonlyMap<string, Cursor> {
    return this.memory.takenOf(shard);
  }

  /** Before anything is decided: streams of which it is known that they cannot be read. */
  recall(): Promise<void> {
    return this.memory.recallUnreadable(this.options.store);
  }

  /** True while a stream of this debtor cannot be read: he is parked. */
  cannotRead(subject: string): boolean {
    const { unreadable } = this.memory;
    return unreadable.size > 0 && [...unreadable.values()].includes(subject);
  }

  /** Compares this process's clock with the database's; of a business clock there is nothing to measure. */
  async measureSkew(): Promise<void> {
    const { origin, store } = this.options;
    const asked = realNow(origin);
    if (asked === null) return;
    const database = await store.wall();
    this.memory.skew.note(asked, realNow(origin), database);
  }

  /** As measured last, ms; above 0: this process's clock is ahead of its database's. */
  get skewMs(): number {
    return this.memory.skew.ms;
  }

  /** Refuses new work and waits for what is queued. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    await this.lanes.drained();
  }

  private tell(telling: () => void): void {
    try {
      telling();
    } catch (error) {
      this.options.onTellingFailed?.(error);
    }
  }

  private enqueue<T>(work: Work): Promise<T> {
    if (this.closed) return Promise.reject(new StoreUnavailable('the shard writer is closed'));
    if (!isShard(work.shard, this.shards) || !work.commands.every(isCommand))
      return Promise.reject(new TypeError(NO_COMMAND));
    const end = this.options.activity.begin();
    return new Promise<T>((resolve, reject) => {
      this.lanes.put({ ...work, resolve: resolve as Item['resolve'], reject, end });
    });
  }
}
