/**
 * One row per (source, shard): up to where analytics has archived and projected. Locked, for all sources of the shards in
 * hand, before a batch is taken in: two consumers on one shard follow each other, and a row of a view is never written by two.
 */
import type { Cursor } from '@mora/contracts';
import { arrayOf, type Queryable } from './table.js';

export const PROCESSOR = 'analytics';

export interface Progress extends Cursor {
  readonly source: string;
  readonly shard: number;
  /** Business time of the last event taken; empty at the beginning. */
  readonly lastAt: string;
  /** Id of the event at the position; empty where none was taken in its epoch. */
  readonly eventId: string;
  /** Tables of the views that are projected up to here, separated by spaces. */
  readonly views: string;
}

interface Stored {
  readonly source: string;
  readonly shard: number;
  readonly epoch: string;
  readonly position: string;
  readonly last_at: string;
  readonly event_id: string;
  readonly views: string;
}

export const pairKey = (pair: { readonly source: string; readonly shard: number }): string =>
  `${pair.source}/${pair.shard}`;

const progressOf = (row: Stored): Progress => ({
  source: row.source,
  shard: row.shard,
  epoch: Number(row.epoch),
  position: Number(row.position),
  lastAt: row.last_at,
  eventId: row.event_id,
  views: row.views,
});

const COLUMNS = 'source, shard, epoch, position, last_at, event_id, views';

/** Rows of every pair; makes those that do not exist. */
export const openCheckpoints = async (
  db: Queryable,
  pairs: readonly { readonly source: string; readonly shard: number }[],
): Promise<readonly Progress[]> => {
  await db.query(
    `insert into checkpoints (processor, source, shard) select '${PROCESSOR}', * from unnest($1::text[], $2::int[])
     on conflict do nothing`,
    [
      arrayOf(
        pairs.map((p) => p.source),
        'text',
      ),
      arrayOf(
        pairs.map((p) => p.shard),
        'int',
      ),
    ],
  );
  return readCheckpoints(db);
};

export const readCheckpoints = async (db: Queryable): Promise<readonly Progress[]> => {
  const { rows } = await db.query<Stored>(`select ${COLUMNS} from checkpoints where processor = '${PROCESSOR}'`);
  return rows.map(progressOf);
};

/** Locks every source's checkpoint of some shards; null: of all. */
export const lockCheckpoints = async (
  db: Queryable,
  shards: readonly number[] | null,
): Promise<ReadonlyMap<string, Progress>> => {
  const { rows } = await db.query<Stored>(
    `select ${COLUMNS} from checkpoints where processor = '${PROCESSOR}' and ($1::int[] is null or shard = any($1::int[]))
     order by shard, source for update`,
    [shards === null ? null : arrayOf(shards, 'int')],
  );
  return new Map(rows.map((row) => [pairKey(row), progressOf(row)]));
};

export const moveCheckpoints = async (db: Queryable, moves: readonly Progress[]): Promise<void> => {
  await db.query(
    `update checkpoints c set epoch = m.epoch, position = m.position, last_at = m.last_at, event_id = m.event_id,
       views = m.views
     from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
       as m(source, shard, epoch, position, last_at, event_id, views)
     where c.processor = '${PROCESSOR}' and c.source = m.source and c.shard = m.shard`,
    [
      arrayOf(
        moves.map((m) => m.source),
        'text',
      ),
      arrayOf(
        moves.map((m) => m.shard),
        'int',
      ),
      arrayOf(
        moves.map((m) => m.epoch),
        'int',
      ),
      arrayOf(
        moves.map((m) => m.position),
        'int',
      ),
      arrayOf(
        moves.map((m) => m.lastAt),
        'text',
      ),
      arrayOf(
        moves.map((m) => m.eventId),
        'text',
      ),
      arrayOf(
        moves.map((m) => m.views),
        'text',
      ),
    ],
  );
};
