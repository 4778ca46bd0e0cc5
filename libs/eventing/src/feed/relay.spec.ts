import { describe, expect, it } from '@jest/globals';
import type { Cursor, EventEnvelope } from '@mora/contracts';
import { createActivity } from '../clock/activity.js';
import type { EventFeed, Watermark } from './feed.js';
import { Relay } from './relay.js';

const event = (position: number) => ({ id: `${position}`, epoch: 1, shard: 0, position }) as EventEnvelope;
const events = Array.from({ length: 7 }, (_, i) => event(i + 1));
const head: Cursor = { epoch: 1, position: 7 };
const feed: EventFeed = {
  source: 'intake',
  read: async ({ after, limit }) => ({
    from: after,
    events: events.slice(after.position, after.position + limit),
    head,
  }),
  watermark: async () => ({ ...head, at: '2026-11-02T01:00:00.000Z' }),
  onMore: () => () => undefined,
};

describe('the relay', () => {
  it('repeats a failed publish with the very same events before it goes on', async () => {
    const calls: string[] = [];
    let failures = 2;
    const marks: Watermark[] = [];
    const activity = createActivity();
    const relay = new Relay({
      feed,
      shards: 1,
      activity,
      batch: 3,
      watermarkEveryMs: 5,
      publisher: {
        published: async () => ({ epoch: 1, position: 1 }),
        publish: async (_, batch) => {
          const fails = batch[0]!.position === 5 && failures-- > 0;
          calls.push(`${batch.map((e) => e.position).join()}${fails ? '!' : ''}`);
          if (fails) throw new Error('broker gone');
        },
        watermark: async (_, mark) => {
          marks.push(mark);
        },
      },
    });
    await relay.start();
    await activity.quiet();
    while (marks.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await relay.stop();
    await relay.stop();
    expect(calls).toEqual(['2,3,4', '5,6,7!', '5,6,7!', '5,6,7']);
    expect(marks[0]).toMatchObject(head);
  });
});
