/** The store's contract without a database: for pure tests of services. The same suite runs on it and on PostgreSQL. */
import type { EventEnvelope } from '@mora/contracts';
import { ClockAhead, UnstorableData } from '../errors.js';
import { isAhead } from '../writer/skew.js';
import { type EpochBase, ofOneEpoch, readingFrom } from './epoch.js';
import {
  type CheckpointRow,
  type CommitResult,
  type DueTimer,
  type EventStore,
  FIRST_INSTANT,
  type Head,
  type LatentTimer,
  type LoadedStream,
  type LockedSession,
  type LostHistory,
  type ParkedEvent,
  type ReadRequest,
  type ReadResult,
  type SnapshotRow,
  type StoppedFeed,
  type StoreWrite,
  type StreamKey,
  type TimerRow,
} from './store.js';

export class MemoryStore implements EventStore {
  readonly system = 'memory';
  private readonly log: EventEnvelope[][];
  private readonly lastAt: string[];
  private readonly streams = new Map<string, EventEnvelope[]>();
  private readonly ids = new Set<string>();
  private readonly snapshots = new Map<string, SnapshotRow>();
  private readonly timers = new Map<string, DueTimer & { readonly error?: string }>();
  private readonly marks = new Map<string, CheckpointRow>();
  private readonly parkedRows = new Map<string, ParkedEvent>();
  private readonly stopped = new Map<string, StoppedFeed>();
  private readonly side = new Map<string, unknown>();
  private readonly bases: EpochBase[];
  private current = 1;
  private loss: LostHistory | null = null;
  private readonly confirmed = new Set<number>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly source: string,
    readonly shards: number,
    private readonly clock: () => number = () => 0,
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
    if (isAhead(write.clock, this.clock())) throw new ClockAhead(write.clock! - this.clock());
    this.refuseDoubles(write);
    const recordedAt = new Date(this.clock()).toISOString();
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
      this.ids.add(`${row.shard}/${row.id}`);
      this.streams.set(row.stream, [...(this.streams.get(row.stream) ?? []), event]);
    }
    for (const h of write.heads) this.lastAt[h.shard] = h.lastAt;
    for (const s of write.snapshots) this.snapshots.set(s.stream, s);
    for (const t of write.clearTimers) this.timers.delete(timerKey(t));
    for (const t of write.setTimers) this.timers.set(timerKey(t), { ...t, tries: 0, wakeAt: t.dueAt });
    for (const { to } of write.checkpoints) this.marks.set(markKey(to), to);
    for (const p of write.park) this.parkedRows.set(parkedKey(p), p);
    for (const p of write.unpark) this.parkedRows.delete(parkedKey(p));
    for (const s of write.stops) this.stopped.set(markKey(s), s);
    for (const { key, row } of write.side) this.side.set(key, row);
    return { status: 'committed', recordedAt };
  }

  private refuseDoubles({ events }: StoreWrite): void {
    const lastOf = (shard: number, stream: string) =>
      this.streams.get(stream)?.findLast((e) => e.shard === shard)?.version ?? 0;
    for (const { shard, id, stream, version } of events)
      if (this.ids.has(`${shard}/${id}`) || lastOf(shard, stream) >= version)
        throw new UnstorableData(`${stream} has version ${version}, or the event id ${id} is taken`);
  }

  async dueTimers(until: string, limit: number, after?: DueTimer): Promise<readonly DueTimer[]> {
    return [...this.timers.values()]
      .filter((t) => t.wakeAt <= until && (after === undefined || inOrder(after, t) < 0))
      .sort(inOrder)
      .slice(0, limit)
      .map(({ error: _, ...t }) => t);
  }

  async nextTimer(): Promise<string | null> {
    return [...this.timers.values()].reduce<string | null>(
      (least, { wakeAt }) => (least === null || wakeAt < least ? wakeAt : least),
      null,
    );
  }

  async putOffTimers(timers: readonly LatentTimer[]): Promise<void> {
    for (const timer of timers) {
      const { tries, wakeAt, error } = timer;
      const found = this.timers.get(timerKey(timer));
      if (found?.dueAt === timer.dueAt) this.timers.set(timerKey(timer), { ...found, tries, wakeAt, error });
    }
  }

  async latentTimers(limit: number): Promise<readonly LatentTimer[]> {
    return [...this.timers.values()]
      .filter((t): t is LatentTimer => t.error !== undefined)
      .sort((a, b) => b.tries - a.tries || inOrder(a, b))
      .slice(0, limit);
  }

  async timersNamed(name: string): Promise<readonly TimerRow[]> {
    const rows = [...this.timers.values()].filter((t) => t.name === name).sort(inOrder);
    return rows.map(({ shard, dueAt, stream, subject }) => ({ shard, dueAt, stream, name, subject }));
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

  async wall(): Promise<number> {
    return this.clock();
  }

  async parkedSubjects(processor: string): ReturnType<EventStore['parkedSubjects']> {
    const rows = [...this.parkedRows.values()].filter((p) => p.processor === processor);
    const places = rows.map(({ source, shard, subject }) => ({ source, shard, subject }));
    return [...new Map(places.map((p) => [`${p.source}/${p.shard}/${p.subject}`, p])).values()];
  }

  async stoppedFeeds(processor?: string): Promise<readonly StoppedFeed[]> {
    return [...this.stopped.values()].filter((s) => processor === undefined || s.processor === processor);
  }

  async resumeFeed(feed: Omit<StoppedFeed, 'reason'>): Promise<boolean> {
    return this.stopped.delete(markKey(feed));
  }

  beginEpoch(reason: string): Promise<number> {
    return this.exclusively(async () => {
      this.current += 1;
      this.noteLoss(reason);
      for (let shard = 0; shard < this.shards; shard++)
        this.bases.push({ epoch: this.current, shard, base: this.log[shard]!.length });
      return this.current;
    });
  }

  lost(): LostHistory | null {
    return this.loss;
  }

  async noteLost(reason: string): Promise<void> {
    if (!this.confirmed.has(this.current)) this.noteLoss(reason);
  }

  async confirmHistory(): Promise<number> {
    if (this.loss === null) return 0;
    this.confirmed.add(this.current);
    this.loss = null;
    return 1;
  }

  private noteLoss(reason: string): void {
    this.loss ??= { epoch: this.current, reason, begunAt: new Date(this.clock()).toISOString() };
  }

  async close(): Promise<void> {
    await this.turn;
  }
}

const timerKey = ({ stream, name }: { readonly stream: string; readonly name: string }) => `${stream}/${name}`;
/** As the database orders them. */
const inOrder = (a: DueTimer, b: DueTimer): number =>
  compare(a.wakeAt, b.wakeAt) || a.shard - b.shard || compare(a.stream, b.stream) || compare(a.name, b.name);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const markKey = (c: { processor: string; source: string; shard: number }) => `${c.processor}/${c.source}/${c.shard}`;
const parkedKey = (p: { processor: string; source: string; shard: number; epoch: number; position: number }) =>
  `${markKey(p)}/${p.epoch}/${p.position}`;
