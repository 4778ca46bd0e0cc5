/**
 * One transaction in the making: decisions are taken one after the other on states that already hold what the earlier ones
 * of the batch decided, so that a wrong command fails alone.
 */
import type { EventEnvelope } from '@mora/contracts';
import { StreamUnreadable } from '../errors.js';
import type { EventRow, HeadMove, SqlStatement, StoreWrite, TimerRow } from '../store/store.js';
import type { StreamRef } from './aggregate.js';
import { type Command, type DecideContext, type Decided, type Decision, shardOfCommand } from './command.js';
import { type Cause, Envelopes, type Origin, rowOf } from './envelope.js';
import { FeedMarks } from './feed-marks.js';
import { parkedStream, readableAgain } from './feed-work.js';
import type { WriterMemory } from './memory.js';
import { type OpenStream, snapshotsOf } from './open-stream.js';
import { realNow } from './skew.js';
import type { Folded } from './stream-cache.js';
import { retime, TimerChanges } from './timer-changes.js';

/** What the writer remembers beside heads and states. */
export type BatchGround = Pick<WriterMemory, 'vectors' | 'unreadable' | 'skew'>;

export class Batch {
  private readonly heads = new Map<number, { from: number; to: number; lastAt: string }>();
  private readonly open = new Map<string, OpenStream>();
  private readonly unreadable = new Map<string, StreamUnreadable>();
  private readonly rows: EventRow[] = [];
  private readonly timers = new TimerChanges();
  private readonly sideRows = new Map<string, unknown>();
  private readonly dirtySide = new Set<string>();
  private readonly sql: SqlStatement[] = [];
  private readonly making: Envelopes;
  /** Of this batch, with whose they are. */
  readonly nowUnreadable = new Map<string, string>();
  readonly nowReadable = new Set<string>();
  readonly marks = new FeedMarks();
  readonly envelopes: EventEnvelope[] = [];

  constructor(
    private readonly origin: Origin,
    readonly epoch: number,
    private readonly known: BatchGround,
  ) {
    this.making = new Envelopes(origin, epoch, known.vectors());
  }

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

  /** Whoever decides on this stream is refused. */
  setUnreadable(stream: string, cause: unknown): void {
    this.unreadable.set(stream, new StreamUnreadable(stream, cause));
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
    const maps = [this.open, this.timers.rows, this.sideRows].map((map) => [map, [...map]] as const);
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
    const opened = command.streams.map((s) => this.opened(s.stream));
    const context: DecideContext = {
      at: head.lastAt > clockNow ? head.lastAt : clockNow,
      shard,
      skewMs: this.skewOf(head.lastAt, clockNow),
      versions: opened.map((o) => o.version),
      cause: cause.cause,
      side: (key) => this.sideRows.get(key),
    };
    const decided = command.decide(
      opened.map((o) => o.state),
      context,
    );
    const envelopes = this.apply(command, decided, context, cause);
    return { events: envelopes, states: command.streams.map((s) => this.open.get(s.stream)!.state) };
  }

  /** The greater of both: how far the shard's last event lies ahead of the clock, and the clock's own measured skew. */
  private skewOf(lastAt: string, clockNow: string): number {
    if (this.origin.clock.kind !== 'real') return 0;
    const measured = this.known.skew.ms;
    const ahead = lastAt > clockNow ? Date.parse(lastAt) - Date.parse(clockNow) : 0;
    return ahead > Math.abs(measured) ? ahead : measured;
  }

  /** @throws StreamUnreadable */
  private opened(stream: string): OpenStream {
    const open = this.open.get(stream);
    if (open) return open;
    throw this.unreadable.get(stream) ?? new StreamUnreadable(stream, 'it was not loaded');
  }

  private apply(command: Command, decided: Decided, context: DecideContext, cause: Cause): readonly EventEnvelope[] {
    const { shard, at } = context;
    const head = this.heads.get(shard)!;
    const next = new Map<string, OpenStream>();
    const envelopes: EventEnvelope[] = [];
    const rows: EventRow[] = [];
    let position = head.to;
    for (const item of decided.events) {
      const stream = item.to.stream;
      const before = next.get(stream) ?? this.open.get(stream);
      if (!before) throw new Error(`command ${command.name} appends to ${stream}, which it did not load`);
      position += 1;
      const version = before.version + 1;
      const envelope = this.making.of(command, item, cause, { shard, position, version, at });
      this.origin.check?.(envelope.type, envelope.data);
      const state = before.aggregate.evolve(before.state, item.event, at);
      next.set(stream, { ...before, version, state, traceparent: cause.traceparent });
      envelopes.push(envelope);
      rows.push(rowOf(envelope));
    }
    const retimed = [...next].flatMap(([stream, after]) => retime(stream, this.open.get(stream)!, after));
    // From here on nothing throws.
    for (const timer of retimed) this.timers.note(timer);
    for (const [stream, after] of next) this.open.set(stream, after);
    this.noteTables(decided);
    this.rows.push(...rows);
    this.envelopes.push(...envelopes);
    head.to = position;
    if (rows.length > 0) head.lastAt = at;
    return envelopes;
  }

  private noteTables({ side, sql }: Decided): void {
    for (const { key, row } of side ?? []) {
      this.sideRows.set(key, row);
      this.dirtySide.add(key);
    }
    this.sql.push(...(sql ?? []));
  }

  /** The debtor of a stream that cannot be read is parked, whoever asked for it. */
  parkStream(error: StreamUnreadable, shard: number, commands: readonly Command[]): void {
    const { stream } = error;
    const subject = commands.find(({ streams }) => streams.some((s) => s.stream === stream))?.subject;
    if (subject === undefined) return;
    this.marks.park(parkedStream(stream, shard, subject, error));
    this.nowUnreadable.set(stream, subject);
  }

  /** Streams that could not be read before and now were decided on. */
  noteReadable(commands: readonly Command[]): void {
    if (this.known.unreadable.size === 0) return;
    for (const command of commands)
      for (const { stream } of command.streams)
        if (this.known.unreadable.has(stream)) {
          this.marks.unpark(readableAgain(stream, shardOfCommand(command, this.origin.shards)));
          this.nowReadable.add(stream);
        }
  }

  /** Nothing came of its decision: the timer stays due. */
  keepTimer(timer: TimerRow): void {
    this.timers.keep(timer);
  }

  /**
   * A timer that fires is gone unless the decision sets it anew, or fails; call before `decide`.
   * @returns false when its stream has cleared or replaced it since it was seen
   */
  clearTimer(timer: TimerRow): boolean {
    return this.timers.clear(timer, this.open.get(timer.stream));
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
    return {
      epoch: this.epoch,
      clock: realNow(this.origin),
      heads: this.headMoves(),
      events: this.rows,
      snapshots: snapshotsOf(this.open),
      ...this.timers.write(),
      ...this.marks.write(),
      side: [...this.dirtySide].sort().map((key) => ({ key, row: this.sideRows.get(key) })),
      sql: this.sql,
    };
  }
}
