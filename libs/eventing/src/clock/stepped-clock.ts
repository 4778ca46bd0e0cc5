/**
 * A clock that jumps to the next due instant as soon as the system is quiet, optionally no faster than a given speed: it never
 * runs ahead of the work. For demonstrations, tests and what-if; refused unless every outward adapter is simulated.
 */
import type { Activity } from './activity.js';
import type { Clock, ClockAnchor } from './clock.js';

/** Says when it wants the clock next; null: it waits for nothing. */
export type Due = () => Promise<string | null> | string | null;

export interface SteppedClock extends Clock {
  /** Adds somebody who waits for the clock. */
  join(due: Due): void;
  /** Steps until nothing is due up to `until`; then the clock stands at `until`. Resolves early after `pause`. */
  runUntil(until: string): Promise<void>;
  /** Ends `runUntil` at the next quiet in which everything is at rest, or after ten minutes of business time in any. */
  pause(): void;
  readonly steps: number;
}

export interface SteppedClockOptions {
  readonly anchorId: string;
  readonly startAt: string;
  readonly activity: Activity;
  /** Stores the time before anybody sees it, so that a restart never goes back. */
  readonly persist: (at: string) => Promise<void>;
  /** Business milliseconds per wall millisecond at most; null: as fast as the work allows. */
  readonly maxSpeed: number | null;
  readonly wall: () => number;
  /** False while something is under way that a stop would cut off, such as a call; default: never. */
  readonly atRest?: () => boolean;
}

/** Somebody keeps asking for the instant at which the clock stands: a timer that is never taken away, for instance. */
export class ClockStuck extends Error {
  readonly code = 'CLOCK_STUCK';
  constructor(
    readonly at: string,
    readonly steps: number,
  ) {
    super(`the clock was asked ${steps} times in a row for ${at} and nothing moved on`);
    this.name = 'ClockStuck';
  }
}

const STUCK_STEPS = 10_000;
const REST_WITHIN_MS = 600_000;

export const createSteppedClock = (options: SteppedClockOptions): SteppedClock => {
  const { activity } = options;
  const anchor: ClockAnchor = { kind: 'stepped', anchorId: options.anchorId };
  const listeners = new Set<(now: string) => void>();
  const waiting: Due[] = [];
  let now = options.startAt;
  let steps = 0;
  /** Business time at which it was asked to pause. */
  let pausedAt: string | null = null;
  let stoodStill = 0;
  const mayPause = () =>
    pausedAt !== null && (options.atRest?.() !== false || Date.parse(now) >= Date.parse(pausedAt) + REST_WITHIN_MS);

  const nextDue = async (): Promise<string | null> => {
    const dues = await Promise.all(waiting.map((due) => due()));
    return dues.reduce<string | null>(
      (least, due) => (due !== null && (least === null || due < least) ? due : least),
      null,
    );
  };
  const tick = () => {
    const end = activity.begin();
    for (const listener of listeners) listener(now);
    end();
  };
  const moveTo = async (at: string) => {
    stoodStill = at === now ? stoodStill + 1 : 0;
    if (stoodStill > STUCK_STEPS) throw new ClockStuck(now, stoodStill);
    await options.persist(at);
    now = at;
    steps += 1;
    tick();
  };

  return {
    anchor,
    now: () => now,
    onTick: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    join: (due) => {
      waiting.push(due);
    },
    runUntil: async (until) => {
      pausedAt = null;
      let paceWall = options.wall();
      let paceAt = Date.parse(now);
      for (;;) {
        await activity.quiet();
        if (mayPause()) return;
        const due = await nextDue();
        if (due === null || due > until) {
          if (activity.busy > 0) continue;
          if (now < until) await moveTo(until);
          await activity.quiet();
          const late = await nextDue();
          if (mayPause() || late === null || late > until) return;
          continue;
        }
        if (options.maxSpeed !== null && pausedAt === null) {
          const ahead = (Date.parse(due) - paceAt) / options.maxSpeed - (options.wall() - paceWall);
          if (ahead > 5) await new Promise((resolve) => setTimeout(resolve, Math.min(ahead, 250)));
          if (ahead > 250) continue;
          if (ahead < -2_000) {
            paceWall = options.wall();
            paceAt = Date.parse(due);
          }
        }
        if (activity.busy > 0) continue;
        await moveTo(due > now ? due : now);
      }
    },
    pause: () => {
      pausedAt ??= now;
    },
    get steps() {
      return steps;
    },
  };
};
