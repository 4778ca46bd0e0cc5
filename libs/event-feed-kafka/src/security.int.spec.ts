import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KafkaCluster, startKafka } from '@mora/kafka';
import { waitFor } from '@mora/test-kit';
import { type KafkaConnection, KafkaPublisher, TopicsUnavailable } from './index.js';
import { eventAt } from './testing/events.js';
import { freshTopic, joinedFeeds } from './testing/kafka-lane.js';

let kafka: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka({ sasl: { users: { dialer: 'secret', guard: 'other' } }, tls: { clientAuth: 'required' } });
}, 240_000);
afterAll(() => kafka.stop(0));

const connectionOf = async (username: string, password: string): Promise<KafkaConnection> => ({
  brokers: kafka.brokers,
  clientId: username,
  ssl: { ca: kafka.authority!.ca, ...(await kafka.authority!.issue(username)) },
  sasl: { mechanism: 'scram-sha-512', username, password },
});

describe('TLS and SCRAM by configuration', () => {
  it('publish and read, each service with its own login', async () => {
    const dialer = await connectionOf('dialer', 'secret');
    const topicPrefix = await freshTopic(dialer, 'dialer', 1);
    const publisher = new KafkaPublisher({ connection: dialer, source: 'dialer', shards: 1, topicPrefix });
    await publisher.publish(0, [eventAt(1)]);
    expect(await publisher.published(0)).toEqual({ epoch: 1, position: 1 });
    const reader = { source: 'dialer', shards: 1, read: async () => Promise.reject(new Error('not asked')) };
    const feeds = await joinedFeeds(await connectionOf('guard', 'other'), reader, topicPrefix);
    await waitFor('the event arrives', () => feeds.lag()[0]!.head.position === 1);
    await feeds.stop();
    await publisher.close();
  });

  it('lets nobody in with a wrong password', async () => {
    await expect(freshTopic(await connectionOf('dialer', 'wrong'), 'dialer', 1)).rejects.toThrow(TopicsUnavailable);
  });

  it('lets nobody in without TLS', async () => {
    const { ssl: _, ...plain } = await connectionOf('dialer', 'secret');
    await expect(freshTopic(plain, 'dialer', 1)).rejects.toThrow(TopicsUnavailable);
  }, 120_000);
});
