/**
 * The event store on PostgreSQL. Every writing transaction is READ COMMITTED and locks the heads first, in shard order; what
 * one round trip can do is one statement, which compares the heads itself.
 */
import {
  type CheckpointRow,
  type CommitResult,
  type DueTimer,
  EpochMoved,
  type EventStore,
  type Head,
  type LatentTimer,
  type LoadedStream,
  type LockedSession,
  type LostHistory,
  NO_WRITE,
  ofOneEpoch,
  type ParkedEvent,
  type ReadRequest,
  type ReadResult,
  readingFrom,
  type StoppedFeed,
  type StoreWrite,
  type StreamKey,
  type TimerRow,
} from '@mora/eventing';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { Connections } from './connections.js';
import { Epochs } from './epochs.js';
import { sameServer } from './identity.js';
import { install } from './install.js';
import { KnownHistory } from './known-history.js';
import { load } from './loading.js';
import { lockHeads, lockSide } from './locking.js';
import { NextTimer } from './next-timer.js';
import { list, texts } from './parameters.js';
import { readHeads, readPage } from './reading.js';
import { runWrite } from './run-write.js';

export interface PostgresStoreOptions {
  readonly pool: Pool;
  readonly source: string;
  readonly shards: number;
  /** Wall time after which a connection is recognised again; a minute. */
  readonly recogniseEveryMs?: number;
}

export class PostgresStore implements EventStore {
  readonly source: string;
  readonly system = 'postgresql';
  readonly shards: number;
  private readonly history: KnownHistory;
  private readonly connections: Connections;
  private readonly epochs: Epochs;
  private readonly next = new NextTimer();

  private constructor({ pool, source, shards, recogniseEveryMs }: PostgresStoreOptions) {
    this.source = source;
    this.shards = shards;
    this.history = new KnownHistory(source);
    this.connections = new Connections(pool, this.history, recogniseEveryMs);
    this.epochs = new Epochs(source, this.connections, this.history);
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
    const server = await this.connections.identity();
    const stored = await install(this.connections, this, server);
    await this.epochs.refresh();
    this.history.accept(stored);
    if (!sameServer(stored, server)) await this.epochs.enter(server);
  }

  epoch(): number {
    return this.epochs.current();
  }

  async beginEpoch(reason: string): Promise<number> {
    return this.epochs.enter(await this.connections.identity(), reason);
  }

  lost(): LostHistory | null {
    return this.epochs.lost();
  }

  async noteLost(reason: string): Promise<void> {
    await this.epochs.noteLost(reason);
  }

  confirmHistory(by: string): Promise<number> {
    return this.epochs.confirm(by);
  }

  async heads(): Promise<readonly Head[]> {
    const before = this.history.remembered();
    const rows = await readHeads(this.connections);
    this.history.compare(rows, before);
    await this.epochs.notice(Math.max(...rows.map((r) => r.epoch)));
    await this.epochs.settle();
    return rows.map(({ shard, position, lastAt }) => ({ shard, position, lastAt }));
  }

  async read({ shard, after, limit }: ReadRequest): Promise<ReadResult> {
    const from = readingFrom(after, shard, this.epochs.bases());
    const found = await readPage(this.connections, this.source, { shard, after: from.position, limit });
    const last = found.at(-1)?.epoch ?? 0;
    if (last > this.epoch()) {
      await this.epochs.notice(last);
      if (last <= this.epoch()) return this.read({ shard, after, limit });
    }
    const full = found.length === limit;
    const head = full
      ? (await this.heads()).find((h) => h.shard === shard)!.position
      : (found.at(-1)?.position ?? from.position);
    const events = ofOneEpoch(from, found);
    return { from, events, head: { epoch: this.epoch(), position: head } };
  }

  load(streams: readonly StreamKey[]): Promise<readonly LoadedStream[]> {
    return this.connections.connected((client) => load(client, streams));
  }

  async commit(write: StoreWrite): Promise<CommitResult> {
    const writes = async (client: PoolClient): Promise<CommitResult> =>
      this.history.suspicion === null ? runWrite(client, write) : { status: 'stale' };
    try {
      const { connections } = this;
      const result = await (write.sql.length > 0 ? connections.transaction(writes) : connections.connected(writes));
      if (result.status === 'committed') this.epochs.note(write);
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
    await this.epochs.settle();
    let write = NO_WRITE;
    try {
      const result = await this.connections.transaction(async (client) => {
        const heads = await lockHeads(client, shards);
        this.epochs.compare(heads);
        write = await build({
          heads,
          load: (streams) => load(client, streams),
          lockSide: (keys) => lockSide(client, keys),
        });
        return runWrite(client, write);
      });
      if (result.status === 'committed') this.epochs.note(write);
      return result;
    } catch (error) {
      if (error instanceof EpochMoved) await this.epochs.refresh();
      await this.epochs.settle();
      throw error;
    } finally {
      this.next.note(write);
    }
  }

  async dueTimers(until: string, limit: number, after?: DueTimer): Promise<readonly DueTimer[]> {
    const known = this.next.known();
    if (known !== undefined && (known === null || known > until)) return [];
    return this.connections.query<DueTimer & QueryResultRow>({
      name: 'mora_due',
      text: `select shard, due_at as "dueAt", stream, name, subject, tries, wake_at as "wakeAt" from timers
             where wake_at <= $1 and (wake_at, shard, stream, name) > ($3, $4::int, $5, $6)
             order by wake_at, shard, stream, name limit $2`,
      values: [until, limit, after?.wakeAt ?? '', after?.shard ?? -1, after?.stream ?? '', after?.name ?? ''],
    });
  }

  async putOffTimers(timers: readonly LatentTimer[]): Promise<void> {
    try {
      await this.connections.query({
        name: 'mora_put_off',
        text: `update timers t set wake_at = p.wake_at, tries = p.tries, error = p.error
               from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[])
                 as p(shard, stream, name, due_at, wake_at, tries, error)
               where t.shard = p.shard and t.stream = p.stream and t.name = p.name and t.due_at = p.due_at`,
        values: [
          list(timers.map((t) => t.shard)),
          texts(timers.map((t) => t.stream)),
          texts(timers.map((t) => t.name)),
          texts(timers.map((t) => t.dueAt)),
          texts(timers.map((t) => t.wakeAt)),
          list(timers.map((t) => t.tries)),
          texts(timers.map((t) => t.error.replaceAll('\u0000', '\\u0000'))),
        ],
      });
    } finally {
      this.next.forget();
    }
  }

  async latentTimers(limit: number): Promise<readonly LatentTimer[]> {
    return this.connections.query<LatentTimer & QueryResultRow>(
      `select shard, due_at as "dueAt", stream, name, subject, tries, wake_at as "wakeAt", error from timers
       where tries > 0 order by tries desc, wake_at, shard, stream, name limit $1`,
      [limit],
    );
  }

  async nextTimer(): Promise<string | null> {
    const known = this.next.known();
    if (known !== undefined) return known;
    const asked = this.next.asking();
    const [row] = await this.connections.query<{ due: string }>({
      name: 'mora_next_timer',
      text: 'select wake_at as due from timers order by wake_at limit 1',
    });
    const due = row?.due ?? null;
    asked(due);
    return due;
  }

  async timersNamed(name: string): Promise<readonly TimerRow[]> {
    return this.connections.query<TimerRow & QueryResultRow>(
      `select shard, due_at as "dueAt", stream, name, subject from timers where name = $1 order by due_at, stream`,
      [name],
    );
  }

  async prepareCheckpoints(processor: string, sources: readonly string[]): Promise<void> {
    await this.connections.query(
      `insert into checkpoints (processor, source, shard, epoch, position, event_id)
       select $1, source, shard, 0, 0, '' from unnest($2::text[]) source, generate_series(0, $3 - 1) shard
       on conflict do nothing`,
      [processor, sources, this.shards],
    );
  }

  async checkpoints(processor: string): Promise<readonly CheckpointRow[]> {
    return this.connections.query<CheckpointRow & QueryResultRow>(
      `select processor, source, shard, epoch, position::float8 as position, event_id as "eventId"
       from checkpoints where processor = $1`,
      [processor],
    );
  }

  async parked(filter: { processor?: string; subject?: string; limit: number }): Promise<readonly ParkedEvent[]> {
    return this.connections.query<ParkedEvent & QueryResultRow>(
      `select processor, source, shard, epoch, position::float8 as position, subject, type, envelope, error, culprit
       from parked_events where ($1::text is null or processor = $1) and ($2::text is null or subject = $2)
       order by shard, source, epoch, position limit $3`,
      [filter.processor ?? null, filter.subject ?? null, filter.limit],
    );
  }

  async parkedSubjects(processor: string): ReturnType<EventStore['parkedSubjects']> {
    return this.connections.query('select distinct source, shard, subject from parked_events where processor = $1', [
      processor,
    ]);
  }

  async stoppedFeeds(processor?: string): Promise<readonly StoppedFeed[]> {
    return this.connections.query<StoppedFeed & QueryResultRow>(
      `select processor, source, shard, reason from stopped_feeds where $1::text is null or processor = $1
       order by processor, source, shard`,
      [processor ?? null],
    );
  }

  async resumeFeed({ processor, source, shard }: Omit<StoppedFeed, 'reason'>): Promise<boolean> {
    const gone = await this.connections.query(
      'delete from stopped_feeds where shard = $1 and processor = $2 and source = $3 returning shard',
      [shard, processor, source],
    );
    return gone.length > 0;
  }

  async wall(): Promise<number> {
    const [row] = await this.connections.query<{ wall: number }>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as wall',
    );
    return row!.wall;
  }

  /** The pool belongs to whoever made it. */
  async close(): Promise<void> {}
}
