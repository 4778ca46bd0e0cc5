/**
 * Every fact that analytics consumed, for ever, byte for byte: rebuilds, lineage and timelines read it, never the services.
 * Partitioned by the month of the business time; the service's role may only INSERT and SELECT.
 */
import type { Cursor, EventEnvelope, EventMeta } from '@mora/contracts';
import { arrayOf, columnArrays, type Queryable } from '../projection/table.js';
import type { Columns, SeenEvent } from '../projection/view.js';

const COLUMNS = {
  month: 'text',
  source: 'text',
  epoch: 'int',
  shard: 'int',
  position: 'int',
  id: 'text',
  type: 'text',
  subject: 'text',
  stream: 'text',
  version: 'int',
  at: 'text',
  recorded_at: 'text',
} as const satisfies Columns;
const NAMES = Object.keys(COLUMNS);
const TYPES = 'text, text, bigint, int, bigint, text, text, text, text, bigint, text, text'.split(', ');
/** JSON text never holds this raw: joined by it, facts need no quoting, which costs more than all the rest. */
const SEPARATOR = '\u001f';
const INSERT = `insert into archive (${NAMES.join(', ')}, data, meta) select * from unnest(${TYPES.map(
  (type, i) => `$${i + 1}::${type}[]`,
).join(', ')}, string_to_array($${TYPES.length + 1}, E'\\x1f'), string_to_array($${TYPES.length + 2}, E'\\x1f'))`;

export const monthOf = (at: string): string => at.slice(0, 7);

const opened = new WeakMap<object, Set<string>>();

/** Makes the partitions that a batch needs; outside the batch's transaction, since it locks the whole archive for a moment. */
export const openMonths = async (pool: Queryable, events: readonly EventEnvelope[]): Promise<void> => {
  const known = opened.get(pool) ?? new Set<string>();
  opened.set(pool, known);
  for (const event of events) {
    const month = monthOf(event.meta.at);
    if (known.has(month)) continue;
    await pool.query('select open_archive_month($1)', [month]);
    known.add(month);
  }
};

/** Characters of one statement: a batch of very large facts goes in several. */
const STATEMENT_SIZE = 8_000_000;

/** Appends a batch; the caller's transaction holds the checkpoints of its shards. */
export const appendToArchive = async (db: Queryable, events: readonly EventEnvelope[]): Promise<void> => {
  let part: ArchivedFact[] = [];
  let size = 0;
  for (const event of events) {
    const fact = { event, data: JSON.stringify(event.data ?? null), meta: JSON.stringify(event.meta) };
    size += fact.data.length + fact.meta.length;
    part.push(fact);
    if (size < STATEMENT_SIZE) continue;
    await insert(db, part);
    part = [];
    size = 0;
  }
  await insert(db, part);
};

interface ArchivedFact {
  readonly event: EventEnvelope;
  readonly data: string;
  readonly meta: string;
}

const insert = async (db: Queryable, facts: readonly ArchivedFact[]): Promise<void> => {
  if (facts.length === 0) return;
  const rows = facts.map(({ event }) => ({
    month: monthOf(event.meta.at),
    source: event.source,
    epoch: event.epoch,
    shard: event.shard,
    position: event.position,
    id: event.id,
    type: event.type,
    subject: event.subject,
    stream: event.stream,
    version: event.version,
    at: event.meta.at,
    recorded_at: event.recordedAt,
  }));
  await db.query(INSERT, [
    ...columnArrays(COLUMNS, NAMES, rows),
    facts.map((fact) => fact.data).join(SEPARATOR),
    facts.map((fact) => fact.meta).join(SEPARATOR),
  ]);
};

interface Stored {
  readonly source: string;
  readonly epoch: string;
  readonly shard: number;
  readonly position: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly stream: string;
  readonly version: string;
  readonly recorded_at: string;
  readonly data: string;
  readonly meta: string;
}

const SELECT =
  'select source, epoch, shard, position, id, type, subject, stream, version, recorded_at, data, meta from archive';

const envelopeOf = (row: Stored): EventEnvelope => ({
  id: row.id,
  type: row.type,
  source: row.source,
  epoch: Number(row.epoch),
  shard: row.shard,
  position: Number(row.position),
  stream: row.stream,
  version: Number(row.version),
  subject: row.subject,
  data: JSON.parse(row.data) as unknown,
  meta: JSON.parse(row.meta) as EventMeta,
  recordedAt: row.recorded_at,
});

type Seen = readonly [type: string, epoch: string, position: string, at: string, real: boolean, data: string];

/** Quotes inside of JSON texts are escaped, so that this is found only where it is a field of `meta`. */
const IS_REAL = `strpos(meta, '"simulated":null') > 0`;
const SIMULATED = {};

/**
 * Facts of one (source, shard) after a cursor, in their order, of these types only. Only what views see: to fetch and parse
 * whole envelopes costs more than to project them.
 */
export const readArchive = async (
  db: Queryable,
  { source, shard }: { readonly source: string; readonly shard: number },
  { types, after, upTo, limit }: ArchivePage,
): Promise<readonly SeenEvent[]> => {
  const { rows } = await db.query<Seen>({
    text: `select type, epoch, position, at, ${IS_REAL}, data from archive
      where source = $1 and shard = $2 and (epoch, position) > ($3, $4) and (epoch, position) <= ($5, $6)
        and type = any($7::text[])
      order by epoch, position limit $8`,
    values: [source, shard, after.epoch, after.position, upTo.epoch, upTo.position, arrayOf(types, 'text'), limit],
    rowMode: 'array',
  });
  return rows.map(([type, epoch, position, at, real, data]) => ({
    source,
    type,
    epoch: Number(epoch),
    shard,
    position: Number(position),
    data: JSON.parse(data) as unknown,
    meta: { at, simulated: real ? null : SIMULATED },
  }));
};

export interface ArchivePage {
  readonly types: readonly string[];
  readonly after: Cursor;
  readonly upTo: Cursor;
  readonly limit: number;
}

export interface ArchiveFilter {
  readonly subject?: string;
  readonly stream?: string;
  readonly types?: readonly string[];
  /** Business time, `[from, to)`. */
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly newestFirst?: boolean;
}

/** Facts by subject, type and business time. */
export const findArchived = async (db: Queryable, filter: ArchiveFilter): Promise<readonly EventEnvelope[]> => {
  const where: string[] = [];
  const values: unknown[] = [];
  const and = (clause: string, value: unknown) => {
    values.push(value);
    where.push(clause.replace('?', `$${values.length}`));
  };
  if (filter.subject !== undefined) and('subject = ?', filter.subject);
  if (filter.stream !== undefined) and('stream = ?', filter.stream);
  if (filter.types !== undefined) and('type = any(?::text[])', arrayOf(filter.types, 'text'));
  if (filter.from !== undefined) {
    and('month >= ?', monthOf(filter.from));
    and('at >= ?', filter.from);
  }
  if (filter.to !== undefined) {
    and('month <= ?', monthOf(filter.to));
    and('at < ?', filter.to);
  }
  const order = filter.newestFirst === true ? 'desc' : 'asc';
  values.push(filter.limit);
  const { rows } = await db.query<Stored>(
    `${SELECT}${where.length === 0 ? '' : ` where ${where.join(' and ')}`}
     order by at ${order}, recorded_at ${order}, source ${order}, position ${order} limit $${values.length}`,
    values,
  );
  return rows.map(envelopeOf);
};
