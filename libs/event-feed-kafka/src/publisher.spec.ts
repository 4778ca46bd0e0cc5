import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { EventTooLarge, encodeEvent, KafkaPublisher, type KafkaPublisherOptions, PublisherClosed } from './index.js';
import type { LastRecord } from './tail.js';
import { eventAt, eventsFrom } from './testing/events.js';
import { type Fate, FaultyKafka } from './testing/faulty-kafka.js';

const ids = (events: readonly EventEnvelope[]) => events.map(({ id }) => id);
const once = (log: readonly string[]) => [...new Set(log)];
const inOrder = (fates: Readonly<Record<number, Fate>>) => (send: number) => fates[send] ?? 'written';

const publisherTo = (
  kafka: FaultyKafka,
  more: Partial<KafkaPublisherOptions> = {},
  last: readonly (LastRecord | null)[] = [],
) => {
  const errors: unknown[] = [];
  const publisher = new KafkaPublisher(
    {
      connection: { brokers: [], clientId: 'test' },
      source: 'dialer',
      shards: kafka.log.length,
      onError: (error) => errors.push(error),
      ...more,
    },
    { producers: kafka.producers, lastRecords: async () => last },
  );
  return { publisher, errors };
};

describe('one partition a send', () => {
  it('is needed: a send over two partitions can be called a success while one was never sent', async () => {
    const kafka = new FaultyKafka(2, () => 'leader-moves');
    const producer = await kafka.producers();
    const records = [0, 1].map((partition) => ({ ...encodeEvent(eventAt(1)), partition }));
    await producer.send('t', records);
    expect(kafka.log.map((log) => log.length)).toEqual([1, 0]);
  });

  it('never sends two partitions at once, so that a moving leader loses nothing', async () => {
    const kafka = new FaultyKafka(3, () => 'leader-moves');
    const { publisher } = publisherTo(kafka);
    await Promise.all([0, 1, 2].map((shard) => publisher.publish(shard, eventsFrom(1, 3))));
    expect(kafka.sends.every(({ partitions }) => partitions.length === 1)).toBe(true);
    expect(kafka.log).toEqual([0, 1, 2].map(() => ids(eventsFrom(1, 3))));
  });

  it('sends again what the answer does not name', async () => {
    const kafka = new FaultyKafka(1, inOrder({ 0: 'unnamed' }));
    await publisherTo(kafka).publisher.publish(0, eventsFrom(1, 3));
    expect(kafka.log[0]).toEqual(ids(eventsFrom(1, 3)));
  });
});

describe('one send in flight, and the very same batch again', () => {
  it('has at most one send in flight for a partition, also with watermarks between', async () => {
    const kafka = new FaultyKafka(1);
    const { publisher } = publisherTo(kafka);
    await Promise.all([
      publisher.publish(0, eventsFrom(1, 2)),
      publisher.watermark(0, { epoch: 1, position: 2, at: '2026-11-02T04:00:00.000Z' }),
      publisher.publish(0, eventsFrom(3, 2)),
    ]);
    expect(kafka.mostInFlight).toBe(1);
    expect(kafka.log[0]!.filter((id) => !id.includes('@'))).toEqual(ids(eventsFrom(1, 4)));
  });

  it('lets no other batch have the number of one whose answer was lost', async () => {
    const kafka = new FaultyKafka(1, inOrder({ 0: 'answer-lost', 2: 'answer-lost', 3: 'request-lost' }));
    const { publisher } = publisherTo(kafka);
    // As a relay would that takes the next two whatever became of the first.
    await Promise.allSettled([publisher.publish(0, eventsFrom(1, 2)), publisher.publish(0, eventsFrom(3, 2))]);
    await publisher.publish(0, eventsFrom(5, 1));
    expect(once(kafka.log[0]!)).toEqual(ids(eventsFrom(1, 5)));
  });

  it('repeats a failed send with exactly its events', async () => {
    const kafka = new FaultyKafka(1, inOrder({ 0: 'request-lost', 1: 'answer-lost' }));
    const { publisher, errors } = publisherTo(kafka);
    await publisher.publish(0, eventsFrom(1, 2));
    expect(kafka.sends.map((send) => send.ids)).toEqual([1, 2, 3].map(() => ids(eventsFrom(1, 2))));
    expect(kafka.log[0]).toEqual(ids(eventsFrom(1, 2)));
    expect(errors).toHaveLength(2);
  });
});

describe('a wedged producer', () => {
  it('is replaced, and its batch sent by the new one', async () => {
    // The answer that names nothing leaves the client one batch ahead of the broker: all it sends is out of order.
    const kafka = new FaultyKafka(2, inOrder({ 1: 'unnamed' }));
    const { publisher } = publisherTo(kafka);
    await publisher.publish(0, eventsFrom(1, 2));
    await publisher.publish(0, eventsFrom(3, 2));
    await publisher.publish(1, eventsFrom(1, 1));
    expect(kafka.log).toEqual([ids(eventsFrom(1, 4)), ids(eventsFrom(1, 1))]);
    expect(kafka.made).toBe(2);
  });

  it('is replaced at its first OUT_OF_ORDER_SEQUENCE_NUMBER', async () => {
    const kafka = new FaultyKafka(1);
    const producers = async () => {
      const producer = await kafka.producers();
      // Somebody before us spoilt the first one's numbers.
      if (kafka.made === 1) {
        kafka.log[0]!.length = 0;
        await producer.send('t', [{ key: '', value: Buffer.of(), headers: { ce_id: 'x' }, partition: 0 }]);
        return { ...producer, send: async () => Promise.reject(outOfOrder()) };
      }
      return producer;
    };
    const publisher = new KafkaPublisher(
      { connection: { brokers: [], clientId: 'test' }, source: 'dialer', shards: 1 },
      { producers, lastRecords: async () => [] },
    );
    await publisher.publish(0, eventsFrom(1, 2));
    expect(kafka.made).toBe(2);
    expect(kafka.closed).toBe(1);
    expect(once(kafka.log[0]!)).toEqual(['x', ...ids(eventsFrom(1, 2))]);
  });

  it('loses and doubles nothing in the reader’s eyes, whatever befalls 60 sends', async () => {
    const fates: readonly Fate[] = ['written', 'answer-lost', 'written', 'request-lost', 'unnamed', 'leader-moves'];
    for (let seed = 1; seed <= 3; seed++) {
      const kafka = new FaultyKafka(
        2,
        (send) => (send > 60 ? 'written' : fates[(send * 7 * seed + (send >> 2)) % 6]!),
        0,
      );
      const { publisher } = publisherTo(kafka, { batchBytes: 4_000 });
      await Promise.all([0, 1].map((shard) => publisher.publish(shard, eventsFrom(1, 30))));
      for (const log of kafka.log) expect(once(log)).toEqual(ids(eventsFrom(1, 30)));
    }
  }, 30_000);
});

const outOfOrder = () => Object.assign(new Error('out of order'), { type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });

describe('the size of a batch', () => {
  it('is bounded by bytes and by 500 events', async () => {
    const kafka = new FaultyKafka(1);
    const { publisher } = publisherTo(kafka, { batchBytes: 10_000 });
    await publisher.publish(0, [...eventsFrom(1, 3), eventAt(4, { data: 'x'.repeat(9_000) }), eventAt(5)]);
    expect(kafka.sends.map((send) => send.ids.length)).toEqual([3, 1, 1]);
    const many = new FaultyKafka(1);
    await publisherTo(many, { batchBytes: 1e9 }).publisher.publish(0, eventsFrom(1, 501));
    expect(many.sends.map((send) => send.ids.length)).toEqual([500, 1]);
  });

  it('names an event that no topic takes, and publishes what comes after it and in other shards', async () => {
    const giant = eventAt(3).id;
    const kafka = new FaultyKafka(2, (_, sent) => (sent.includes(giant) ? 'too-large' : 'written'));
    const { publisher, errors } = publisherTo(kafka);
    await Promise.all([publisher.publish(0, eventsFrom(1, 5)), publisher.publish(1, [eventAt(1)])]);
    expect(kafka.log[0]).toEqual([1, 2, 4, 5].map((position) => eventAt(position).id));
    expect(kafka.log[1]).toHaveLength(1);
    expect(errors).toEqual([expect.any(EventTooLarge)]);
    expect(errors[0]).toMatchObject({ shard: 0, position: 3 });
  });
});

describe('what the topic holds', () => {
  const last = { epoch: 2, position: 7, id: 'the-seventh' };

  it('tells the relay where to go on, and the store what to compare', async () => {
    const { publisher } = publisherTo(new FaultyKafka(2), {}, [last, null]);
    expect(await publisher.published(0)).toEqual({ epoch: 2, position: 7 });
    expect(await publisher.published(1)).toEqual({ epoch: 0, position: 0 });
    expect(await publisher.claims()).toEqual([
      { processor: 'topic mora.dialer.v1', source: 'dialer', shard: 0, epoch: 2, position: 7, eventId: 'the-seventh' },
    ]);
  });

  it('follows what is published after that', async () => {
    const { publisher } = publisherTo(new FaultyKafka(1), {}, [last]);
    await publisher.published(0);
    await publisher.publish(0, [eventAt(8, { epoch: 2 })]);
    expect(await publisher.published(0)).toEqual({ epoch: 2, position: 8 });
  });
});

describe('a Kafka that is away', () => {
  it('keeps a publish waiting, and a close ends it', async () => {
    const kafka = new FaultyKafka(1, () => 'request-lost');
    const { publisher } = publisherTo(kafka);
    const publishing = publisher.publish(0, eventsFrom(1, 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await publisher.close();
    await expect(publishing).rejects.toThrow(PublisherClosed);
    await expect(publisher.publish(0, eventsFrom(2, 1))).rejects.toThrow(PublisherClosed);
  });

  it('leaves only the latest of the watermarks that wait', async () => {
    const kafka = new FaultyKafka(1, inOrder({ 0: 'request-lost' }), 5);
    const { publisher } = publisherTo(kafka);
    const publishing = publisher.publish(0, eventsFrom(1, 1));
    const marks = [1, 2, 3].map((second) =>
      publisher.watermark(0, { epoch: 1, position: 1, at: `2026-11-02T04:00:0${second}.000Z` }),
    );
    await Promise.all([publishing, ...marks]);
    expect(kafka.log[0]!.slice(1)).toEqual(['dialer/1/0/1@2026-11-02T04:00:03.000Z']);
  });
});

describe('a replica that stood by', () => {
  it('goes on from where the topic is when it begins to publish, not from where it was when its process started', async () => {
    const kafka = new FaultyKafka(1);
    let position = 2;
    const publisher = new KafkaPublisher(
      { connection: { brokers: [], clientId: 'test' }, source: 'dialer', shards: 1 },
      {
        producers: kafka.producers,
        lastRecords: async () => [{ epoch: 1, position, id: eventAt(position).id }],
      },
    );
    expect(await publisher.claims()).toMatchObject([{ position: 2 }]);
    position = 7;
    publisher.lookAgain();
    expect(await publisher.published(0)).toEqual({ epoch: 1, position: 7 });
  });
});
