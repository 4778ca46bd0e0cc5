/** A store whose relay publishes to a real Kafka, and a reader on the other side. For tests. */
import { randomUUID } from 'node:crypto';
import type { EventStore } from '@mora/eventing';
import type { KafkaConnection } from '../connection.js';
import { createKafkaFeeds, type KafkaFeeds, type KafkaFeedsOptions } from '../kafka-feed.js';
import { ensureTopics, topicOf } from '../topics.js';

export const connectionTo = (brokers: readonly string[], clientId = 'test'): KafkaConnection => ({ brokers, clientId });

/** Topics of a test's own. @returns their prefix */
export const freshTopic = async (connection: KafkaConnection, source: string, partitions: number): Promise<string> => {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  await ensureTopics(connection, [{ topic: topicOf(source, prefix), partitions, replication: 1 }]);
  return prefix;
};

/** Feeds that have joined their group. */
export const joinedFeeds = async (
  connection: KafkaConnection,
  store: Pick<EventStore, 'read' | 'source' | 'shards'>,
  topicPrefix: string,
  more: Partial<KafkaFeedsOptions> = {},
): Promise<KafkaFeeds> => {
  const feeds = createKafkaFeeds({
    connection,
    groupId: `${topicPrefix}reader`,
    sources: [{ reader: store, shards: store.shards }],
    topicPrefix,
    ...more,
  });
  feeds.start();
  const deadline = performance.now() + 20_000;
  while (feeds.notReady() !== null) {
    if (performance.now() > deadline) throw new Error(`the group was not joined: ${feeds.notReady()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return feeds;
};
