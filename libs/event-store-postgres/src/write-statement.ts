/**
 * The whole write as one statement: heads are locked in shard order and compared, and every other part happens only if they
 * and the checkpoints are where the writer believes. One statement for each set of parts, so that each is prepared once.
 */
import type { StoreWrite } from '@mora/eventing';

interface Part {
  readonly name: string;
  readonly present: (w: StoreWrite) => boolean;
  /** Columns as arrays, in the order of `$n`. */
  readonly arrays: (w: StoreWrite) => readonly (readonly unknown[])[];
  readonly sql: (at: (column: number) => string) => string;
}

const IF_OK = '(select yes from ok)';

const PARTS: readonly Part[] = [
  {
    name: 'events',
    present: (w) => w.events.length > 0,
    arrays: (w) => [
      w.events.map((e) => e.shard),
      w.events.map((e) => e.position),
      w.events.map((e) => e.stream),
      w.events.map((e) => e.version),
      w.events.map((e) => e.id),
      w.events.map((e) => e.type),
      w.events.map((e) => e.data),
      w.events.map((e) => e.meta),
    ],
    sql: (at) => `insert into events (shard, position, stream, version, id, type, data, meta)
      select * from unnest(${at(0)}::int[], ${at(1)}::bigint[], ${at(2)}::text[], ${at(3)}::int[], ${at(4)}::uuid[],
        ${at(5)}::text[], ${at(6)}::text[], ${at(7)}::text[]) where ${IF_OK}`,
  },
  {
    name: 'snapshots',
    present: (w) => w.snapshots.length > 0,
    arrays: (w) => [
      w.snapshots.map((s) => s.shard),
      w.snapshots.map((s) => s.stream),
      w.snapshots.map((s) => s.version),
      w.snapshots.map((s) => s.foldVersion),
      w.snapshots.map((s) => s.state),
    ],
    sql: (at) => `insert into snapshots (shard, stream, version, fold_version, state)
      select * from unnest(${at(0)}::int[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::int[], ${at(4)}::text[])
      where ${IF_OK}
      on conflict (shard, stream) do update
      set version = excluded.version, fold_version = excluded.fold_version, state = excluded.state`,
  },
  {
    name: 'cleared',
    present: (w) => w.clearTimers.length > 0,
    arrays: (w) => [
      w.clearTimers.map((t) => t.shard),
      w.clearTimers.map((t) => t.stream),
      w.clearTimers.map((t) => t.name),
    ],
    sql: (
      at,
    ) => `delete from timers t using unnest(${at(0)}::int[], ${at(1)}::text[], ${at(2)}::text[]) as c(shard, stream, name)
      where t.shard = c.shard and t.stream = c.stream and t.name = c.name and ${IF_OK}`,
  },
  {
    name: 'set',
    present: (w) => w.setTimers.length > 0,
    arrays: (w) => [
      w.setTimers.map((t) => t.shard),
      w.setTimers.map((t) => t.stream),
      w.setTimers.map((t) => t.name),
      w.setTimers.map((t) => t.dueAt),
      w.setTimers.map((t) => t.subject),
    ],
    sql: (at) => `insert into timers (shard, stream, name, due_at, subject)
      select * from unnest(${at(0)}::int[], ${at(1)}::text[], ${at(2)}::text[], ${at(3)}::text[], ${at(4)}::text[])
      where ${IF_OK}
      on conflict (shard, stream, name) do update set due_at = excluded.due_at, subject = excluded.subject`,
  },
  {
    name: 'park',
    present: (w) => w.park.length > 0,
    arrays: (w) => [
      w.park.map((p) => p.processor),
      w.park.map((p) => p.source),
      w.park.map((p) => p.shard),
      w.park.map((p) => p.epoch),
      w.park.map((p) => p.position),
      w.park.map((p) => p.subject),
      w.park.map((p) => p.type),
      w.park.map((p) => p.envelope),
      w.park.map((p) => p.error),
      w.park.map((p) => p.culprit),
    ],
    sql: (
      at,
    ) => `insert into parked_events (processor, source, shard, epoch, position, subject, type, envelope, error, culprit)
      select * from unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[], ${at(3)}::int[], ${at(4)}::bigint[],
        ${at(5)}::text[], ${at(6)}::text[], ${at(7)}::text[], ${at(8)}::text[], ${at(9)}::boolean[]) where ${IF_OK}
      on conflict (shard, processor, source, epoch, position) do update
      set error = excluded.error, culprit = excluded.culprit`,
  },
  {
    name: 'unpark',
    present: (w) => w.unpark.length > 0,
    arrays: (w) => [
      w.unpark.map((p) => p.processor),
      w.unpark.map((p) => p.source),
      w.unpark.map((p) => p.shard),
      w.unpark.map((p) => p.epoch),
      w.unpark.map((p) => p.position),
    ],
    sql: (at) => `delete from parked_events p using unnest(${at(0)}::text[], ${at(1)}::text[], ${at(2)}::int[],
        ${at(3)}::int[], ${at(4)}::bigint[]) as u(processor, source, shard, epoch, position)
      where p.processor = u.processor and p.source = u.source and p.shard = u.shard and p.epoch = u.epoch
        and p.position = u.position and ${IF_OK}`,
  },
  {
    name: 'side',
    present: (w) => w.side.length > 0,
    arrays: (w) => [w.side.map((r) => r.key), w.side.map((r) => JSON.stringify(r.row))],
    sql: (
      at,
    ) => `insert into side_rows (key, row) select * from unnest(${at(0)}::text[], ${at(1)}::text[]) where ${IF_OK}
      on conflict (key) do update set row = excluded.row, written_at = clock_timestamp()`,
  },
];

export interface PreparedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const texts = new Map<string, string>();

const textOf = (parts: readonly Part[], checkpoints: boolean): string => {
  let column = 4 + (checkpoints ? 8 : 0);
  const pieces = parts.map((part) => {
    const first = column;
    column += part.arrays(EMPTY).length;
    return `, ${part.name} as (${part.sql((n) => `$${first + n + 1}`)})`;
  });
  const marks = checkpoints
    ? `, marks as (
         select c.processor, c.source, c.shard, c.epoch, c.position from checkpoints c
         join unnest($5::text[], $6::text[], $7::int[]) as m(processor, source, shard)
           on c.processor = m.processor and c.source = m.source and c.shard = m.shard
         order by c.shard, c.processor, c.source for update of c),
       marks_ok as (
         select count(*) = cardinality($5::text[]) as yes from marks
         join unnest($5::text[], $6::text[], $7::int[], $8::int[], $9::bigint[]) as m(processor, source, shard, epoch, position)
           using (processor, source, shard, epoch, position))`
    : '';
  const move = checkpoints
    ? `, move as (
         update checkpoints c set epoch = m.epoch, position = m.position, event_id = m.event_id
         from unnest($5::text[], $6::text[], $7::int[], $10::int[], $11::bigint[], $12::text[])
           as m(processor, source, shard, epoch, position, event_id)
         where c.processor = m.processor and c.source = m.source and c.shard = m.shard and ${IF_OK})`
    : '';
  return `with known as (select * from unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[]) as k(shard, was, now, last_at)),
    locked as (select shard, position from heads where shard = any($1::int[]) order by shard for update),
    heads_ok as (select count(*) = cardinality($1::int[]) as yes from locked l join known k on k.shard = l.shard and k.was = l.position)
    ${marks},
    ok as (select heads_ok.yes ${checkpoints ? 'and marks_ok.yes' : ''} as yes from heads_ok ${checkpoints ? ', marks_ok' : ''}),
    moved as (update heads h set position = k.now, last_at = k.last_at from known k
      where h.shard = k.shard and k.now <> k.was and ${IF_OK})
    ${move} ${pieces.join(' ')}
    select ok.yes as ok, heads_ok.yes as heads_ok, extract(epoch from clock_timestamp())::float8 * 1000 as wall from ok, heads_ok`;
};

const EMPTY: StoreWrite = {
  heads: [],
  events: [],
  snapshots: [],
  setTimers: [],
  clearTimers: [],
  checkpoints: [],
  park: [],
  unpark: [],
  side: [],
  sql: [],
};

/** The statement and its parameters; `$1…$4` the heads, `$5…$12` the checkpoints where there are any, then the parts. */
export const writeStatement = (write: StoreWrite): PreparedQuery => {
  const parts = PARTS.filter((part) => part.present(write));
  const checkpoints = write.checkpoints.length > 0;
  const name = `mora_write_${checkpoints ? 'c' : ''}${parts.map((p) => PARTS.indexOf(p)).join('')}`;
  const text = texts.get(name) ?? textOf(parts, checkpoints);
  texts.set(name, text);
  const values: unknown[] = [
    write.heads.map((h) => h.shard),
    write.heads.map((h) => h.from),
    write.heads.map((h) => h.to),
    write.heads.map((h) => h.lastAt),
  ];
  if (checkpoints) {
    const c = write.checkpoints;
    values.push(
      c.map(({ to }) => to.processor),
      c.map(({ to }) => to.source),
      c.map(({ to }) => to.shard),
      c.map(({ from }) => from.epoch),
      c.map(({ from }) => from.position),
      c.map(({ to }) => to.epoch),
      c.map(({ to }) => to.position),
      c.map(({ to }) => to.eventId),
    );
  }
  for (const part of parts) values.push(...part.arrays(write));
  return { name, text, values };
};
