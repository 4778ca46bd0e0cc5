/**
 * Wakes what is due: at every tick of the clock the due rows become commands in their shards' mailboxes. The row goes in the
 * transaction of its command, so a timer fires exactly once however often it is seen.
 */
import type { Activity } from '../clock/activity.js';
import type { Clock } from '../clock/clock.js';
import type { EventStore, TimerRow } from '../store/store.js';
import type { Command } from '../writer/command.js';
import type { ShardWriter } from '../writer/shard-writer.js';

export interface TimerLoopOptions {
  readonly store: EventStore;
  readonly writer: ShardWriter;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly onTimer: (timer: TimerRow) => readonly Command[];
  readonly onError?: (error: unknown, timer: TimerRow | null) => void;
}

const PAGE = 2_000;

export class TimerLoop {
  private readonly inFlight = new Set<string>();
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
    for (;;) {
      const due = await this.options.store.dueTimers(this.options.clock.now(), PAGE);
      const fresh = due.filter((timer) => !this.inFlight.has(keyOf(timer)));
      await Promise.all(fresh.map((timer) => this.fire(timer)));
      if (due.length < PAGE || fresh.length === 0) return;
    }
  }

  private async fire(timer: TimerRow): Promise<void> {
    const key = keyOf(timer);
    this.inFlight.add(key);
    try {
      await this.options.writer.fire(timer, this.options.onTimer(timer));
    } catch (error) {
      this.options.onError?.(error, timer);
    } finally {
      this.inFlight.delete(key);
    }
  }
}

const keyOf = (t: TimerRow): string => `${t.stream}/${t.name}/${t.dueAt}`;
