import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { beginEpochIfLost, createStoreFeed, lostHistory, MemoryStore } from '@mora/eventing';
import {
  count,
  countedIn,
  createReader,
  SHARDS,
  sqlMigration,
  type TestDatabase,
  testDatabase,
  writerOn,
} from '@mora/test-kit';
import pg from 'pg';
import { EVENT_STORE_MIGRATION, PostgresStore } from './index.js';

describe('a restored older copy of a store', () => {
  let database: TestDatabase;
  const pools: pg.Pool[] = [];
  const alive: pg.Pool[] = [];
  const server = async (...statements: readonly string[]) => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()));
    const client = new pg.Client({ ...database.server, database: 'postgres' });
    await client.connect();
    for (const sql of statements) await client.query(sql);
    await client.end();
  };
  const opened = async () => {
    const pool = database.pool('dialer', 3);
    pools.push(pool);
    return onPool(pool);
  };
  /** Its process lives on while the database is exchanged. */
  const running = () => {
    const pool = database.pool('dialer', 1);
    alive.push(pool);
    return onPool(pool);
  };
  const onPool = async (pool: pg.Pool) => {
    const store = await PostgresStore.open({ pool, source: 'dialer', shards: SHARDS });
    return { store, writer: writerOn(store) };
  };
  const say = async (writer: ReturnType<typeof writerOn>, facts: readonly string[]) => {
    for (const fact of facts) await writer.execute(count('a', fact, 0));
  };
  /** A subscriber takes in what there is, and keeps its checkpoint. */
  const follow = async (subscriber: MemoryStore, { store, writer }: Awaited<ReturnType<typeof opened>>) => {
    const feed = createStoreFeed(store, writer, { wall: () => Date.now() });
    const reader = createReader(subscriber, [feed]);
    await reader.consumer.start();
    await reader.activity.quiet();
    await reader.consumer.stop();
    return subscriber.checkpoints('counting');
  };
  const copy = () => `${database.name}_copy`;

  beforeAll(async () => {
    database = await testDatabase();
    await database.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
  });
  afterAll(async () => {
    await server(`drop database if exists ${copy()} with (force)`);
    await database.close();
  });
  beforeEach(async () => {
    await Promise.all(alive.splice(0).map((pool) => pool.end()));
    await server();
    await database.admin(`truncate mora_dialer.events, mora_dialer.heads, mora_dialer.epochs, mora_dialer.snapshots`);
  });
  const backUp = () =>
    server(`drop database if exists ${copy()}`, `create database ${copy()} template ${database.name}`);
  const restore = () =>
    server(`drop database ${database.name} with (force)`, `alter database ${copy()} rename to ${database.name}`);

  it('begins a new epoch when a subscriber is ahead, and nobody drops a fact', async () => {
    const subscriber = new MemoryStore('scoring', SHARDS);
    await say((await opened()).writer, ['1', '2', '3']);
    await backUp();
    const before = await opened();
    await say(before.writer, ['4', '5']);
    const claims = await follow(subscriber, before);
    expect(await lostHistory(before.store, claims)).toBeNull();
    await restore();
    const after = await opened();
    expect(await beginEpochIfLost(after.store, claims)).toBe(
      'counting has taken in dialer shard 0 up to 5, this store ends at 3',
    );
    expect(after.store.epoch()).toBe(2);
    await say(after.writer, ['4*', '5*', '6*']);
    expect(await beginEpochIfLost(after.store, await follow(subscriber, after))).toBeNull();
    expect(await countedIn(subscriber)).toEqual(['1', '2', '3', '4', '5', '4*', '5*', '6*']);
  });

  it('begins a new epoch when a subscriber knows another event at its position', async () => {
    const subscriber = new MemoryStore('scoring', SHARDS);
    await say((await opened()).writer, ['1']);
    await backUp();
    const before = await opened();
    await say(before.writer, ['2']);
    const claims = await follow(subscriber, before);
    await restore();
    const after = await opened();
    await say(after.writer, ['2*', '3*']);
    expect(await beginEpochIfLost(after.store, claims)).toMatch('knows another event at dialer shard 0 position 2');
  });

  it('does not use the number of a lost epoch again', async () => {
    const subscriber = new MemoryStore('scoring', SHARDS);
    await say((await opened()).writer, ['1', '2']);
    await backUp();
    const before = await opened();
    await before.store.beginEpoch('an earlier loss');
    await say(before.writer, ['3', '4']);
    const claims = await follow(subscriber, before);
    await restore();
    const after = await opened();
    await beginEpochIfLost(after.store, claims);
    expect(after.store.epoch()).toBe(3);
    await say(after.writer, ['3*']);
    await follow(subscriber, after);
    expect(await countedIn(subscriber)).toEqual(['1', '2', '3', '4', '3*']);
  });

  it('is written to by a process that ran meanwhile only in the new epoch, and on nothing that it remembers', async () => {
    const subscriber = new MemoryStore('scoring', SHARDS);
    await say((await opened()).writer, ['1']);
    await backUp();
    const [asking, silent] = [await running(), await running()];
    await say(asking.writer, ['2']);
    await say(silent.writer, ['3']);
    const claims = await follow(subscriber, silent);
    await restore();
    // Its connection was cut: the first try may only learn of that.
    await say(asking.writer, ['2*']).catch(() => say(asking.writer, ['2*']));
    expect(asking.store.lost()).toMatchObject({ epoch: 2 });
    const after = await opened();
    await beginEpochIfLost(after.store, claims);
    await say(after.writer, ['3*']);
    // The head is where `silent` remembers it.
    for (const { writer } of [silent, asking]) {
      const { events, states } = await writer.execute(count('a', '4', 0));
      expect(events).toMatchObject([{ epoch: 2 }]);
      expect(states).toMatchObject([{ of: expect.arrayContaining(['1', '2*', '3*', '4']) }]);
    }
    await follow(subscriber, after);
    expect(await countedIn(subscriber)).toEqual(['1', '2', '3', '2*', '3*', '4', '4']);
  });

  it('says so although its epoch began before anybody was asked', async () => {
    const subscriber = new MemoryStore('scoring', SHARDS);
    await say((await opened()).writer, ['1']);
    await backUp();
    const before = await opened();
    await say(before.writer, ['2', '3']);
    const claims = await follow(subscriber, before);
    await restore();
    const admin = `update mora_dialer.store_identity set timeline = timeline + 1`;
    await database.admin(admin);
    const after = await opened();
    expect([after.store.epoch(), after.store.lost()]).toEqual([2, null]);
    await beginEpochIfLost(after.store, claims);
    expect(after.store.lost()).toMatchObject({
      epoch: 2,
      reason: 'counting has taken in dialer shard 0 up to 3, this store kept 1',
    });
    await after.store.confirmHistory('ann');
    await beginEpochIfLost(after.store, claims);
    expect(after.store.lost()).toBeNull();
  });

  it('keeps its epoch when nobody is ahead', async () => {
    const subscriber = new MemoryStore('scoring', SHARDS);
    const first = await opened();
    await say(first.writer, ['1']);
    const claims = await follow(subscriber, first);
    await backUp();
    await say((await opened()).writer, ['2']);
    await restore();
    const after = await opened();
    expect(await beginEpochIfLost(after.store, claims)).toBeNull();
    expect(after.store.epoch()).toBe(1);
    await say(after.writer, ['2*']);
    await follow(subscriber, after);
    expect(await countedIn(subscriber)).toEqual(['1', '2*']);
  });
});
