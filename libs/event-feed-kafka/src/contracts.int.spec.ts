import { afterAll, beforeAll } from '@jest/globals';
import { MemoryStore, type Publisher, Relay } from '@mora/eventing';
import { type KafkaCluster, startKafka } from '@mora/kafka';
import { type FeedUnderTest, feedContract, SHARDS, storeFeedOn, waitFor } from '@mora/test-kit';
import { KafkaPublisher } from './index.js';
import { connectionTo, freshTopic, joinedFeeds } from './testing/kafka-lane.js';

let kafka: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka();
}, 240_000);
afterAll(() => kafka.stop(0));

/** Events of a store, relayed to Kafka, read from there; quiet is when what was published has arrived. */
const overKafka = async (): Promise<FeedUnderTest> => {
  let kept: MemoryStore | undefined;
  const lane = {
    fresh: async () => {
      kept = new MemoryStore('dialer', SHARDS, () => Date.now());
      return kept;
    },
    replica: async () => kept!,
  };
  const under = await storeFeedOn(lane)();
  const connection = connectionTo(kafka.brokers);
  const topicPrefix = await freshTopic(connection, 'dialer', SHARDS);
  const feeds = await joinedFeeds(connection, under.store, topicPrefix);
  const publisher = new KafkaPublisher({ connection, source: 'dialer', shards: SHARDS, topicPrefix });
  const { activity } = under;
  const sent: number[] = Array.from({ length: SHARDS }, () => 0);
  const counted: Publisher = {
    published: (shard) => publisher.published(shard),
    watermark: (shard, mark) => publisher.watermark(shard, mark),
    publish: async (shard, events) => {
      await publisher.publish(shard, events);
      sent[shard] = events.at(-1)!.position;
    },
  };
  const relay = new Relay({ feed: under.feed, shards: SHARDS, publisher: counted, activity, batch: 3 });
  await relay.start();
  const quiet = async () => {
    await activity.quiet();
    await waitFor('what was published has arrived', () =>
      feeds.lag().every(({ shard, head }) => head.position >= sent[shard]!),
    );
    await activity.quiet();
  };
  return {
    ...under,
    feed: feeds.feed('dialer'),
    activity: {
      begin: () => activity.begin(),
      get begun() {
        return activity.begun;
      },
      get busy() {
        return activity.busy;
      },
      quiet,
    },
    poll: async () => {
      await under.poll();
      await quiet();
    },
    close: async () => {
      await relay.stop();
      await feeds.stop();
      await publisher.close();
    },
  };
};

feedContract('Kafka', overKafka, 4);
