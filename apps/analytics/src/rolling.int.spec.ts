import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventEnvelope, SOURCES } from '@mora/contracts';
import { createActivity } from '@mora/eventing';
import { type TestDatabase, testDatabase } from '@mora/test-kit';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { Consumer } from './consumer.js';
import { migrations } from './migrations/index.js';
import { placeIn } from './projection/place.js';
import { decode, type Queryable } from './projection/table.js';
import { type AnyRow, keyOfRow, keyText, tableOf, type Value, type View } from './projection/view.js';
import { ensureViews, rebuildView } from './rebuild.js';
import { ArrayFeed } from './testing/array-feed.js';
import { eventBook, SHARDS } from './testing/event-book.js';
import { lives } from './testing/lives.js';
import { MemoryViews } from './testing/memory-reads.js';
import { VIEWS } from './views/all.js';

const place = placeIn('Asia/Shanghai');
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NEXT: readonly View[] = VIEWS.map((view) =>
  view.name === 'cases' ? { ...view, version: view.version + 1 } : view,
);
const book = fc
  .sample(lives(2), { numRuns: 10, seed: 7 })
  .flat()
  .map((life, debtor) => ({ ...life, debtor }));
const events = eventBook(book, () => true);

let database: TestDatabase;
let pool: Pool;
beforeEach(async () => {
  database = await testDatabase();
  await database.install('analytics', migrations);
  pool = database.pool('analytics');
});
afterEach(() => database.close());

/** A replica of a build that knows these views. */
const replica = async (views: readonly View[], feeds: readonly ArrayFeed[]) => {
  await ensureViews({ pool, views, place });
  const consumer = new Consumer({
    pool,
    views: () => views,
    place,
    activity: createActivity(),
    log: LOG,
    feeds: () => feeds.map((feed) => ({ feed, shards: SHARDS })),
  });
  await consumer.start();
  await consumer.drain();
  return consumer;
};

const rowsOf = async (view: View): Promise<readonly AnyRow[]> => {
  const text = `select ${Object.keys(view.columns).join(', ')} from ${tableOf(view)}`;
  const { rows } = await (pool as Queryable).query<Value[]>({ text, values: [], rowMode: 'array' });
  const key = (row: AnyRow) => keyText(keyOfRow(view, row));
  return rows.map((row) => decode(view.columns, row)).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
};

const tablesOf = async (name: string): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ t: string }>(
    'select tablename as t from pg_tables where tablename like $1 order by tablename',
    [`${name}\\_v%`],
  );
  return rows.map(({ t }) => t);
};

describe('two builds at once', () => {
  it('each project into their own views whatever the other takes in, and neither drops what the other uses', async () => {
    const feeds = SOURCES.map((source) => new ArrayFeed(source));
    const perShard = (part: number): readonly EventEnvelope[] => {
      const cut = (all: readonly EventEnvelope[]) =>
        all.slice(Math.floor((all.length * part) / 3), Math.floor((all.length * (part + 1)) / 3));
      return [...Map.groupBy(events, (e) => `${e.source}/${e.shard}`).values()].flatMap(cut);
    };
    for (const feed of feeds) feed.offer(perShard(0));
    const old = await replica(VIEWS, feeds);
    await ensureViews({ pool, views: NEXT, place });
    for (const feed of feeds) feed.offer(perShard(1));
    await old.drain();
    const next = await replica(NEXT, feeds);
    for (const feed of feeds) feed.offer(perShard(2));
    await Promise.all([old.drain(), next.drain()]);
    await old.stop();
    await next.stop();
    const again = await replica(NEXT, feeds);
    await again.stop();

    const expected = new MemoryViews(place).take(events).snapshot();
    for (const view of NEXT) expect([view.name, await rowsOf(view)]).toEqual([view.name, expected[view.name]]);
    expect(await tablesOf('cases')).toHaveLength(2);
    await pool.query(`update view_use set used_at = used_at - interval '1 hour'`);
    await ensureViews({ pool, views: NEXT, place });
    expect(await tablesOf('cases')).toHaveLength(1);
  });

  it('build a new view one after the other', async () => {
    const feeds = SOURCES.map((source) => new ArrayFeed(source));
    for (const feed of feeds) feed.offer(events);
    await (await replica(VIEWS, feeds)).stop();
    await Promise.all([1, 2, 3].map(() => ensureViews({ pool, views: NEXT, place })));
    const view = NEXT.find(({ name }) => name === 'cases')!;
    expect(await rowsOf(view)).toEqual(new MemoryViews(place).take(events).snapshot()['cases']);
    const rebuilds = [1, 2].map(() => rebuildView({ pool, views: NEXT, place }, view, { compare: false }));
    const ended = await Promise.allSettled(rebuilds);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ended.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'REBUILD_UNDER_WAY' } });
  });
});
