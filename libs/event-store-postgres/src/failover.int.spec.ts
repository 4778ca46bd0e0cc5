import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createStoreFeed, MemoryStore, StoreUnavailable } from '@mora/eventing';
import {
  allOf,
  count,
  countedIn,
  createReader,
  type ServerAt,
  SHARDS,
  serverAt,
  serverFolder,
  sqlMigration,
  waitFor,
  writerOn,
} from '@mora/test-kit';
import type { Pool } from 'pg';
import { EVENT_STORE_MIGRATION, PostgresStore } from './index.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const replicaOn = async (server: ServerAt) => {
  const pool: Pool = server.pool('dialer');
  cleanUps.push(() => pool.end());
  const store = await PostgresStore.open({ pool, source: 'dialer', shards: SHARDS });
  return { store, writer: writerOn(store), pool };
};
type Replica = Awaited<ReturnType<typeof replicaOn>>;

/** As every caller does: a store that does not answer is asked again. */
const say = async ({ writer }: Replica, fact: string) => {
  for (let tries = 0; ; tries++) {
    try {
      return (await writer.execute(count('a', fact, 0))).events[0]!;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || tries > 40) throw error;
      await pause(50);
    }
  }
};

describe('a server whose older copy takes over', () => {
  it('is written to in one new epoch by all replicas that ran meanwhile, and nobody drops a fact', async () => {
    const folder = await serverFolder();
    cleanUps.push(() => folder.remove());
    const first = await serverAt(folder);
    await first.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
    await say(await replicaOn(first), '1');
    for (const cleanUp of cleanUps.splice(1)) await cleanUp();
    await first.stop();
    await folder.backUp();

    const before = await serverAt(folder, first.port);
    const replicas = [await replicaOn(before), await replicaOn(before)] as const;
    for (const [i, replica] of replicas.entries()) await say(replica, `lost ${i}`);
    const subscriber = new MemoryStore('scoring', SHARDS);
    const follow = async ({ store, writer }: Replica) => {
      const reader = createReader(subscriber, [createStoreFeed(store, writer, { wall: () => Date.now() })]);
      await reader.consumer.start();
      await reader.activity.quiet();
      await reader.consumer.stop();
    };
    await follow(replicas[1]);
    await before.stop();
    await folder.restore();
    const after = await serverAt(folder, first.port);
    cleanUps.splice(1, 0, () => after.stop());

    const said = [await say(replicas[0], '2'), await say(replicas[1], '3'), await say(replicas[0], '4')];
    expect(said.map((e) => [e.epoch, e.position, e.version])).toEqual([
      [2, 2, 2],
      [2, 3, 3],
      [2, 4, 4],
    ]);
    expect((await allOf(replicas[1].store)).map((e) => `${e.epoch}/${e.position}`)).toEqual([
      '1/1',
      '2/2',
      '2/3',
      '2/4',
    ]);
    await follow(replicas[1]);
    expect(await countedIn(subscriber)).toEqual(['1', 'lost 0', 'lost 1', '2', '3', '4']);
  });
});

describe('an asynchronous standby that is promoted without the last events', () => {
  it('is written to in a new epoch, though its control file shows the old timeline, and subscribers miss nothing', async () => {
    const folder = await serverFolder();
    cleanUps.push(() => folder.remove());
    const installed = await serverAt(folder);
    await installed.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
    await installed.stop();
    await folder.backUp();
    const primary = await serverAt(folder);
    const other = await folder.standby(primary);
    cleanUps.push(() => other.remove());
    const standby = await serverAt(other);
    cleanUps.push(() => standby.stop());

    const replicas = [await replicaOn(primary), await replicaOn(primary)] as const;
    for (const fact of ['1', '2']) await say(replicas[0], fact);
    await untilCaughtUp(primary, standby);
    await standby.ask(`alter system set primary_conninfo = ''`);
    await standby.ask('select pg_reload_conf()');
    await waitFor(
      'nothing received',
      async () => (await standby.ask('select 1 from pg_stat_wal_receiver')).length === 0,
    );
    for (const fact of ['3', '4', '5', '6']) await say(replicas[0], fact);
    const subscriber = new MemoryStore('scoring', SHARDS);
    const follow = async ({ store, writer }: Replica) => {
      const reader = createReader(subscriber, [createStoreFeed(store, writer, { wall: () => Date.now() })]);
      await reader.consumer.start();
      await reader.activity.quiet();
      await reader.consumer.stop();
    };
    await follow(replicas[1]);
    await primary.stop();
    await standby.ask('select pg_promote()');
    for (const { pool } of replicas) pool.options.port = standby.port;

    const said = [await say(replicas[1], '7'), await say(replicas[0], '8')];
    expect(said.map((e) => [e.epoch, e.position])).toEqual([
      [2, 3],
      [2, 4],
    ]);
    await follow(replicas[0]);
    expect(await countedIn(subscriber)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    for (const { store } of replicas) {
      await store.heads();
      expect(store.lost()).toMatchObject({ epoch: 2 });
    }
    expect(await replicas[0].store.confirmHistory('ann')).toBe(1);
    await replicas[1].store.heads();
    expect(replicas.map(({ store }) => store.lost())).toEqual([null, null]);
  });
});

const untilCaughtUp = async (primary: ServerAt, standby: ServerAt) => {
  const [row] = await primary.ask('select pg_current_wal_lsn()::text as lsn');
  await waitFor('all replayed', async () => {
    const [at] = await standby.ask(`select pg_last_wal_replay_lsn() >= '${row!['lsn']}' as there`);
    return at!['there'] === true;
  });
};
