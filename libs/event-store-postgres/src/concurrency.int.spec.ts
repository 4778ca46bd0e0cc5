import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cursor } from '@mora/contracts';
import { ref, ShardCountMismatch, UnstorableData } from '@mora/eventing';
import {
  allOf,
  count,
  countedIn,
  counter,
  countFacts,
  createReader,
  createSource,
  postgresLane,
  SHARDS,
  sqlMigration,
  type TestDatabase,
  testDatabase,
  writerOn,
} from '@mora/test-kit';
import { EVENT_STORE_MIGRATION, PostgresStore } from './index.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('many writers on the PostgreSQL store', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await database.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
    await database.admin('create table mora_dialer.plain (id bigserial primary key, n int not null)');
    await database.admin('grant all on mora_dialer.plain, mora_dialer.plain_id_seq to mora_dialer');
  });
  afterAll(() => database.close());
  const lane = postgresLane(
    () => database,
    'dialer',
    (pool) => PostgresStore.open({ pool, source: 'dialer', shards: SHARDS }),
  );

  it('lose nothing to a reader that follows, and put nothing out of order, with pauses and rollbacks', async () => {
    const store = await lane.fresh();
    const stores = [store, ...(await Promise.all(Array.from({ length: 5 }, () => lane.replica())))];
    let written = 0;
    let open = stores.length;
    const work = stores.map(async (mine, w) => {
      for (let i = 0; i < 15; i++) {
        const rollsBack = (w + i) % 4 === 0;
        await mine
          .locked([0], async ({ heads }) => {
            const { position } = heads[0]!;
            await pause((w * 7 + i * 3) % 5);
            if (rollsBack) throw new TypeError('rolled back');
            const write = await buildOne(position + 1, `${w}.${i}`);
            return write;
          })
          .then(() => {
            written += 1;
          })
          .catch((error: Error) => expect(error.message).toBe('rolled back'));
      }
      open -= 1;
    });
    const deadline = performance.now() + 20_000;
    const seen: number[] = [];
    let after: Cursor = { epoch: 0, position: 0 };
    for (let last = false; performance.now() < deadline; ) {
      const { events, from } = await stores[5]!.read({ shard: 0, after, limit: 7 });
      seen.push(...events.map((e) => e.position));
      const end = events.at(-1);
      after = end ? { epoch: end.epoch, position: end.position } : from;
      if (last && !end) break;
      if (open === 0 && !end) last = true;
    }
    await Promise.all(work);
    expect(written).toBeGreaterThan(60);
    expect(seen).toEqual(Array.from({ length: written }, (_, i) => i + 1));
  });

  const buildOne = async (position: number, of: string) => ({
    epoch: 1,
    clock: null,
    heads: [{ shard: 0, from: position - 1, to: position, lastAt: '2026-11-02T04:00:00.000Z' }],
    events: [
      {
        shard: 0,
        position,
        stream: `counter-${of}`,
        version: 1,
        id: crypto.randomUUID(),
        type: 'Counted',
        data: JSON.stringify({ of }),
        meta: JSON.stringify({ at: '2026-11-02T04:00:00.000Z', subject: of, epoch: 1 }),
      },
    ],
    snapshots: [],
    setTimers: [],
    clearTimers: [],
    checkpoints: [],
    park: [],
    unpark: [],
    claims: [],
    stops: [],
    side: [],
    sql: [],
  });

  it('would lose some to a reader of a plain sequence', async () => {
    const pool = database.pool('dialer', 8);
    let open = 6;
    const work = Array.from({ length: 6 }, async (_, w) => {
      for (let i = 0; i < 15; i++) {
        const client = await pool.connect();
        await client.query('begin');
        await client.query('insert into plain (n) values ($1)', [i]);
        await pause((w * 7 + i * 3) % 5);
        await client.query('commit');
        client.release();
      }
      open -= 1;
    });
    const deadline = performance.now() + 20_000;
    const seen = new Set<string>();
    let last = '0';
    for (let ended = false; performance.now() < deadline; ) {
      const { rows } = await pool.query('select id from plain where id > $1 order by id', [last]);
      for (const { id } of rows) seen.add(id);
      last = rows.at(-1)?.id ?? last;
      if (ended) break;
      if (open === 0) ended = true;
    }
    await Promise.all(work);
    expect(seen.size).toBeLessThan(90);
  });

  it('keep a view of the whole shard in step when they merge commands of many debtors', async () => {
    const store = await lane.fresh();
    const writers = [writerOn(store), writerOn(await lane.replica())];
    const ids = Array.from({ length: 60 }, (_, i) => `d${i % 7}`);
    await Promise.all(ids.map((id, i) => writers[i % 2]!.execute(count(id, `${i}`, 0))));
    const events = await allOf(store);
    expect(events.map((e) => e.position)).toEqual(ids.map((_, i) => i + 1));
    for (const [, own] of Map.groupBy(events, (e) => e.stream))
      expect(own.map((e) => e.version)).toEqual(own.map((_, i) => i + 1));
  });

  it('refuse to start with another number of shards', async () => {
    await lane.fresh();
    const pool = database.pool('dialer', 1);
    await expect(PostgresStore.open({ pool, source: 'dialer', shards: SHARDS + 1 })).rejects.toThrow(
      new ShardCountMismatch(SHARDS, SHARDS + 1),
    );
  });

  it('may never change or delete what happened', async () => {
    const store = await lane.fresh();
    await writerOn(store).execute(count('a', '1', 0));
    const pool = database.pool('dialer', 1);
    for (const sql of ["update events set data = '{}'", 'delete from events', 'truncate events'])
      await expect(pool.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('park alone what PostgreSQL itself cannot hold', async () => {
    const source = createSource('intake');
    for (const fact of ['a.1', 'b.1', 'a.2', 'a.3', 'b.2']) await source.say(fact.split('.')[0]!, fact);
    const store = await lane.fresh();
    const reader = createReader(store, [source.feed], {
      on: {
        Counted: (event) => {
          const made = countFacts()(event);
          if ((event.data as { of: string }).of !== 'a.2') return made;
          return { ...made, streams: [ref(counter, 'a\u0000')], decide: () => ({ events: [] }) };
        },
      },
    });
    await reader.consumer.start();
    await reader.activity.quiet();
    await reader.consumer.stop();
    expect(await countedIn(store)).toEqual(['a.1', 'b.1', 'b.2']);
    expect((await store.parked({ limit: 9 })).map((p) => [p.position, p.culprit])).toEqual([
      [3, true],
      [4, false],
    ]);
    await expect(writerOn(store).execute(count('x\u0000', '1', 0))).rejects.toBeInstanceOf(UnstorableData);
  });
});
