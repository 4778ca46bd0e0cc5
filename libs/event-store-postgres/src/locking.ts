/**
 * The locks of a writing transaction: heads in shard order, then side rows in key order. Whatever is read under them is a
 * statement of its own: merged with the lock it would see the snapshot from before the wait.
 */
import type { PoolClient } from 'pg';
import type { HeadRow } from './known-history.js';

const LOCK = {
  name: 'mora_lock',
  text: `select shard, position::float8 as position, last_at as "lastAt", epoch from heads
         where shard = any($1::int[]) order by shard for update`,
};

export const lockHeads = async (client: PoolClient, shards: readonly number[]): Promise<readonly HeadRow[]> =>
  (await client.query<HeadRow>({ ...LOCK, values: [shards] })).rows;

const MAKE_SIDE = {
  name: 'mora_make_side',
  text: `insert into side_rows (key, row) select k, 'null' from unnest($1::text[]) k order by k on conflict do nothing`,
};
const LOCK_SIDE = {
  name: 'mora_lock_side',
  text: 'select key, row from side_rows where key = any($1::text[]) order by key for update',
};

/** Rows that do not exist yet are made first, empty, so that they too are locked in key order. */
export const lockSide = async (client: PoolClient, keys: readonly string[]): Promise<ReadonlyMap<string, unknown>> => {
  await client.query({ ...MAKE_SIDE, values: [keys] });
  const { rows } = await client.query<{ key: string; row: string }>({ ...LOCK_SIDE, values: [keys] });
  return new Map(rows.filter((r) => r.row !== 'null').map((r) => [r.key, JSON.parse(r.row)]));
};
