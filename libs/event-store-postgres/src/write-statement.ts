/**
 * The whole write as one statement: heads are locked in shard order and compared, and every other part happens only if they
 * and the checkpoints are where the writer believes. One statement for each set of parts, so that each is prepared once.
 */
import { MOST_SKEW_MS, type ParkedKey, type StoreWrite } from '@mora/eventing';
import { jsons, jsonsAt, list, texts } from './parameters.js';

interface Part {
  readonly name: string;
  readonly present: (w: StoreWrite) => boolean;
  /** How many `$n` it takes. */
  readonly width: number;
  readonly values: (w: StoreWrite) => readonly unknown[];
  readonly sql: (at: (column: number) => string) => string;
}

/** `$1…$6` of every statement. */
const HEAD_COLUMNS = 6;
const CHECKPOINT_COLUMNS = 8;
const CLAIM_COLUMNS = 5;

const keysOf = (keys: readonly ParkedKey[]): readonly string[] => [
  texts(keys.map((p) => p.processor)),
  texts(keys.map((p) => p.source)),
  list(keys.map((p) => p.shard)),
  list(keys.map((p) => p.epoch)),
  list(keys.map((p) => p.position)),
];

const IF_OK = '(select yes from ok)';

const PARTS: readonly Part[] = [
  {
    name: 'event',
    present: (w) => w.events.length === 1,
    width: 8,
    values: ({ events: [e] }) => [e!.shard, e!.position, e!.stream, e!.version, e!.id, e!.type, e!.data, e!.meta],
    sql: (at) => `insert into events (shard, position, stream, version, id, type, data, meta)
      select ${at(0)}::int, ${at(1)}::bigint, ${at(2)}::text, ${at(3)}::int, ${at(4)}::uuid, ${at(5)}::text,
        ${at(6)}::text, ${at(7)}::text where ${IF_OK}`,
  },
  {
    name: 'events',
    present: (w) => w.events.length > 1,
    width: 8,
    values: (w) => [
      list(w.events.map((e) => e.shard)),
      list(w.events.map((e) => e.position)),
      texts(w.events.map((e) => e.stream)),
      list(w.events.map((e) => e.version)),
      texts(w.events.map((e) => e.id)),
      texts(w.events.map((e) => e.type)),
      jsons(w.events.map((e) => e.data)),
      jsons(w.events.map((e) => e.meta)),
    ],
    sql: (at) => `insert into events (shard, position, stream, version, id, type, data, meta)
      select * from unnest(${at(0)}::int[], ${at(1)}::bigint[], ${at(2)}::text[], ${at(3)}::int[], ${at(4)}::uuid[],
        ${at(5)}::text[], ${jsonsAt(at(6))}, ${jsonsAt(at(7))}) where ${IF_OK}`,
  },
  {
    name: 'snapshots',
    present: (w) => w.snapshots.length > 0,
    width: 5,
    values: (w) => [
      list(w.snapshots.map((s) => s.shard)),
      texts(w.snapshots.map((s) => s.stream)),
      list(w.snapshots.map((s) => s.version)),
      list(w.snapshots.map((s) => s.foldVersion)),
      jsons(w.snapshots.map((s) => s.state)),
    ],
    sql: (at) => `insert into snapshots (shard, stream, version, fold_version, state)
      select * from unnest(${at(0)}::int[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::int[], ${jsonsAt(at(4))})
      where ${IF_OK}
      on conflict (shard, stream) do update
      set version = excluded.version, fold_version = excluded.fold_version, state = excluded.state`,
  },
  {
    name: 'cleared',
    present: (w) => w.clearTimers.length > 0,
    width: 3,
    values: (w) => [
      list(w.clearTimers.map((t) => t.shard)),
      texts(w.clearTimers.map((t) => t.stream)),
      texts(w.clearTimers.map((t) => t.name)),
    ],
    sql: (
      at,
    ) => `delete from timers t using unnest(${at(0)}::int[], ${at(1)}::text[], ${at(2)}::text[]) as c(shard, stream, name)
      where t.shard = c.shard and t.stream = c.stream and t.name = c.name and ${IF_OK}`,
  },
  {
    name: 'set',
    present: (w) => w.setTimers.length > 0,
    width: 5,
    values: (w) => [
      list(w.setTimers.map((t) => t.shard)),
      texts(w.setTimers.map((t) => t.stream)),
      texts(w.setTimers.map((t) => t.name)),
      texts(w.setTimers.map((t) => t.dueAt)),
      texts(w.setTimers.map((t) => t.subject)),
    ],
    sql: (at) => `insert into timers (shard, stream, name, due_at, subject, wake_at)
      select *, due_at from unnest(${at(0)}::int[], ${at(1)}::text[], ${at(2)}::text[], ${at(3)}::text[], ${at(4)}::text[])
        as t(shard, stream, name, due_at, subject)
      where ${IF_OK}
      on conflict (shard, stream, name) do update set due_at = excluded.due_at, subject = excluded.subject,
        wake_at = excluded.wake_at, tries = 0, error = null`,
  },
  {
    name: 'park',
    present: (w) => w.park.length > 0,
    width: 10,
    values: (w) => [
      texts(w.park.map((p) => p.processor)),
      texts(w.park.map((p) => p.source)),
      list(w.park.map((p) => p.shard)),
      list(w.park.map((p) => p.epoch)),
      list(w.park.map((p) => p.position)),
      texts(w.park.map((p) => p.subject)),
      texts(w.park.map((p) => p.type)),
      jsons(w.park.map((p) => p.envelope)),
      texts(w.park.map((p) => p.error)),
      list(w.park.map((p) => p.culprit)),
    ],
    sql: (
      at,
    ) => `insert into parked_events (processor, source, shard, epoch, position, subject, type, envelope, error, culprit)
      select * from unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::int[], ${at(4)}::bigint[],
        ${at(5)}::text[], ${at(6)}::text[], ${jsonsAt(at(7))}, ${at(8)}::text[], ${at(9)}::boolean[]) where ${IF_OK}
      on conflict (shard, processor, source, epoch, position) do update
      set error = excluded.error, culprit = excluded.culprit`,
  },
  {
    name: 'unpark',
    present: (w) => w.unpark.length > 0,
    width: 5,
    values: (w) => keysOf(w.unpark),
    sql: (at) => `delete from parked_events p using unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[],
        ${at(3)}::int[], ${at(4)}::bigint[]) as u(processor, source, shard, epoch, position)
      where p.processor = u.processor and p.source = u.source and p.shard = u.shard and p.epoch = u.epoch
        and p.position = u.position and ${IF_OK}`,
  },
  {
    name: 'stop',
    present: (w) => w.stops.length > 0,
    width: 4,
    values: (w) => [
      texts(w.stops.map((s) => s.processor)),
      texts(w.stops.map((s) => s.source)),
      list(w.stops.map((s) => s.shard)),
      texts(w.stops.map((s) => s.reason)),
    ],
    sql: (at) => `insert into stopped_feeds (processor, source, shard, reason)
      select * from unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::text[]) where ${IF_OK}
      on conflict (shard, processor, source) do update set reason = excluded.reason, stopped_at = clock_timestamp()`,
  },
  {
    name: 'side',
    present: (w) => w.side.length > 0,
    width: 2,
    values: (w) => [texts(w.side.map((r) => r.key)), jsons(w.side.map((r) => JSON.stringify(r.row)))],
    sql: (
      at,
    ) => `insert into side_rows (key, row) select * from unnest(${at(0)}::text[], ${jsonsAt(at(1))}) where ${IF_OK}
      on conflict (key) do update set row = excluded.row, written_at = clock_timestamp()`,
  },
];

export interface PreparedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const statements = new Map<string, string>();

const piecesOf = (parts: readonly Part[], firstColumn: number): string => {
  let column = firstColumn;
  return parts
    .map((part) => {
      const first = column;
      column += part.width;
      return `, ${part.name} as (${part.sql((n) => `$${first + n + 1}`)})`;
    })
    .join(' ');
};

const MOST_AHEAD_MS = MOST_SKEW_MS;
/** `$6`: the process's clock; null: it is none that could be ahead. */
const NOT_AHEAD = `($6::float8 is null or $6::float8 <= extract(epoch from clock_timestamp())::float8 * 1000 + ${MOST_AHEAD_MS})`;

const WALL = 'extract(epoch from clock_timestamp())::float8 * 1000 as wall';

/** Events of one shard and no checkpoint: moving the head is its lock and its comparison. */
const textOfOneShard = (parts: readonly Part[]): string =>
  `with ok as (update heads set position = $3::bigint, last_at = $4::text
      where shard = $1::int and position = $2::bigint and epoch = $5::int and ${NOT_AHEAD} returning true as yes)
    ${piecesOf(parts, HEAD_COLUMNS)}
    select moved as ok, moved as heads_ok, ${WALL} from (select exists (select from ok) as moved) m`;

/** Locked after the heads, so that a row which another replica takes away meanwhile is not counted. */
const claimsOf = (first: number): string => {
  const at = (n: number) => `$${first + n}`;
  return `, claimed as (
      select p.position from parked_events p
      join unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::int[], ${at(4)}::bigint[])
        as u(processor, source, shard, epoch, position) using (processor, source, shard, epoch, position)
      where (select yes from heads_ok) for update of p),
    claims_ok as (select count(*) = cardinality(${at(0)}::text[]) as yes from claimed)`;
};

const textOf = (parts: readonly Part[], checkpoints: boolean, claims: boolean): string => {
  const afterHeads = HEAD_COLUMNS + (checkpoints ? CHECKPOINT_COLUMNS : 0);
  const marks = checkpoints
    ? `, marks as (
         select c.processor, c.source, c.shard, c.epoch, c.position from checkpoints c
         join unnest($7::text[], $8::text[], $9::int[]) as m(processor, source, shard)
           on c.processor = m.processor and c.source = m.source and c.shard = m.shard
         order by c.shard, c.processor, c.source for update of c),
       marks_ok as (
         select count(*) = cardinality($7::text[]) as yes from marks
         join unnest($7::text[], $8::text[], $9::int[], $10::int[], $11::bigint[]) as m(processor, source, shard, epoch, position)
           using (processor, source, shard, epoch, position))`
    : '';
  const move = checkpoints
    ? `, move as (
         update checkpoints c set epoch = m.epoch, position = m.position, event_id = m.event_id
         from unnest($7::text[], $8::text[], $9::int[], $12::int[], $13::bigint[], $14::text[])
           as m(processor, source, shard, epoch, position, event_id)
         where c.processor = m.processor and c.source = m.source and c.shard = m.shard and ${IF_OK})`
    : '';
  return `with known as (select * from unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[]) as k(shard, was, now, last_at)),
    locked as (select shard, position, epoch from heads where shard = any($1::int[]) order by shard for update),
    heads_ok as (select count(*) = cardinality($1::int[]) as yes from locked l
      join known k on k.shard = l.shard and k.was = l.position where l.epoch = $5::int)
    ${marks} ${claims ? claimsOf(afterHeads + 1) : ''},
    ok as (select heads_ok.yes and ${NOT_AHEAD} ${checkpoints ? 'and marks_ok.yes' : ''} ${claims ? 'and claims_ok.yes' : ''} as yes
      from heads_ok ${checkpoints ? ', marks_ok' : ''} ${claims ? ', claims_ok' : ''}),
    moved as (update heads h set position = k.now, last_at = k.last_at from known k
      where h.shard = k.shard and k.now <> k.was and ${IF_OK})
    ${move} ${piecesOf(parts, afterHeads + (claims ? CLAIM_COLUMNS : 0))}
    select ok.yes as ok, heads_ok.yes as heads_ok, ${WALL} from ok, heads_ok`;
};

/** The statement and its parameters: heads and epoch, the checkpoints and claims where there are any, then the parts. */
export const writeStatement = (write: StoreWrite): PreparedQuery => {
  const parts = PARTS.filter((part) => part.present(write));
  const checkpoints = write.checkpoints.length > 0;
  const [head] = write.heads;
  const claims = write.claims.length > 0;
  const oneShard = !checkpoints && !claims && write.heads.length === 1 && head!.to !== head!.from;
  const name = `mora_write_${checkpoints ? 'c' : ''}${claims ? 'p' : ''}${oneShard ? 's' : ''}${parts.map((p) => PARTS.indexOf(p)).join('')}`;
  const text = statements.get(name) ?? (oneShard ? textOfOneShard(parts) : textOf(parts, checkpoints, claims));
  statements.set(name, text);
  const values: unknown[] = oneShard
    ? [head!.shard, head!.from, head!.to, head!.lastAt]
    : [
        list(write.heads.map((h) => h.shard)),
        list(write.heads.map((h) => h.from)),
        list(write.heads.map((h) => h.to)),
        texts(write.heads.map((h) => h.lastAt)),
      ];
  values.push(write.epoch, write.clock);
  if (checkpoints) {
    const c = write.checkpoints;
    values.push(
      texts(c.map(({ to }) => to.processor)),
      texts(c.map(({ to }) => to.source)),
      list(c.map(({ to }) => to.shard)),
      list(c.map(({ from }) => from.epoch)),
      list(c.map(({ from }) => from.position)),
      list(c.map(({ to }) => to.epoch)),
      list(c.map(({ to }) => to.position)),
      texts(c.map(({ to }) => to.eventId)),
    );
  }
  if (claims) values.push(...keysOf(write.claims));
  for (const part of parts) values.push(...part.values(write));
  return { name, text, values };
};
