/** The yardstick: `pg` by hand, prepared, on a table of the same shape and indexes; no order, no versions, no lock. */
import { randomUUID } from 'node:crypto';
import { shardOf } from '@mora/contracts';
import { EVENT_STORE_MIGRATION } from '@mora/event-store-postgres';
import { sqlMigration } from '@mora/postgres';
import type pg from 'pg';
import { SHARDS } from './ground.js';
import { callEnded, metaOf } from './sample.js';

const EVENTS_TABLE = EVENT_STORE_MIGRATION.up.find((sql) => sql.startsWith('create table events'))!;
export const rawMigration = sqlMigration('1763900000000 raw events', EVENTS_TABLE);

const COLUMNS = 'shard, position, stream, version, id, type, data, meta';
const INSERT = {
  name: 'raw_insert',
  text: `insert into events (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
};
const UNNEST = {
  name: 'raw_unnest',
  text: `insert into events (${COLUMNS}) select * from unnest($1::int[], $2::bigint[], $3::text[], $4::int[], $5::uuid[],
    $6::text[], $7::text[], $8::text[])`,
};

const counters = Array.from({ length: SHARDS }, () => 0);
const versions = new Map<string, number>();

const rowOf = (debtorId: string): readonly unknown[] => {
  const shard = shardOf(debtorId, SHARDS);
  const stream = `dialing-${debtorId}`;
  counters[shard]! += 1;
  const version = (versions.get(stream) ?? 0) + 1;
  versions.set(stream, version);
  const event = callEnded(debtorId, version);
  const meta = JSON.stringify(metaOf(debtorId, new Date().toISOString()));
  return [shard, counters[shard], stream, version, randomUUID(), event.type, JSON.stringify(event.data), meta];
};

export const appendRaw = (pool: pg.Pool, debtorId: string): Promise<unknown> =>
  pool.query({ ...INSERT, values: [...rowOf(debtorId)] });

export const appendRawMany = (pool: pg.Pool, debtorId: string, n: number): Promise<unknown> => {
  const rows = Array.from({ length: n }, () => rowOf(debtorId));
  return pool.query({ ...UNNEST, values: Array.from({ length: 8 }, (_, column) => rows.map((row) => row[column])) });
};
