/**
 * The bank's topics as a door of intake, in whatever partitions and under whatever keys the bank produces.
 *
 * Facts go through `RecordIntake` in transactions of their own; the position moves after them, so that a crash between
 * repeats records: facts are then known by their bank event id, parked ones by their place and bytes. What the bank says in
 * one partition may lean on another: a payment of an account that is not known yet, and "posted through", wait in memory
 * until every partition is taken as far as it went when they were read; the stored position waits with them, the partition
 * does not. Infrastructure errors pause and try again; nothing is parked for them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BANK_TOPICS } from '@mora/contracts';
import kafkajs, { type Admin, type Consumer, type EachBatchPayload } from 'kafkajs';
import type { Inbound, Outcome } from '../outcome.js';
import { isAccountUnknown } from '../record-intake.js';
import { registerCodecs } from './codecs.js';
import { committedOf, type FetchedRecord } from './committed.js';
import { inboundOf } from './inbound-of.js';
import { plain, quietLog } from './kafka-log.js';
import { limitHeaders } from './many-headers.js';
import { type Cursor, type OffsetsTable, type PartitionId, pgOffsets } from './offsets.js';
import type { BankTopicCounts, BankTopicsLoop, BankTopicsOptions } from './options.js';
import { anew, type Extent, keyOf, Progress, type Start, startOf } from './progress.js';
import { Waiting } from './waiting.js';

const CHUNK = 500;
const MOST_WAITING = 2_000;
const HEARTBEAT_MS = 2_000;
const COMMIT_MS = 5_000;
const STOP_MS = 15_000;

export const bankTopicsLoop = (options: BankTopicsOptions): BankTopicsLoop => new BankTopics(options);

class BankTopics implements BankTopicsLoop {
  readonly name = 'bank-topics';
  private readonly topics: readonly string[];
  private readonly table: OffsetsTable;
  private readonly partitions = new Map<string, Progress>();
  private readonly committedAt = new Map<string, number>();
  private readonly tally = { taken: 0, duplicates: 0, parked: 0, recreated: 0, lost: 0 };
  private readonly retryMs: number;
  private consumer: Consumer | null = null;
  private admin: Admin | null = null;
  private stopping: AbortController | null = null;
  private running: Promise<void> = Promise.resolve();
  private readonly waiting: Waiting;
  private assignment = 0;

  constructor(private readonly options: BankTopicsOptions) {
    this.topics = options.topics ?? BANK_TOPICS;
    this.table = pgOffsets(options.pool);
    this.retryMs = options.retryMs ?? 1_000;
    this.waiting = new Waiting({
      activity: options.activity,
      partitions: this.partitions,
      extents: () => this.extents(),
      positions: () => this.table.all(this.topics),
      take: async (records) => {
        const outcomes = await options.intake.submit(
          records.map(({ input }) => input),
          true,
        );
        this.count(outcomes, outcomes.filter(({ result }) => result === 'parked').length);
      },
      checkpoint: (progress) => this.checkpoint(progress),
      settled: ({ id, waiting }) => waiting.length < MOST_WAITING && this.resume([id]),
    });
  }

  async start(): Promise<void> {
    if (this.stopping) return;
    registerCodecs();
    limitHeaders();
    this.stopping = new AbortController();
    this.running = this.keepRunning(this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping?.abort();
    await Promise.race([this.running, sleep(STOP_MS, undefined, { ref: false })]);
    this.stopping = null;
  }

  async cursors(): Promise<readonly Cursor[]> {
    return (await this.table.all(this.topics)).map(({ topic, partition, next, taken }) => ({
      topic,
      partition,
      next,
      taken,
    }));
  }

  counts(): BankTopicCounts {
    return { ...this.tally, waiting: this.waiting.count };
  }

  // --- the consumer's life

  private async keepRunning(signal: AbortSignal): Promise<void> {
    for (let pause = this.retryMs; !signal.aborted; pause = Math.min(pause * 2, this.retryMs * 10)) {
      const began = performance.now();
      try {
        await this.session(signal);
      } catch (error) {
        this.options.log.warn(
          { topics: this.topics, ...plain(error) },
          "the bank's topics cannot be read; trying again",
        );
      }
      this.forgetPartitions();
      if (performance.now() - began > 60_000) pause = this.retryMs;
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** One consumer until it fails or is stopped. */
  private async session(signal: AbortSignal): Promise<void> {
    const { kafka, groupId = 'mora-debtor-intake', log } = this.options;
    const client = new kafkajs.Kafka({
      ...kafka,
      requestTimeout: 5_000,
      connectionTimeout: 1_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 10 },
      logCreator: quietLog(log),
    });
    const admin = client.admin();
    const consumer = client.consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      heartbeatInterval: 1_000,
      minBytes: 1,
      maxWaitTimeInMs: 200,
      readUncommitted: false,
      // A partition that had no leader when it was asked for is not read until it is asked for again.
      metadataMaxAge: 2_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 10, restartOnFailure: async () => false },
    });
    const timers = new AbortController();
    const ended = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    ended.catch(() => undefined);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.onAssigned(payload.memberAssignment, timers.signal));
    const asked = new Set<number>();
    consumer.on(consumer.events.FETCH_START, ({ payload: { nodeId } }) => {
      if (asked.has(nodeId))
        this.placeAgain(
          [...this.partitions.values()].map(({ id }) => id),
          timers.signal,
        );
      asked.add(nodeId);
    });
    consumer.on(consumer.events.FETCH, ({ payload: { nodeId } }) => void asked.delete(nodeId));
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) void this.onNothingButMarkers(payload, Number(payload.lastOffset) + 1);
    });
    try {
      await admin.connect();
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
      this.admin = admin;
      this.consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.onBatch(payload, signal),
      });
      void this.waiting.look(timers.signal, (error) => log.warn(plain(error), 'waiting records wait on'));
      await ended;
    } finally {
      timers.abort();
      this.assignment += 1;
      await Promise.allSettled([consumer.disconnect(), this.waiting.idle()]);
      await admin.disconnect().catch(() => undefined);
      this.consumer = null;
      this.admin = null;
    }
  }

  private forgetPartitions(): void {
    this.partitions.clear();
    this.waiting.letGo();
  }

  private onAssigned(assigned: Readonly<Record<string, readonly number[]>>, signal: AbortSignal): void {
    const ids = Object.entries(assigned).flatMap(([topic, partitions]) =>
      partitions.map((partition): PartitionId => ({ topic, partition })),
    );
    this.placeAgain(ids, signal);
  }

  /**
   * After each assignment, and after a fetch that failed: a topic that was deleted and made again is otherwise read on in its
   * middle. Nothing is read before the positions are known: the partitions are paused in the same step.
   */
  private placeAgain(ids: readonly PartitionId[], signal: AbortSignal): void {
    this.assignment += 1;
    const placed = this.placeAll(ids, this.assignment, signal);
    this.forgetPartitions();
    this.pause(ids);
    void placed;
  }

  private async placeAll(ids: readonly PartitionId[], assignment: number, signal: AbortSignal): Promise<void> {
    const end = this.options.activity.begin();
    try {
      while (!signal.aborted && assignment === this.assignment) {
        try {
          const extents = await this.extents();
          for (const id of ids) {
            const start = startOf(await this.table.find(id), extents.get(keyOf(id)) ?? { low: 0, high: 0 });
            if (assignment !== this.assignment) return;
            await this.place(id, start);
          }
          return this.resume(ids);
        } catch (error) {
          this.options.log.warn(plain(error), "positions in the bank's topics are not known yet; trying again");
          await sleep(this.retryMs, undefined, { ref: false });
        }
      }
    } finally {
      end();
    }
  }

  private async place(id: PartitionId, start: Start): Promise<Progress> {
    if (start.kind === 'recreated' || start.kind === 'first') await this.table.restart(id, start.position);
    else if (start.kind === 'lost') await this.table.move(id, start.position);
    if (start.kind === 'recreated') {
      this.tally.recreated += 1;
      this.options.log.error(
        { ...id, from: start.from },
        'the topic is not the one it was; it is read anew from its first record, what is known of it is dropped as duplicate',
      );
    }
    if (start.kind === 'lost') {
      this.tally.lost += start.lost;
      this.options.log.error(
        { ...id, from: start.from, lost: start.lost },
        'records of the bank were deleted from the topic before they were read; ask the bank to send them again',
      );
    }
    const before = this.partitions.get(keyOf(id));
    if (before) this.waiting.letGo(before.waiting);
    const progress = new Progress(id, start, this.options.markKey);
    this.partitions.set(keyOf(id), progress);
    this.consumer?.seek({ ...id, offset: String(start.from) });
    return progress;
  }

  // --- a batch

  private async onBatch(
    { batch, heartbeat, resolveOffset, isRunning, isStale }: EachBatchPayload,
    signal: AbortSignal,
  ) {
    const id: PartitionId = { topic: batch.topic, partition: batch.partition };
    const progress = this.partitions.get(keyOf(id));
    if (!progress) return;
    const end = this.options.activity.begin();
    const beat = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS);
    try {
      const fetched = (batch as unknown as { readonly rawMessages: readonly FetchedRecord[] }).rawMessages;
      const records = committedOf(fetched, batch.messages as unknown as readonly FetchedRecord[]);
      if (Number(batch.firstOffset() ?? progress.expected) !== progress.expected && (await this.realigned(progress)))
        return;
      if (!progress.isSameTopic(records)) return void (await this.beginAnew(progress));
      const fresh = records.filter((record) => progress.isNew(record));
      for (let at = 0; at < fresh.length; at += CHUNK) {
        if (signal.aborted || !isRunning() || isStale()) return;
        const chunk = fresh.slice(at, at + CHUNK);
        const last = chunk.at(-1)!;
        await this.take(progress, chunk);
        progress.advance(Number(last.offset) + 1, last);
        await this.checkpoint(progress);
        resolveOffset(last.offset);
      }
      progress.advance(Number(batch.lastOffset()) + 1);
      await this.checkpoint(progress);
      resolveOffset(batch.lastOffset());
      if (progress.waiting.length >= MOST_WAITING) this.pause([id]);
      await this.waiting.settle();
    } catch (error) {
      this.options.log.warn({ ...id, ...plain(error) }, 'records of the bank wait: something that they need is away');
      this.pause([id]);
      const assignment = this.assignment;
      setTimeout(() => assignment === this.assignment && this.resume([id]), this.retryMs).unref();
    } finally {
      clearInterval(beat);
      end();
    }
  }

  /** Takes, parks, or puts aside until other partitions are as far. */
  private async take(progress: Progress, records: readonly FetchedRecord[]): Promise<void> {
    const { intake } = this.options;
    const inputs = inboundOf(progress.id, records);
    const [through, now] = [inputs.filter(isPostedThrough), inputs.filter((input) => !isPostedThrough(input))];
    const outcomes = await intake.submit(now, false);
    const refused = now.flatMap((input, i) => {
      const outcome = outcomes[i]!;
      return outcome.result === 'parked' ? [{ input, problems: outcome.problems }] : [];
    });
    const early = refused.filter(({ problems }) => isAccountUnknown(problems));
    const bad = refused.filter(({ problems }) => !isAccountUnknown(problems));
    const waiting = [...early.map(({ input }) => input), ...through].sort(
      (a, b) => a.channel.offset - b.channel.offset,
    );
    const barrier = waiting.length === 0 ? new Map<string, number>() : await this.barrier();
    await intake.park(bad);
    this.count(outcomes, bad.length);
    if (bad.length > 0) {
      const reasons = [...new Set(bad.map(({ problems }) => `${problems[0]!.field} ${problems[0]!.reason}`))];
      this.options.log.warn(
        { ...progress.id, parked: bad.length, reasons: reasons.slice(0, 5) },
        'bad records were parked',
      );
    }
    for (const input of waiting) {
      this.waiting.hold(progress, { kind: isPostedThrough(input) ? 'posted-through' : 'payment', input, barrier });
    }
  }

  private count(outcomes: readonly Outcome[], parked: number): void {
    for (const { result } of outcomes) {
      if (result === 'duplicate') this.tally.duplicates += 1;
      else if (result !== 'parked') this.tally.taken += 1;
    }
    this.tally.parked += parked;
  }

  private async checkpoint(progress: Progress): Promise<void> {
    const position = progress.position();
    await this.table.move(progress.id, position);
    const key = keyOf(progress.id);
    const now = performance.now();
    if (now - (this.committedAt.get(key) ?? Number.NEGATIVE_INFINITY) < COMMIT_MS) return;
    this.committedAt.set(key, now);
    this.consumer
      ?.commitOffsets([{ ...progress.id, offset: String(position.next) }])
      .catch((error: unknown) => this.options.log.info(plain(error), "the group's offset was not committed"));
  }

  /** Ends of transactions and records of aborted ones take offsets, too. */
  private async onNothingButMarkers(id: PartitionId, next: number): Promise<void> {
    const progress = this.partitions.get(keyOf(id));
    if (!progress || !(next > progress.expected)) return;
    progress.advance(next);
    const end = this.options.activity.begin();
    await this.checkpoint(progress)
      .catch((error: unknown) => this.options.log.warn(plain(error), 'a position was not stored; it will be'))
      .finally(end);
  }

  /** A fetch began elsewhere than asked for. @returns whether it is read anew from another place. */
  private async realigned(progress: Progress): Promise<boolean> {
    const extent = (await this.extents()).get(keyOf(progress.id));
    if (!extent) return true;
    const start = startOf(await this.table.find(progress.id), extent);
    if (start.kind === 'resumed' && progress.expected >= extent.low && progress.expected <= extent.high) return false;
    await this.place(progress.id, start);
    return true;
  }

  private async beginAnew(progress: Progress): Promise<void> {
    const low = (await this.extents()).get(keyOf(progress.id))?.low ?? 0;
    const stored = await this.table.find(progress.id);
    await this.place(progress.id, {
      kind: 'recreated',
      from: low,
      position: anew((stored?.generation ?? 0) + 1, low),
    });
  }

  private async barrier(): Promise<ReadonlyMap<string, number>> {
    return new Map([...(await this.extents())].map(([key, { high }]) => [key, high]));
  }

  private async extents(): Promise<ReadonlyMap<string, Extent>> {
    const { admin } = this;
    if (!admin) throw new TypeError('not connected');
    const found = new Map<string, Extent>();
    for (const topic of this.topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        found.set(keyOf({ topic, partition }), { low: Number(low), high: Number(high) });
      }
    }
    return found;
  }

  private pause(ids: readonly PartitionId[]): void {
    this.consumer?.pause(ids.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
  }

  private resume(ids: readonly PartitionId[]): void {
    this.consumer?.resume(ids.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
  }
}

const isPostedThrough = ({ raw, broken }: Inbound): boolean =>
  broken === undefined && raw['record'] === 'payments-posted-through';
