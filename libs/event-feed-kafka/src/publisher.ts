/**
 * Publishes a store's events to its topic, in order and without loss, under three rules (kafkajs loses acknowledged messages
 * without them): a send is for one partition and its answer must name it; one send is in flight per partition and a retry is
 * the very same batch, so `publish` itself repeats it until Kafka has it; a producer whose numbers no longer agree with the
 * broker's is replaced, and the new one sends that same batch. What arrives twice by that, readers drop by position.
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import {
  type CheckpointRow,
  NO_TRACE,
  type Publisher,
  START,
  type Trace,
  type TraceAttributes,
  type Watermark,
} from '@mora/eventing';
import { encodeEvent, encodeWatermark, type OutgoingRecord, sizeOf } from './cloud-event.js';
import type { KafkaConnection } from './connection.js';
import { EventTooLarge, NotAcknowledged, PublisherClosed } from './errors.js';
import { type Compression, failureOf, kafkajsProducers, type RecordProducer } from './producer-port.js';
import { type LastRecord, readLastRecords } from './tail.js';
import { MAX_BATCH_BYTES, topicOf } from './topics.js';

export interface KafkaPublisherOptions {
  readonly connection: KafkaConnection;
  readonly source: string;
  /** Partitions of the topic. */
  readonly shards: number;
  readonly topicPrefix?: string;
  readonly compression?: Compression;
  /** Largest batch in bytes, before compression; default: a quarter of what the topic takes. */
  readonly batchBytes?: number;
  readonly trace?: Trace;
  /** Failed tries and events that are too large ({@link EventTooLarge}); the publisher goes on by itself. */
  readonly onError?: (error: unknown, shard: number) => void;
}

/** What lies outside, replaced in tests. */
export interface PublisherPorts {
  readonly producers: () => Promise<RecordProducer>;
  readonly lastRecords: () => Promise<readonly (LastRecord | null)[]>;
}

interface Outgoing {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  /** Null: a watermark. */
  readonly event: EventEnvelope | null;
}

interface Lane {
  readonly producer: Promise<RecordProducer>;
  inFlight: number;
  failures: number;
  isReplaced: boolean;
}

const BATCH_EVENTS = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** A producer that fails so often in a row is replaced, whatever it says. */
const FAILURES_OF_ONE_PRODUCER = 3;

export class KafkaPublisher implements Publisher {
  readonly topic: string;
  private readonly trace: Trace;
  private readonly says: TraceAttributes;
  private readonly ports: PublisherPorts;
  private readonly turns: Promise<unknown>[];
  private readonly last: (LastRecord | null)[];
  private readonly nextMark: ({ mark: Watermark; sent: Promise<void> } | null)[];
  private known: Promise<void> | null = null;
  private lane: Lane | null = null;
  private readonly closing = new AbortController();
  private readonly closed: Promise<unknown>[] = [];

  constructor(
    private readonly options: KafkaPublisherOptions,
    ports?: PublisherPorts,
  ) {
    const { connection, source, shards, topicPrefix, compression } = options;
    this.topic = topicOf(source, topicPrefix);
    this.trace = options.trace ?? NO_TRACE;
    this.says = { 'messaging.system': 'kafka', 'messaging.destination.name': this.topic };
    this.ports = ports ?? {
      producers: kafkajsProducers(connection, compression),
      lastRecords: () => readLastRecords({ connection, topic: this.topic, source, shards }),
    };
    this.turns = Array.from({ length: shards }, () => Promise.resolve());
    this.last = Array.from({ length: shards }, () => null);
    this.nextMark = Array.from({ length: shards }, () => null);
  }

  /** Waits until Kafka can be asked. @throws PublisherClosed */
  async published(shard: number): Promise<Cursor> {
    await this.learn();
    const last = this.last[shard];
    return last ? { epoch: last.epoch, position: last.position } : START;
  }

  /** For who begins to publish only now: another replica may have published since the topic was read. */
  lookAgain(): void {
    this.known = null;
  }

  /**
   * What the topic holds of this source, for `beginEpochIfLost`: a last record that is not the store's own row at that
   * position proves that history was lost. Waits until Kafka can be asked. @throws PublisherClosed
   */
  async claims(): Promise<readonly CheckpointRow[]> {
    await this.learn();
    return this.last.flatMap((last, shard) =>
      last === null || last.id === null
        ? []
        : [
            {
              processor: `topic ${this.topic}`,
              source: this.options.source,
              shard,
              epoch: last.epoch,
              position: last.position,
              eventId: last.id,
            },
          ],
    );
  }

  /** Resolves when Kafka has every event, however long that takes. @throws PublisherClosed */
  publish(shard: number, events: readonly EventEnvelope[]): Promise<void> {
    return this.inTurn(shard, async () => {
      const pieces = events.map(({ meta }) =>
        this.trace.begin({
          name: `publish ${this.topic}`,
          kind: 'producer',
          parent: meta.traceparent,
          attributes: this.says,
        }),
      );
      const outgoing = events.map((event): Outgoing => {
        const record = encodeEvent(event);
        return { record, bytes: sizeOf(record), event };
      });
      for (const batch of this.cut(outgoing)) await this.deliver(shard, batch);
      for (const piece of pieces) piece.end();
    });
  }

  /** While one waits for its turn a later mark takes its place. @throws PublisherClosed */
  watermark(shard: number, mark: Watermark): Promise<void> {
    const waiting = this.nextMark[shard];
    if (waiting) {
      waiting.mark = mark;
      return waiting.sent;
    }
    const next = { mark, sent: Promise.resolve() };
    this.nextMark[shard] = next;
    next.sent = this.inTurn(shard, async () => {
      this.nextMark[shard] = null;
      const last = this.last[shard];
      const isLast = last?.epoch === next.mark.epoch && last.position === next.mark.position;
      const record = encodeWatermark(this.options.source, shard, next.mark, isLast ? last.id : null);
      await this.deliver(shard, [{ record, bytes: sizeOf(record), event: null }]);
    });
    return next.sent;
  }

  /** Ends also what still waits for Kafka: its events are published at the next start. Idempotent. */
  async close(): Promise<void> {
    this.closing.abort();
    if (this.lane) this.replace(this.lane);
    await Promise.all(this.closed);
  }

  private inTurn(shard: number, work: () => Promise<void>): Promise<void> {
    const turn = this.turns[shard]!.then(work);
    this.turns[shard] = turn.catch(() => undefined);
    return turn;
  }

  private learn(): Promise<void> {
    this.known ??= this.readLast().catch((error) => {
      this.known = null;
      throw error;
    });
    return this.known;
  }

  private async readLast(): Promise<void> {
    for (let failures = 0; ; failures++) {
      this.refuseIfClosed();
      try {
        const found = await this.ports.lastRecords();
        for (const [shard, record] of found.entries()) this.reached(shard, record);
        return;
      } catch (error) {
        this.options.onError?.(error, 0);
        await this.pause(failures);
      }
    }
  }

  private reached(shard: number, record: LastRecord | null): void {
    const last = this.last[shard];
    if (!record || (last && isAfter(last, record))) return;
    this.last[shard] = record;
  }

  private cut(outgoing: readonly Outgoing[]): readonly (readonly Outgoing[])[] {
    const limit = this.options.batchBytes ?? MAX_BATCH_BYTES / 4;
    const batches: Outgoing[][] = [];
    let bytes = 0;
    for (const each of outgoing) {
      const batch = batches.at(-1);
      if (batch && batch.length < BATCH_EVENTS && bytes + each.bytes <= limit) {
        batch.push(each);
        bytes += each.bytes;
      } else {
        batches.push([each]);
        bytes = each.bytes;
      }
    }
    return batches;
  }

  /** Repeats one batch until the answer names its partition. */
  private async deliver(shard: number, batch: readonly Outgoing[]): Promise<void> {
    const records = batch.map(({ record }) => ({ ...record, partition: shard }));
    for (let failures = 0; ; failures++) {
      this.refuseIfClosed();
      const lane = this.currentLane();
      lane.inFlight += 1;
      try {
        const answer = await this.unlessClosed(lane.producer.then((producer) => producer.send(this.topic, records)));
        if (!answer.some(({ partition, errorCode }) => partition === shard && errorCode === 0))
          throw new NotAcknowledged(this.topic, shard);
        lane.failures = 0;
        this.noteLast(shard, batch);
        return;
      } catch (error) {
        this.refuseIfClosed();
        const failure = failureOf(error);
        if (failure === 'too-large') return await this.deliverSmaller(shard, batch, error);
        this.options.onError?.(error, shard);
        lane.failures += 1;
        // kafkajs takes an unnamed partition for sent and goes on in its numbers.
        const isUseless = failure === 'wedged' || error instanceof NotAcknowledged;
        if (isUseless || lane.failures >= FAILURES_OF_ONE_PRODUCER) this.replace(lane);
      } finally {
        lane.inFlight -= 1;
        if (lane.isReplaced && lane.inFlight === 0) this.dispose(lane);
      }
      await this.pause(failures);
    }
  }

  /** The broker refused the whole batch before it took a number for it, so it may be cut. */
  private async deliverSmaller(shard: number, batch: readonly Outgoing[], cause: unknown): Promise<void> {
    if (batch.length > 1) {
      const middle = batch.length >> 1;
      await this.deliver(shard, batch.slice(0, middle));
      return this.deliver(shard, batch.slice(middle));
    }
    const { event, bytes } = batch[0]!;
    this.options.onError?.(new EventTooLarge(this.topic, shard, event?.position ?? 0, bytes, { cause }), shard);
  }

  private noteLast(shard: number, batch: readonly Outgoing[]): void {
    const event = batch.at(-1)!.event;
    if (event) this.reached(shard, { epoch: event.epoch, position: event.position, id: event.id });
  }

  private currentLane(): Lane {
    if (this.lane) return this.lane;
    const producer = this.ports.producers();
    producer.catch(() => undefined);
    const lane: Lane = { producer, inFlight: 0, failures: 0, isReplaced: false };
    // One that could not connect is of no use to the next try.
    producer.catch(() => this.replace(lane));
    this.lane = lane;
    return lane;
  }

  private replace(lane: Lane): void {
    if (lane.isReplaced) return;
    lane.isReplaced = true;
    if (this.lane === lane) this.lane = null;
    // What other shards have in flight on it may still be acknowledged.
    if (lane.inFlight === 0 || this.closing.signal.aborted) this.dispose(lane);
  }

  private dispose(lane: Lane): void {
    const closed = lane.producer.then((producer) => producer.close()).catch(() => undefined);
    this.closed.push(closed);
    void closed.then(() => this.closed.splice(this.closed.indexOf(closed), 1));
  }

  /** kafkajs goes on trying for half a minute, also after it was told to disconnect. */
  private async unlessClosed<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.closing;
    let end = () => {};
    const closed = new Promise<never>((_, reject) => {
      end = () => reject(new PublisherClosed(this.topic));
      signal.addEventListener('abort', end);
    });
    try {
      return await Promise.race([work, closed]);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  private refuseIfClosed(): void {
    if (this.closing.signal.aborted) throw new PublisherClosed(this.topic);
  }

  private pause(failures: number): Promise<void> {
    const { signal } = this.closing;
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 6));
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  }
}

const isAfter = (a: Cursor, b: Cursor): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.position > b.position);
