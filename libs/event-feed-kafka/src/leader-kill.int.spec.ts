import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Cursor } from '@mora/contracts';
import { START } from '@mora/eventing';
import { type KafkaCluster, startKafka } from '@mora/kafka';
import { waitFor } from '@mora/test-kit';
import { ensureTopics, KafkaPublisher, kafkaClient, topicOf } from './index.js';
import { eventAt } from './testing/events.js';
import { connectionTo, joinedFeeds } from './testing/kafka-lane.js';

const SHARDS = 3;
const KILLS = 2;
const BATCH = 20;

let kafka: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka({ nodes: 3 });
}, 240_000);
afterAll(() => kafka.stop(0));

it('loses, doubles and reorders nothing when leaders are killed under load, and needs no Read', async () => {
  const connection = connectionTo(kafka.brokers);
  const topicPrefix = 'kill.';
  const topic = topicOf('dialer', topicPrefix);
  await ensureTopics(connection, [{ topic, partitions: SHARDS, replication: 3 }]);
  const publisher = new KafkaPublisher({ connection, source: 'dialer', shards: SHARDS, topicPrefix });
  const reader = { source: 'dialer', shards: SHARDS, read: async () => Promise.reject(new Error('Read was asked')) };
  const feeds = await joinedFeeds(connection, reader, topicPrefix);
  const feed = feeds.feed('dialer');
  const seen: number[][] = Array.from({ length: SHARDS }, () => []);
  const at: Cursor[] = Array.from({ length: SHARDS }, () => START);
  const reading = setInterval(() => {
    for (let shard = 0; shard < SHARDS; shard++)
      void feed.read({ shard, after: at[shard]!, limit: 500 }).then(({ events }) => {
        const fresh = events.filter((event) => event.position > at[shard]!.position);
        seen[shard]!.push(...fresh.map((event) => event.position));
        const last = fresh.at(-1);
        if (last) at[shard] = { epoch: last.epoch, position: last.position };
      });
  }, 10);
  let isOver = false;
  const gaps: number[] = [];
  const sent = Promise.all(
    Array.from({ length: SHARDS }, async (_, shard) => {
      let position = 0;
      while (!isOver) {
        const events = Array.from({ length: BATCH }, () => eventAt(++position, { shard, id: `${shard}/${position}` }));
        const began = performance.now();
        await publisher.publish(shard, events);
        gaps.push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      return position;
    }),
  );
  try {
    for (let i = 0; i < KILLS; i++) {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const victim = kafka.node(await leaderOf(topic, i));
      await victim.kill();
      await new Promise((resolve) => setTimeout(resolve, 7_000));
      await victim.restart();
      await inSync(topic);
    }
  } finally {
    isOver = true;
  }
  const last = await sent;
  await waitFor('all is read', () => last.every((position, shard) => at[shard]!.position === position), {
    timeoutMs: 30_000,
  });
  clearInterval(reading);
  for (const [shard, position] of last.entries())
    expect(seen[shard]).toEqual(Array.from({ length: position }, (_, i) => i + 1));
  expect(feeds.figures()).toMatchObject({ bad: {}, backfilled: 0 });
  expect(Math.max(...gaps)).toBeLessThan(10_000);
  await feeds.stop();
  await publisher.close();
}, 180_000);

const described = async (topic: string) => {
  const admin = kafkaClient(connectionTo(kafka.brokers)).admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions;
  } finally {
    await admin.disconnect();
  }
};
const leaderOf = async (topic: string, partition: number) =>
  (await described(topic)).find(({ partitionId }) => partitionId === partition)!.leader;
const inSync = (topic: string) =>
  waitFor('all copies are in sync', async () => (await described(topic)).every(({ isr }) => isr.length === 3), {
    timeoutMs: 30_000,
    everyMs: 300,
  });
