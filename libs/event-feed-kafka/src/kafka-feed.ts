/**
 * Feeds over Kafka: one consumer per process fills a bounded buffer per (source, shard); a read is answered from there, and
 * what is known to be missing (a hole, retention, a late start, a new epoch) comes from the source's `Read`. Nothing is ever
 * asked of `Read` that the topic has not told of: without Kafka a feed waits.
 */
import { randomUUID } from 'node:crypto';
import { type Cursor, compareCursors } from '@mora/contracts';
import type { EventFeed, EventStore, ReadRequest, ReadResult, Watermark } from '@mora/eventing';
import { type BadRecordReason, decodeRecord } from './cloud-event.js';
import type { KafkaConnection } from './connection.js';
import { Intake, type IntakeRecord, type PartitionOffset } from './intake.js';
import { ShardBuffer } from './shard-buffer.js';
import { topicOf } from './topics.js';

export interface KafkaSource {
  /** The source's `Read`, for what the topic does not have. */
  readonly reader: Pick<EventStore, 'read' | 'source'>;
  /** Partitions of its topic. */
  readonly shards: number;
}

export interface KafkaFeedsOptions {
  readonly connection: KafkaConnection;
  /** The service's name; replicas share it. */
  readonly groupId: string;
  readonly sources: readonly KafkaSource[];
  /**
   * `shared` (default): each replica reads a part of the shards, another takes them over when it ends. `own`: each reads all,
   * as a service must that answers questions about every shard by how far it is (the guard).
   */
  readonly group?: 'shared' | 'own';
  readonly topicPrefix?: string;
  /** Of all buffers together, in bytes of the records' values. Default 16 MiB. */
  readonly bufferBytes?: number;
  /** How often the group's offsets are stored, for lag display. Default 5 s. */
  readonly commitEveryMs?: number;
  readonly onError?: (error: unknown) => void;
  /** A record of our own topics that cannot be read; its event will come from `Read`. */
  readonly onBadRecord?: (bad: BadRecord) => void;
}

export interface BadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly reason: BadRecordReason;
  readonly header?: string;
}

/** How far one shard of one source is. */
export interface FeedLag {
  readonly source: string;
  readonly shard: number;
  readonly isAssigned: boolean;
  /** What the reader has taken in. */
  readonly read: Cursor;
  /** What the topic has told of. */
  readonly head: Cursor;
  readonly buffered: number;
  /** When the oldest event that waits in the buffer was recorded, wall time in ms; null: none waits. */
  readonly waitingSince: number | null;
  /** Offset after the partition's last record, as of the last delivery. */
  readonly highOffset: number;
}

/** Counts since the start. */
export interface FeedFigures {
  readonly delivered: number;
  readonly doubles: number;
  readonly backfilled: number;
  readonly bad: Readonly<Partial<Record<BadRecordReason, number>>>;
}

export interface KafkaFeeds {
  /** The same object at every call. @throws RangeError for a source that was not named */
  feed(source: string): EventFeed;
  /** Returns at once: Kafka may come later. */
  start(): void;
  /** Leaves the group. Idempotent. */
  stop(): Promise<void>;
  /** Why nothing can arrive now (readiness), or null. */
  notReady(): string | null;
  lag(): readonly FeedLag[];
  figures(): FeedFigures;
}

const BUFFER_BYTES = 16 * 1024 * 1024;
const SHARD_BYTES = 1024 * 1024;
const SHARD_EVENTS = 4_000;
const COMMIT_EVERY_MS = 5_000;

interface Partition {
  readonly topic: string;
  readonly source: string;
  readonly shard: number;
  readonly buffer: ShardBuffer;
  isAssigned: boolean;
  isPaused: boolean;
  committed: number | null;
  highOffset: number;
}

export const createKafkaFeeds = (options: KafkaFeedsOptions): KafkaFeeds => new Feeds(options);

class Feeds implements KafkaFeeds {
  private readonly bySource = new Map<string, KafkaFeed>();
  private readonly partitions: readonly Partition[];
  private readonly byTopic: ReadonlyMap<string, readonly Partition[]>;
  private readonly intake: Intake;
  private readonly bad: Partial<Record<BadRecordReason, number>> = {};
  private delivered = 0;
  private doubles = 0;
  private bytes = 0;
  private committing: NodeJS.Timeout | null = null;

  constructor(private readonly options: KafkaFeedsOptions) {
    const { connection, groupId, sources, group = 'shared', topicPrefix } = options;
    this.partitions = sources.flatMap(({ reader, shards }) =>
      Array.from({ length: shards }, (_, shard) =>
        newPartition(topicOf(reader.source, topicPrefix), reader.source, shard),
      ),
    );
    this.byTopic = Map.groupBy(this.partitions, ({ topic }) => topic);
    for (const { reader } of sources) {
      const own = this.byTopic.get(topicOf(reader.source, topicPrefix))!;
      this.bySource.set(reader.source, new KafkaFeed(reader, own, (partition) => this.settle(partition)));
    }
    this.intake = new Intake({
      connection,
      groupId: group === 'own' ? `${groupId}.${randomUUID()}` : groupId,
      topics: [...this.byTopic.keys()],
      from: group === 'own' ? 'end' : 'earliest',
      handler: {
        records: (topic, partition, records, high) => this.arrived(topic, partition, records, high),
        assigned: (assignment) => this.assigned(assignment),
        failed: (error) => options.onError?.(error),
      },
    });
  }

  feed(source: string): EventFeed {
    const feed = this.bySource.get(source);
    if (!feed) throw new RangeError(`no feed of ${source} was asked for`);
    return feed;
  }

  start(): void {
    if (this.partitions.length === 0 || this.committing) return;
    this.intake.start();
    this.committing = setInterval(() => void this.commit(), this.options.commitEveryMs ?? COMMIT_EVERY_MS);
    this.committing.unref();
  }

  async stop(): Promise<void> {
    if (this.committing) clearInterval(this.committing);
    await this.commit();
    await this.intake.stop();
  }

  notReady(): string | null {
    return this.partitions.length === 0 ? null : this.intake.notReady();
  }

  lag(): readonly FeedLag[] {
    return this.partitions.map(({ source, shard, isAssigned, buffer, highOffset }) => ({
      source,
      shard,
      isAssigned,
      read: buffer.position,
      head: buffer.head,
      buffered: buffer.waiting,
      waitingSince: buffer.waitingSince,
      highOffset,
    }));
  }

  figures(): FeedFigures {
    const backfilled = [...this.bySource.values()].reduce((sum, feed) => sum + feed.backfilled, 0);
    return { delivered: this.delivered, doubles: this.doubles, backfilled, bad: { ...this.bad } };
  }

  private arrived(topic: string, number: number, records: readonly IntakeRecord[], highOffset: number): void {
    const partition = this.byTopic.get(topic)?.[number];
    if (!partition?.isAssigned) return;
    const before = partition.buffer.head;
    for (const record of records) this.take(partition, record);
    partition.highOffset = highOffset;
    this.settle(partition);
    if (compareCursors(partition.buffer.head, before) > 0) this.bySource.get(partition.source)!.wake(partition.shard);
  }

  private take(partition: Partition, record: IntakeRecord): void {
    const { buffer, topic, source, shard } = partition;
    const offset = Number(record.offset);
    const decoded = decodeRecord(record, source, shard);
    if (decoded.kind === 'watermark') {
      buffer.pushMark(decoded.mark, offset);
    } else if (decoded.kind === 'event') {
      const bytes = record.value?.length ?? 0;
      if (buffer.push(decoded.event, offset, bytes)) this.delivered += 1;
      else this.doubles += 1;
    } else {
      const { kind: _, ...why } = decoded;
      buffer.seen(offset);
      this.bad[why.reason] = (this.bad[why.reason] ?? 0) + 1;
      this.options.onBadRecord?.({ topic, partition: shard, offset: record.offset, ...why });
    }
  }

  private assigned(assignment: ReadonlyMap<string, readonly number[]>): void {
    for (const partition of this.partitions) {
      const isOurs = assignment.get(partition.topic)?.includes(partition.shard) ?? false;
      if (!isOurs) {
        partition.buffer.forget();
        partition.committed = null;
      }
      partition.isAssigned = isOurs;
      if (isOurs && partition.isPaused) this.intake.pause(partition.topic, partition.shard);
    }
  }

  /** A full buffer stops its partition; an empty one never does, so that no source can wait for another for ever. */
  private settle(partition: Partition): void {
    this.bytes = this.partitions.reduce((sum, { buffer }) => sum + buffer.bytes, 0);
    const { buffer, topic, shard } = partition;
    const limit = this.options.bufferBytes ?? BUFFER_BYTES;
    const share = this.bytes > limit ? Math.min(SHARD_BYTES, limit / this.partitions.length) : SHARD_BYTES;
    const fill = buffer.waiting === 0 ? 0 : Math.max(buffer.bytes / share, buffer.waiting / SHARD_EVENTS);
    if (!partition.isPaused && fill >= 1) {
      partition.isPaused = true;
      this.intake.pause(topic, shard);
    } else if (partition.isPaused && fill < 0.5) {
      partition.isPaused = false;
      this.intake.resume(topic, shard);
    }
  }

  private async commit(): Promise<void> {
    const offsets: PartitionOffset[] = [];
    for (const partition of this.partitions) {
      const offset = partition.buffer.takenOffset;
      if (!partition.isAssigned || offset === null || offset === partition.committed) continue;
      partition.committed = offset;
      offsets.push({ topic: partition.topic, partition: partition.shard, offset: String(offset) });
    }
    await this.intake.commit(offsets);
  }
}

const newPartition = (topic: string, source: string, shard: number): Partition => ({
  topic,
  source,
  shard,
  buffer: new ShardBuffer(),
  isAssigned: false,
  isPaused: false,
  committed: null,
  highOffset: 0,
});

class KafkaFeed implements EventFeed {
  readonly source: string;
  backfilled = 0;
  private readonly listeners = new Set<(shard: number) => void>();

  constructor(
    private readonly reader: KafkaSource['reader'],
    private readonly partitions: readonly Partition[],
    private readonly settle: (partition: Partition) => void,
  ) {
    this.source = reader.source;
  }

  async read({ shard, after, limit }: ReadRequest): Promise<ReadResult> {
    const partition = this.partitions[shard];
    if (!partition) return { from: after, events: [], head: after };
    const { buffer } = partition;
    this.taken(shard, after);
    const events = buffer.after(after, limit);
    if (events.length > 0) return { from: after, events, head: buffer.head };
    const missing = buffer.missingAfter(after);
    if (missing === 0) return { from: after, events: [], head: after };
    const result = await this.reader.read({ shard, after, limit: Math.min(limit, missing ?? limit) });
    this.backfilled += result.events.length;
    const last = result.events.at(-1) ?? result.from;
    // Not the store's own head: what is beyond the topic's is the topic's to bring.
    const head = compareCursors(last, buffer.head) > 0 ? { epoch: last.epoch, position: last.position } : buffer.head;
    return { from: result.from, events: result.events, head };
  }

  taken(shard: number, upTo: Cursor): void {
    const partition = this.partitions[shard];
    if (!partition) return;
    partition.buffer.take(upTo);
    this.settle(partition);
  }

  async watermark(shard: number): Promise<Watermark> {
    return this.partitions[shard]?.buffer.watermark ?? { epoch: 0, position: 0, at: new Date(0).toISOString() };
  }

  onMore(listener: (shard: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  wake(shard: number): void {
    for (const listener of this.listeners) listener(shard);
  }
}
