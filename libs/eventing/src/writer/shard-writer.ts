/**
 * The only way to append. One mailbox per shard merges commands, due timers and feed batches; a lane takes what queued in
 * every idle mailbox during the last commit and writes it in one transaction: that is the group commit, nobody waits for
 * company. Correctness needs no ownership: the head row serialises replicas, and a writer whose memory of a shard is not at
 * its head is refused as stale and decides again under the lock.
 */
import type { Cursor, EventEnvelope, EventMeta } from '@mora/contracts';
import type { Activity } from '../clock/activity.js';
import { EpochMoved, isRetryLater, StoreUnavailable, UnstorableData } from '../errors.js';
import {
  type CommitResult,
  type EventStore,
  type LockedSession,
  NO_WRITE,
  type ParkedEvent,
  type StoreWrite,
  type TimerRow,
} from '../store/store.js';
import { NO_TRACE, type Trace, type TracedPiece } from '../trace.js';
import type { StreamRef } from './aggregate.js';
import { Batch, type Cause, type Decision, type Origin, shardOfCommand } from './batch.js';
import type { Command } from './command.js';
import { type Folded, fold, StreamCache } from './stream-cache.js';

/** A step of a feed batch: the commands that one event leads to, or the reason why it must be parked. */
export interface FeedStep {
  readonly event: EventEnvelope;
  readonly commands: readonly Command[];
  readonly park: { readonly error: string; readonly culprit: boolean } | null;
}

export interface FeedWork {
  readonly processor: string;
  readonly source: string;
  readonly shard: number;
  readonly from: Cursor;
  readonly steps: readonly FeedStep[];
  /** Events of one parked subject that are driven again: the checkpoint stays, their parked rows go. */
  readonly redrive?: boolean;
}

export type FeedOutcome =
  | {
      readonly status: 'done';
      readonly parked: readonly ParkedEvent[];
      /** Steps taken in; fewer than given: an input of the next one has not arrived yet. */
      readonly taken: number;
      readonly waitsFor?: string;
    }
  | { readonly status: 'checkpoint-moved' };

interface Item {
  readonly shard: number;
  readonly commands: readonly Command[];
  readonly feed?: FeedWork;
  readonly timer?: TimerRow;
  readonly cause?: Cause;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  end(): void;
}

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
}

/** Why an event is parked that has no fault of its own. */
export const WAITS = Object.freeze({ error: 'waits behind a parked event', culprit: false });

const NO_CAUSE: Cause = { cause: 'cmd:none', traceparent: null };

export class ShardWriter {
  private readonly mailboxes: Item[][];
  private readonly busyShards = new Set<number>();
  private readonly knownHeads = new Map<number, { position: number; lastAt: string }>();
  private readonly taken: Map<string, Cursor>[];
  private readonly cache: StreamCache;
  private readonly trace: Trace;
  private readonly listeners: ((events: readonly EventEnvelope[]) => void)[] = [];
  private running = 0;
  private scheduled = false;
  private epoch: number;
  private held = false;
  private closed = false;

  constructor(private readonly options: ShardWriterOptions) {
    const { shards } = options.store;
    this.epoch = options.store.epoch();
    this.mailboxes = Array.from({ length: shards }, () => []);
    this.taken = Array.from({ length: shards }, () => new Map());
    this.cache = new StreamCache(options.cachedStreams ?? 3_000);
    this.trace = options.trace ?? NO_TRACE;
    if (options.onCommitted) this.listeners.push(options.onCommitted);
  }

  /** Called with the events of every commit, in order per shard, before the command's promise resolves. */
  onCommitted(listener: (events: readonly EventEnvelope[]) => void): void {
    this.listeners.push(listener);
  }

  get shards(): number {
    return this.mailboxes.length;
  }

  /**
   * @returns the events this command added (none when it was a repetition) and its streams' states.
   * @throws what `decide` threw, or {@link StoreUnavailable} when the store did not answer.
   */
  execute(command: Command, traceparent: string | null = this.trace.current()): Promise<Decision> {
    return this.enqueue<Decision>({
      shard: shardOfCommand(command, this.shards),
      commands: [command],
      cause: { cause: command.cause ?? NO_CAUSE.cause, traceparent },
    });
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
    const shards = Array.from({ length: this.shards }, (_, shard) => shard);
    const end = this.options.activity.begin();
    await this.holdAll();
    try {
      const items = shards.map((shard) => {
        const command = commandOf(shard);
        return settledItem({
          shard,
          commands: [command],
          cause: { cause: command.cause ?? NO_CAUSE.cause, traceparent: null },
        });
      });
      const decided = await this.underLockAgain(items, { allOrNone: true });
      return decided.flatMap((d) => d.events);
    } finally {
      this.held = false;
      this.schedule();
      end();
    }
  }

  private async holdAll(): Promise<void> {
    while (this.held) await new Promise((r) => setImmediate(r));
    this.held = true;
    while (this.running > 0) await new Promise((r) => setImmediate(r));
  }

  /** What this service has taken in of a source in a shard; becomes part of `after`. */
  noteTaken(source: string, shard: number, cursor: Cursor): void {
    this.taken[shard]!.set(source, cursor);
  }

  takenOf(shard: number): ReadonlyMap<string, Cursor> {
    return this.taken[shard]!;
  }

  /** Refuses new work and waits for what is queued. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.running > 0 || this.mailboxes.some((m) => m.length > 0)) await new Promise((r) => setTimeout(r, 2));
  }

  private enqueue<T>(item: Omit<Item, 'resolve' | 'reject' | 'end'>): Promise<T> {
    if (this.closed) return Promise.reject(new StoreUnavailable('the shard writer is closed'));
    const end = this.options.activity.begin();
    return new Promise<T>((resolve, reject) => {
      this.mailboxes[item.shard]!.push({ ...item, resolve: resolve as (value: unknown) => void, reject, end });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.held || this.running >= (this.options.lanes ?? 2)) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (!this.held && this.running < (this.options.lanes ?? 2)) {
        const items = this.pick();
        if (items.length === 0) return;
        void this.lane(items);
      }
    });
  }

  private pick(): Item[] {
    const max = this.options.maxItems ?? 200;
    const items: Item[] = [];
    for (let shard = 0; shard < this.mailboxes.length && items.length < max; shard++) {
      const mailbox = this.mailboxes[shard]!;
      if (mailbox.length === 0 || this.busyShards.has(shard)) continue;
      this.busyShards.add(shard);
      items.push(...mailbox.splice(0, max));
    }
    return items;
  }

  private async lane(items: Item[]): Promise<void> {
    this.running += 1;
    try {
      await this.process(items);
    } finally {
      this.running -= 1;
      for (const item of items) this.busyShards.delete(item.shard);
      this.schedule();
      for (const item of items) item.end();
    }
  }

  private async process(items: readonly Item[]): Promise<void> {
    try {
      if (!(await this.optimistic(items))) await this.underLockAgain(items);
    } catch (error) {
      this.forget(items);
      if (!(error instanceof UnstorableData)) for (const item of items) item.reject(error);
      else if (items.length > 1) for (const item of items) await this.process([item]);
      else await this.isolate(items[0]!, error);
    }
  }

  /** A feed batch with an unstorable event is taken event by event, and that event is parked. */
  private async isolate(item: Item, error: UnstorableData): Promise<void> {
    const { feed } = item;
    if (!feed) return item.reject(error);
    if (feed.steps.every((step) => step.park)) return item.reject(error);
    const parked: ParkedEvent[] = [];
    const waiting = new Set<string>();
    let from = feed.from;
    for (const step of feed.steps) {
      const single =
        feed.steps.length === 1
          ? { ...step, commands: [], park: { error: error.message, culprit: true } }
          : waiting.has(step.event.subject)
            ? { ...step, commands: [], park: WAITS }
            : step;
      const outcome = await new Promise<FeedOutcome>((resolve, reject) => {
        const work: FeedWork = { ...feed, from, steps: [single] };
        void this.process([
          {
            shard: item.shard,
            commands: single.commands,
            feed: work,
            resolve: resolve as Item['resolve'],
            reject,
            end: item.end,
          },
        ]);
      }).catch((cause: unknown) => cause);
      if (!isOutcome(outcome)) return item.reject(outcome);
      if (outcome.status !== 'done') return item.resolve(outcome);
      parked.push(...outcome.parked);
      for (const p of outcome.parked) waiting.add(p.subject);
      if (outcome.taken === 0) return item.resolve({ ...outcome, parked, taken: feed.steps.indexOf(step) });
      from = { epoch: step.event.epoch, position: step.event.position };
    }
    item.resolve({ status: 'done', parked, taken: feed.steps.length } satisfies FeedOutcome);
  }

  private forget(items: readonly Item[]): void {
    for (const item of items) {
      this.knownHeads.delete(item.shard);
      this.cache.forgetShard(item.shard);
    }
  }

  /** What was remembered in another epoch may never have happened. */
  private inEpoch(): number {
    const epoch = this.options.store.epoch();
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.knownHeads.clear();
      this.cache.clear();
    }
    return epoch;
  }

  private async underLockAgain(items: readonly Item[], options = { allOrNone: false }): Promise<readonly Decision[]> {
    try {
      return await this.underLock(items, options);
    } catch (error) {
      if (!(error instanceof EpochMoved)) throw error;
      return this.underLock(items, options);
    }
  }

  /**
   * One round trip on remembered heads and states, also when nothing was decided: silence and refusals on memory must be as
   * true as events are. @returns false when somebody else wrote, or the side table is needed. */
  private async optimistic(items: readonly Item[]): Promise<boolean> {
    if (items.some((item) => item.commands.some((c) => (c.sideKeys?.length ?? 0) > 0))) return false;
    this.inEpoch();
    const shards = [...new Set(items.map((i) => i.shard))];
    if (shards.some((shard) => !this.knownHeads.has(shard))) return false;
    const batch = this.newBatch();
    for (const shard of shards) {
      const head = this.knownHeads.get(shard)!;
      batch.setHead(shard, head.position, head.lastAt);
    }
    const missing: [StreamRef, number, string][] = [];
    for (const [streamRef, shard, subject] of wanted(items, this.shards)) {
      const folded = this.cache.get(streamRef.stream);
      if (folded) batch.setStream(streamRef, folded, subject);
      else missing.push([streamRef, shard, subject]);
    }
    if (missing.length > 0) await this.loadInto(batch, missing, this.options.store);
    const outcomes = this.decideAll(batch, items);
    const beganAt = this.options.origin.wall();
    const result = await this.options.store.commit(batch.write());
    if (result.status === 'committed') {
      this.endTraced(batch, outcomes, beganAt);
      this.finish(batch, outcomes, result.recordedAt);
      return true;
    }
    this.forget(items);
    return false;
  }

  private async underLock(items: readonly Item[], options = { allOrNone: false }): Promise<readonly Decision[]> {
    const shards = [...new Set(items.map((i) => i.shard))].sort((a, b) => a - b);
    let batch = this.newBatch();
    let outcomes: readonly Outcome[] = [];
    const beganAt = this.options.origin.wall();
    const result: CommitResult = await this.options.store.locked(
      shards,
      async (session: LockedSession): Promise<StoreWrite> => {
        batch = this.newBatch();
        for (const head of session.heads) {
          const known = this.knownHeads.get(head.shard);
          if (known?.position !== head.position) this.cache.forgetShard(head.shard);
          batch.setHead(head.shard, head.position, head.lastAt);
        }
        const missing: [StreamRef, number, string][] = [];
        for (const [streamRef, shard, subject] of wanted(items, this.shards)) {
          const folded = this.cache.get(streamRef.stream);
          if (folded) batch.setStream(streamRef, folded, subject);
          else missing.push([streamRef, shard, subject]);
        }
        if (missing.length > 0) await this.loadInto(batch, missing, session);
        const keys = [...new Set(items.flatMap((i) => i.commands.flatMap((c) => c.sideKeys ?? [])))].sort();
        if (keys.length > 0) batch.setSide(await session.lockSide(keys));
        outcomes = this.decideAll(batch, items);
        return options.allOrNone && outcomes.some((o) => 'error' in o) ? NO_WRITE : batch.write();
      },
    );
    if (options.allOrNone) for (const outcome of outcomes) if ('error' in outcome) throw outcome.error;
    if (result.status !== 'committed') {
      this.forget(items);
      for (const item of items)
        if (item.feed) item.resolve({ status: 'checkpoint-moved' } satisfies FeedOutcome);
        else this.requeue(item);
      return [];
    }
    this.endTraced(batch, outcomes, beganAt);
    return this.finish(batch, outcomes, result.recordedAt);
  }

  /** A command that shared a transaction with a feed batch of a moved checkpoint is innocent. */
  private requeue(item: Item): void {
    const end = this.options.activity.begin();
    this.mailboxes[item.shard]!.push({ ...item, resolve: item.resolve, reject: item.reject, end });
  }

  private newBatch(): Batch {
    const vectors = new Map<number, EventMeta['after']>();
    return new Batch(this.options.origin, this.inEpoch(), (shard) => {
      let vector = vectors.get(shard);
      if (!vector) {
        vector = Object.fromEntries([...this.taken[shard]!].map(([source, c]) => [source, [c.epoch, c.position]]));
        vectors.set(shard, vector);
      }
      return vector;
    });
  }

  private async loadInto(
    batch: Batch,
    missing: readonly [StreamRef, number, string][],
    from: Pick<LockedSession, 'load'>,
  ): Promise<void> {
    const loaded = await from.load(
      missing.map(([r, shard]) => ({ shard, stream: r.stream, foldVersion: r.aggregate.foldVersion })),
    );
    const byStream = new Map(loaded.map((l) => [l.stream, l]));
    for (const [streamRef, shard, subject] of missing) {
      const found = byStream.get(streamRef.stream) ?? { stream: streamRef.stream, snapshot: null, tail: [] };
      batch.setStream(streamRef, fold(streamRef.aggregate, found, shard), subject);
    }
  }

  private decideAll(batch: Batch, items: readonly Item[]): readonly Outcome[] {
    return items.map((item) => (item.feed ? this.decideFeed(batch, item, item.feed) : this.decideCommand(batch, item)));
  }

  private decideCommand(batch: Batch, item: Item): Outcome {
    if (item.timer && !batch.clearTimer(item.timer)) return { item, value: { events: [], states: [] } };
    try {
      const { decisions, work } = this.decideTraced(batch, item.commands, item.cause ?? NO_CAUSE);
      const value = { events: decisions.flatMap((d) => d.events), states: decisions.at(-1)?.states ?? [] };
      return { item, value, work };
    } catch (error) {
      if (item.timer && isRetryLater(error)) batch.keepTimer(item.timer);
      return { item, error };
    }
  }

  private decideFeed(batch: Batch, item: Item, feed: FeedWork): Outcome {
    const moved = feed.redrive ? undefined : batch.movedTo(feed.processor, feed.source, feed.shard);
    if (moved && (moved.epoch !== feed.from.epoch || moved.position !== feed.from.position))
      return { item, value: { status: 'checkpoint-moved' } satisfies FeedOutcome };
    const parked: ParkedEvent[] = [];
    const pieces: TracedPiece[] = [];
    const waiting = new Set<string>();
    let taken = 0;
    let waitsFor: string | undefined;
    for (const step of feed.steps) {
      const { event } = step;
      const key = parkKey(feed, event);
      const cause = {
        cause: `${event.source}/${event.epoch}/${event.shard}/${event.position}`,
        traceparent: event.meta.traceparent,
        correlationId: event.meta.correlationId,
        answering: event,
      };
      let park = step.park;
      if (!park && waiting.has(event.subject)) park = WAITS;
      if (!park) {
        try {
          pieces.push(...this.decideTraced(batch, step.commands, cause).work);
          if (feed.redrive) batch.unparkEvent(key);
        } catch (error) {
          if (isRetryLater(error)) {
            waitsFor = (error as Error).message;
            break;
          }
          park = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error), culprit: true };
        }
      }
      if (park) {
        waiting.add(event.subject);
        const row = parkedRow(feed, event, park);
        parked.push(row);
        batch.parkEvent(row);
      }
      if (feed.redrive) batch.claimParked(key);
      taken += 1;
    }
    const last = taken > 0 ? feed.steps[taken - 1] : undefined;
    if (last && !feed.redrive) batch.moveCheckpoint(feed.processor, feed.source, feed.shard, feed.from, last.event);
    const value: FeedOutcome = { status: 'done', parked, taken, ...(waitsFor === undefined ? {} : { waitsFor }) };
    return { item, value, work: pieces };
  }

  /** All or none; one piece of work for them together where they decided anything. */
  private decideTraced(
    batch: Batch,
    commands: readonly Command[],
    cause: Cause,
  ): { readonly decisions: readonly Decision[]; readonly work: readonly TracedPiece[] } {
    const [first] = commands;
    if (!first) return { decisions: [], work: [] };
    const parent = cause.traceparent ?? batch.traceOf(first);
    const piece = this.trace.begin({
      name: `decide ${first.name}`,
      kind: cause.answering ? 'consumer' : 'internal',
      parent,
      attributes: { 'mora.source': this.options.origin.source, 'mora.cause': cause.cause },
    });
    const decisions = batch.decideAll(commands, { ...cause, traceparent: piece.traceparent });
    const isSilent = decisions.every(({ events }) => events.length === 0);
    return { decisions, work: isSilent ? [] : [piece] };
  }

  /** The commit is one statement for many traces, so each shows it as its own. */
  private endTraced(batch: Batch, outcomes: readonly Outcome[], beganAt: number): void {
    const { origin, onCommit } = this.options;
    if (batch.envelopes.length > 0) onCommit?.({ events: batch.envelopes, ms: origin.wall() - beganAt });
    const attributes = { 'db.system.name': this.options.store.system, 'db.operation.name': 'commit' };
    for (const { work } of outcomes)
      for (const piece of work ?? []) {
        const { traceparent: parent } = piece;
        this.trace.begin({ name: 'commit', kind: 'client', parent, attributes, startedAt: beganAt }).end();
        piece.end();
      }
  }

  private finish(batch: Batch, outcomes: readonly Outcome[], recordedAt: string): readonly Decision[] {
    if (batch.epoch === this.inEpoch()) {
      for (const { shard, to, lastAt } of batch.headMoves()) this.knownHeads.set(shard, { position: to, lastAt });
      for (const [stream, folded] of batch.folded()) this.cache.set(stream, folded as Folded);
    }
    const events = batch.envelopes.map((e) => Object.assign(e, { recordedAt }));
    for (const outcome of outcomes) {
      const { item } = outcome;
      const taken =
        'value' in outcome && isOutcome(outcome.value) && outcome.value.status === 'done' ? outcome.value.taken : 0;
      const last = item.feed && !item.feed.redrive && taken > 0 ? item.feed.steps[taken - 1]!.event : undefined;
      if (last) this.noteTaken(last.source, item.shard, { epoch: last.epoch, position: last.position });
    }
    if (events.length > 0) for (const listener of this.listeners) listener(events);
    for (const outcome of outcomes)
      if ('error' in outcome) outcome.item.reject(outcome.error);
      else outcome.item.resolve(outcome.value);
    return outcomes.flatMap((o) => ('value' in o && 'events' in (o.value as object) ? [o.value as Decision] : []));
  }
}

type Outcome = { readonly item: Item; readonly work?: readonly TracedPiece[] } & (
  | { readonly value: unknown }
  | { readonly error: unknown }
);

const settledItem = (item: Omit<Item, 'resolve' | 'reject' | 'end'>): Item => ({
  ...item,
  resolve: () => undefined,
  reject: (error) => {
    throw error;
  },
  end: () => undefined,
});

function* wanted(items: readonly Item[], shards: number): Generator<[StreamRef, number, string]> {
  const seen = new Set<string>();
  for (const item of items)
    for (const command of item.commands)
      for (const streamRef of command.streams) {
        if (seen.has(streamRef.stream)) continue;
        seen.add(streamRef.stream);
        yield [streamRef, shardOfCommand(command, shards), command.subject];
      }
}

const isOutcome = (value: unknown): value is FeedOutcome =>
  typeof value === 'object' && value !== null && 'status' in value && !(value instanceof Error);

const parkKey = (work: FeedWork, event: EventEnvelope) => ({
  processor: work.processor,
  source: work.source,
  shard: work.shard,
  epoch: event.epoch,
  position: event.position,
});

const parkedRow = (
  work: FeedWork,
  event: EventEnvelope,
  park: { readonly error: string; readonly culprit: boolean },
): ParkedEvent => ({
  ...parkKey(work, event),
  subject: event.subject,
  type: event.type,
  envelope: JSON.stringify(event),
  error: park.error.replaceAll('\u0000', '\\u0000'),
  culprit: park.culprit,
});
