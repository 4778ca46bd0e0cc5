/**
 * An aggregate is a fold over one stream. State is a deeply readonly record; `evolve` returns the state unchanged for what
 * does not concern it, and never rejects a fact.
 */
import type { NewEvent } from '@mora/contracts';

/** A wish to be woken: at most one per name and stream. A due timer becomes a command. */
export interface Timer {
  readonly name: string;
  /** Business time, ISO instant. */
  readonly dueAt: string;
}

export interface Aggregate<S, E extends NewEvent = NewEvent> {
  /** First part of the stream's name, `category-id`. Persisted. */
  readonly category: string;
  /** Raise when `evolve` changes: older snapshots are then ignored. */
  readonly foldVersion: number;
  readonly initial: S;
  /** A snapshot is written each time the version passes a multiple of this; 0: never. Default 50. */
  readonly snapshotEvery?: number;
  /** @param at business time of the event */
  evolve(state: S, event: E, at: string): S;
  /** Timers that the state wants; pure. */
  timersOf?(state: S): readonly Timer[];
}

/** One stream of an aggregate, with the state type it folds to. */
export interface StreamRef<S = unknown, E extends NewEvent = NewEvent> {
  readonly aggregate: Aggregate<S, E>;
  readonly stream: string;
}

export const ref = <S, E extends NewEvent>(aggregate: Aggregate<S, E>, id: string): StreamRef<S, E> => ({
  aggregate,
  stream: `${aggregate.category}-${id}`,
});

/** The id part of a stream's name. */
export const streamId = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
