/** The feeds of the suite over any store: straight from the store, and over a topic that a relay fills. */
import { createActivity, createMemoryTopic, createStoreFeed, Relay } from '@mora/eventing';
import type { FeedUnderTest } from './feed-contract.js';
import { type StoreLane, writerOn } from './rig.js';

export const storeFeedOn = (lane: StoreLane) => async (): Promise<FeedUnderTest> => {
  const [store, other] = [await lane.fresh(), await lane.replica()];
  const activity = createActivity();
  const writers = [writerOn(store, activity), writerOn(other, activity)] as const;
  const feed = createStoreFeed(store, writers[0], { wall: () => Date.now(), keep: 3 });
  return { feed, store, writers, activity, poll: () => feed.poll(), close: async () => undefined };
};

export const topicFeedOn = (lane: StoreLane) => async (): Promise<FeedUnderTest> => {
  const under = await storeFeedOn(lane)();
  const topic = createMemoryTopic(under.store.shards);
  const { feed, activity } = under;
  const relay = new Relay({ feed, shards: under.store.shards, publisher: topic, activity, batch: 3 });
  await relay.start();
  await activity.quiet();
  return { ...under, feed: topic.feed(under.store), close: () => relay.stop() };
};
