/**
 * One kafkajs consumer for all topics of a process. It is made anew when it ends by itself, or when it belongs to its group and
 * Kafka has not confirmed it for a while. Which offsets it starts from is of no importance: the reader knows where it is.
 */
import type { Consumer, ConsumerRunConfig, EachBatchPayload, Kafka } from 'kafkajs';
import type { KafkaRecord } from './cloud-event.js';
import { type KafkaConnection, kafkaClient, RETRY } from './connection.js';

export interface IntakeRecord extends KafkaRecord {
  readonly offset: string;
}

export interface IntakeHandler {
  /** Called synchronously for what arrived of one partition. */
  records(topic: string, partition: number, records: readonly IntakeRecord[], highWatermark: number): void;
  /** The partitions that this process reads from now on. */
  assigned(partitions: ReadonlyMap<string, readonly number[]>): void;
  failed(error: unknown): void;
}

export interface IntakeOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** A group of which nothing is known: read all that is kept, or only the end. */
  readonly from: 'earliest' | 'end';
  readonly handler: IntakeHandler;
}

export type PartitionOffset = { readonly topic: string; readonly partition: number; readonly offset: string };

const SESSION_MS = 6_000;
/** kafkajs does not fetch a partition that had no leader when it asked, until it asks again. */
const METADATA_MS = 2_000;
const GIVE_UP_MS = 30_000;
const CLOSE_MS = 5_000;
const LONGEST_PAUSE_MS = 2_000;
/** With a group that starts at the end: so many records more, which tell how far each partition is. */
const LOOK_BACK = 50;

interface Running {
  readonly consumer: Consumer;
  readonly ended: Promise<void>;
  end(): void;
}

export class Intake {
  private readonly kafka: Kafka;
  private running: Running | null = null;
  private isJoined = false;
  private lastSign = Number.NEGATIVE_INFINITY;
  private problem: string | null = 'not connected yet';
  private readonly stopping = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(private readonly options: IntakeOptions) {
    this.kafka = kafkaClient(options.connection);
  }

  /** Returns at once: Kafka may come later. */
  start(): void {
    this.loop ??= this.keepRunning();
  }

  /** Leaves the group. Idempotent. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.running?.end();
    await this.loop;
  }

  /** Why nothing can arrive now, or null. */
  notReady(): string | null {
    if (!this.isJoined) return this.problem ?? 'waits for its part of the group';
    const silent = performance.now() - this.lastSign;
    return silent > SESSION_MS ? `no word from Kafka for ${Math.round(silent / 1_000)} s` : null;
  }

  pause(topic: string, partition: number): void {
    this.onConsumer((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume(topic: string, partition: number): void {
    this.onConsumer((consumer) => consumer.resume([{ topic, partitions: [partition] }]));
  }

  /** For lag display only; a failure is of no importance. */
  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    if (!this.isJoined || !this.running || offsets.length === 0) return;
    await this.running.consumer.commitOffsets(offsets.map((each) => ({ ...each }))).catch(() => undefined);
  }

  /** kafkajs refuses while it restarts; after that every partition is told anew. */
  private onConsumer(work: (consumer: Consumer) => void): void {
    try {
      if (this.running) work(this.running.consumer);
    } catch (error) {
      this.options.handler.failed(error);
    }
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; ) {
      const began = performance.now();
      try {
        await this.runOnce();
      } catch (error) {
        this.note(error);
      }
      this.isJoined = false;
      failures = performance.now() - began > GIVE_UP_MS ? 0 : failures + 1;
      if (!signal.aborted) await this.pauseBefore(Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(failures, 5)));
    }
  }

  private note(error: unknown): void {
    this.problem = error instanceof Error ? error.message : String(error);
    this.options.handler.failed(error);
  }

  /** From connecting to the consumer's end. */
  private async runOnce(): Promise<void> {
    const running = this.make();
    this.running = running;
    const { consumer } = running;
    const watch = setInterval(() => {
      // Never while it joins: kafkajs goes on joining after it was told to disconnect, and then holds its part for ever.
      if (this.isJoined && performance.now() - this.lastSign > GIVE_UP_MS) running.end();
    }, 1_000);
    watch.unref();
    this.lastSign = performance.now();
    try {
      await Promise.race([this.begin(consumer), running.ended]);
      await running.ended;
    } finally {
      clearInterval(watch);
      this.running = null;
      await within(CLOSE_MS, consumer.disconnect());
    }
  }

  private async begin(consumer: Consumer): Promise<void> {
    const { topics, from } = this.options;
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: from === 'earliest' });
    const ends = from === 'end' ? await this.ends() : [];
    await consumer.run(this.runConfig(consumer));
    for (const end of ends) consumer.seek(end);
  }

  private runConfig(consumer: Consumer): ConsumerRunConfig {
    return {
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, isStale, isRunning, resolveOffset }: EachBatchPayload) => {
        if (this.running?.consumer !== consumer || isStale() || !isRunning()) return;
        this.options.handler.records(batch.topic, batch.partition, batch.messages, Number(batch.highWatermark));
        resolveOffset(batch.lastOffset());
      },
    };
  }

  private async ends(): Promise<readonly PartitionOffset[]> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      const found = await Promise.all(
        this.options.topics.map(async (topic) =>
          (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
            topic,
            partition,
            offset: String(Math.max(Number(low), Number(high) - LOOK_BACK)),
          })),
        ),
      );
      return found.flat();
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  private make(): Running {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const consumer = this.kafka.consumer({
      groupId: this.options.groupId,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: 1_000,
      rebalanceTimeout: 10_000,
      metadataMaxAge: METADATA_MS,
      minBytes: 1,
      // How long a partition that was full, or a stop, may wait for a fetch that is under way.
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: 1024 * 1024,
      maxBytes: 4 * 1024 * 1024,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, restartOnFailure: async () => this.running?.consumer === consumer },
    });
    const ours = () => this.running?.consumer === consumer;
    const sign = () => {
      if (ours()) this.lastSign = performance.now();
    };
    const { HEARTBEAT, GROUP_JOIN, CRASH } = consumer.events;
    consumer.on(HEARTBEAT, sign);
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (!ours()) return;
      sign();
      this.isJoined = true;
      this.problem = null;
      this.options.handler.assigned(new Map(Object.entries(payload.memberAssignment)));
    });
    consumer.on(CRASH, ({ payload }) => {
      if (!ours()) return;
      this.isJoined = false;
      this.note(payload.error);
      if (!payload.restart) end();
    });
    return { consumer, ended, end };
  }

  private pauseBefore(ms: number): Promise<void> {
    const { signal } = this.stopping;
    return new Promise((resolve) => {
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

/** A consumer in trouble may never end in order; the group forgets it. */
const within = async (ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
};
