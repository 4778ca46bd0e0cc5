import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENT_STORE_MIGRATION } from '@mora/event-store-postgres';
import type { Activity } from '@mora/eventing';
import { type KafkaCluster, startKafka } from '@mora/kafka';
import { type TestDatabase, testDatabase, waitFor } from '@mora/test-kit';
import kafkajs, { type Admin, type Producer } from 'kafkajs';
import type { Pool } from 'pg';
import type { RawRecord } from './bank-record/record.js';
import { bankTopicsLoop } from './inbound/bank-topics/bank-topics.js';
import type { BankTopicsLoop, BankTopicsOptions, TopicIntake } from './inbound/bank-topics/options.js';
import { IntakeInbound } from './inbound/intake-inbound.js';
import { ParkedInputs } from './inbound/parked-inputs.js';
import { RecordIntake } from './inbound/record-intake.js';
import { migrations } from './migrations/index.js';
import { badRecords, binary, type Sent, structured } from './testing/bank-events.js';
import { startIntake } from './testing/intake-on-postgres.js';
import { rawAccount, rawPayment } from './testing/samples.js';

const silent = () => undefined;

let kafka: KafkaCluster;
let database: TestDatabase;
let pool: Pool;
let admin: Admin;
let producer: Producer;
let client: kafkajs.Kafka;
const cleanUp: (() => Promise<unknown>)[] = [];

interface Replica {
  readonly inbound: IntakeInbound;
  readonly topics: TopicIntake;
  readonly activity: Activity;
}

const openReplica = async (): Promise<Replica> => {
  const intake = await startIntake((name) => database.pool(name, 4));
  cleanUp.push(() => intake.stop());
  const [records, parked] = [intake.get(RecordIntake), intake.get(ParkedInputs)];
  return {
    inbound: intake.get(IntakeInbound),
    topics: {
      submit: (inputs, park) => records.submit(inputs, park),
      park: (refused) => parked.park(refused),
    },
    activity: intake.platform.activity,
  };
};

let replica: Replica;
const said: string[] = [];

beforeAll(async () => {
  [kafka, database] = await Promise.all([startKafka({ heapMb: 256 }), testDatabase()]);
  await database.install('debtor-intake', [EVENT_STORE_MIGRATION, ...migrations]);
  pool = database.pool('debtor-intake', 4);
  client = new kafkajs.Kafka({ brokers: [...kafka.brokers], logLevel: kafkajs.logLevel.NOTHING });
  admin = client.admin();
  // Else a request that is tried again, for one partition of many, stores the records of the others twice.
  producer = client.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await Promise.all([admin.connect(), producer.connect()]);
  replica = await openReplica();
}, 240_000);

afterAll(async () => {
  await Promise.allSettled([admin?.disconnect(), producer?.disconnect()]);
  for (const end of cleanUp.reverse()) await end();
  await database?.close();
  await kafka?.stop(0);
});

const loops: BankTopicsLoop[] = [];
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
});

const loopOf = (topics: readonly string[], change: Partial<BankTopicsOptions> = {}): BankTopicsLoop => {
  const log = (level: string) => (fields: object, message: string) =>
    void said.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const loop = bankTopicsLoop({
    kafka: { brokers: [...kafka.brokers], clientId: 'intake' },
    topics,
    groupId: `intake-${topics[0]}`,
    intake: replica.topics,
    markKey: Buffer.alloc(32, 3),
    pool,
    activity: replica.activity,
    log: { info: silent, warn: log('warn'), error: log('error') },
    retryMs: 50,
    ...change,
  });
  loops.push(loop);
  return loop;
};

const createTopic = (topic: string, numPartitions: number) =>
  admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });

/** Which partition has how many records, as the broker says. */
const isAtEnd = async (loop: BankTopicsLoop, topics: readonly string[]): Promise<boolean> => {
  const cursors = await loop.cursors();
  for (const topic of topics) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      const at = cursors.find((c) => c.topic === topic && c.partition === partition);
      if (Number(high) > (at?.next ?? 0)) return false;
    }
  }
  return true;
};
const untilAtEnd = (loop: BankTopicsLoop, ...topics: readonly string[]) =>
  waitFor(`${topics.join(', ')} taken to the end`, () => isAtEnd(loop, topics), { timeoutMs: 40_000, everyMs: 50 });

const account = (id: string, change: RawRecord = {}): RawRecord =>
  rawAccount({ bank_event_id: id, account_id: `A-${id}`, customer_no: `C-${id}`, dpd: '', ...change });
const good = (id: string): Sent => ({ ...structured('account', account(id)), key: id });
const idsOf = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
const send = (topic: string, records: readonly Sent[], partition?: number) =>
  producer.send({
    topic,
    messages: records.map((sent) => ({ ...sent, ...(partition === undefined ? {} : { partition }) })),
  });

const openedAccounts = async (prefix: string): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ account: string }>(
    `select data::json #>> '{facts,accountId}' as account from events where type = 'CaseOpened' and data like $1 order by 1`,
    [`%"A-${prefix}%`],
  );
  return rows.map((row) => row.account);
};
interface Parked {
  readonly name: string;
  readonly offset_no: string;
  readonly field: string;
  readonly reason: string;
  readonly raw: string;
}
const parkedOf = async (topic: string): Promise<readonly Parked[]> =>
  (
    await pool.query<Parked>(
      `select name, offset_no, field, reason, raw from parked_input where channel = 'kafka' and name like $1 order by name, offset_no`,
      [`${topic}/%`],
    )
  ).rows;
const expectOpened = async (prefix: string, ids: readonly string[]) =>
  expect(await openedAccounts(prefix)).toEqual(ids.map((id) => `A-${id}`).sort());

describe("the bank's topics", () => {
  it('give every good record and park each bad one once, in place, with its reason', async () => {
    const topic = 'bad.overdue.v1';
    await createTopic(topic, 1);
    const bad = badRecords((id) => account(id));
    const ids = idsOf('good', bad.length + 1);
    await send(
      topic,
      bad.flatMap(({ sent }, i) => [i % 2 ? good(ids[i]!) : binary('account', account(ids[i]!)), sent]),
    );
    await send(topic, [good(ids.at(-1)!)]);
    const loop = loopOf([topic]);
    await loop.start();
    await untilAtEnd(loop, topic);
    await expectOpened('good', ids);
    const parked = await parkedOf(topic);
    expect(parked.map(({ name, offset_no }) => `${name}@${offset_no}`)).toEqual(
      bad.map((_, i) => `${topic}/0@${i * 2 + 1}`),
    );
    bad.forEach(({ field, reason }, i) => {
      expect(parked[i]!.raw).toMatch(/^enc:1:intake:/);
      if (parked[i]!.field !== field) throw new TypeError(`${bad[i]!.what}: ${parked[i]!.field} ${parked[i]!.reason}`);
      expect(parked[i]!.reason).toMatch(reason);
    });
    expect(loop.counts()).toMatchObject({ taken: ids.length, parked: bad.length, waiting: 0 });
    expect(replica.activity.busy).toBe(0);
  });

  it('drive a parked record again once it is mended', async () => {
    const topic = 'mended.overdue.v1';
    await createTopic(topic, 1);
    await send(topic, [structured('account', { ...account('mended-1'), minimum_due: 1000.5 })]);
    const loop = loopOf([topic]);
    await loop.start();
    await untilAtEnd(loop, topic);
    const parked = (await replica.inbound.listParked({ limit: 1_000 })).find(
      ({ channel }) => channel.name === `${topic}/0`,
    )!;
    expect(await replica.inbound.redriveParked(parked.id, { minimum_due: '1000.50' })).toMatchObject({
      result: 'accepted',
    });
    await expectOpened('mended', ['mended-1']);
  });

  it('repeat nothing when the process ends between the facts and the position', async () => {
    const topic = 'killed.overdue.v1';
    await createTopic(topic, 3);
    const ids = idsOf('killed', 90);
    await send(
      topic,
      ids.flatMap((id, i) => (i % 3 === 0 ? [good(id), { ...good(id), value: Buffer.from(`bad ${id}`) }] : [good(id)])),
    );
    let writes = 0;
    const dying = new Proxy(pool, {
      get: (target, name) =>
        name === 'query'
          ? (text: unknown, values: unknown[]) => {
              if (
                !String(text).startsWith('insert into bank_offsets') ||
                String(text).includes('generation < excluded')
              ) {
                return target.query(text as string, values);
              }
              writes += 1;
              return Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
            }
          : Reflect.get(target, name),
    });
    const first = loopOf([topic], { pool: dying });
    await first.start();
    await waitFor('facts without positions', async () => writes > 3 && (await openedAccounts('killed')).length > 0);
    await first.stop();
    expect(await isAtEnd(first, [topic])).toBe(false);
    const second = loopOf([topic]);
    await second.start();
    await untilAtEnd(second, topic);
    await expectOpened('killed', ids);
    expect(await parkedOf(topic)).toHaveLength(30);
    expect(second.counts().duplicates).toBeGreaterThan(0);
  });

  it('are taken once by two replicas, one of which ends on the way', async () => {
    const topic = 'two.overdue.v1';
    await createTopic(topic, 6);
    const other = await openReplica();
    const ids = idsOf('two', 1_200);
    const [a, b] = [loopOf([topic]), loopOf([topic], { intake: other.topics, activity: other.activity })];
    await Promise.all([a.start(), b.start()]);
    const sendSome = (from: number, to: number) =>
      send(
        topic,
        ids
          .slice(from, to)
          .flatMap((id, i) => (i % 10 ? [good(id)] : [good(id), { ...good(id), value: Buffer.from(id) }])),
      );
    await sendSome(0, 400);
    await waitFor('both take some', () => a.counts().taken > 0 && b.counts().taken > 0, { timeoutMs: 30_000 }).catch(
      silent,
    );
    await sendSome(400, 800);
    await b.stop();
    await sendSome(800, 1_200);
    await untilAtEnd(a, topic);
    await expectOpened('two', ids);
    const places = (await parkedOf(topic)).map(({ name, offset_no }) => `${name}@${offset_no}`);
    expect(places).toHaveLength(120);
    expect(new Set(places).size).toBe(120);
    expect(other.activity.busy).toBe(0);
  });

  it('count records of committed transactions only, and pass the markers at the end', async () => {
    const topic = 'tx.overdue.v1';
    await createTopic(topic, 1);
    const tx = client.producer({ transactionalId: 'bank-tx', idempotent: true, maxInFlightRequests: 1 });
    await tx.connect();
    const inTransaction = async (ids: readonly string[], commit: boolean, key = Buffer.from([0, 0, 0, 0])) => {
      const transaction = await tx.transaction();
      for (const id of ids) {
        await transaction.send({ topic, messages: [{ ...good(id), key, partition: 0 }] });
      }
      await (commit ? transaction.commit() : transaction.abort());
    };
    await inTransaction(['tx-1', 'tx-2'], true);
    await inTransaction(['tx-no-1', 'tx-no-2', 'tx-no-3'], false);
    await send(topic, [good('tx-3')]);
    await inTransaction(['tx-no-4'], false);
    const loop = loopOf([topic]);
    await loop.start();
    await untilAtEnd(loop, topic);
    await inTransaction(['tx-no-5'], false, Buffer.from('k'));
    await untilAtEnd(loop, topic);
    await inTransaction(['tx-4'], true);
    await untilAtEnd(loop, topic);
    await tx.disconnect();
    await expectOpened('tx', ['tx-1', 'tx-2', 'tx-3', 'tx-4']);
    expect(await parkedOf(topic)).toEqual([]);
  });

  it.each([
    ['shorter', 2],
    ['longer', 40],
  ])('are read anew when a topic was deleted and made again, %s than it was', async (what, count) => {
    const topic = `again-${what}.overdue.v1`;
    await createTopic(topic, 1);
    const before = idsOf(`${what}-before`, 20);
    const after = idsOf(`${what}-after`, count);
    await send(topic, before.map(good));
    const loop = loopOf([topic]);
    await loop.start();
    await untilAtEnd(loop, topic);
    await loop.stop();
    await admin.deleteTopics({ topics: [topic] });
    await waitFor('the topic made again', () => createTopic(topic, 1).catch(() => false), { everyMs: 200 });
    await send(topic, after.map(good));
    const next = loopOf([topic]);
    await next.start();
    await waitFor('the new records', async () => (await openedAccounts(`${what}-after`)).length === count, {
      timeoutMs: 40_000,
    });
    await untilAtEnd(next, topic);
    await expectOpened(what, [...before, ...after]);
    expect(next.counts().recreated).toBe(1);
    expect(said.filter((line) => line.startsWith('error') && line.includes(topic))).toHaveLength(1);
  });

  it('go on when a topic is deleted and made again while it is read', async () => {
    const topic = 'live.overdue.v1';
    await createTopic(topic, 2);
    const loop = loopOf([topic]);
    await loop.start();
    await send(topic, idsOf('live-before', 20).map(good));
    await untilAtEnd(loop, topic);
    await admin.deleteTopics({ topics: [topic] });
    await sleep(1_000);
    await waitFor('the topic made again', () => createTopic(topic, 2).catch(() => false), { everyMs: 200 });
    await send(topic, idsOf('live-after', 30).map(good));
    await waitFor('the new records', async () => (await openedAccounts('live-after')).length === 30, {
      timeoutMs: 50_000,
    });
    expect(loop.counts().recreated).toBeGreaterThan(0);
  });

  it('say what was deleted before it was read, and go on behind it', async () => {
    const topic = 'lost.overdue.v1';
    await createTopic(topic, 1);
    const loop = loopOf([topic]);
    await loop.start();
    await send(topic, [good('lost-1')]);
    await untilAtEnd(loop, topic);
    await loop.stop();
    await send(topic, idsOf('lost-gone', 5).map(good));
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    await send(topic, [good('lost-2')]);
    const next = loopOf([topic]);
    await next.start();
    await untilAtEnd(next, topic);
    await expectOpened('lost', ['lost-1', 'lost-2']);
    expect(next.counts().lost).toBe(5);
    expect(said.some((line) => line.startsWith('error') && line.includes('"lost":5'))).toBe(true);
  });

  it('let a payment wait for its account, and the watermark for every payment before it', async () => {
    const [overdue, payments] = ['order.overdue.v1', 'order.payments.v1'];
    await createTopic(overdue, 1);
    await createTopic(payments, 2);
    const pay = (id: string) =>
      structured(
        'payment',
        rawPayment({ bank_event_id: id, payment_id: id, account_id: 'A-order-1', amount: '1000.00' }),
      );
    await send(payments, [pay('order-p1')], 0);
    await send(overdue, idsOf('order-filler', 600).map(good), 0);
    await send(overdue, [good('order-1')], 0);
    await send(
      payments,
      [pay('order-p2'), structured('payment', rawPayment({ bank_event_id: 'order-p3', account_id: 'A-nobody' }))],
      1,
    );
    const through = (id: string, minute: number) =>
      structured('payments-posted-through', {
        bank_event_id: id,
        business_date: '2026-11-03',
        as_of: `2026-11-03T01:0${minute}:00Z`,
      });
    await send(payments, [through('order-t1', 1)], 0);
    await send(payments, [through('order-t2', 2)], 1);
    const loop = loopOf([overdue, payments]);
    await loop.start();
    await untilAtEnd(loop, overdue, payments);
    const { rows } = await pool.query<{ type: string; id: string; recorded: string }>(
      `select type, data::json #>> '{provenance,bankEventId}' as id, recorded_at::text as recorded from events
       where data like '%"order-%' and type in ('PaymentPosted', 'CaseOpened', 'PaymentsPostedThrough') and data not like '%filler%'
       order by recorded_at, position`,
    );
    const ids = [...new Set(rows.map(({ id }) => id))];
    expect(ids[0]).toBe('order-1');
    expect(ids.slice(1, 3).sort()).toEqual(['order-p1', 'order-p2']);
    expect(ids.slice(3)).toContain('order-t2');
    expect((await parkedOf(payments)).map(({ field }) => field)).toEqual(['account_id']);
  });

  it('are unpacked from zstd and gzip, and a set that unpacks to too much is one bad record', async () => {
    const topic = 'packed.overdue.v1';
    await createTopic(topic, 1);
    const loop = loopOf([topic]);
    await loop.start();
    const { GZIP, ZSTD } = kafkajs.CompressionTypes;
    const packed = (compression: kafkajs.CompressionTypes, records: readonly Sent[]) =>
      producer.send({ topic, compression, messages: [...records] });
    await packed(GZIP, idsOf('packed-gzip', 3).map(good));
    const large = { ...good('packed-large'), value: Buffer.alloc(6_000_000) };
    await packed(ZSTD, [large, large, large]);
    await packed(ZSTD, idsOf('packed-zstd', 3).map(good));
    await untilAtEnd(loop, topic);
    await expectOpened('packed', [...idsOf('packed-gzip', 3), ...idsOf('packed-zstd', 3)]);
    expect((await parkedOf(topic)).map(({ offset_no, reason }) => [offset_no, reason])).toEqual([
      ['3', 'of 3 records cannot be read: unpacks to more than 16777216 bytes'],
    ]);
  });

  it('wait while the database is away, and park nothing for it', async () => {
    const topic = 'away.overdue.v1';
    await createTopic(topic, 1);
    let away = true;
    const flaky = {
      submit: (...args: Parameters<TopicIntake['submit']>) =>
        away
          ? Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))
          : replica.topics.submit(...args),
      park: replica.topics.park,
    };
    const loop = loopOf([topic], { intake: flaky });
    await loop.start();
    await send(topic, idsOf('away', 5).map(good));
    await waitFor(
      'a wait',
      () => said.some((line) => line.includes('records of the bank wait') && line.includes(topic)),
      { timeoutMs: 20_000 },
    );
    away = false;
    await untilAtEnd(loop, topic);
    await expectOpened('away', idsOf('away', 5));
    expect(await parkedOf(topic)).toEqual([]);
  });

  it('are waited for when they are not there yet, or Kafka is not', async () => {
    const topic = 'later.overdue.v1';
    const loop = loopOf([topic]);
    await loop.start();
    await sleep(500);
    await createTopic(topic, 2);
    await send(topic, [good('later-1')]);
    await untilAtEnd(loop, topic);
    kafka.node(1).pause();
    await sleep(1_500);
    kafka.node(1).resume();
    await send(topic, [good('later-2')]);
    await untilAtEnd(loop, topic);
    await expectOpened('later', ['later-1', 'later-2']);
  });

  it('never tell the log a name, a number or an account', () => {
    expect(said.length).toBeGreaterThan(0);
    expect(said.join('\n')).not.toMatch(/王小明|999100200300|A-good|C-good/);
  });
});
