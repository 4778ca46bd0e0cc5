/**
 * Wakes what is due: at every tick of the clock the due rows become commands in their shards' mailboxes. The row goes in the
 * transaction of its command, so a timer fires exactly once however often it is seen. One whose decision fails stays due, and
 * is put off for longer each time; one that lacks an input is asked again for a moment, beside the others, and then put off.
 */
import type { Activity } from '../clock/activity.js';
import { type Clock, snapToTick } from '../clock/clock.js';
import { isRetryLater, StoreUnavailable, TimerUnknown } from '../errors.js';
import type { DueTimer, EventStore, LatentTimer, TimerRow } from '../store/store.js';
import type { Command } from '../writer/command.js';
import { failed } from '../writer/feed-work.js';
import type { ShardWriter } from '../writer/shard-writer.js';

export interface TimerLoopOptions {
  readonly store: EventStore;
  readonly writer: ShardWriter;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly onTimer: (timer: TimerRow) => readonly Command[];
  /** Told each time that a timer is put off; null: the store did not answer. */
  readonly onError?: (error: unknown, timer: TimerRow | null) => void;
  /** Waits, wall milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

const PAGE = 2_000;
/** Business time. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Wall time in which an input may still arrive; the stepped clock waits for that. */
const PATIENCE_MS = [25, 50, 100, 200, 400, 800] as const;

/** When a timer that came to nothing is looked at again: 30 seconds later, then twice as long each time, an hour at most. */
export const putOff = (timer: DueTimer, now: string, error: unknown): LatentTimer => {
  const tries = timer.tries + 1;
  const pause = isRetryLater(error) ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** timer.tries);
  const wakeAt = snapToTick(new Date(Date.parse(now) + pause).toISOString());
  return { ...timer, tries, wakeAt, error: failed(error).error };
};

/** A timer that came to nothing, and why. */
interface Unfired {
  readonly timer: DueTimer;
  readonly error: unknown;
}

export class TimerLoop {
  private readonly inFlight = new Set<string>();
  private readonly waits = new Set<Promise<void>>();
  private sweeping: Promise<void> | null = null;
  private again = false;
  private unsubscribe: (() => void) | null = null;

  constructor(private readonly options: TimerLoopOptions) {}

  start(): void {
    this.unsubscribe = this.options.clock.onTick(() => this.sweep());
    this.sweep();
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.unsubscribe = null;
    await this.sweeping;
    await Promise.all(this.waits);
  }

  private sweep(): void {
    if (this.sweeping) {
      this.again = true;
      return;
    }
    const end = this.options.activity.begin();
    this.sweeping = this.fireDue()
      .catch((error: unknown) => this.options.onError?.(error, null))
      .finally(() => {
        this.sweeping = null;
        if (this.again && this.unsubscribe) {
          this.again = false;
          this.sweep();
        }
        end();
      });
  }

  private async fireDue(): Promise<void> {
    let after: DueTimer | undefined;
    for (;;) {
      const due = await this.options.store.dueTimers(this.options.clock.now(), PAGE, after);
      const fresh = due.filter((timer) => !this.inFlight.has(keyOf(timer)));
      await this.fireAll(fresh);
      after = due.at(-1);
      if (after === undefined || due.length < PAGE) return;
    }
  }

  private async fireAll(timers: readonly DueTimer[]): Promise<void> {
    for (const timer of timers) this.inFlight.add(keyOf(timer));
    const unfired = await this.tryAll(timers);
    this.landed(without(timers, unfired));
    const [waiting, failures] = parted(unfired, ({ error }) => isRetryLater(error));
    if (waiting.length > 0) this.wait(waiting);
    await this.putOff(failures);
  }

  private async tryAll(timers: readonly DueTimer[]): Promise<readonly Unfired[]> {
    const tried = await Promise.all(timers.map((timer) => this.fire(timer)));
    return tried.filter((one) => one !== null);
  }

  /** @returns null when it fired, or is no more. */
  private async fire(timer: DueTimer): Promise<Unfired | null> {
    try {
      const commands = this.options.onTimer(timer);
      // Another version of the service set it, and takes it up again.
      if (commands.length === 0) throw new TimerUnknown(timer.stream, timer.name);
      await this.options.writer.fire(timer, commands);
      return null;
    } catch (error) {
      return { timer, error };
    }
  }

  /** Beside the sweeps: what waits stands before nobody. */
  private wait(waiting: readonly Unfired[]): void {
    const end = this.options.activity.begin();
    const done = this.askAgain(waiting).finally(() => {
      this.waits.delete(done);
      end();
    });
    this.waits.add(done);
  }

  private async askAgain(waiting: readonly Unfired[]): Promise<void> {
    const { pause = wallPause } = this.options;
    let left = waiting;
    for (const ms of PATIENCE_MS) {
      if (left.length === 0 || this.unsubscribe === null) break;
      await pause(ms);
      const asked = left.map(({ timer }) => timer);
      left = await this.tryAll(asked);
      this.landed(without(asked, left));
    }
    await this.putOff(left);
  }

  /** What the store did not answer is looked at again at the next tick. */
  private async putOff(unfired: readonly Unfired[]): Promise<void> {
    const { store, clock, onError } = this.options;
    try {
      for (const { error, timer } of unfired) onError?.(error, timer);
      const wrong = unfired.filter(({ error }) => !(error instanceof StoreUnavailable));
      const now = clock.now();
      if (wrong.length > 0) await store.putOffTimers(wrong.map(({ timer, error }) => putOff(timer, now, error)));
    } catch (error) {
      onError?.(error, null);
    } finally {
      this.landed(unfired.map(({ timer }) => timer));
    }
  }

  private landed(timers: readonly DueTimer[]): void {
    for (const timer of timers) this.inFlight.delete(keyOf(timer));
  }
}

const wallPause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Those that fired. */
const without = (timers: readonly DueTimer[], unfired: readonly Unfired[]): readonly DueTimer[] => {
  const left = new Set(unfired.map(({ timer }) => timer));
  return timers.filter((timer) => !left.has(timer));
};

const parted = <T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] => [
  all.filter(isFirst),
  all.filter((one) => !isFirst(one)),
];

const keyOf = (t: TimerRow): string => `${t.stream}/${t.name}/${t.dueAt}`;
