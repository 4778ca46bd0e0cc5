/** By how much this process's clock is off its database's: only a real clock can be off. */
import type { Origin } from './envelope.js';

/** A clock that is off by more is a fault. */
export const MOST_SKEW_MS = 2_000;

/** Of a real clock, milliseconds; null: the business clock is none. */
export const realNow = ({ clock, now }: Pick<Origin, 'clock' | 'now'>): number | null =>
  clock.kind === 'real' ? Date.parse(now()) : null;

export const isAhead = (clock: number | null, database: number): boolean =>
  clock !== null && clock > database + MOST_SKEW_MS;

/** The last measurement. What may as well have been the way there and back does not count. */
export class ClockSkew {
  private measured = 0;

  /** Milliseconds; above 0: this process's clock is ahead. */
  get ms(): number {
    return this.measured;
  }

  /** @param asked of this clock, as `answered`; the database's was read in between */
  note(asked: number | null, answered: number | null, database: number): void {
    if (asked === null || answered === null) return;
    const ahead = Math.max(0, asked - database);
    this.measured = ahead > 0 ? ahead : Math.min(0, answered - database);
  }

  wasRefused(aheadMs: number): void {
    this.measured = aheadMs;
  }
}
