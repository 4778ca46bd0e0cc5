/** `clock.v1`: business time, shared by all processes. */
import { isoInstant } from '@mora/contracts';
import { clientFor } from '../client.js';
import { clockV1 } from '../generated.js';
import { answered, createCaller, MalformedAnswer, type PortClientOptions, safeInteger } from '../remote.js';
import { allQuiet, type QuietAnswer, type QuietVerdict } from './all-quiet.js';

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
