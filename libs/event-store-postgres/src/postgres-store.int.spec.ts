import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewEvent } from '@mora/contracts';
import { type Aggregate, append, command, createActivity, type Origin, ref, ShardWriter } from '@mora/eventing';
import { sqlMigration, type TestDatabase, testDatabase } from '@mora/test-kit';
import type { Pool } from 'pg';
import { EVENT_STORE_MIGRATION, PostgresStore } from './index.js';

type Counted = NewEvent<'Counted', { readonly by: number; readonly note?: string }>;
const counter: Aggregate<number, Counted> = {
  category: 'counter',
  foldVersion: 1,
  initial: 0,
  evolve: (state, event) => state + event.data.by,
};
const SHARDS = 12;
const origin: Origin = {
  source: 'dialer',
  shards: SHARDS,
  build: 'test',
  tzdata: 'test',
  clock: { kind: 'stepped', anchorId: 'test' },
  simulated: null,
  now: () => '2026-11-02T01:00:00.000Z',
  wall: () => Date.now(),
};
const count = (id: string, by = 1, note?: string) => {
  const stream = ref(counter, id);
  return command({
    name: 'count',
    subject: id,
    streams: [stream],
    decide: () => [append(stream, { type: 'Counted', data: note === undefined ? { by } : { by, note } })],
  });
};

describe('the PostgreSQL store under the shard writer', () => {
  let database: TestDatabase;
  let pool: Pool;
  let other: Pool;
  const writerOn = async (on: Pool) =>
    new ShardWriter({
      store: await PostgresStore.open({ pool: on, source: 'dialer', shards: SHARDS }),
      origin,
      activity: createActivity(),
    });

  beforeAll(async () => {
    database = await testDatabase();
    await database.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
    pool = database.pool('dialer');
    other = database.pool('dialer');
  });
  afterAll(() => database.close());

  it('keeps every one of 16 writers on one stream, on two replicas, in gapless versions', async () => {
    const [a, b] = [await writerOn(pool), await writerOn(other)];
    const id = 'e7e8fd0a-3d3a-4c6e-9d6e-0f0f0f0f0f01';
    await Promise.all(
      Array.from({ length: 16 }, async (_, w) => {
        for (let i = 0; i < 25; i++) await (w % 2 ? a : b).execute(count(id));
      }),
    );
    const { rows } = await pool.query('select version, position::int from events where stream = $1 order by version', [
      `counter-${id}`,
    ]);
    expect(rows.map((r) => r.version)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    const last = await a.execute(count(id, 0));
    expect(last.states).toEqual([400]);
  });

  it('stores a NUL, a lone surrogate, a megabyte and deep nesting as they are', async () => {
    const writer = await writerOn(pool);
    const deep = `${'['.repeat(500)}${']'.repeat(500)}`;
    for (const note of ['a\u0000b', 'x\ud800y', 'm'.repeat(1_000_000), deep]) {
      const { events } = await writer.execute(count('e7e8fd0a-3d3a-4c6e-9d6e-0f0f0f0f0f02', 1, note));
      const [stored] = (await new Promise<never>((resolve, reject) =>
        pool
          .query('select data from events where id = $1', [events[0]!.id])
          .then((r) => resolve(r.rows as never), reject),
      )) as { data: string }[];
      expect(JSON.parse(stored!.data).note).toBe(note);
    }
  });
});
