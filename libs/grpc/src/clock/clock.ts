/** `clock.v1`: business time, shared by all processes. */
import { isoInstant } from '@mora/contracts';
import type { Activity, Clock, RemoteSteppedClock } from '@mora/eventing';
import { z } from 'zod';
import { clockV1 } from '../generated.js';
import { addService, clientFor } from '../grpc.js';
import {
  answered,
  createCaller,
  InvalidRequest,
  MalformedAnswer,
  type PortClientOptions,
  type PortServeOptions,
  type PortServer,
  pause,
  present,
  requested,
  safeInteger,
  withStatuses,
} from '../remote.js';
import { allQuiet, type ProcessorCursor, type QuietAnswer, type QuietVerdict, type SourceHead } from './all-quiet.js';

/** A process as the one who moves the clock sees it. */
export interface ClockHost {
  readonly clock: Clock;
  /** Moves `clock`; null: it is a real one. */
  readonly steps: RemoteSteppedClock | null;
  readonly activity: Activity;
  /** Another one after every start of the process. */
  readonly incarnation: string;
  /** Neither starting nor ending: then what follows is all there is. */
  isSettled(): boolean;
  nextDue(): Promise<string | null>;
  /** Of the stores that the process owns. */
  heads(): Promise<readonly SourceHead[]>;
  /** Of every consumer that the clock must wait for. */
  cursors(): readonly ProcessorCursor[] | Promise<readonly ProcessorCursor[]>;
}

/** Real time is not stepped. */
class ClockIsReal extends Error {
  readonly code = 'CLOCK_IS_REAL';
}

const LONGEST_WAIT_MS = 5_000;
const to = z.object({ to: isoInstant });

export const addClock = (server: PortServer, host: ClockHost, options: Omit<PortServeOptions, 'activity'>): void => {
  const { clock, steps, activity } = host;
  addService(
    server,
    clockV1.ClockService,
    {
      now: async () => ({ now: clock.now(), ...clock.anchor, step: BigInt(steps?.step ?? 0) }),
      quiet: async ({ waitMs }, { signal }) => {
        if (activity.busy > 0 && waitMs > 0) {
          const waited = new AbortController();
          const ended = AbortSignal.any([signal, waited.signal]);
          await Promise.race([activity.quiet(), pause(Math.min(waitMs, LONGEST_WAIT_MS), ended)]);
          waited.abort();
        }
        return quietMessage(await lookAt(host));
      },
      advance: async (message) => {
        if (steps === null) throw new ClockIsReal('a real clock does not step');
        const at = requested(to, message, 'AdvanceRequest').to;
        const step = safeInteger(message.step, () => new InvalidRequest('AdvanceRequest: step'));
        if (message.hold) steps.hold(at);
        else steps.advance(at, step);
        return { now: clock.now() };
      },
    },
    withStatuses(options),
  );
};

/** Quiet only if nothing was going on from before the heads were read until after. */
const lookAt = async (host: ClockHost): Promise<QuietAnswer> => {
  const { activity, clock, steps, incarnation } = host;
  const { begun } = activity;
  const idle = () => host.isSettled() && activity.busy === 0 && steps?.held !== true;
  const before = idle();
  const [heads, cursors, nextDueAt] = await Promise.all([host.heads(), host.cursors(), host.nextDue()]);
  const quiet = before && idle() && activity.begun === begun;
  return { incarnation, now: clock.now(), quiet, begun: activity.begun, nextDueAt, heads, cursors };
};

const quietMessage = ({ begun, nextDueAt, heads, cursors, ...rest }: QuietAnswer) => ({
  ...present({ ...rest, nextDueAt: nextDueAt ?? undefined }),
  begun: BigInt(begun),
  heads: heads.map(({ position, ...head }) => ({ ...head, position: BigInt(position) })),
  cursors: cursors.map(({ position, ...cursor }) => ({ ...cursor, position: BigInt(position) })),
});

const malformed = () => new MalformedAnswer('number: it is beyond the safe integers');

const quietAnswerOf = (message: clockV1.QuietResponse): QuietAnswer => {
  const { incarnation, now, quiet, nextDueAt = null, heads, cursors } = message;
  if (incarnation === '') throw new MalformedAnswer('QuietResponse: incarnation');
  return {
    incarnation,
    now: answered(isoInstant, now, 'QuietResponse: now'),
    quiet,
    begun: safeInteger(message.begun, malformed),
    nextDueAt: nextDueAt === null ? null : answered(isoInstant, nextDueAt, 'QuietResponse: nextDueAt'),
    heads: heads.map(({ source, shard, epoch, position }) => ({
      source,
      shard,
      epoch,
      position: safeInteger(position, malformed),
    })),
    cursors: cursors.map(({ processor, source, shard, epoch, position }) => ({
      processor,
      source,
      shard,
      epoch,
      position: safeInteger(position, malformed),
    })),
  };
};

export interface RemoteNow {
  readonly now: string;
  readonly kind: string;
  readonly anchorId: string;
  /** Last step that the process took; 0: none since its start. */
  readonly step: number;
}

export interface ClockClient {
  now(): Promise<RemoteNow>;
  /** @param waitMs how long the answer may wait for quiet; at most 5 s */
  quiet(waitMs?: number): Promise<QuietAnswer>;
  /** Stands at the new instant without work. */
  hold(to: string): Promise<void>;
  /** Does what is due at the new instant; the same step again is silent. */
  advance(to: string, step: number): Promise<void>;
  close(): void;
}

export const clockClient = (address: string, options: PortClientOptions = {}): ClockClient => {
  const service = clientFor(clockV1.ClockService, address, options);
  const closed = new AbortController();
  const caller = createCaller(options, closed.signal);
  return {
    now: async () => {
      const { now, kind, anchorId, step } = await caller.repeated((per) => service.now({}, per));
      return { now: answered(isoInstant, now, 'NowResponse: now'), kind, anchorId, step: safeInteger(step, malformed) };
    },
    quiet: async (waitMs = 0) => quietAnswerOf(await caller.repeated((per) => service.quiet({ waitMs }, per))),
    hold: async (at) => {
      await caller.repeated((per) => service.advance({ to: at, hold: true }, per));
    },
    advance: async (at, step) => {
      await caller.repeated((per) => service.advance({ to: at, step: BigInt(step) }, per));
    },
    close: () => {
      closed.abort();
      service.close();
    },
  };
};

/** Asks all processes twice. One that does not answer is at work. @param waitMs how long each may wait for quiet */
export const askQuiet = async (clocks: readonly Pick<ClockClient, 'quiet'>[], waitMs = 0): Promise<QuietVerdict> => {
  try {
    const first = await Promise.all(clocks.map((clock) => clock.quiet(waitMs)));
    if (first.some((answer) => !answer.quiet)) return allQuiet([first, first]);
    return allQuiet([first, await Promise.all(clocks.map((clock) => clock.quiet()))]);
  } catch (error) {
    return { quiet: false, because: `a process does not answer: ${String(error)}` };
  }
};

/**
 * Moves all processes: first each stands at the instant, then each is told, in the order given. Repeated with the same step after a
 * failure it moves only those that did not hear it.
 */
export const stepAll = async (
  clocks: readonly Pick<ClockClient, 'hold' | 'advance'>[],
  at: string,
  step: number,
): Promise<void> => {
  await Promise.all(clocks.map((clock) => clock.hold(at)));
  for (const clock of clocks) await clock.advance(at, step);
};
