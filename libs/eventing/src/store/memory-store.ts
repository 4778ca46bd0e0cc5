/** The store's contract without a database: for pure tests of services. The same suite runs on it and on PostgreSQL. */
import type { EventEnvelope } from '@mora/contracts';
import { type EpochBase, ofOneEpoch, readingFrom } from './epoch.js';
import {
  type CheckpointRow,
  type CommitResult,
  type EventStore,
  FIRST_INSTANT,
  type Head,
  type LoadedStream,
  type LockedSession,
  type ParkedEvent,
  type ReadRequest,
  type ReadResult,
  type SnapshotRow,
  type StoreWrite,
  type StreamKey,
  type TimerRow,
} from './store.js';

export class MemoryStore implements EventStore {
  readonly system = 'memory';
  private readonly log: EventEnvelope[][];
  private readonly lastAt: string[];
  private readonly streams = new Map<string, EventEnvelope[]>();
  private readonly snapshots = new Map<string, SnapshotRow>();
  private readonly timers = new Map<string, TimerRow>();
  private readonly marks = new Map<string, CheckpointRow>();
  private readonly parkedRows = new Map<string, ParkedEvent>();
  private readonly side = new Map<string, unknown>();
  private readonly bases: EpochBase[];
  private current = 1;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly source: string,
    readonly shards: number,
    private readonly wall: () => number = () => 0,
  ) {
    this.log = Array.from({ length: shards }, () => []);
    this.lastAt = Array.from({ length: shards }, () => FIRST_INSTANT);
    this.bases = Array.from({ length: shards }, (_, shard) => ({ epoch: 1, shard, base: 0 }));
  }

  epoch(): number {
    return this.current;
  }

  async heads(): Promise<readonly Head[]> {
    return this.log.map((events, shard) => ({ shard, position: events.length, lastAt: this.lastAt[shard]! }));
  }

  async read({ shard, after, limit }: ReadRequest): Promise<ReadResult> {
    const from = readingFrom(after, shard, this.bases);
    const events = this.log[shard]!;
    return {
      from,
      events: ofOneEpoch(from, events.slice(from.position, from.position + limit)),
      head: { epoch: this.current, position: events.length },
    };
  }

  async load(streams: readonly StreamKey[]): Promise<readonly LoadedStream[]> {
    return streams.map(({ stream, foldVersion }) => {
      const kept = this.snapshots.get(stream);
      const snapshot = kept && kept.foldVersion === foldVersion ? kept : null;
      const tail = (this.streams.get(stream) ?? []).slice(snapshot?.version ?? 0);
      return {
        stream,
        snapshot: snapshot && { version: snapshot.version, state: JSON.parse(snapshot.state) },
        tail: tail.map((e) => ({
          type: e.type,
          version: e.version,
          at: e.meta.at,
          data: e.data,
          traceparent: e.meta.traceparent ?? null,
        })),
      };
    });
  }

  commit(write: StoreWrite): Promise<CommitResult> {
    return this.exclusively(async () => this.apply(write));
  }

  locked(shards: readonly number[], build: (session: LockedSession) => Promise<StoreWrite>): Promise<CommitResult> {
    return this.exclusively(async () => {
      const heads = (await this.heads()).filter((h) => shards.includes(h.shard));
      const write = await build({
        heads,
        load: (streams) => this.load(streams),
        lockSide: async (keys) => new Map(keys.filter((k) => this.side.has(k)).map((k) => [k, this.side.get(k)])),
      });
      return this.apply(write);
    });
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private apply(write: StoreWrite): CommitResult {
    if (write.heads.length > 0 && write.epoch !== this.current) return { status: 'stale' };
    if (write.heads.some((h) => this.log[h.shard]!.length !== h.from)) return { status: 'stale' };
    if (write.claims.some((p) => !this.parkedRows.has(parkedKey(p)))) return { status: 'checkpoint-moved' };
    for (const { from, to } of write.checkpoints) {
      const mark = this.marks.get(markKey(to));
      if ((mark?.epoch ?? 0) !== from.epoch || (mark?.position ?? 0) !== from.position)
        return { status: 'checkpoint-moved' };
    }
    const recordedAt = new Date(this.wall()).toISOString();
    for (const row of write.events) {
      const { subject, epoch, ...meta } = JSON.parse(row.meta);
      const event: EventEnvelope = {
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
        recordedAt,
      };
      this.log[row.shard]!.push(event);
      this.streams.set(row.stream, [...(this.streams.get(row.stream) ?? []), event]);
    }
    for (const h of write.heads) this.lastAt[h.shard] = h.lastAt;
    for (const s of write.snapshots) this.snapshots.set(s.stream, s);
    for (const t of write.clearTimers) this.timers.delete(`${t.stream}/${t.name}`);
    for (const t of write.setTimers) this.timers.set(`${t.stream}/${t.name}`, t);
    for (const { to } of write.checkpoints) this.marks.set(markKey(to), to);
    for (const p of write.park) this.parkedRows.set(parkedKey(p), p);
    for (const p of write.unpark) this.parkedRows.delete(parkedKey(p));
    for (const { key, row } of write.side) this.side.set(key, row);
    return { status: 'committed', recordedAt };
  }

  async dueTimers(until: string, limit: number): Promise<readonly TimerRow[]> {
    return this.sortedTimers()
      .filter((t) => t.dueAt <= until)
      .slice(0, limit);
  }

  async nextTimer(): Promise<string | null> {
    return this.sortedTimers()[0]?.dueAt ?? null;
  }

  async timersNamed(name: string): Promise<readonly TimerRow[]> {
    return this.sortedTimers().filter((t) => t.name === name);
  }

  private sortedTimers(): TimerRow[] {
    return [...this.timers.values()].sort((a, b) =>
      a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : a.stream < b.stream ? -1 : 1,
    );
  }

  async prepareCheckpoints(): Promise<void> {}

  async checkpoints(processor: string): Promise<readonly CheckpointRow[]> {
    return [...this.marks.values()].filter((m) => m.processor === processor);
  }

  async parked(filter: { processor?: string; subject?: string; limit: number }): Promise<readonly ParkedEvent[]> {
    return [...this.parkedRows.values()]
      .filter((p) => filter.processor === undefined || p.processor === filter.processor)
      .filter((p) => filter.subject === undefined || p.subject === filter.subject)
      .sort((a, b) => a.shard - b.shard || a.epoch - b.epoch || a.position - b.position)
      .slice(0, filter.limit);
  }

  beginEpoch(): Promise<number> {
    return this.exclusively(async () => {
      this.current += 1;
      for (let shard = 0; shard < this.shards; shard++)
        this.bases.push({ epoch: this.current, shard, base: this.log[shard]!.length });
      return this.current;
    });
  }

  async close(): Promise<void> {
    await this.turn;
  }
}

const markKey = (c: { processor: string; source: string; shard: number }) => `${c.processor}/${c.source}/${c.shard}`;
const parkedKey = (p: { processor: string; source: string; shard: number; epoch: number; position: number }) =>
  `${markKey(p)}/${p.epoch}/${p.position}`;
