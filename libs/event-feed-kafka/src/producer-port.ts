/** The one way in which the publisher uses kafkajs, so that its rules can be tested against a client with kafkajs's faults. */
import { CompressionTypes, type RecordMetadata } from 'kafkajs';
import type { OutgoingRecord } from './cloud-event.js';
import { type KafkaConnection, kafkaClient, REQUEST_TIMEOUT_MS, RETRY } from './connection.js';

export interface PartitionRecord extends OutgoingRecord {
  readonly partition: number;
}

export interface AcknowledgedPartition {
  readonly partition: number;
  readonly errorCode: number;
}

/** An idempotent producer: it numbers what it sends per partition, and the broker drops a number that it has. */
export interface RecordProducer {
  /** @returns the partitions that the answer names */
  send(topic: string, records: readonly PartitionRecord[]): Promise<readonly AcknowledgedPartition[]>;
  close(): Promise<void>;
}

export type Compression = 'none' | 'gzip' | 'zstd';

const COMPRESSION = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  zstd: CompressionTypes.ZSTD,
} as const;

/** @returns makes a connected producer with numbers of its own */
export const kafkajsProducers =
  (connection: KafkaConnection, compression: Compression = 'none') =>
  async (): Promise<RecordProducer> => {
    const producer = kafkaClient(connection).producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      retry: RETRY,
      createPartitioner: () => (args) => args.message.partition ?? 0,
    });
    const close = () => producer.disconnect();
    try {
      await producer.connect();
    } catch (error) {
      await close().catch(() => undefined);
      throw error;
    }
    return {
      close,
      send: async (topic, records) => {
        const answer = await producer.send({
          topic,
          acks: -1,
          timeout: REQUEST_TIMEOUT_MS - 1_000,
          compression: COMPRESSION[compression],
          messages: records.map(({ key, value, headers, partition }) => ({ key, value, headers, partition })),
        });
        return answer.filter(({ topicName }) => topicName === topic).map(acknowledged);
      },
    };
  };

const acknowledged = ({ partition, errorCode }: RecordMetadata): AcknowledgedPartition => ({ partition, errorCode });

/** What a failed send means for the next try. */
export type SendFailure =
  /** Nothing was written, and nothing ever will be at this size. */
  | 'too-large'
  /** The broker and this producer disagree about numbers, or it is of no use otherwise. */
  | 'wedged'
  /** Unknown whether it was written. */
  | 'unknown';

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const WEDGED = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** kafkajs wraps errors in errors. */
export const failureOf = (error: unknown): SendFailure => {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const type = 'type' in at && typeof at.type === 'string' ? at.type : '';
    if (TOO_LARGE.has(type)) return 'too-large';
    if (WEDGED.has(type) || at.name === 'KafkaJSLockTimeout') return 'wedged';
  }
  return 'unknown';
};
