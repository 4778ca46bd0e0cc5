/** The topics of the installation: one per source, one partition per shard. Names are persisted. */
import kafkajs, { type Admin, type ITopicConfig, type ITopicMetadata } from 'kafkajs';
import { type KafkaConnection, kafkaClient } from './connection.js';
import { TopicPartitionsDiffer, TopicsUnavailable } from './errors.js';

/** @param prefix of tests that share a broker */
export const topicOf = (source: string, prefix = ''): string => `${prefix}mora.${source}.v1`;

export interface TopicSpec {
  readonly topic: string;
  /** SHARDS; 1 for `mora.policy.v1`. */
  readonly partitions: number;
  /** Copies; one less must be in sync before a write is acknowledged. */
  readonly replication: number;
}

/** The largest batch, so also the largest event with its headers. */
export const MAX_BATCH_BYTES = 2 * 1024 * 1024;
const RETENTION_MS = 14 * 24 * 3_600_000;
const TIMEOUT_MS = 20_000;
/** About five seconds; whoever starts before Kafka asks again. */
const TRIES = 8;

const configOf = ({ topic, partitions, replication }: TopicSpec): ITopicConfig => ({
  topic,
  numPartitions: partitions,
  replicationFactor: replication,
  configEntries: Object.entries({
    'cleanup.policy': 'delete',
    'retention.ms': String(RETENTION_MS),
    'max.message.bytes': String(MAX_BATCH_BYTES),
    'min.insync.replicas': String(Math.max(1, replication - 1)),
    'unclean.leader.election.enable': 'false',
    // Retention counts from arrival: a backlog that is published late is not deleted at once.
    'message.timestamp.type': 'LogAppendTime',
  }).map(([name, value]) => ({ name, value })),
});

/**
 * Makes the topics that are missing, also when several processes do so at once, and checks the others. The settings of a
 * topic that exists are its owner's.
 * @throws TopicPartitionsDiffer
 * @throws TopicsUnavailable
 */
export const ensureTopics = async (connection: KafkaConnection, specs: readonly TopicSpec[]): Promise<void> => {
  const admin = kafkaClient(connection, TRIES).admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = specs.filter(({ topic }) => !existing.has(topic));
    // One by one: a request for several tells of the first error alone.
    for (const spec of missing) await create(admin, spec);
    const found = await partitionsOf(admin, specs);
    for (const { topic, partitions } of specs)
      if (found.get(topic) !== partitions) throw new TopicPartitionsDiffer(topic, partitions, found.get(topic) ?? 0);
  } catch (cause) {
    if (cause instanceof TopicPartitionsDiffer) throw cause;
    throw new TopicsUnavailable(
      specs.map(({ topic }) => topic),
      { cause },
    );
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

/** False from kafkajs: somebody else was faster. */
const create = async (admin: Admin, spec: TopicSpec): Promise<void> => {
  await admin.createTopics({ topics: [configOf(spec)], waitForLeaders: false });
};

/** Other brokers learn of a new topic a moment later. */
const partitionsOf = async (admin: Admin, specs: readonly TopicSpec[]): Promise<ReadonlyMap<string, number>> => {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ topic }) => topic) });
      if (topics.every(hasLeaders)) return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) throw new Error('partitions without leaders');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const hasLeaders = ({ partitions }: ITopicMetadata): boolean => partitions.every(({ leader }) => leader >= 0);

const isPassing = (error: unknown): boolean =>
  error instanceof kafkajs.KafkaJSProtocolError &&
  (error.type === 'UNKNOWN_TOPIC_OR_PARTITION' || error.type === 'LEADER_NOT_AVAILABLE');
