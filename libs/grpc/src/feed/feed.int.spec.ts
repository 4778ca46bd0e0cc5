import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { type CheckpointRow, createStoreFeed, type EventFeed, MemoryStore } from '@mora/eventing';
import { addTo, count, Wire, writerOn } from '@mora/test-kit';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { clientFor } from '../client.js';
import { feedV1 } from '../generated.js';
import { SERVED_FEEDS } from '../tokens.js';
import { FeedController, type ServedFeeds } from './feed.controller.js';
import { remoteCheckpoints, remoteReader, type ServedFeed } from './feed.js';

const START = { epoch: 0, position: 0 };
const ANSWER = Symbol('what the lying feed answers');
@Controller()
class LyingFeed {
  constructor(@Inject(ANSWER) private readonly answer: () => object) {}

  @GrpcMethod('FeedService', 'Read')
  async read() {
    return this.answer();
  }
  @GrpcMethod('FeedService', 'Watermark')
  async watermark() {
    return { at: 'now' };
  }
}

let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  ending = [];
});

const source = () => {
  const store = new MemoryStore('facts', 2, () => Date.now());
  const writer = writerOn(store);
  const feed: EventFeed & { shards: number } = {
    ...createStoreFeed(store, writer, { wall: () => Date.now(), keep: 3 }),
    shards: 2,
  };
  const say = async (facts: number, note: unknown = undefined) => {
    for (let of = 0; of < facts; of++)
      await writer.execute(
        addTo('ann', { type: 'Counted', data: { of: `${of}`, ...(note === undefined ? {} : { note }) } }, 0),
      );
  };
  return { store, writer, feed, say };
};
const remote = async (feeds: readonly ServedFeed[], options: Partial<ServedFeeds> = {}, up = true) => {
  const served: ServedFeeds = { feeds: () => feeds, checkpoints: async () => [], ...options };
  const wire = await Wire.at({
    controllers: [FeedController],
    providers: [{ provide: SERVED_FEEDS, useValue: served }],
    services: [feedV1.FeedService],
  });
  if (up) await wire.start();
  const reader = remoteReader(wire.address, 'facts', { deadlineMs: 2_000 });
  ending.push(() => wire.stop(), reader.close);
  return { wire, reader };
};
const readAll = async (feed: Pick<EventFeed, 'read'>, limit: number) => {
  const pages: (readonly EventEnvelope[])[] = [];
  for (let after = START; ; ) {
    const { from, events, head } = await feed.read({ shard: 0, after, limit });
    if (events.length > 0) pages.push(events);
    after = events.at(-1) ?? from;
    if (after.position === head.position && after.epoch === head.epoch) return pages;
  }
};

describe.each([
  ['as an object', async (feed: ServedFeed) => feed],
  ['over gRPC', async (feed: ServedFeed) => (await remote([feed])).reader],
])('a feed %s', (_, connect) => {
  it('hands every event over as it is stored, page by page', async () => {
    const { store, feed, say } = source();
    await say(3, { text: '欠款 "1,234.56" \u0000 \u2028 \ud83d\ude00', list: [null, true, -0.5, 1e21], 'a"b': {} });
    await say(4);
    const stored = (await store.read({ shard: 0, after: START, limit: 100 })).events;
    const reader = await connect(feed);
    for (const limit of [1, 3, 100]) {
      const pages = await readAll(reader, limit);
      expect(pages.flat()).toEqual(stored);
      const served = (await readAll(feed, limit)).flat();
      expect(pages.flat().map((e) => JSON.stringify([e.data, e.meta]))).toEqual(
        served.map((e) => JSON.stringify([e.data, e.meta])),
      );
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit);
    }
  });

  it('says where reading really starts after a new epoch, and how far the source is', async () => {
    const { store, feed, say, writer } = source();
    await say(3);
    await store.beginEpoch('test');
    await writer.execute(count('ann', 'x', 0));
    const reader = await connect(feed);
    expect(await reader.read({ shard: 0, after: { epoch: 1, position: 9 }, limit: 5 })).toMatchObject({
      from: { epoch: 2, position: 3 },
      events: [{ epoch: 2, position: 4 }],
      head: { epoch: 2, position: 4 },
    });
    const asked = Date.now();
    const mark = await reader.watermark(0);
    expect(mark).toMatchObject({ epoch: 2, position: 4 });
    expect(Date.parse(mark.at)).toBeGreaterThanOrEqual(asked - 2_000);
    expect(await reader.watermark(1)).toMatchObject({ position: 0 });
  });
});

describe('a feed at another process', () => {
  it('gives fewer events than asked for when they would be too large, and always one', async () => {
    const { feed, say } = source();
    await say(6, 'x'.repeat(40_000));
    const { reader } = await remote([feed], { maxBytes: 100_000 });
    const first = await reader.read({ shard: 0, after: START, limit: 100 });
    expect([first.events.length, first.head.position]).toEqual([2, 6]);
    expect((await readAll(reader, 100)).map((page) => page.length)).toEqual([2, 2, 2]);
    const { reader: narrow } = await remote([feed], { maxBytes: 10 });
    expect((await readAll(narrow, 100)).map((page) => page.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('stays below what a message may hold, whatever it is asked for', async () => {
    const { feed, say } = source();
    await say(30, 'x'.repeat(1_000_000));
    const { reader } = await remote([feed]);
    const pages = await readAll(reader, 500);
    expect(pages.map((page) => page.length)).toEqual([8, 8, 8, 6]);
  });

  it('gives at most 500 events', async () => {
    const { store, feed, say } = source();
    await say(501);
    const asked: number[] = [];
    const read: EventFeed['read'] = (request) => {
      asked.push(request.limit);
      return store.read(request);
    };
    const { reader } = await remote([{ ...feed, read }]);
    const { events, head } = await reader.read({ shard: 0, after: START, limit: 1_000_000 });
    expect([events.length, head.position, asked]).toEqual([500, 501, [500]]);
  });

  it('may start later and may be restarted', async () => {
    const { feed, say } = source();
    await say(2);
    const { wire, reader } = await remote([feed], {}, false);
    const early = reader.read({ shard: 0, after: START, limit: 1 });
    await wire.start();
    expect((await early).events).toHaveLength(1);
    await wire.stop();
    const again = reader.read({ shard: 0, after: { epoch: 1, position: 1 }, limit: 9 });
    await wire.start();
    expect((await again).events.map((e) => e.position)).toEqual([2]);
    await wire.stop();
    await expect(reader.watermark(0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('refuses another source, a shard that is none and no limit', async () => {
    const { feed } = source();
    const { wire, reader } = await remote([feed]);
    const other = remoteReader(wire.address, 'guard');
    ending.push(other.close);
    await expect(other.read({ shard: 0, after: START, limit: 1 })).rejects.toMatchObject({ code: 'UNKNOWN_SOURCE' });
    await expect(reader.read({ shard: 2, after: START, limit: 1 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(reader.read({ shard: 0, after: START, limit: 0 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(reader.watermark(7)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    const raw = clientFor(feedV1.FeedService, wire.address);
    ending.push(raw.close);
    const after = { epoch: 1, position: 2n ** 60n };
    await expect(raw.read({ source: 'facts', shard: 0, limit: 1, after })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  it('serves the sources of one process side by side', async () => {
    const [one, two] = [source(), source()];
    await one.say(1);
    await two.say(2);
    const { wire, reader } = await remote([one.feed, { ...two.feed, source: 'policy' }]);
    const policy = remoteReader(wire.address, 'policy');
    ending.push(policy.close);
    expect((await reader.watermark(0)).position).toBe(1);
    expect((await policy.watermark(0)).position).toBe(2);
  });

  it('never passes on events that are broken, of another source or out of order', async () => {
    const { store, say } = source();
    await say(2);
    const event = {
      ...(await store.read({ shard: 0, after: START, limit: 1 })).events[0]!,
      position: 1n,
      version: 1n,
      data: Buffer.from('{}'),
      meta: Buffer.from('{}'),
    };
    const [from, head] = [
      { epoch: 1, position: 0n },
      { epoch: 1, position: 2n },
    ];
    const answers: MessageInitShape<typeof feedV1.ReadResponseSchema>[] = [
      {},
      { from, events: [] },
      { from, head, events: [{ ...event, data: Buffer.from('{') }] },
      { from, head, events: [{ ...event, meta: Buffer.from('null') }] },
      { from, head, events: [{ ...event, source: 'guard' }] },
      { from, head, events: [{ ...event, shard: 1 }] },
      { from, head, events: [{ ...event, position: 2n }] },
      { from, head, events: [{ ...event, position: 2n ** 60n }] },
    ];
    let next: (typeof answers)[number] = { from, head, events: [event] };
    const wire = await Wire.up({
      controllers: [LyingFeed],
      providers: [{ provide: ANSWER, useValue: () => next }],
      services: [feedV1.FeedService],
      notOffered: ['/mora.feed.v1.FeedService/Checkpoints'],
    });
    const reader = remoteReader(wire.address, 'facts');
    ending.push(() => wire.stop(), reader.close);
    const asked = { shard: 0, after: START, limit: 1 };
    expect((await reader.read(asked)).events).toHaveLength(1);
    for (next of answers) await expect(reader.read(asked)).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    await expect(reader.watermark(0)).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});

describe('the checkpoints of a process', () => {
  it('are told to their source, and only those of it', async () => {
    const row = (from: string, position: number): CheckpointRow => ({
      processor: 'dialer',
      source: from,
      shard: 1,
      epoch: 2,
      position,
      eventId: position === 0 ? '' : 'id',
    });
    const rows = [row('facts', 7), row('guard', 9), row('facts', 0)];
    const { wire } = await remote([], { checkpoints: async () => rows });
    const claims = remoteCheckpoints(wire.address, { deadlineMs: 300 });
    ending.push(claims.close);
    expect(await claims.checkpoints('facts')).toEqual([rows[0], rows[2]]);
    expect(await claims.checkpoints('sms')).toEqual([]);
    await wire.stop();
    await expect(claims.checkpoints('facts')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
