/** Loads streams: the snapshot of the wanted fold version and what came after it, in one statement for all of them. */
import { FIRST_INSTANT, type LoadedStream, type StreamKey } from '@mora/eventing';
import type { PoolClient } from 'pg';

/** Where `meta` tells the business time; SQL counts from 1. */
const AT_BEGIN = '{"at":"'.length + 1;
const AT_LENGTH = FIRST_INSTANT.length;
/** A traceparent has a fixed length; `meta` ends with it, its quote and its brace. */
const TRACE_LENGTH = `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`.length;
const TRACE_END = '"}'.length;

const LOAD = {
  name: 'mora_load',
  text: `select w.stream, s.version as snapshot_version, case when coalesce(e.first, true) then s.state end as state,
           e.type, e.version, e.data, e.at, e.trace
         from unnest($1::int[], $2::text[], $3::int[]) with ordinality as w(shard, stream, fold_version, n)
         left join snapshots s on s.shard = w.shard and s.stream = w.stream and s.fold_version = w.fold_version
         left join lateral (
           select type, version, data, substr(meta, ${AT_BEGIN}, ${AT_LENGTH}) as at,
             right(meta, ${TRACE_LENGTH + TRACE_END}) as trace, version = coalesce(s.version, 0) + 1 as first
           from events e
           where e.shard = w.shard and e.stream = w.stream and e.version > coalesce(s.version, 0)
         ) e on true
         order by w.n, e.version`,
};

const TRACE = /^(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})"}$/;
const traceparentOf = (end: string): string | null => TRACE.exec(end)?.[1] ?? null;

export const load = async (on: PoolClient, streams: readonly StreamKey[]): Promise<readonly LoadedStream[]> => {
  const { rows } = await on.query({
    ...LOAD,
    values: [streams.map((s) => s.shard), streams.map((s) => s.stream), streams.map((s) => s.foldVersion)],
  });
  const loaded = new Map<string, { snapshot: LoadedStream['snapshot']; tail: LoadedStream['tail'][number][] }>();
  for (const row of rows) {
    let stream = loaded.get(row.stream);
    if (!stream) {
      stream = {
        snapshot:
          row.snapshot_version === null ? null : { version: row.snapshot_version, state: JSON.parse(row.state) },
        tail: [],
      };
      loaded.set(row.stream, stream);
    }
    if (row.version !== null)
      stream.tail.push({
        type: row.type,
        version: row.version,
        at: row.at,
        data: JSON.parse(row.data),
        traceparent: traceparentOf(row.trace),
      });
  }
  return [...loaded].map(([stream, found]) => ({ stream, ...found }));
};
