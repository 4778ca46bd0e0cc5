/**
 * The store port. Positions are gapless per (epoch, shard) and become visible in order, because every writer holds the
 * shard's head row until its commit.
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';

export interface ReadRequest {
  readonly shard: number;
  /** Cursor of the last event the reader has; `{ epoch: 0, position: 0 }` from the beginning. */
  readonly after: Cursor;
  readonly limit: number;
}

export interface ReadResult {
  /** Where reading really starts: `after`, or, when a newer epoch began below it, that epoch's base. */
  readonly from: Cursor;
  readonly events: readonly EventEnvelope[];
  readonly head: Cursor;
}

export interface EventRow {
  readonly shard: number;
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  /** The exact JSON that is published. */
  readonly data: string;
  /** `EventMeta` with `subject` and `epoch`; begins with `{"at":"…Z"` and ends with the `traceparent`, which loading relies on. */
  readonly meta: string;
}

export interface SnapshotRow {
  readonly shard: number;
  readonly stream: string;
  readonly version: number;
  readonly foldVersion: number;
  readonly state: string;
}

export interface TimerRow {
  readonly shard: number;
  readonly dueAt: string;
  readonly stream: string;
  readonly name: string;
  readonly subject: string;
}

/** A timer that is to be looked at, after `tries` that came to nothing. */
export interface DueTimer extends TimerRow {
  readonly tries: number;
  /** Business time of the next try; `dueAt` before the first. */
  readonly wakeAt: string;
}

/** A due timer whose decision failed or lacked an input: it is looked at again, later each time. */
export interface LatentTimer extends DueTimer {
  readonly error: string;
}

export interface CheckpointRow {
  readonly processor: string;
  readonly source: string;
  readonly shard: number;
  readonly epoch: number;
  readonly position: number;
  /** Id of the event at that position; empty at position 0. */
  readonly eventId: string;
}

export interface CheckpointMove {
  readonly from: Cursor;
  readonly to: CheckpointRow;
}

/** An event of a feed that could not be processed, or that waits behind one of the same debtor. */
export interface ParkedEvent {
  readonly processor: string;
  readonly source: string;
  readonly shard: number;
  readonly epoch: number;
  readonly position: number;
  readonly subject: string;
  readonly type: string;
  /** The whole envelope as JSON. */
  readonly envelope: string;
  readonly error: string;
  /** False: it waits behind a parked one. */
  readonly culprit: boolean;
}

/** A processor reads a shard of a source no more, until a person resumes it. */
export interface StoppedFeed {
  readonly processor: string;
  readonly source: string;
  readonly shard: number;
  readonly reason: string;
}

export interface HeadMove {
  readonly shard: number;
  readonly from: number;
  readonly to: number;
  readonly lastAt: string;
}

export type ParkedKey = Pick<ParkedEvent, 'processor' | 'source' | 'shard' | 'epoch' | 'position'>;

export interface SqlStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Everything one transaction of the shard writer changes. */
export interface StoreWrite {
  /** Under which this write was decided; a store in another epoch refuses it as stale. */
  readonly epoch: number;
  /** The process's clock, ms since 1970; null: a business clock, which the database's does not judge. */
  readonly clock: number | null;
  readonly heads: readonly HeadMove[];
  readonly events: readonly EventRow[];
  readonly snapshots: readonly SnapshotRow[];
  readonly setTimers: readonly TimerRow[];
  readonly clearTimers: readonly Omit<TimerRow, 'dueAt' | 'subject'>[];
  readonly checkpoints: readonly CheckpointMove[];
  readonly park: readonly ParkedEvent[];
  readonly unpark: readonly ParkedKey[];
  /** Parked rows that are driven again: unless all of them are still there, somebody else was faster and nothing is written. */
  readonly claims: readonly ParkedKey[];
  /** Feeds that stop with what this write parks. */
  readonly stops: readonly StoppedFeed[];
  /** Rows of the service's side table, sorted by key; locked before. */
  readonly side: readonly { readonly key: string; readonly row: unknown }[];
  readonly sql: readonly SqlStatement[];
}

/** Business time of a shard in which nothing has happened. */
export const FIRST_INSTANT = '1970-01-01T00:00:00.000Z';

export interface Head {
  readonly shard: number;
  readonly position: number;
  /** Business time of the last event; {@link FIRST_INSTANT} where there is none. */
  readonly lastAt: string;
}

export interface StreamKey {
  readonly shard: number;
  readonly stream: string;
  readonly foldVersion: number;
}

export interface LoadedStream {
  readonly stream: string;
  readonly snapshot: { readonly version: number; readonly state: unknown } | null;
  /** Events after the snapshot, in order. */
  readonly tail: readonly {
    readonly type: string;
    readonly version: number;
    readonly at: string;
    readonly data: unknown;
    readonly traceparent: string | null;
  }[];
  /** Why a row of it could not be read; it then has no state. */
  readonly unreadable?: unknown;
}

/** What a locked transaction offers while the heads are held. */
export interface LockedSession {
  readonly heads: readonly Head[];
  load(streams: readonly StreamKey[]): Promise<readonly LoadedStream[]>;
  /** Locks the side rows in key order, also those that do not exist yet, and returns what exists. */
  lockSide(keys: readonly string[]): Promise<ReadonlyMap<string, unknown>>;
}

/** A store's own past that others hold and it does not. */
export interface LostHistory {
  /** Begun because of it. */
  readonly epoch: number;
  readonly reason: string;
  /** Wall time. */
  readonly begunAt: string;
}

export type CommitResult =
  | { readonly status: 'committed'; readonly recordedAt: string }
  /** Somebody else wrote to a shard: decide again under the lock. */
  | { readonly status: 'stale' }
  /** Another replica moved a checkpoint or drove a parked event again: drop the batch, read what is stored again. */
  | { readonly status: 'checkpoint-moved' };

export interface EventStore {
  readonly source: string;
  /** What keeps the events, such as `postgresql`. */
  readonly system: string;
  readonly shards: number;
  /** Current epoch; events written from now on carry it. */
  epoch(): number;
  heads(): Promise<readonly Head[]>;
  read(request: ReadRequest): Promise<ReadResult>;
  load(streams: readonly StreamKey[]): Promise<readonly LoadedStream[]>;
  /**
   * One round trip; `stale` when a head is not where `write` says, or in another epoch.
   * @throws ClockAhead when the process's clock is more than 2 seconds ahead of the store's: nothing is written
   */
  commit(write: StoreWrite): Promise<CommitResult>;
  /**
   * Locks the heads (in shard order), then as separate statements loads and writes.
   * @throws ClockAhead as `commit` does, and EpochMoved when another replica began an epoch; {@link EventStore.epoch} is then the new one
   */
  locked(shards: readonly number[], build: (session: LockedSession) => Promise<StoreWrite>): Promise<CommitResult>;
  /** @param after the last row of the page before; timers that come to nothing are left behind, not met again */
  dueTimers(until: string, limit: number, after?: DueTimer): Promise<readonly DueTimer[]>;
  /** When a timer next wants to be looked at. */
  nextTimer(): Promise<string | null>;
  /** Puts due timers off; one that was set anew or cleared meanwhile is left as it is. */
  putOffTimers(timers: readonly LatentTimer[]): Promise<void>;
  /** Those that came to nothing at least once, those with most tries first. */
  latentTimers(limit: number): Promise<readonly LatentTimer[]>;
  /** Timers of a name, for recovery at start. */
  timersNamed(name: string): Promise<readonly TimerRow[]>;
  /** Makes the rows of a processor exist, so that they can be locked. */
  prepareCheckpoints(processor: string, sources: readonly string[]): Promise<void>;
  checkpoints(processor: string): Promise<readonly CheckpointRow[]>;
  parked(filter: {
    readonly processor?: string;
    readonly subject?: string;
    readonly limit: number;
  }): Promise<readonly ParkedEvent[]>;
  /** Who is parked by a processor, without what is parked. */
  parkedSubjects(processor: string): Promise<readonly Pick<ParkedEvent, 'source' | 'shard' | 'subject'>[]>;
  /** Of one processor, or of all. */
  stoppedFeeds(processor?: string): Promise<readonly StoppedFeed[]>;
  /** @returns whether it was stopped. */
  resumeFeed(feed: Omit<StoppedFeed, 'reason'>): Promise<boolean>;
  /** The store's own clock, ms since 1970. */
  wall(): Promise<number>;
  /** Begins a new epoch at the present heads, because others hold more. @returns the epoch's number. */
  beginEpoch(reason: string): Promise<number>;
  /** What was lost and nobody has confirmed, as last heard; null: nothing. It outlives the process. */
  lost(): LostHistory | null;
  /** Of the present epoch it turned out that others hold more than the store kept. */
  noteLost(reason: string): Promise<void>;
  /** A person has seen what is missing. @param by who @returns how many epochs that was */
  confirmHistory(by: string): Promise<number>;
  close(): Promise<void>;
}

export const NO_WRITE: StoreWrite = Object.freeze({
  epoch: 0,
  clock: null,
  heads: [],
  events: [],
  snapshots: [],
  setTimers: [],
  clearTimers: [],
  checkpoints: [],
  park: [],
  unpark: [],
  claims: [],
  stops: [],
  side: [],
  sql: [],
});
