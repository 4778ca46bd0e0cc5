/**
 * One transaction in the making: decisions are taken one after the other on states that already hold what the earlier ones
 * of the batch decided, so that a wrong command fails alone.
 */
import type { EventEnvelope, EventMeta } from '@mora/contracts';
import type { EventRow, HeadMove, SqlStatement, StoreWrite, TimerRow } from '../store/store.js';
import type { StreamRef } from './aggregate.js';
import { type Command, type DecideContext, type Decided, type Decision, shardOfCommand } from './command.js';
import { type Cause, Envelopes, type Origin, rowOf } from './envelope.js';
import { FeedMarks } from './feed-marks.js';
import { type OpenStream, snapshotsOf } from './open-stream.js';
import type { Folded } from './stream-cache.js';
import { retime, TimerChanges } from './timer-changes.js';

export class Batch {
  private readonly heads = new Map<number, { from: number; to: number; lastAt: string }>();
  private readonly open = new Map<string, OpenStream>();
  private readonly rows: EventRow[] = [];
  private readonly timers = new TimerChanges();
  private readonly sideRows = new Map<string, unknown>();
  private readonly dirtySide = new Set<string>();
  private readonly sql: SqlStatement[] = [];
  private readonly making: Envelopes;
  readonly marks = new FeedMarks();
  readonly envelopes: EventEnvelope[] = [];

  /** @param consumed what this service has taken in, by shard: the `after` of new events */
  constructor(
    private readonly origin: Origin,
    readonly epoch: number,
    consumed: (shard: number) => EventMeta['after'],
  ) {
    this.making = new Envelopes(origin, epoch, consumed);
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
    const opened = command.streams.map((s) => this.open.get(s.stream)!);
    const context: DecideContext = {
      at: head.lastAt > clockNow ? head.lastAt : clockNow,
      shard,
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

  /** An input of the decision has not arrived: the timer stays due. */
  keepTimer(timer: TimerRow): void {
    this.timers.keep(timer);
  }

  /**
   * A timer that fires is gone unless the decision sets it anew; call before `decide`.
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
