/** What every port has in common: how a call is made, repeated and read. */
import { status } from '@grpc/grpc-js';
import type { Activity } from '@mora/eventing';
import type { z } from 'zod';
import { type RemoteCallOptions, RemoteError, type RemoteOptions } from './client.js';

export interface PortClientOptions extends RemoteOptions {
  /** Held while a call is under way, so that the stepped clock waits for it. */
  readonly activity?: Activity;
}

/** The other side's message breaks the port's contract; values are never part of the text. */
export class MalformedAnswer extends RemoteError {
  constructor(what: string, options?: ErrorOptions) {
    super('MALFORMED_ANSWER', status.INTERNAL, `the answer is not a valid ${what}`, options);
    this.name = 'MalformedAnswer';
  }
}

/** The caller's message breaks the port's contract; values are never part of the text. */
export class InvalidRequest extends Error {
  readonly code = 'INVALID_REQUEST';
  constructor(what: string, options?: ErrorOptions) {
    super(`the request is not a valid ${what}`, options);
    this.name = 'InvalidRequest';
  }
}

const checked = <T>(schema: z.ZodType<T>, value: unknown, failed: (where: string) => Error): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw failed(result.error.issues[0]!.path.join('.') || 'it is not there');
};

/** @throws InvalidRequest */
export const requested = <T>(schema: z.ZodType<T>, value: unknown, what: string): T =>
  checked(schema, value, (where) => new InvalidRequest(`${what}: ${where}`));

/** @throws MalformedAnswer */
export const answered = <T>(schema: z.ZodType<T>, value: unknown, what: string): T =>
  checked(schema, value, (where) => new MalformedAnswer(`${what}: ${where}`));

/** A position or counter of the wire. @throws what `failed` makes when it is beyond the safe integers */
export const safeInteger = (value: bigint, failed: () => Error): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw failed();
  return number;
};

/** Without the fields that are undefined: an absent one is not the same as one that is empty. */
export const present = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const DEADLINE_MS = 10_000;

export const backOffMs = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));

/** Nobody answered, or the server went away while it worked. */
export const isUnanswered = (error: unknown): boolean =>
  error instanceof RemoteError && (error.status === status.UNAVAILABLE || error.status === status.CANCELLED);

export interface Caller {
  /** One try: for what must not be done twice. It waits for a connection, since what never left is safe to send. */
  once<T>(call: (options: RemoteCallOptions) => Promise<T>): Promise<T>;
  /** Repeats, while nobody answers, until the deadline: only for what may be repeated. */
  repeated<T>(call: (options: RemoteCallOptions) => Promise<T>): Promise<T>;
}

/** @param closed ends the pauses between tries */
export const createCaller = (options: PortClientOptions, closed: AbortSignal): Caller => {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const busy = async <T>(work: () => Promise<T>): Promise<T> => {
    const end = options.activity?.begin();
    try {
      return await work();
    } finally {
      end?.();
    }
  };
  const tryUntil = async <T>(call: (options: RemoteCallOptions) => Promise<T>): Promise<T> => {
    const until = performance.now() + deadlineMs;
    for (let failures = 0; ; failures++) {
      try {
        return await call({ deadlineMs: Math.max(1, until - performance.now()) });
      } catch (error) {
        const wait = backOffMs(failures);
        if (!isUnanswered(error) || closed.aborted || performance.now() + wait >= until) throw error;
        await pause(wait, closed);
        if (closed.aborted) throw error;
      }
    }
  };
  return {
    once: (call) => busy(() => call({ deadlineMs, waitForReady: true })),
    repeated: (call) => busy(() => tryUntil(call)),
  };
};
