/** The last records of a topic's partitions, read from the end backwards in growing windows, without keeping any offset. */
import { randomUUID } from 'node:crypto';
import type { Cursor } from '@mora/contracts';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { decodeRecord, type KafkaRecord } from './cloud-event.js';
import { type KafkaConnection, kafkaClient } from './connection.js';
import { TailUnread } from './errors.js';

/** The furthest event that a partition tells of. */
export interface LastRecord extends Cursor {
  /** Null: only a watermark without an id is left of it. */
  readonly id: string | null;
}

export interface TailOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly source: string;
  readonly shards: number;
  readonly timeoutMs?: number;
}

/** A last batch that was sent twice is the longest disorder. */
const FIRST_WINDOW = 1_000;
const GROWTH = 8;
const TIMEOUT_MS = 30_000;

interface Window {
  readonly low: number;
  readonly high: number;
  from: number;
  size: number;
  found: LastRecord | null;
  isRead: boolean;
}

/**
 * Per shard the furthest cursor, or null where the topic is empty. It joins a consumer group of its own, `<clientId>.tail.…`,
 * for a moment.
 * @throws TailUnread
 */
export const readLastRecords = async (options: TailOptions): Promise<readonly (LastRecord | null)[]> => {
  const { connection, topic, shards } = options;
  const kafka = kafkaClient(connection);
  const admin = kafka.admin();
  const groupId = `${connection.clientId}.tail.${randomUUID()}`;
  try {
    await admin.connect();
    const windows = new Map<number, Window>();
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      windows.set(partition, windowAt(Number(low), Number(high)));
    if ([...windows.values()].some(({ isRead }) => !isRead)) {
      const consumer = kafka.consumer({ groupId, minBytes: 1, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
      await readWindows(consumer, windows, options).finally(() => consumer.disconnect().catch(() => undefined));
      await admin.deleteGroups([groupId]).catch(() => undefined);
    }
    return Array.from({ length: shards }, (_, shard) => windows.get(shard)?.found ?? null);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

const windowAt = (low: number, high: number): Window => ({
  low,
  high,
  from: Math.max(low, high - FIRST_WINDOW),
  size: FIRST_WINDOW,
  found: null,
  isRead: low >= high,
});

const readWindows = async (
  consumer: Consumer,
  windows: ReadonlyMap<number, Window>,
  { topic, source, timeoutMs = TIMEOUT_MS }: TailOptions,
): Promise<void> => {
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const seek = (partition: number, { from }: Window) => consumer.seek({ topic, partition, offset: String(from) });
  let settle: (error?: Error) => void = () => undefined;
  const settled = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  settled.catch(() => undefined);
  const timer = setTimeout(() => settle(new TailUnread(topic)), timeoutMs);
  consumer.on(consumer.events.CRASH, ({ payload }) => settle(payload.error));
  try {
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, isStale, pause }: EachBatchPayload) => {
        const window = windows.get(batch.partition);
        if (!window || window.isRead || isStale()) return;
        for (const message of batch.messages)
          if (Number(message.offset) >= window.from) note(window, message, source, batch.partition);
        if (Number(batch.lastOffset()) < window.high - 1) return;
        if (window.found?.id || window.from === window.low) {
          window.isRead = true;
          pause();
          if ([...windows.values()].every(({ isRead }) => isRead)) settle();
          return;
        }
        window.size *= GROWTH;
        window.from = Math.max(window.low, window.high - window.size);
        seek(batch.partition, window);
      },
    });
    for (const [partition, window] of windows) if (!window.isRead) seek(partition, window);
    await settled;
  } finally {
    clearTimeout(timer);
  }
};

const note = (window: Window, message: KafkaRecord, source: string, shard: number): void => {
  const decoded = decodeRecord(message, source, shard);
  if (decoded.kind === 'bad') return;
  const record: LastRecord =
    decoded.kind === 'event'
      ? { epoch: decoded.event.epoch, position: decoded.event.position, id: decoded.event.id }
      : { epoch: decoded.mark.epoch, position: decoded.mark.position, id: decoded.lastId };
  if (record.position === 0) return;
  const { found } = window;
  const isFurther =
    !found ||
    record.epoch > found.epoch ||
    (record.epoch === found.epoch &&
      (record.position > found.position || (record.position === found.position && found.id === null)));
  if (isFurther) window.found = record;
};
