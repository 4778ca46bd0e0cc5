/**
 * Takes one processor's sources in, shard by shard: contiguous, causes before effects, exactly once. Positions start from the
 * checkpoint rows. Infrastructure errors are retried and never park; bad events are parked and never stop others.
 */
import { type Cursor, compareCursors, type EventEnvelope } from '@mora/contracts';
import type { Activity } from '../clock/activity.js';
import { FeedStopped, StoreUnavailable } from '../errors.js';
import { contiguous, START } from '../feed/checkpoint.js';
import type { EventFeed } from '../feed/feed.js';
import type { EventStore } from '../store/store.js';
import { type Command, isCommand } from '../writer/command.js';
import { type FeedStep, failed, WAITS } from '../writer/feed-work.js';
import type { ShardWriter } from '../writer/shard-writer.js';
import { causalPrefix } from './causality.js';
import { ParkAlarm, ParkedSubjects } from './parking.js';
import { type Processor, reactionOf } from './processor.js';

export interface ConsumerOptions {
  readonly processor: Processor;
  readonly feeds: readonly EventFeed[];
  readonly store: EventStore;
  readonly writer: ShardWriter;
  readonly activity: Activity;
  /** Refuses an event that breaks its contract. @returns the reason, or null. */
  readonly check?: (event: EventEnvelope) => string | null;
  readonly onError?: (error: unknown, where: { readonly source: string; readonly shard: number }) => void;
  readonly batch?: number;
}

interface Slice {
  readonly feed: EventFeed;
  readonly shard: number;
  /** Taken in; may be ahead of the stored checkpoint by events that concern nobody. */
  cursor: Cursor;
  stored: Cursor;
  lastSkipped: EventEnvelope | null;
  running: Promise<void> | null;
  again: boolean;
  alarm: ParkAlarm;
  /** It reads no more, until a person resumes it. */
  isStopped: boolean;
}

const FLUSH_AFTER = 1_000;
const LOOK_AGAIN_MS = 1_000;

export class Consumer {
  readonly parked = new ParkedSubjects();
  private readonly slices = new Map<string, Slice>();
  private unsubscribe: (() => void)[] = [];
  private stopped = false;
  /** `performance.now()`. */
  private looksAgainAt = 0;
  /** Why a slice no longer reads; health shows it. */
  readonly failures = new Map<string, string>();

  constructor(private readonly options: ConsumerOptions) {}

  async start(): Promise<void> {
    const { store, feeds, processor, writer } = this.options;
    await store.prepareCheckpoints(
      processor.name,
      feeds.map((feed) => feed.source),
    );
    const rows = await store.checkpoints(processor.name);
    for (const feed of feeds)
      for (let shard = 0; shard < store.shards; shard++) {
        const row = rows.find((r) => r.source === feed.source && r.shard === shard);
        const cursor = row ? { epoch: row.epoch, position: row.position } : START;
        this.slices.set(`${feed.source}/${shard}`, {
          feed,
          shard,
          cursor,
          stored: cursor,
          lastSkipped: null,
          running: null,
          again: false,
          alarm: new ParkAlarm(),
          isStopped: false,
        });
        writer.noteTaken(feed.source, shard, cursor);
      }
    for (const p of await store.parkedSubjects(processor.name)) this.parked.add(p.source, p.shard, p.subject);
    await this.noteStopped();
    this.unsubscribe = feeds.map((feed) => feed.onMore((shard) => this.kick(feed.source, shard)));
    for (const slice of this.slices.values()) this.run(slice);
  }

  /** Stops reading, finishes what is under way and stores every checkpoint. Idempotent. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const end of this.unsubscribe) end();
    this.unsubscribe = [];
    for (const slice of this.slices.values()) await slice.running;
    for (const slice of this.slices.values()) await this.flush(slice).catch(() => undefined);
  }

  /** Cursor per (source, shard), for lag and quiet. */
  cursors(): ReadonlyMap<string, Cursor> {
    return new Map([...this.slices].map(([key, s]) => [key, s.cursor]));
  }

  /**
   * Drives a debtor's parked events again, in order. While one still fails, it and what waits behind it stay parked.
   * @returns how many were taken in.
   */
  async redrive(subject: string): Promise<number> {
    let taken = 0;
    for (const slice of this.slices.values()) {
      if (!this.parked.has(slice.feed.source, slice.shard, subject)) continue;
      while (slice.running) await slice.running;
      const end = this.options.activity.begin();
      const driven = this.redriveSlice(slice, subject);
      slice.running = driven.then(
        () => undefined,
        () => undefined,
      );
      try {
        taken += await driven;
      } finally {
        slice.running = null;
        this.run(slice);
        end();
      }
    }
    return taken;
  }

  /**
   * Lets every feed that stopped read on, once what stopped it is mended; what it parked stays parked.
   * @returns how many had stopped
   */
  async resume(): Promise<number> {
    const { store, processor } = this.options;
    let resumed = 0;
    for (const { source, shard } of await store.stoppedFeeds(processor.name)) {
      if (await store.resumeFeed({ processor: processor.name, source, shard })) resumed += 1;
    }
    for (const slice of this.slices.values()) if (slice.isStopped) this.goOn(slice);
    return resumed;
  }

  private goOn(slice: Slice): void {
    slice.isStopped = false;
    slice.alarm = new ParkAlarm();
    this.failures.delete(`${slice.feed.source}/${slice.shard}`);
    this.run(slice);
  }

  /** Another replica may have been told to go on. */
  private lookAgain(): void {
    const { activity, processor, store } = this.options;
    if (this.stopped || performance.now() < this.looksAgainAt) return;
    this.looksAgainAt = performance.now() + LOOK_AGAIN_MS;
    const end = activity.begin();
    const look = async () => {
      const left = new Set((await store.stoppedFeeds(processor.name)).map((s) => `${s.source}/${s.shard}`));
      for (const [key, slice] of this.slices) if (slice.isStopped && !left.has(key)) this.goOn(slice);
    };
    void look()
      .catch(() => undefined)
      .finally(end);
  }

  private async noteStopped(): Promise<void> {
    const { store, processor } = this.options;
    for (const { source, shard, reason } of await store.stoppedFeeds(processor.name)) {
      const slice = this.slices.get(`${source}/${shard}`);
      if (slice) this.stand(slice, new FeedStopped(processor.name, source, shard, reason));
    }
  }

  private stand(slice: Slice, why: FeedStopped): void {
    slice.isStopped = true;
    this.failures.set(`${slice.feed.source}/${slice.shard}`, why.message);
  }

  private async redriveSlice(slice: Slice, subject: string): Promise<number> {
    const { store, processor, writer } = this.options;
    for (;;) {
      const rows = (await store.parked({ processor: processor.name, subject, limit: 100_000 })).filter(
        (p) => p.source === slice.feed.source && p.shard === slice.shard,
      );
      const steps = rows.map((row) => this.stepOf(JSON.parse(row.envelope)));
      if (steps.length === 0) {
        this.parked.remove(slice.feed.source, slice.shard, subject);
        return 0;
      }
      const outcome = await writer.take({
        processor: processor.name,
        source: slice.feed.source,
        shard: slice.shard,
        from: slice.stored,
        steps,
        redrive: true,
      });
      // Another replica drove some of them meanwhile: what is left is seen anew.
      if (outcome.status !== 'done') continue;
      const done = outcome.taken - outcome.parked.length;
      if (done === steps.length) this.parked.remove(slice.feed.source, slice.shard, subject);
      return done;
    }
  }

  private kick(source: string, shard: number): void {
    const slice = this.slices.get(`${source}/${shard}`);
    if (slice) this.run(slice);
  }

  private run(slice: Slice): void {
    if (slice.isStopped) return this.lookAgain();
    if (this.stopped) return;
    if (slice.running) {
      slice.again = true;
      return;
    }
    const end = this.options.activity.begin();
    slice.running = this.drain(slice).finally(() => {
      slice.running = null;
      if (slice.again) {
        slice.again = false;
        this.run(slice);
      }
      end();
    });
  }

  private async drain(slice: Slice): Promise<void> {
    const where = { source: slice.feed.source, shard: slice.shard };
    for (let failures = 0; !this.stopped && !slice.isStopped; ) {
      try {
        if (!(await this.round(slice))) return;
        failures = 0;
      } catch (error) {
        this.options.onError?.(error, where);
        failures += 1;
        await new Promise((r) => setTimeout(r, Math.min(5_000, 50 * 2 ** Math.min(failures, 7))));
      }
    }
  }

  /** @returns true when there may be more to read. */
  private async round(slice: Slice): Promise<boolean> {
    const { feed, shard } = slice;
    const limit = this.options.batch ?? 200;
    const result = await feed.read({ shard, after: slice.cursor, limit });
    const moved = compareCursors(result.from, slice.cursor) !== 0;
    if (moved) this.enter(slice, result.from);
    const { events, gap } = contiguous(slice.cursor, result.events);
    if (gap && events.length === 0)
      throw new Error(`${feed.source} shard ${shard}: Read left a gap after ${slice.cursor.position}`);
    const ready = causalPrefix(this.cursorsOf(shard), feed.source, events);
    if (ready.length === 0) {
      if (moved) this.wakeOthers(slice);
      return false;
    }
    await this.takeIn(slice, ready);
    this.wakeOthers(slice);
    return slice.cursor.position < result.head.position || slice.cursor.epoch < result.head.epoch;
  }

  /** Where a new epoch began there may never be an event: who asks how far this service is must not wait for one. */
  private enter(slice: Slice, from: Cursor): void {
    slice.cursor = from;
    // Of an empty shard a topic tells nothing, and whoever reads it there could not follow.
    if (from.position > 0) this.options.writer.noteTaken(slice.feed.source, slice.shard, from);
  }

  /** What this very processor has taken in: another of the same service may be ahead, or read other sources. */
  private cursorsOf(shard: number): ReadonlyMap<string, Cursor> {
    const { feeds } = this.options;
    return new Map(feeds.map(({ source }) => [source, this.slices.get(`${source}/${shard}`)!.cursor]));
  }

  private async takeIn(slice: Slice, events: readonly EventEnvelope[]): Promise<void> {
    const { processor, writer } = this.options;
    const { source } = slice.feed;
    const steps = events
      .filter((e) => reactionOf(processor, e.type) !== undefined || this.parked.has(source, slice.shard, e.subject))
      .map((e) => this.stepOf(e, this.parked.has(source, slice.shard, e.subject)));
    const last = events.at(-1)!;
    if (steps.length > 0) {
      const outcome = await writer.take({
        processor: processor.name,
        source,
        shard: slice.shard,
        from: slice.stored,
        steps,
        alarm: slice.alarm,
      });
      if (outcome.status === 'checkpoint-moved') return this.reload(slice);
      if (outcome.alarm) slice.alarm = outcome.alarm;
      for (const { subject } of outcome.parked) this.parked.add(source, slice.shard, subject);
      const lastStep = outcome.taken > 0 ? steps[outcome.taken - 1]!.event : null;
      if (lastStep) {
        slice.stored = { epoch: lastStep.epoch, position: lastStep.position };
        slice.lastSkipped = null;
      }
      if (outcome.stopped !== undefined) return this.alert(slice, outcome.stopped);
      if (outcome.taken < steps.length) {
        slice.cursor = slice.stored;
        this.wakeOthers(slice);
        throw new StoreUnavailable(outcome.waitsFor ?? 'an input has not arrived');
      }
    }
    slice.cursor = { epoch: last.epoch, position: last.position };
    slice.feed.taken?.(slice.shard, slice.cursor);
    writer.noteTaken(source, slice.shard, slice.cursor);
    if (last !== steps.at(-1)?.event) slice.lastSkipped = last;
    if (slice.cursor.position - slice.stored.position > FLUSH_AFTER) await this.flush(slice);
  }

  /** Told once, by whoever stopped it. */
  private alert(slice: Slice, reason: string): void {
    const { feed, shard } = slice;
    const why = new FeedStopped(this.options.processor.name, feed.source, shard, reason);
    slice.cursor = slice.stored;
    this.stand(slice, why);
    this.options.onError?.(why, { source: feed.source, shard });
  }

  private stepOf(event: EventEnvelope, waits = false): FeedStep {
    if (waits) return { event, commands: [], park: WAITS };
    try {
      const problem = this.options.check?.(event);
      if (problem) return { event, commands: [], park: { error: problem, culprit: true } };
      return { event, commands: this.reactTo(event), park: null };
    } catch (error) {
      return { event, commands: [], park: failed(error) };
    }
  }

  /** @throws TypeError when the reaction makes something that is no command, and whatever the reaction throws */
  private reactTo(event: EventEnvelope): readonly Command[] {
    const made = reactionOf(this.options.processor, event.type)?.(event as EventEnvelope<string, never>) ?? [];
    const commands: readonly unknown[] = Array.isArray(made) ? made : [made];
    if (commands.every(isCommand)) return commands;
    throw new TypeError(`the reaction of ${this.options.processor.name} to ${event.type} made no command`);
  }

  private wakeOthers(slice: Slice): void {
    for (const feed of this.options.feeds) if (feed !== slice.feed) this.kick(feed.source, slice.shard);
  }

  /** Another replica was here: it may also have parked, or driven again. */
  private async reload(slice: Slice): Promise<void> {
    const { store, processor } = this.options;
    const rows = await store.checkpoints(processor.name);
    const parked = await store.parkedSubjects(processor.name);
    const subjects = parked.filter((p) => p.source === slice.feed.source && p.shard === slice.shard);
    this.parked.replace(
      slice.feed.source,
      slice.shard,
      subjects.map((p) => p.subject),
    );
    const row = rows.find((r) => r.source === slice.feed.source && r.shard === slice.shard);
    slice.stored = row ? { epoch: row.epoch, position: row.position } : START;
    slice.cursor = slice.stored;
    slice.lastSkipped = null;
    this.options.writer.noteTaken(slice.feed.source, slice.shard, slice.cursor);
    await this.noteStopped();
  }

  /** Stores a cursor that moved over events which concern nobody. */
  private async flush(slice: Slice): Promise<void> {
    const event = slice.lastSkipped;
    if (!event) return;
    const { processor, writer } = this.options;
    const outcome = await writer.take({
      processor: processor.name,
      source: slice.feed.source,
      shard: slice.shard,
      from: slice.stored,
      steps: [{ event, commands: [], park: null }],
    });
    if (outcome.status === 'checkpoint-moved') return this.reload(slice);
    slice.stored = { epoch: event.epoch, position: event.position };
    slice.lastSkipped = null;
  }
}
