/**
 * A command names the streams it decides on; the shard writer loads them under the shard's lock (or proves that nothing was
 * written since) and appends what `decide` returns. Repeated, a command yields nothing.
 */
import { type Actor, type EventEnvelope, type NewEvent, type PolicyRef, shardOf } from '@mora/contracts';
import type { SqlStatement } from '../store/store.js';
import type { StreamRef } from './aggregate.js';

/** Inputs of every decision that are not in its streams. */
export interface DecideContext {
  /** Business time: max(clock, last `at` of the shard); read once per command. */
  readonly at: string;
  readonly shard: number;
  /** By how much `at`, or the process's clock, is off, ms, above 0: ahead. Above 2,000 either way is a fault; 0 on a business clock. */
  readonly skewMs: number;
  /** Versions of the loaded streams, in the order of `streams`. */
  readonly versions: readonly number[];
  /** Event key, `cmd:<id>` or `timer:…` that this decision answers. */
  readonly cause: string;
  /** A row of the service's side table that the command asked for with `sideKeys`. */
  side(key: string): unknown;
}

export interface Append {
  readonly to: StreamRef;
  readonly event: NewEvent;
  readonly about?: EventAbout;
}

/** Optional parts of the envelope that only the decision knows. */
export interface EventAbout {
  readonly correlationId?: string;
  readonly actor?: Actor;
  readonly policies?: readonly PolicyRef[];
  readonly keyId?: string | null;
  readonly schema?: number;
}

export interface Decided {
  readonly events: readonly Append[];
  /** Rows of the side table to write in the same transaction. */
  readonly side?: readonly { readonly key: string; readonly row: unknown }[];
  /** Statements of the same transaction, for tables that are no events (keys, parked input). */
  readonly sql?: readonly SqlStatement[];
}

export interface Command {
  readonly name: string;
  /** debtorId, or the stream name of a stream without debtor: decides the shard unless `shard` is given. */
  readonly subject: string;
  readonly shard?: number;
  readonly streams: readonly StreamRef[];
  readonly sideKeys?: readonly string[];
  readonly about?: EventAbout;
  /** `cmd:<requestId>`; the writer fills event keys and timers itself. */
  readonly cause?: string;
  decide(states: readonly unknown[], context: DecideContext): Decided;
}

/** What a reaction with a bug makes instead is found here, before it meets the commands of others. */
export const isCommand = (made: unknown): made is Command => {
  if (typeof made !== 'object' || made === null) return false;
  const { subject, streams, decide } = made as Partial<Record<keyof Command, unknown>>;
  return typeof subject === 'string' && Array.isArray(streams) && typeof decide === 'function';
};

/** What came of a command. */
export interface Decision {
  readonly events: readonly EventEnvelope[];
  /** States of the command's streams afterwards, in their order. */
  readonly states: readonly unknown[];
}

export const shardOfCommand = (command: Command, shards: number): number =>
  command.shard ?? shardOf(command.subject, shards);

type StateOf<R> = R extends StreamRef<infer S, infer _> ? S : never;
type StatesOf<R extends readonly unknown[]> = { readonly [K in keyof R]: StateOf<R[K]> };

export interface CommandSpec<R extends readonly StreamRef[]> {
  readonly name: string;
  readonly subject: string;
  readonly shard?: number;
  readonly streams: R;
  readonly sideKeys?: readonly string[];
  readonly about?: EventAbout;
  readonly cause?: string;
  readonly decide: (states: StatesOf<R>, context: DecideContext) => readonly Append[] | Decided;
}

/** Builds a command whose `decide` gets the states of its streams, typed, in order. */
export const command = <const R extends readonly StreamRef[]>(spec: CommandSpec<R>): Command => ({
  ...spec,
  decide: (states, context) => {
    const decided = spec.decide(states as StatesOf<R>, context);
    return isAppends(decided) ? { events: decided } : decided;
  },
});

const isAppends = (decided: readonly Append[] | Decided): decided is readonly Append[] => Array.isArray(decided);

/** An event for a stream. */
export const append = <S, E extends NewEvent>(to: StreamRef<S, E>, event: E, about?: EventAbout): Append => ({
  to: to as unknown as StreamRef,
  event,
  ...(about === undefined ? {} : { about }),
});
