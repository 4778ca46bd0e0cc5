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

interface Loading {
  snapshot: LoadedStream['snapshot'];
  readonly tail: LoadedStream['tail'][number][];
  unreadable?: unknown;
}

interface LoadedRow {
  readonly snapshot_version: number | null;
  /** With the stream's first row only. */
  readonly state: string | null;
  readonly type: string;
  readonly version: number | null;
  readonly data: string;
  readonly at: string;
  readonly trace: string;
}

/** @throws SyntaxError of what is no JSON */
const take = (stream: Loading, row: LoadedRow): void => {
  if (row.snapshot_version !== null && row.state !== null)
    stream.snapshot = { version: row.snapshot_version, state: JSON.parse(row.state) };
  if (row.version === null) return;
  const { type, version, at } = row;
  stream.tail.push({ type, version, at, data: JSON.parse(row.data), traceparent: traceparentOf(row.trace) });
};

export const load = async (on: PoolClient, streams: readonly StreamKey[]): Promise<readonly LoadedStream[]> => {
  const { rows } = await on.query({
    ...LOAD,
    values: [streams.map((s) => s.shard), streams.map((s) => s.stream), streams.map((s) => s.foldVersion)],
  });
  const loaded = new Map<string, Loading>();
  for (const row of rows) {
    const stream = loaded.get(row.stream) ?? { snapshot: null, tail: [] };
    loaded.set(row.stream, stream);
    try {
      take(stream, row);
    } catch (error) {
      stream.unreadable ??= error;
    }
  }
  return [...loaded].map(([stream, found]) => ({ stream, ...found }));
};
