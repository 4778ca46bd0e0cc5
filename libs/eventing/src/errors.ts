/** The store refused or lost the connection; nothing is known to be written. Retry the same command. */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}

/** Another replica began an epoch. The store knows it now: decide again, on nothing that was remembered before. */
export class EpochMoved extends StoreUnavailable {
  constructor(
    readonly source: string,
    readonly was: number,
    readonly now: number,
  ) {
    super(`${source} is in epoch ${now}, this process was in ${was}`);
    this.name = 'EpochMoved';
  }
}

/** The store lost what others hold, and nobody has confirmed it. A process that learns of it at work ends: at its next start all are asked. */
export class HistoryLost extends StoreUnavailable {
  constructor(reason: string) {
    super(`history was lost: ${reason}; "mora history" tells what is missing`);
    this.name = 'HistoryLost';
  }
}

/** This process's clock is ahead of its database's: nothing is appended until it is right. */
export class ClockAhead extends StoreUnavailable {
  constructor(readonly aheadMs: number) {
    super(`the clock of this process is ${Math.round(aheadMs)} ms ahead of its database's; nothing is appended`);
    this.name = 'ClockAhead';
  }
}

/** A value that the database cannot hold, or a row that breaks a constraint: the culprit alone is refused or parked. */
export class UnstorableData extends Error {
  readonly code = 'UNSTORABLE_DATA';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnstorableData';
  }
}

/** The installation was made with another number of shards. */
export class ShardCountMismatch extends Error {
  readonly code = 'SHARD_COUNT_MISMATCH';
  constructor(
    readonly stored: number,
    readonly configured: number,
  ) {
    super(`SHARDS is ${configured}, but this store was installed with ${stored}; the number is fixed at installation`);
    this.name = 'ShardCountMismatch';
  }
}

/** A stream that its aggregate cannot fold, or ask for its timers: a bug of ours, which harms this stream only. */
export class StreamUnreadable extends Error {
  readonly code = 'STREAM_UNREADABLE';
  constructor(
    readonly stream: string,
    cause: unknown,
  ) {
    super(`${stream} cannot be folded: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`, {
      cause,
    });
    this.name = 'StreamUnreadable';
  }
}

/** No part of the service says what a due timer stands for. */
export class TimerUnknown extends Error {
  readonly code = 'TIMER_UNKNOWN';
  constructor(
    readonly stream: string,
    readonly timer: string,
  ) {
    super(`nobody knows what the timer ${timer} of ${stream} stands for`);
    this.name = 'TimerUnknown';
  }
}

/** What is found only when it is written: such a batch is taken apart. An error of the infrastructure never is a culprit's. */
export const hasCulprit = (error: unknown): boolean =>
  error instanceof UnstorableData ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof SyntaxError;

/** Too many events of one feed could not be processed: our bug, not the data's. The loop stopped. */
export class FeedStopped extends Error {
  readonly code = 'FEED_STOPPED';
  constructor(
    readonly processor: string,
    readonly source: string,
    readonly shard: number,
    readonly reason: string,
  ) {
    super(`${processor} stopped reading ${source} shard ${shard}: ${reason}`);
    this.name = 'FeedStopped';
  }
}

/** A rule of the domain forbids the command; nothing was written. */
export class CommandRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'CommandRefused';
  }
}

/** An error that says so (`retryLater: true`) means: an input of the decision has not arrived; the event waits, it is not bad. */
export const isRetryLater = (error: unknown): boolean =>
  error instanceof Error && 'retryLater' in error && error.retryLater === true;
