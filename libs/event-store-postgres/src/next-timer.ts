/**
 * The earliest timer, remembered between ticks of the clock. Every write of this process that touches timers lowers it or
 * forgets it; what other replicas wrote is seen after at most a second.
 */
import type { StoreWrite } from '@mora/eventing';

const FRESH_MS = 1_000;

export class NextTimer {
  private due: string | null | undefined;
  private askedAt = 0;
  private changes = 0;

  /** Undefined: ask the database. */
  known(): string | null | undefined {
    return performance.now() - this.askedAt < FRESH_MS ? this.due : undefined;
  }

  /** Call before asking; the answer counts only if no timer was written meanwhile. */
  asking(): (due: string | null) => void {
    const { changes } = this;
    const askedAt = performance.now();
    return (due) => {
      if (changes !== this.changes) return;
      this.due = due;
      this.askedAt = askedAt;
    };
  }

  /** They were put off: which is the earliest is not known. */
  forget(): void {
    this.changes += 1;
    this.due = undefined;
  }

  /** A timer that is set may be the earliest one, moved: only one that is earlier still leaves no doubt. */
  note({ setTimers, clearTimers }: StoreWrite): void {
    if (setTimers.length === 0 && clearTimers.length === 0) return;
    this.changes += 1;
    const { due } = this;
    const first = setTimers.reduce<string | null>((a, { dueAt }) => (a === null || dueAt < a ? dueAt : a), null);
    this.due = typeof due === 'string' && first !== null && first <= due ? first : undefined;
  }
}
