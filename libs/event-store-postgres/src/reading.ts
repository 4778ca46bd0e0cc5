/** Reads where the shards end, and one shard's events in order. */
import type { EventEnvelope } from '@mora/contracts';
import type { QueryResultRow } from 'pg';
import type { Connections } from './connections.js';
import type { HeadRow } from './known-history.js';

interface EventRowOut extends QueryResultRow {
  readonly shard: number;
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly meta: string;
  readonly recorded_ms: number;
}

export const HEADS = {
  name: 'mora_heads',
  text: 'select shard, position::float8 as position, last_at as "lastAt", epoch from heads order by shard',
};

export const readHeads = (on: Connections): Promise<readonly HeadRow[]> => on.query<HeadRow>(HEADS);

const READ = {
  name: 'mora_read',
  text: `select shard, position::float8 as position, stream, version, id, type, data, meta,
           extract(epoch from recorded_at)::float8 * 1000 as recorded_ms
         from events where shard = $1 and position > $2 order by position limit $3`,
};

export interface Page {
  readonly shard: number;
  readonly after: number;
  readonly limit: number;
}

export const readPage = async (
  on: Connections,
  source: string,
  { shard, after, limit }: Page,
): Promise<readonly EventEnvelope[]> =>
  (await on.query<EventRowOut>({ ...READ, values: [shard, after, limit] })).map((row) => envelopeOf(row, source));

const envelopeOf = (row: EventRowOut, source: string): EventEnvelope => {
  const { subject, epoch, ...meta } = JSON.parse(row.meta);
  return {
    id: row.id,
    type: row.type,
    source,
    epoch,
    shard: row.shard,
    position: row.position,
    stream: row.stream,
    version: row.version,
    subject,
    data: JSON.parse(row.data),
    meta,
    recordedAt: new Date(row.recorded_ms).toISOString(),
  };
};
