/**
 * A stepped clock that somebody else moves: every process of a deployment follows the same one. All processes first stand at the
 * new instant (`hold`), then each is told (`advance`), so that no work of one process reaches another that is still behind.
 */
import type { Activity } from './activity.js';
import type { Clock, ClockAnchor } from './clock.js';

/** The clock was asked to go back. */
export class ClockBackwards extends Error {
  readonly code = 'CLOCK_BACKWARDS';
  constructor(
    readonly now: string,
    readonly to: string,
  ) {
    super(`the clock stands at ${now} and does not go back to ${to}`);
    this.name = 'ClockBackwards';
  }
}

export interface RemoteSteppedClock extends Clock {
  /** The last step of which the listeners were told; 0: none since the start. */
  readonly step: number;
  /** The time moved, and the listeners were not told yet. */
  readonly held: boolean;
  /** Moves the time and tells nobody. @throws ClockBackwards */
  hold(to: string): void;
  /**
   * Moves the time and calls the listeners, also at the same instant. A step that was taken is silent.
   * @param step 0: not numbered, then the instant at which the clock stands is silent
   * @throws ClockBackwards
   */
  advance(to: string, step?: number): void;
}

export const createRemoteSteppedClock = (options: {
  readonly anchorId: string;
  readonly startAt: string;
  readonly activity: Activity;
}): RemoteSteppedClock => {
  const anchor: ClockAnchor = { kind: 'stepped', anchorId: options.anchorId };
  const listeners = new Set<(now: string) => void>();
  let now = options.startAt;
  let told = options.startAt;
  let last = 0;
  const move = (to: string) => {
    if (to < now) throw new ClockBackwards(now, to);
    now = to;
  };
  const tell = () => {
    told = now;
    const end = options.activity.begin();
    try {
      for (const listener of listeners) listener(now);
    } finally {
      end();
    }
  };
  return {
    anchor,
    now: () => now,
    get step() {
      return last;
    },
    get held() {
      return told !== now;
    },
    onTick: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hold: move,
    advance: (to, step = 0) => {
      if (step === 0 ? to === told : step <= last) return;
      move(to);
      last = Math.max(last, step);
      tell();
    },
  };
};
