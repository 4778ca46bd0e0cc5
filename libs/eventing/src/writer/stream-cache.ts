/**
 * Folded states by stream, kept while nobody else wrote to their shard. A state is only as true as the shard's known head:
 * when a commit is refused as stale, every state of that shard is forgotten.
 */

import type { LoadedStream } from '../store/store.js';
import type { Aggregate } from './aggregate.js';

export interface Folded {
  readonly shard: number;
  readonly version: number;
  readonly state: unknown;
  /** Of its last event, where that is known. */
  readonly traceparent: string | null;
}

export class StreamCache {
  private readonly entries = new Map<string, Folded>();

  constructor(private readonly capacity: number) {}

  get(stream: string): Folded | undefined {
    const found = this.entries.get(stream);
    if (found) {
      this.entries.delete(stream);
      this.entries.set(stream, found);
    }
    return found;
  }

  set(stream: string, folded: Folded): void {
    this.entries.delete(stream);
    this.entries.set(stream, folded);
    if (this.entries.size > this.capacity) this.entries.delete(this.entries.keys().next().value!);
  }

  clear(): void {
    this.entries.clear();
  }

  forgetShard(shard: number): void {
    for (const [stream, folded] of this.entries) if (folded.shard === shard) this.entries.delete(stream);
  }
}

/**
 * load = snapshot + tail; equal to the fold from zero (a property test holds it).
 * @throws whatever the aggregate throws, or why a row could not be read
 */
export const fold = (aggregate: Aggregate<unknown>, loaded: LoadedStream, shard: number): Folded => {
  if (loaded.unreadable !== undefined) throw loaded.unreadable;
  let state = loaded.snapshot ? loaded.snapshot.state : aggregate.initial;
  let version = loaded.snapshot?.version ?? 0;
  let traceparent: string | null = null;
  for (const event of loaded.tail) {
    state = aggregate.evolve(state, { type: event.type, data: event.data }, event.at);
    version = event.version;
    traceparent = event.traceparent;
  }
  return { shard, version, state, traceparent };
};
