/** The simulated bank's producer: CloudEvents on the bank's own topics, under the bank's own keys and partitions. */
import { setTimeout as pause } from 'node:timers/promises';
import { BANK_EVENT_TYPES, BANK_TOPICS, typeNameOf } from '@mora/contracts';
import kafkajs, { type Admin, type Kafka, type Message, type Producer } from 'kafkajs';
import type { Pool } from 'pg';
import { BankNotHeard } from './errors.js';

type BankRecord = Readonly<Record<string, string>>;

/** Three on purpose: fewer than our shards, and no multiple of them. */
const PARTITIONS = 3;
const PER_SEND = 200;
const LOOK_MS = 5;
const TRIES = 60;
/** kafkajs can wait for ever on brokers that were all away at once; a client that is late is replaced. */
const LATE_MS = 15_000;
const SOURCE = '/bank/simulated';

const TYPE_OF = new Map<string, (typeof BANK_EVENT_TYPES)[number]>(BANK_EVENT_TYPES.map((type) => [type.kind, type]));

/** Spreads keys; a bank does it in its own way. */
export const partitionOf = (key: string, partitions: number): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return hash % partitions;
};

export interface BankMessage {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string;
}

/** A record of the book or of the bank's life as it stands on its topic: structured mode. */
export const bankMessageOf = (record: BankRecord): BankMessage => {
  const type = TYPE_OF.get(record['record'] ?? '')!;
  const { record: _, ...fields } = record;
  const data = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
  const event = {
    specversion: '1.0',
    id: record['bank_event_id'],
    source: SOURCE,
    type: typeNameOf(type),
    datacontenttype: 'application/json',
    data,
  };
  return { topic: type.topic, key: record['account_id'] ?? null, value: JSON.stringify(event) };
};

export class BankOutlet {
  private readonly kafka: Kafka;
  private producer: Promise<Producer> | null = null;
  private admin: Promise<Admin> | null = null;
  private readonly partitions = new Map<string, number>();
  private readonly closing = new Set<Promise<unknown>>();
  private isWaiting = true;

  /** @param intake pool of `debtor-intake`, whose positions in the bank's topics are read */
  constructor(
    brokers: readonly string[],
    private readonly intake: Pool,
  ) {
    this.kafka = new kafkajs.Kafka({
      clientId: 'simulated-bank',
      brokers: [...brokers],
      logLevel: kafkajs.logLevel.NOTHING,
      requestTimeout: 5_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
    });
  }

  /** @returns how many brokers there are */
  async open(): Promise<number> {
    await this.producing();
    return this.asked(async (admin) => (await admin.describeCluster()).brokers.length);
  }

  makeTopics(replication: number): Promise<void> {
    return this.asked((admin) => this.makeTopicsBy(admin, replication));
  }

  private async makeTopicsBy(admin: Admin, replication: number): Promise<void> {
    const known = new Set(await admin.listTopics());
    const topics = BANK_TOPICS.filter((topic) => !known.has(topic)).map((topic) => ({
      topic,
      numPartitions: PARTITIONS,
      replicationFactor: replication,
    }));
    if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
    // The bank's own topics have as many partitions as the bank likes.
    const made = await admin.fetchTopicMetadata({ topics: [...BANK_TOPICS] });
    for (const { name, partitions } of made.topics) this.partitions.set(name, partitions.length);
  }

  /** Resolves when intake has taken, or parked, all of it. */
  async submit(records: readonly BankRecord[]): Promise<void> {
    // "Posted through" speaks for what was acknowledged before it.
    let sent: BankRecord[] = [];
    for (const record of records) {
      if (record['record'] === 'payments-posted-through') {
        await this.send(sent);
        sent = [];
        await this.send([record]);
      } else sent.push(record);
    }
    await this.send(sent);
    await this.taken();
  }

  /** Nobody waits for intake any more: what was sent is in the topics. */
  stopWaiting(): void {
    this.isWaiting = false;
  }

  async close(): Promise<void> {
    this.replaceProducer();
    this.replaceAdmin();
    await Promise.all(this.closing);
  }

  /** One request at a time, and the very same again when no answer came: intake drops what it knows. */
  private producing(): Promise<Producer> {
    this.producer ??= connected(
      this.kafka.producer({
        maxInFlightRequests: 1,
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
      }),
    );
    return this.producer;
  }

  /** Repeats what only reads, or may be done twice. */
  private async asked<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        this.admin ??= connected(this.kafka.admin());
        return await inTime(this.admin.then(work));
      } catch (error) {
        this.replaceAdmin();
        if (tries >= TRIES) throw error;
        await pause(Math.min(2_000, 100 * tries));
      }
    }
  }

  private replaceProducer(): void {
    this.discard(this.producer);
    this.producer = null;
  }

  private replaceAdmin(): void {
    this.discard(this.admin);
    this.admin = null;
  }

  private discard(client: Promise<Admin | Producer> | null): void {
    const closed = inTime(client?.then((one) => one.disconnect()) ?? Promise.resolve()).catch(() => undefined);
    this.closing.add(closed);
    void closed.then(() => this.closing.delete(closed));
  }

  private async send(records: readonly BankRecord[]): Promise<void> {
    const queues = new Map<string, { topic: string; partition: number; messages: Message[] }>();
    for (const record of records) {
      const { topic, key, value } = bankMessageOf(record);
      const partition = key === null ? 0 : partitionOf(key, this.partitions.get(topic)!);
      const queue = queues.get(`${topic}/${partition}`) ?? { topic, partition, messages: [] };
      queues.set(`${topic}/${partition}`, queue);
      queue.messages.push({ key, value, partition, headers: { 'content-type': 'application/cloudevents+json' } });
    }
    for (const { topic, partition, messages } of queues.values())
      for (let at = 0; at < messages.length; at += PER_SEND)
        await this.sendBatch(topic, partition, messages.slice(at, at + PER_SEND));
  }

  private async sendBatch(topic: string, partition: number, messages: Message[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await inTime(this.producing().then((producer) => producer.send({ topic, messages, acks: -1 })));
        if (answer.some((one) => one.partition === partition && one.errorCode === 0)) return;
        throw new BankNotHeard(topic, partition);
      } catch (error) {
        this.replaceProducer();
        if (tries >= TRIES) throw error;
        await pause(Math.min(2_000, 100 * tries));
      }
    }
  }

  private async taken(): Promise<void> {
    const ends = await this.ends();
    while (this.isWaiting) {
      const { rows } = await this.intake.query<{ topic: string; partition: number; next_offset: string }>({
        name: 'bank_positions',
        text: 'select topic, partition, next_offset from bank_offsets where topic = any($1::text[])',
        values: [[...BANK_TOPICS]],
      });
      const at = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, Number(row.next_offset)]));
      if ([...ends].every(([key, end]) => end === 0 || (at.get(key) ?? 0) >= end)) return;
      await pause(LOOK_MS);
    }
  }

  private ends(): Promise<ReadonlyMap<string, number>> {
    return this.asked(async (admin) => {
      const found = new Map<string, number>();
      for (const topic of BANK_TOPICS)
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          found.set(`${topic}/${partition}`, Number(high));
      return found;
    });
  }
}

const connected = async <T extends { connect(): Promise<void> }>(client: T): Promise<T> => {
  await client.connect();
  return client;
};

const inTime = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Kafka gives no answer')), LATE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
