/**
 * How work is followed from one service to the next (W3C Trace Context). It names what belongs together and is no input of any
 * decision. A decision without a cause that is followed (a timer, word from outside) goes on in the trace of its stream's last
 * event, so that a wait does not end a trace.
 */

/** Values that say nothing of a person: types, names of ours, counts, ids. */
export type TraceAttributes = Readonly<Record<string, string | number | boolean>>;

export interface TracedWork {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** W3C `traceparent` of what asked for it; null: nobody follows it, unless it begins a trace. */
  readonly parent: string | null;
  /** A trace may begin here: a door to the outside. */
  readonly begins?: boolean;
  readonly attributes?: TraceAttributes;
  /** Wall time, ms; default: now. */
  readonly startedAt?: number;
}

export interface TracedPiece {
  /** For what this work leads to; the parent's where this piece itself is not recorded. */
  readonly traceparent: string | null;
  /** Told only when it ends; one that never does was never done. `failure`: an error's name, never its message. */
  end(failure?: string): void;
}

export interface Trace {
  /** Of the work that runs now. */
  current(): string | null;
  /** Runs `work` and all that it starts as part of that trace. */
  within<T>(traceparent: string | null, work: () => T): T;
  begin(work: TracedWork): TracedPiece;
}

/** Passes on what it is given and tells nobody. */
export const NO_TRACE: Trace = {
  current: () => null,
  within: (_, work) => work(),
  begin: ({ parent }) => ({ traceparent: parent, end: () => undefined }),
};

/** Runs `work` as a piece of its own, ended when it has settled. */
export const traced = async <T>(trace: Trace, what: TracedWork, work: () => Promise<T>): Promise<T> => {
  const piece = trace.begin(what);
  try {
    const result = await trace.within(piece.traceparent, work);
    piece.end();
    return result;
  } catch (error) {
    piece.end(error instanceof Error ? error.name : 'Error');
    throw error;
  }
};
