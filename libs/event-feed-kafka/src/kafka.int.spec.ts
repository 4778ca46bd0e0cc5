import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cursor, EventEnvelope } from '@mora/contracts';
import { beginEpochIfLost, type EventFeed, MemoryStore, START } from '@mora/eventing';
import { type KafkaCluster, startKafka } from '@mora/kafka';
import { allOf, count, waitFor, writerOn } from '@mora/test-kit';
import {
  type BadRecord,
  EventTooLarge,
  ensureTopics,
  type KafkaConnection,
  KafkaPublisher,
  type KafkaPublisherOptions,
  kafkaClient,
  TopicPartitionsDiffer,
  TopicsUnavailable,
  topicOf,
} from './index.js';
import { eventAt } from './testing/events.js';
import { connectionTo, freshTopic, joinedFeeds } from './testing/kafka-lane.js';

const SHARDS = 2;

let kafka: KafkaCluster;
let connection: KafkaConnection;
beforeAll(async () => {
  kafka = await startKafka();
  connection = connectionTo(kafka.brokers);
}, 240_000);
afterAll(() => kafka.stop(0));

/** A source with so many events in shard 0. */
const sourceOf = async (events: number) => {
  const store = new MemoryStore('dialer', SHARDS, () => Date.now());
  const writer = writerOn(store);
  const say = async (more: number): Promise<readonly EventEnvelope[]> => {
    const known = (await allOf(store)).length;
    for (let i = 0; i < more; i++) await writer.execute(count('a', `${known + i + 1}`, 0));
    return (await allOf(store)).slice(known);
  };
  let reads = 0;
  const reader = {
    source: store.source,
    shards: SHARDS,
    read: async (request: Parameters<MemoryStore['read']>[0]) => {
      reads += 1;
      return store.read(request);
    },
  };
  return { store, reader, say, events: await say(events), readsOf: () => reads };
};

const using = async (
  more: Partial<KafkaPublisherOptions>,
  work: (publisher: KafkaPublisher, prefix: string) => Promise<void>,
): Promise<void> => {
  const topicPrefix = await freshTopic(connection, 'dialer', SHARDS);
  const publisher = new KafkaPublisher({ connection, source: 'dialer', shards: SHARDS, topicPrefix, ...more });
  try {
    await work(publisher, topicPrefix);
  } finally {
    await publisher.close();
  }
};

/** Reads shard 0 on from a cursor until so many positions were seen. */
const readUntil = async (feed: EventFeed, position: number, from: Cursor = START): Promise<readonly number[]> => {
  const seen: number[] = [];
  let at = from;
  await waitFor(`position ${position} is read`, async () => {
    const { from: start, events } = await feed.read({ shard: 0, after: at, limit: 200 });
    seen.push(...events.map((event) => event.position));
    const last = events.at(-1);
    at = last ? { epoch: last.epoch, position: last.position } : start;
    return at.position >= position;
  });
  return seen;
};
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('topics', () => {
  it('are made once, also by several processes at once, and found again', async () => {
    const specs = [1, 2, 3].map((n) => ({ topic: `many.${n}.${Date.now()}`, partitions: 3, replication: 1 }));
    await Promise.all([1, 2, 3].map(() => ensureTopics(connection, specs)));
    await ensureTopics(connection, specs);
    const admin = kafkaClient(connection).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ topic }) => topic) });
    await admin.disconnect();
    expect(topics.map(({ partitions }) => partitions.length)).toEqual([3, 3, 3]);
  });

  it('with another number of partitions are refused', async () => {
    const prefix = await freshTopic(connection, 'dialer', 3);
    const topic = topicOf('dialer', prefix);
    const asking = ensureTopics(connection, [{ topic, partitions: 12, replication: 1 }]);
    await expect(asking).rejects.toThrow(TopicPartitionsDiffer);
    await expect(asking).rejects.toMatchObject({ topic, wanted: 12, found: 3 });
  });

  it('that cannot be made are named', async () => {
    const asking = ensureTopics(connection, [{ topic: 'no/name', partitions: 1, replication: 1 }]);
    await expect(asking).rejects.toThrow(TopicsUnavailable);
  });
});

describe('what the topic holds', () => {
  it('is nothing at first, then the last event, also behind many watermarks and for another publisher', () =>
    using({}, async (publisher, topicPrefix) => {
      expect(await publisher.published(0)).toEqual(START);
      const { store, events } = await sourceOf(5);
      await publisher.publish(0, events);
      for (let i = 0; i < 20; i++)
        await publisher.watermark(0, { epoch: 1, position: 5, at: new Date().toISOString() });
      const next = new KafkaPublisher({ connection, source: 'dialer', shards: SHARDS, topicPrefix });
      expect(await next.published(0)).toEqual({ epoch: 1, position: 5 });
      expect(await next.published(1)).toEqual(START);
      expect(await next.claims()).toEqual([expect.objectContaining({ shard: 0, eventId: events.at(-1)!.id })]);
      expect(await beginEpochIfLost(store, await next.claims())).toBeNull();
      await next.close();
    }));

  it('that the store lost begins a new epoch', () =>
    using({}, async (publisher) => {
      const { events } = await sourceOf(5);
      await publisher.publish(0, events);
      const restored = (await sourceOf(3)).store;
      expect(await beginEpochIfLost(restored, await publisher.claims())).toMatch(
        /topic .* has taken in dialer shard 0/,
      );
    }));

  it('is found below thousands of records that tell nothing', () =>
    using({}, async (publisher, topicPrefix) => {
      await publisher.publish(0, [eventAt(1)]);
      const producer = kafkaClient(connection).producer({ allowAutoTopicCreation: false });
      await producer.connect();
      const messages = Array.from({ length: 2_500 }, () => ({ value: 'x', partition: 0 }));
      await producer.send({ topic: publisher.topic, messages });
      await producer.disconnect();
      const next = new KafkaPublisher({ connection, source: 'dialer', shards: SHARDS, topicPrefix });
      expect(await next.published(0)).toEqual({ epoch: 1, position: 1 });
      await next.close();
    }));
});

describe('a feed', () => {
  it('never asks Read for what Kafka brings, within 50 ms', () =>
    using({ compression: 'zstd' }, async (publisher, topicPrefix) => {
      const { reader, say, readsOf } = await sourceOf(0);
      const feeds = await joinedFeeds(connection, reader, topicPrefix);
      const feed = feeds.feed('dialer');
      const seen: number[] = [];
      const took: number[] = [];
      let at: Cursor = START;
      for (let i = 0; i < 30; i++) {
        const events = await say(3);
        const began = performance.now();
        const woken = new Promise<void>((resolve) => {
          const leave = feed.onMore((shard) => {
            if (shard !== 0) return;
            leave();
            resolve();
          });
        });
        await publisher.publish(0, events);
        await woken;
        took.push(performance.now() - began);
        const result = await feed.read({ shard: 0, after: at, limit: 200 });
        seen.push(...result.events.map((event) => event.position));
        at = { epoch: 1, position: seen.at(-1)! };
      }
      expect(seen).toEqual(upTo(90));
      expect(readsOf()).toBe(0);
      expect(took.sort((a, b) => a - b)[20]).toBeLessThan(50);
      await feeds.stop();
    }));

  it('gets through Read what retention deleted, and the rest from Kafka', () =>
    using({}, async (publisher, topicPrefix) => {
      const { reader, events } = await sourceOf(40);
      await publisher.publish(0, events);
      const admin = kafkaClient(connection).admin();
      await admin.connect();
      await admin.fetchTopicOffsets(publisher.topic);
      await admin.deleteTopicRecords({ topic: publisher.topic, partitions: [{ partition: 0, offset: '25' }] });
      await admin.disconnect();
      const feeds = await joinedFeeds(connection, reader, topicPrefix);
      expect(await readUntil(feeds.feed('dialer'), 40)).toEqual(upTo(40));
      expect(feeds.figures().backfilled).toBe(25);
      await feeds.stop();
    }));

  it('fills a hole in the middle and, told by a watermark, one at the end', () =>
    using({}, async (publisher, topicPrefix) => {
      const { reader, events } = await sourceOf(10);
      await publisher.publish(0, [...events.slice(0, 3), ...events.slice(5, 8)]);
      const feeds = await joinedFeeds(connection, reader, topicPrefix);
      expect(await readUntil(feeds.feed('dialer'), 8)).toEqual(upTo(8));
      expect(
        (await feeds.feed('dialer').read({ shard: 0, after: { epoch: 1, position: 8 }, limit: 9 })).events,
      ).toEqual([]);
      const mark = { epoch: 1, position: 10, at: new Date().toISOString() };
      await publisher.watermark(0, mark);
      expect(await readUntil(feeds.feed('dialer'), 10, { epoch: 1, position: 8 })).toEqual([9, 10]);
      expect(await feeds.feed('dialer').watermark(0)).toEqual(mark);
      expect(feeds.figures().backfilled).toBe(4);
      await feeds.stop();
    }));

  it('counts records that it cannot read and gets their events through Read', () =>
    using({}, async (publisher, topicPrefix) => {
      const { reader, events } = await sourceOf(3);
      await publisher.publish(0, events.slice(0, 1));
      const producer = kafkaClient(connection).producer({ allowAutoTopicCreation: false });
      await producer.connect();
      for (const value of [null, '', 'x', '\ufeff{}'])
        await producer.send({ topic: publisher.topic, messages: [{ value, partition: 0 }] });
      await producer.disconnect();
      await publisher.publish(0, events.slice(2));
      const bad: BadRecord[] = [];
      const feeds = await joinedFeeds(connection, reader, topicPrefix, { onBadRecord: (each) => bad.push(each) });
      expect(await readUntil(feeds.feed('dialer'), 3)).toEqual([1, 2, 3]);
      expect(bad).toHaveLength(4);
      expect(feeds.figures().bad).toEqual({ 'missing-header': 4 });
      await feeds.stop();
    }));

  it('holds no more than its bound of a backlog, and loses none of it', () =>
    using({ batchBytes: 1_000_000 }, async (publisher, topicPrefix) => {
      const { reader } = await sourceOf(0);
      const data = { of: 'x'.repeat(5_000) };
      const backlog = upTo(2_000).map((position) => eventAt(position, { data }));
      await publisher.publish(0, backlog);
      const feeds = await joinedFeeds(connection, reader, topicPrefix, { bufferBytes: 500_000 });
      await waitFor('the buffer is full', () => feeds.lag()[0]!.buffered > 0);
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(feeds.lag()[0]!.buffered).toBeLessThan(1_000);
      expect(await readUntil(feeds.feed('dialer'), 2_000)).toEqual(upTo(2_000));
      expect(feeds.figures().backfilled).toBe(0);
      await feeds.stop();
    }));

  it('is shared by two replicas, and taken over when one ends', () =>
    using({}, async (publisher, topicPrefix) => {
      const { reader, events } = await sourceOf(10);
      const first = await joinedFeeds(connection, reader, topicPrefix);
      await publisher.publish(0, events.slice(0, 5));
      expect(await readUntil(first.feed('dialer'), 5)).toEqual(upTo(5));
      const second = await joinedFeeds(connection, reader, topicPrefix);
      const parts = () => [first, second].map((feeds) => feeds.lag().filter((lag) => lag.isAssigned).length);
      await waitFor('each has one', () => parts().join() === '1,1');
      const [owner, other] = first.lag()[0]!.isAssigned ? [first, second] : [second, first];
      await publisher.publish(0, events.slice(5, 8));
      expect(await readUntil(owner.feed('dialer'), 8, { epoch: 1, position: 5 })).toEqual([6, 7, 8]);
      expect((await other.feed('dialer').read({ shard: 0, after: START, limit: 9 })).events).toEqual([]);
      await owner.stop();
      await publisher.publish(0, events.slice(8));
      expect(await readUntil(other.feed('dialer'), 10, { epoch: 1, position: 5 })).toEqual(upTo(10, 6));
      await other.stop();
    }));

  it('in a group of its own has every shard, and begins near the end', () =>
    using({}, async (publisher, topicPrefix) => {
      const { reader, events } = await sourceOf(200);
      await publisher.publish(0, events);
      const feeds = await Promise.all([1, 2].map(() => joinedFeeds(connection, reader, topicPrefix, { group: 'own' })));
      for (const each of feeds) {
        expect(each.lag().every(({ isAssigned }) => isAssigned)).toBe(true);
        expect(await readUntil(each.feed('dialer'), 200)).toEqual(upTo(200));
        expect(each.figures().backfilled).toBe(150);
        await each.stop();
      }
    }));

  it(
    'waits, not ready, while Kafka is away, and goes on when it is back',
    () =>
      using({}, async (publisher, topicPrefix) => {
        const { reader, events, readsOf } = await sourceOf(6);
        const feeds = await joinedFeeds(connection, reader, topicPrefix);
        await publisher.publish(0, events.slice(0, 3));
        expect(await readUntil(feeds.feed('dialer'), 3)).toEqual([1, 2, 3]);
        await kafka.node(1).kill();
        const publishing = publisher.publish(0, events.slice(3));
        await waitFor('it is not ready', () => feeds.notReady() !== null, { timeoutMs: 15_000 });
        expect(
          (await feeds.feed('dialer').read({ shard: 0, after: { epoch: 1, position: 3 }, limit: 9 })).events,
        ).toEqual([]);
        await kafka.node(1).restart();
        await publishing;
        await waitFor('it is ready', () => feeds.notReady() === null, { timeoutMs: 30_000 });
        expect(await readUntil(feeds.feed('dialer'), 6, { epoch: 1, position: 3 })).toEqual([4, 5, 6]);
        expect(readsOf()).toBe(0);
        await feeds.stop();
      }),
    120_000,
  );
});

describe('an event that the topic does not take', () => {
  it('is named, comes through Read, and stops no other', async () => {
    const errors: unknown[] = [];
    await using({ onError: (error) => errors.push(error) }, async (publisher, topicPrefix) => {
      const giant = eventAt(2, { data: 'x'.repeat(2_200_000) });
      const large = eventAt(3, { data: 'x'.repeat(1_000_000) });
      await publisher.publish(0, [eventAt(1), giant, large, eventAt(4)]);
      expect(errors).toEqual([expect.any(EventTooLarge)]);
      const reader = {
        source: 'dialer',
        shards: SHARDS,
        read: async () => ({ from: { epoch: 1, position: 1 }, events: [giant], head: { epoch: 1, position: 4 } }),
      };
      const feeds = await joinedFeeds(connection, reader, topicPrefix);
      expect(await readUntil(feeds.feed('dialer'), 4)).toEqual([1, 2, 3, 4]);
      expect(feeds.figures()).toMatchObject({ delivered: 3, backfilled: 1 });
      await feeds.stop();
    });
  });
});
