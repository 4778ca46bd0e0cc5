/**
 * The event store on PostgreSQL. Every writing transaction is READ COMMITTED and locks the heads first, in shard order; loading
 * under the lock is a statement of its own (merged with the lock it would see the snapshot from before the wait).
 */
import type { EventEnvelope } from '@mora/contracts';
import {
  type CheckpointRow,
  type CommitResult,
  type EpochBase,
  EpochMoved,
  type EventStore,
  FIRST_INSTANT,
  type Head,
  HistoryLost,
  type LoadedStream,
  type LockedSession,
  NO_WRITE,
  ofOneEpoch,
  type ParkedEvent,
  type ReadRequest,
  type ReadResult,
  readingFrom,
  ShardCountMismatch,
  StoreUnavailable,
  type StoreWrite,
  type StreamKey,
  type TimerRow,
} from '@mora/eventing';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { storeError } from './errors.js';
import { readIdentity, type ServerIdentity, sameServer } from './identity.js';
import { NextTimer } from './next-timer.js';
import { writeStatement } from './write-statement.js';

export interface PostgresStoreOptions {
  readonly pool: Pool;
  readonly source: string;
  readonly shards: number;
}

interface EventRowOut {
  shard: number;
  position: number;
  stream: string;
  version: number;
  id: string;
  type: string;
  data: string;
  meta: string;
  recorded_ms: number;
}

type HeadRow = Head & QueryResultRow & { readonly epoch: number };

const OTHER_SERVER = 'another server or timeline';

const HEADS = {
  name: 'mora_heads',
  text: 'select shard, position::float8 as position, last_at as "lastAt", epoch from heads order by shard',
};
const LOCK = {
  name: 'mora_lock',
  text: `select shard, position::float8 as position, last_at as "lastAt", epoch from heads
         where shard = any($1::int[]) order by shard for update`,
};
const READ = {
  name: 'mora_read',
  text: `select shard, position::float8 as position, stream, version, id, type, data, meta,
           extract(epoch from recorded_at)::float8 * 1000 as recorded_ms
         from events where shard = $1 and position > $2 order by position limit $3`,
};
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

export class PostgresStore implements EventStore {
  readonly source: string;
  readonly system = 'postgresql';
  readonly shards: number;
  private readonly pool: Pool;
  private bases: EpochBase[] = [];
  private readonly next = new NextTimer();
  private identity: ServerIdentity | null = null;
  private suspected = false;
  private readonly recognised = new WeakSet<PoolClient>();
  /** How far this process knows each shard to have been in this epoch. */
  private readonly reached = new Map<number, number>();

  private constructor(options: PostgresStoreOptions) {
    this.pool = options.pool;
    this.source = options.source;
    this.shards = options.shards;
  }

  /**
   * Installs the heads of a new store; of an existing one checks its shards and its server.
   * @throws ShardCountMismatch
   */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const store = new PostgresStore(options);
    await store.install();
    return store;
  }

  private async install(): Promise<void> {
    const server = await readIdentity(this.pool);
    await this.query(
      'insert into store_identity (source, shards, system_id, timeline) values ($1, $2, $3, $4) on conflict do nothing',
      [this.source, this.shards, server.systemId, server.timeline],
    );
    const [stored] = await this.query<{ shards: number; system_id: string; timeline: number }>(
      'select shards, system_id, timeline from store_identity',
    );
    if (stored!.shards !== this.shards) throw new ShardCountMismatch(stored!.shards, this.shards);
    await this.query(
      `insert into heads (shard, position, last_at) select s, 0, $2 from generate_series(0, $1 - 1) s on conflict do nothing`,
      [this.shards, FIRST_INSTANT],
    );
    await this.query(
      `insert into epochs (epoch, shard, base, reason) select 1, s, 0, 'installed' from generate_series(0, $1 - 1) s
       on conflict do nothing`,
      [this.shards],
    );
    await this.readEpochs();
    this.identity = { systemId: stored!.system_id, timeline: stored!.timeline };
    if (!sameServer(this.identity, server)) await this.enter(server);
  }

  private async readEpochs(): Promise<void> {
    const bases = (
      await this.query<EpochBase>('select epoch, shard, base::float8 as base from epochs order by epoch, shard')
    ).map((r) => ({ ...r }));
    const epoch = bases.at(-1)?.epoch ?? 1;
    if (epoch > this.epoch()) this.reached.clear();
    if (epoch >= this.epoch()) this.bases = bases;
  }

  /** Learns of an epoch that another replica began. */
  private async noticeEpoch(epoch: number): Promise<void> {
    if (epoch > this.epoch()) await this.readEpochs();
  }

  /** A new connection may lead to another server: then nothing is appended before a new epoch began. */
  private async recognise(client: PoolClient): Promise<void> {
    if (this.recognised.has(client)) return;
    // One that ends between two statements would end the process; whoever uses it learns of that by his next statement.
    client.on('error', () => undefined);
    // Planned once: with arrays of changing lengths the server would plan these statements anew at every call.
    await client.query('set plan_cache_mode = force_generic_plan');
    const server = await readIdentity(client);
    if (this.identity && !sameServer(this.identity, server)) this.suspected = true;
    this.recognised.add(client);
  }

  epoch(): number {
    return this.bases.at(-1)?.epoch ?? 1;
  }

  async beginEpoch(reason: string): Promise<number> {
    return this.enter(await readIdentity(this.pool), reason);
  }

  /**
   * Begins an epoch on a server; without a reason only if no other replica has done so since the server is this one. Every head
   * tells its epoch, so that whoever still writes under the old one is refused.
   */
  private async enter(server: ServerIdentity, reason?: string): Promise<number> {
    await this.transaction(async (client) => {
      await client.query('select shard from heads order by shard for update');
      const { rows } = await client.query<ServerIdentity & QueryResultRow>(
        'select system_id as "systemId", timeline from store_identity',
      );
      if (reason === undefined && sameServer(rows[0]!, server)) return;
      await client.query(
        `with begun as (
           insert into epochs (epoch, shard, base, reason)
           select (select greatest(max(epoch), $2) + 1 from epochs), shard, position, $1 from heads returning epoch, shard)
         update heads h set epoch = begun.epoch from begun where h.shard = begun.shard`,
        [reason ?? OTHER_SERVER, this.epoch()],
      );
      await client.query('update store_identity set system_id = $1, timeline = $2', [server.systemId, server.timeline]);
    });
    this.identity = server;
    this.suspected = false;
    await this.readEpochs();
    return this.epoch();
  }

  async heads(): Promise<readonly Head[]> {
    const rows = await this.query<HeadRow>(HEADS);
    await this.noticeEpoch(Math.max(...rows.map((r) => r.epoch)));
    return rows.map(({ shard, position, lastAt }) => ({ shard, position, lastAt }));
  }

  async read({ shard, after, limit }: ReadRequest): Promise<ReadResult> {
    const from = readingFrom(after, shard, this.bases);
    const rows = await this.query<EventRowOut & QueryResultRow>({ ...READ, values: [shard, from.position, limit] });
    const found = rows.map((row) => this.envelope(row));
    const last = found.at(-1)?.epoch ?? 0;
    if (last > this.epoch()) {
      await this.noticeEpoch(last);
      if (last <= this.epoch()) return this.read({ shard, after, limit });
    }
    const full = rows.length === limit;
    const head = full
      ? (await this.heads()).find((h) => h.shard === shard)!.position
      : (rows.at(-1)?.position ?? from.position);
    const events = ofOneEpoch(from, found);
    return { from, events, head: { epoch: this.epoch(), position: head } };
  }

  private envelope(row: EventRowOut): EventEnvelope {
    const { subject, epoch, ...meta } = JSON.parse(row.meta);
    return {
      id: row.id,
      type: row.type,
      source: this.source,
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
  }

  load(streams: readonly StreamKey[]): Promise<readonly LoadedStream[]> {
    return this.connected((client) => load(client, streams));
  }

  async commit(write: StoreWrite): Promise<CommitResult> {
    const writes = async (client: PoolClient): Promise<CommitResult> => {
      if (this.suspected) return { status: 'stale' };
      const result = await runWrite(client, write);
      if (result.status === 'committed') for (const s of write.sql) await client.query(s.text, [...s.values]);
      return result;
    };
    try {
      const result = await (write.sql.length > 0 ? this.transaction(writes) : this.connected(writes));
      if (result.status === 'committed') this.note(write);
      return result;
    } finally {
      // Also when it failed: a commit whose answer was lost may have happened.
      this.next.note(write);
    }
  }

  async locked(
    shards: readonly number[],
    build: (session: LockedSession) => Promise<StoreWrite>,
  ): Promise<CommitResult> {
    if (this.suspected) await this.enter(await readIdentity(this.pool));
    let write = NO_WRITE;
    try {
      const result = await this.transaction(async (client) => {
        if (this.suspected) throw new StoreUnavailable(OTHER_SERVER);
        const heads = (await client.query<HeadRow>({ ...LOCK, values: [shards] })).rows;
        for (const head of heads) this.compare(head);
        write = await build({
          heads,
          load: (streams) => load(client, streams),
          lockSide: (keys) => lockSide(client, keys),
        });
        const result = await runWrite(client, write);
        if (result.status === 'committed') for (const s of write.sql) await client.query(s.text, [...s.values]);
        return result;
      });
      if (result.status === 'committed') this.note(write);
      return result;
    } catch (error) {
      if (error instanceof EpochMoved) await this.readEpochs();
      throw error;
    } finally {
      this.next.note(write);
    }
  }

  /** @throws EpochMoved | HistoryLost */
  private compare({ shard, epoch, position }: HeadRow): void {
    if (epoch > this.epoch()) throw new EpochMoved(this.source, this.epoch(), epoch);
    if (epoch < this.epoch())
      throw new HistoryLost(`${this.source} was in epoch ${this.epoch()}, its store now is in ${epoch}`);
    const reached = this.reached.get(shard) ?? 0;
    if (position < reached)
      throw new HistoryLost(`${this.source} shard ${shard} had ${reached} events, its store now has ${position}`);
  }

  private note({ epoch, heads }: StoreWrite): void {
    if (epoch !== this.epoch()) return;
    for (const { shard, to } of heads) this.reached.set(shard, Math.max(to, this.reached.get(shard) ?? 0));
  }

  async dueTimers(until: string, limit: number): Promise<readonly TimerRow[]> {
    const known = this.next.known();
    if (known !== undefined && (known === null || known > until)) return [];
    return this.query<TimerRow & QueryResultRow>({
      name: 'mora_due',
      text: `select shard, due_at as "dueAt", stream, name, subject from timers where due_at <= $1
             order by due_at, shard, stream, name limit $2`,
      values: [until, limit],
    });
  }

  async nextTimer(): Promise<string | null> {
    const known = this.next.known();
    if (known !== undefined) return known;
    const asked = this.next.asking();
    const [row] = await this.query<{ due: string }>({
      name: 'mora_next_timer',
      text: 'select due_at as due from timers order by due_at limit 1',
    });
    const due = row?.due ?? null;
    asked(due);
    return due;
  }

  async timersNamed(name: string): Promise<readonly TimerRow[]> {
    return this.query<TimerRow & QueryResultRow>(
      `select shard, due_at as "dueAt", stream, name, subject from timers where name = $1 order by due_at, stream`,
      [name],
    );
  }

  async prepareCheckpoints(processor: string, sources: readonly string[]): Promise<void> {
    await this.query(
      `insert into checkpoints (processor, source, shard, epoch, position, event_id)
       select $1, source, shard, 0, 0, '' from unnest($2::text[]) source, generate_series(0, $3 - 1) shard
       on conflict do nothing`,
      [processor, sources, this.shards],
    );
  }

  async checkpoints(processor: string): Promise<readonly CheckpointRow[]> {
    return this.query<CheckpointRow & QueryResultRow>(
      `select processor, source, shard, epoch, position::float8 as position, event_id as "eventId"
       from checkpoints where processor = $1`,
      [processor],
    );
  }

  async parked(filter: { processor?: string; subject?: string; limit: number }): Promise<readonly ParkedEvent[]> {
    return this.query<ParkedEvent & QueryResultRow>(
      `select processor, source, shard, epoch, position::float8 as position, subject, type, envelope, error, culprit
       from parked_events where ($1::text is null or processor = $1) and ($2::text is null or subject = $2)
       order by shard, source, epoch, position limit $3`,
      [filter.processor ?? null, filter.subject ?? null, filter.limit],
    );
  }

  /** The pool belongs to whoever made it. */
  async close(): Promise<void> {}

  private async query<R extends QueryResultRow>(
    query: string | { name: string; text: string; values?: unknown[] },
    values?: unknown[],
  ): Promise<R[]> {
    return this.connected(async (client) => (await client.query<R>(query as string, values)).rows);
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(error);
    }
  }

  /** Work on a connection of which it is known where it leads. */
  private async connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.guarded(() => this.pool.connect());
    let broken: Error | undefined;
    try {
      await this.recognise(client);
      return await work(client);
    } catch (error) {
      const known = storeError(error);
      if (known instanceof StoreUnavailable) broken = known;
      throw known;
    } finally {
      client.release(broken);
    }
  }

  private async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.guarded(() => this.pool.connect());
    let broken: Error | undefined;
    try {
      await this.recognise(client);
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((cause: Error) => {
        broken = cause;
      });
      throw storeError(error);
    } finally {
      client.release(broken);
    }
  }
}

const writesNothing = (w: StoreWrite): boolean =>
  [w.events, w.snapshots, w.setTimers, w.clearTimers, w.checkpoints, w.park, w.unpark, w.claims, w.side, w.sql].every(
    (part) => part.length === 0,
  );

/** Silence needs no lock, only proof that nobody wrote since. */
const VERIFY = {
  name: 'mora_verify',
  text: `select count(*) = cardinality($1::int[]) as ok, extract(epoch from clock_timestamp())::float8 * 1000 as wall
         from heads h join unnest($1::int[], $2::bigint[]) as k(shard, was) on k.shard = h.shard and k.was = h.position
         where h.epoch = $3`,
};

const verify = async (on: Pool | PoolClient, write: StoreWrite): Promise<CommitResult> => {
  const values = [write.heads.map((h) => h.shard), write.heads.map((h) => h.from), write.epoch];
  const { rows } = await on.query<{ ok: boolean; wall: number }>({ ...VERIFY, values });
  return rows[0]!.ok ? { status: 'committed', recordedAt: new Date(rows[0]!.wall).toISOString() } : { status: 'stale' };
};

const runWrite = async (on: Pool | PoolClient, write: StoreWrite): Promise<CommitResult> => {
  if (writesNothing(write)) return verify(on, write);
  const statement = writeStatement(write);
  const { rows } = await on.query<{ ok: boolean; heads_ok: boolean; wall: number }>({
    ...statement,
    values: [...statement.values],
  });
  const row = rows[0]!;
  if (row.ok) return { status: 'committed', recordedAt: new Date(row.wall).toISOString() };
  return { status: row.heads_ok ? 'checkpoint-moved' : 'stale' };
};

const TRACE = /^(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})"}$/;
const traceparentOf = (end: string): string | null => TRACE.exec(end)?.[1] ?? null;

const load = async (on: Pool | PoolClient, streams: readonly StreamKey[]): Promise<readonly LoadedStream[]> => {
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

const MAKE_SIDE = {
  name: 'mora_make_side',
  text: `insert into side_rows (key, row) select k, 'null' from unnest($1::text[]) k order by k on conflict do nothing`,
};
const LOCK_SIDE = {
  name: 'mora_lock_side',
  text: 'select key, row from side_rows where key = any($1::text[]) order by key for update',
};

/** Rows that do not exist yet are made first, empty, so that they too are locked in key order. */
const lockSide = async (client: PoolClient, keys: readonly string[]): Promise<ReadonlyMap<string, unknown>> => {
  await client.query({ ...MAKE_SIDE, values: [keys] });
  const { rows } = await client.query<{ key: string; row: string }>({ ...LOCK_SIDE, values: [keys] });
  return new Map(rows.filter((r) => r.row !== 'null').map((r) => [r.key, JSON.parse(r.row)]));
};
