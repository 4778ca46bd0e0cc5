/**
 * One transaction in the making: decisions are taken one after the other on states that already hold what the earlier ones
 * of the batch decided, so that a wrong command fails alone.
 */
import { type Cursor, type EventEnvelope, type EventMeta, shardOf } from '@mora/contracts';
import type {
  CheckpointMove,
  EventRow,
  HeadMove,
  ParkedEvent,
  ParkedKey,
  SnapshotRow,
  SqlStatement,
  StoreWrite,
  TimerRow,
} from '../store/store.js';
import type { Aggregate, StreamRef, Timer } from './aggregate.js';
import type { Append, Command, Decided } from './command.js';
import type { Folded } from './stream-cache.js';
import { uuidv7 } from './uuidv7.js';

/** What is the same for every event that this process writes. */
export interface Origin {
  readonly source: string;
  readonly shards: number;
  readonly build: string;
  readonly tzdata: string;
  readonly clock: EventMeta['clock'];
  readonly simulated: EventMeta['simulated'];
  readonly now: () => string;
  readonly wall: () => number;
  /** Refuses an event of our own that breaks its contract; where it is given, a bug is found at the writer. */
  readonly check?: (type: string, data: unknown) => void;
}

export interface Cause {
  readonly cause: string;
  readonly traceparent: string | null;
  readonly correlationId?: string | undefined;
  /** The foreign event being answered: it counts as taken in although its checkpoint moves only with this commit. */
  readonly answering?: { readonly source: string; readonly epoch: number; readonly position: number };
}

export interface Decision {
  readonly events: readonly EventEnvelope[];
  /** States of the command's streams afterwards, in their order. */
  readonly states: readonly unknown[];
}

/** `dueAt` null: the row goes. */
type TimerChange = Omit<TimerRow, 'dueAt'> & { readonly dueAt: string | null };

interface Open extends Folded {
  readonly aggregate: Aggregate<unknown>;
  readonly loadedVersion: number;
  readonly subject: string;
}

export const shardOfCommand = (command: Command, shards: number): number =>
  command.shard ?? shardOf(command.subject, shards);

export class Batch {
  private readonly heads = new Map<number, { from: number; to: number; lastAt: string }>();
  private readonly open = new Map<string, Open>();
  private readonly rows: EventRow[] = [];
  private readonly timers = new Map<string, TimerChange>();
  private readonly sideRows = new Map<string, unknown>();
  private readonly dirtySide = new Set<string>();
  private readonly sql: SqlStatement[] = [];
  private readonly checkpoints = new Map<string, CheckpointMove>();
  private readonly park: ParkedEvent[] = [];
  private readonly unpark: ParkedKey[] = [];
  private readonly claims: ParkedKey[] = [];
  readonly envelopes: EventEnvelope[] = [];

  constructor(
    private readonly origin: Origin,
    readonly epoch: number,
    /** What this service has taken in, by shard: the `after` of new events. */
    private readonly consumed: (shard: number) => EventMeta['after'],
  ) {}

  setHead(shard: number, position: number, lastAt: string): void {
    this.heads.set(shard, { from: position, to: position, lastAt });
  }

  setStream(streamRef: StreamRef, folded: Folded, subject: string): void {
    if (!this.open.has(streamRef.stream))
      this.open.set(streamRef.stream, {
        ...folded,
        aggregate: streamRef.aggregate,
        loadedVersion: folded.version,
        subject,
      });
  }

  setSide(rows: ReadonlyMap<string, unknown>): void {
    for (const [key, row] of rows) if (!this.sideRows.has(key)) this.sideRows.set(key, row);
  }

  /** In which trace the last event of the command's streams was written. */
  traceOf({ streams }: Command): string | null {
    for (const { stream } of streams) {
      const found = this.open.get(stream)?.traceparent;
      if (found) return found;
    }
    return null;
  }

  /** Decides all or none. @throws what a decision throws; the batch is then as before. */
  decideAll(commands: readonly Command[], cause: Cause): readonly Decision[] {
    if (commands.length < 2) return commands.map((command) => this.decide(command, cause));
    const mark = this.mark();
    try {
      return commands.map((command) => this.decide(command, cause));
    } catch (error) {
      mark.restore();
      throw error;
    }
  }

  private mark(): { restore(): void } {
    const heads = [...this.heads].map(([shard, h]) => [shard, { ...h }] as const);
    const maps = [this.open, this.timers, this.sideRows].map((map) => [map, [...map]] as const);
    const dirty = [...this.dirtySide];
    const lengths = [this.rows, this.sql, this.envelopes].map((list) => [list, list.length] as const);
    return {
      restore: () => {
        for (const [shard, h] of heads) this.heads.set(shard, h);
        for (const [map, entries] of maps) {
          map.clear();
          for (const [key, value] of entries) (map as Map<string, unknown>).set(key, value);
        }
        this.dirtySide.clear();
        for (const key of dirty) this.dirtySide.add(key);
        for (const [list, length] of lengths) list.length = length;
      },
    };
  }

  /** @throws what the decision throws; the batch is then as before. */
  private decide(command: Command, cause: Cause): Decision {
    const shard = shardOfCommand(command, this.origin.shards);
    const head = this.heads.get(shard)!;
    const clockNow = this.origin.now();
    const at = head.lastAt > clockNow ? head.lastAt : clockNow;
    const opened = command.streams.map((s) => this.open.get(s.stream)!);
    const decided = command.decide(
      opened.map((o) => o.state),
      { at, shard, versions: opened.map((o) => o.version), cause: cause.cause, side: (key) => this.sideRows.get(key) },
    );
    const envelopes = this.apply(command, decided, shard, at, cause);
    return { events: envelopes, states: command.streams.map((s) => this.open.get(s.stream)!.state) };
  }

  private apply(command: Command, decided: Decided, shard: number, at: string, cause: Cause): readonly EventEnvelope[] {
    const head = this.heads.get(shard)!;
    const next = new Map<string, Open>();
    const envelopes: EventEnvelope[] = [];
    const rows: EventRow[] = [];
    let position = head.to;
    for (const item of decided.events) {
      const stream = item.to.stream;
      const before = next.get(stream) ?? this.open.get(stream);
      if (!before) throw new Error(`command ${command.name} appends to ${stream}, which it did not load`);
      position += 1;
      const version = before.version + 1;
      const envelope = this.envelope(command, item, cause, { shard, position, version, at });
      this.origin.check?.(envelope.type, envelope.data);
      const state = before.aggregate.evolve(before.state, item.event, at);
      next.set(stream, { ...before, version, state, traceparent: cause.traceparent });
      envelopes.push(envelope);
      rows.push(rowOf(envelope));
    }
    const retimed = [...next].flatMap(([stream, after]) => retime(stream, this.open.get(stream)!, after));
    for (const timer of retimed) this.timers.set(`${timer.stream}/${timer.name}`, timer);
    for (const [stream, after] of next) this.open.set(stream, after);
    for (const { key, row } of decided.side ?? []) {
      this.sideRows.set(key, row);
      this.dirtySide.add(key);
    }
    this.sql.push(...(decided.sql ?? []));
    this.rows.push(...rows);
    this.envelopes.push(...envelopes);
    head.to = position;
    if (rows.length > 0) head.lastAt = at;
    return envelopes;
  }

  private envelope(
    command: Command,
    item: Append,
    cause: Cause,
    place: { shard: number; position: number; version: number; at: string },
  ): EventEnvelope {
    const about = { ...command.about, ...item.about };
    return {
      id: uuidv7(this.origin.wall()),
      type: item.event.type,
      source: this.origin.source,
      epoch: this.epoch,
      shard: place.shard,
      position: place.position,
      stream: item.to.stream,
      version: place.version,
      subject: command.subject,
      data: item.event.data,
      meta: {
        schema: about.schema ?? 1,
        at: place.at,
        clock: this.origin.clock,
        cause: cause.cause,
        correlationId: about.correlationId ?? cause.correlationId ?? command.subject,
        after: this.after(place.shard, cause),
        actor: about.actor ?? { kind: 'system', id: this.origin.source },
        policies: [...(about.policies ?? [])],
        build: this.origin.build,
        tzdata: this.origin.tzdata,
        keyId: about.keyId ?? null,
        simulated: this.origin.simulated,
        traceparent: cause.traceparent,
      },
      recordedAt: '',
    };
  }

  private after(shard: number, { answering }: Cause): EventMeta['after'] {
    const taken = this.consumed(shard);
    return answering ? { ...taken, [answering.source]: [answering.epoch, answering.position] } : taken;
  }

  /** An input of the decision has not arrived: the timer stays due. */
  keepTimer(timer: TimerRow): void {
    this.timers.delete(`${timer.stream}/${timer.name}`);
  }

  /**
   * A timer that fires is gone unless the decision sets it anew; call before `decide`.
   * @returns false when its stream has cleared or replaced it since it was seen; the row then becomes what the state wants.
   */
  clearTimer(timer: TimerRow): boolean {
    const { shard, stream, name, subject } = timer;
    const opened = this.open.get(stream);
    const timersOf = opened?.aggregate.timersOf?.bind(opened.aggregate);
    const wanted = opened && timersOf ? timersOf(opened.state).find((t) => t.name === name) : timer;
    const stillWanted = wanted?.dueAt === timer.dueAt;
    const dueAt = stillWanted || !wanted ? null : wanted.dueAt;
    this.timers.set(`${stream}/${name}`, { shard, stream, name, subject, dueAt });
    return stillWanted;
  }

  /** Where an earlier feed batch of this very transaction moves a checkpoint to. */
  movedTo(processor: string, source: string, shard: number): Cursor | undefined {
    return this.checkpoints.get(`${processor}/${source}/${shard}`)?.to;
  }

  moveCheckpoint(processor: string, source: string, shard: number, from: Cursor, last: EventEnvelope): void {
    const key = `${processor}/${source}/${shard}`;
    this.checkpoints.set(key, {
      from: this.checkpoints.get(key)?.from ?? from,
      to: { processor, source, shard, epoch: last.epoch, position: last.position, eventId: last.id },
    });
  }

  parkEvent(parked: ParkedEvent): void {
    this.park.push(parked);
  }

  unparkEvent(key: ParkedKey): void {
    this.unpark.push(key);
  }

  /** This write is for the one who finds the parked event still there. */
  claimParked(key: ParkedKey): void {
    this.claims.push(key);
  }

  /** States to keep when the commit succeeded. */
  folded(): readonly (readonly [string, Folded])[] {
    return [...this.open].map(
      ([stream, { shard, version, state, traceparent }]) => [stream, { shard, version, state, traceparent }] as const,
    );
  }

  headMoves(): readonly HeadMove[] {
    return [...this.heads]
      .map(([shard, h]) => ({ shard, from: h.from, to: h.to, lastAt: h.lastAt }))
      .sort((a, b) => a.shard - b.shard);
  }

  write(): StoreWrite {
    const timers = [...this.timers.values()];
    return {
      epoch: this.epoch,
      heads: this.headMoves(),
      events: this.rows,
      snapshots: this.snapshots(),
      setTimers: timers.filter((t): t is TimerRow => t.dueAt !== null),
      clearTimers: timers.filter((t) => t.dueAt === null).map(({ shard, stream, name }) => ({ shard, stream, name })),
      checkpoints: [...this.checkpoints.values()],
      park: this.park,
      unpark: this.unpark,
      claims: this.claims,
      side: [...this.dirtySide].sort().map((key) => ({ key, row: this.sideRows.get(key) })),
      sql: this.sql,
    };
  }

  private snapshots(): readonly SnapshotRow[] {
    const rows: SnapshotRow[] = [];
    for (const [stream, o] of this.open) {
      const every = o.aggregate.snapshotEvery ?? 50;
      if (every === 0 || Math.floor(o.version / every) === Math.floor(o.loadedVersion / every)) continue;
      rows.push({
        shard: o.shard,
        stream,
        version: o.version,
        foldVersion: o.aggregate.foldVersion,
        state: JSON.stringify(o.state),
      });
    }
    return rows;
  }
}

/** How the wished timers of a stream changed. */
const retime = (stream: string, before: Open, after: Open): TimerChange[] => {
  const timersOf = after.aggregate.timersOf?.bind(after.aggregate);
  if (!timersOf) return [];
  const { shard, subject } = after;
  const had = new Map(timersOf(before.state).map((t: Timer) => [t.name, t.dueAt]));
  const changes: TimerChange[] = [];
  for (const { name, dueAt } of timersOf(after.state)) {
    if (had.get(name) !== dueAt) changes.push({ shard, stream, name, dueAt, subject });
    had.delete(name);
  }
  for (const name of had.keys()) changes.push({ shard, stream, name, dueAt: null, subject });
  return changes;
};

const rowOf = (e: EventEnvelope): EventRow => {
  const { at, ...meta } = e.meta;
  return {
    shard: e.shard,
    position: e.position,
    stream: e.stream,
    version: e.version,
    id: e.id,
    type: e.type,
    data: JSON.stringify(e.data),
    meta: JSON.stringify({ at, subject: e.subject, epoch: e.epoch, ...meta }),
  };
};
