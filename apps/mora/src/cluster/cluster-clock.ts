/** Moves one business time through all processes: quiet everywhere, then the next due instant, then quiet again. */
import { setTimeout as pause } from 'node:timers/promises';
import { allQuiet, type ClockClient, type QuietRound, type SourceHead, stepAll } from '@mora/grpc';
import type { Mora } from '../mora.js';

/** What happens outside the processes and wants the clock, too. */
export interface OutsideWorld {
  /** Takes in what the processes did to it; after that `nextDue` is right. */
  hear(): void;
  nextDue(): string;
  /** Resolves when all of it has arrived. */
  playUntil(now: string): Promise<void>;
}

export interface ClusterClockOptions {
  readonly clocks: readonly ClockClient[];
  readonly startAt: string;
  readonly world: OutsideWorld;
  /** Stores the time before anybody sees it. */
  readonly persist: (at: string) => Promise<void>;
  /** Business milliseconds per wall millisecond at most; null: as fast as the work allows. */
  readonly maxSpeed: number | null;
  readonly note: (message: string) => void;
}

export interface ClusterClock {
  readonly clock: Mora['clock'];
  readonly steps: number;
  /** As the processes last told. */
  readonly heads: readonly SourceHead[];
  /** Asks them, also while the clock stands. @returns as they last told where one does not answer */
  look(): Promise<readonly SourceHead[]>;
  /** @returns next instant at which a process has something to do, undefined when paused before all were quiet */
  quiet(): Promise<{ readonly nextDueAt: string | null } | undefined>;
}

const LONG_POLL_MS = 500;
const AGAIN_MS = { first: 4, longest: 16 } as const;
const NO_ANSWER_MS = 100;
const TELL_AFTER_MS = 20_000;
const STUCK_STEPS = 10_000;

export const createClusterClock = (options: ClusterClockOptions): ClusterClock => {
  const { clocks, world, note } = options;
  let now = options.startAt;
  let steps = 0;
  let paused = false;
  let stoodStill = 0;
  let heads: readonly SourceHead[] = [];

  const ask = async (longPollMs = LONG_POLL_MS): Promise<QuietRound | string> => {
    try {
      const round = await Promise.all(clocks.map((clock) => clock.quiet(longPollMs)));
      heads = round.flatMap((answer) => answer.heads);
      return round;
    } catch (error) {
      return `a process does not answer: ${String(error)}`;
    }
  };

  /** Each round is compared with the one before: the second of two is the first of the next. */
  const quiet = async () => {
    let before: QuietRound | null = null;
    let toldAt = performance.now();
    let again: number = AGAIN_MS.first;
    while (!paused) {
      const round = await ask();
      let because = 'not everybody is quiet';
      if (typeof round === 'string') {
        because = round;
        before = null;
        await pause(NO_ANSWER_MS);
      } else {
        const verdict = allQuiet([before ?? round, round]);
        if (verdict.quiet && before !== null) return { nextDueAt: verdict.nextDueAt };
        before = round.every((answer) => answer.quiet) ? round : null;
        if (!verdict.quiet) {
          because = verdict.because;
          await pause(again);
          again = Math.min(again * 2, AGAIN_MS.longest);
        }
      }
      if (performance.now() - toldAt > TELL_AFTER_MS) {
        toldAt = performance.now();
        note(`the clock waits: ${because}`);
      }
    }
    return undefined;
  };

  const moveTo = async (at: string) => {
    stoodStill = at === now ? stoodStill + 1 : 0;
    if (stoodStill > STUCK_STEPS) throw new RangeError(`the clock was asked ${stoodStill} times in a row for ${now}`);
    await options.persist(at);
    now = at;
    steps += 1;
    for (let tries = 0; ; tries++) {
      try {
        await stepAll(clocks, at, steps);
        break;
      } catch (error) {
        // One that is being started again; the same step is silent for those that took it.
        if (paused) return;
        if (tries % 50 === 49) note(`the clock cannot be moved: ${String(error)}`);
        await pause(NO_ANSWER_MS);
      }
    }
    if (world.nextDue() <= now) await world.playUntil(now);
  };

  const runUntil = async (until: string): Promise<void> => {
    paused = false;
    let paceWall = Date.now();
    let paceAt = Date.parse(now);
    for (;;) {
      const rest = await quiet();
      if (rest === undefined) return;
      world.hear();
      const outside = world.nextDue();
      const due = rest.nextDueAt !== null && rest.nextDueAt < outside ? rest.nextDueAt : outside;
      if (due > until) {
        if (now >= until) return;
        await moveTo(until);
        continue;
      }
      if (options.maxSpeed !== null) {
        const ahead = (Date.parse(due) - paceAt) / options.maxSpeed - (Date.now() - paceWall);
        if (ahead > 5) await pause(Math.min(ahead, 250));
        if (ahead > 250) continue;
        if (ahead < -2_000) {
          paceWall = Date.now();
          paceAt = Date.parse(due);
        }
      }
      await moveTo(due > now ? due : now);
    }
  };

  return {
    clock: {
      now: () => now,
      runUntil,
      pause: () => {
        paused = true;
      },
    },
    get steps() {
      return steps;
    },
    get heads() {
      return heads;
    },
    look: async () => {
      await ask(0);
      return heads;
    },
    quiet,
  };
};
