/** What is true of an event besides its data: who wrote it, where it stands, what it answers and what was known to whoever decided. */
import type { EventEnvelope, EventMeta } from '@mora/contracts';
import type { EventRow } from '../store/store.js';
import type { Append, Command } from './command.js';
import { uuidv7 } from './uuidv7.js';

/** What is the same for every event that this process writes. */
export interface Origin {
  readonly source: string;
  readonly shards: number;
  readonly build: string;
  readonly tzdata: string;
  readonly clock: EventMeta['clock'];
  readonly simulated: EventMeta['simulated'];
  readonly now: () => string;
  readonly wall: () => number;
  /** Refuses an event of our own that breaks its contract; where it is given, a bug is found at the writer. */
  readonly check?: (type: string, data: unknown) => void;
}

export interface Cause {
  readonly cause: string;
  readonly traceparent: string | null;
  readonly correlationId?: string | undefined;
  /** The foreign event being answered: it counts as taken in although its checkpoint moves only with this commit. */
  readonly answering?: { readonly source: string; readonly epoch: number; readonly position: number };
}

export interface Place {
  readonly shard: number;
  readonly position: number;
  readonly version: number;
  /** Business time. */
  readonly at: string;
}

/** Makes the envelopes of one batch. */
export class Envelopes {
  constructor(
    private readonly origin: Origin,
    private readonly epoch: number,
    /** What this service has taken in, by shard: the `after` of new events. */
    private readonly consumed: (shard: number) => EventMeta['after'],
  ) {}

  of(command: Command, item: Append, cause: Cause, place: Place): EventEnvelope {
    const about = { ...command.about, ...item.about };
    return {
      id: uuidv7(this.origin.wall()),
      type: item.event.type,
      source: this.origin.source,
      epoch: this.epoch,
      shard: place.shard,
      position: place.position,
      stream: item.to.stream,
      version: place.version,
      subject: command.subject,
      data: item.event.data,
      meta: {
        schema: about.schema ?? 1,
        at: place.at,
        clock: this.origin.clock,
        cause: cause.cause,
        correlationId: about.correlationId ?? cause.correlationId ?? command.subject,
        after: this.after(place.shard, cause),
        actor: about.actor ?? { kind: 'system', id: this.origin.source },
        policies: [...(about.policies ?? [])],
        build: this.origin.build,
        tzdata: this.origin.tzdata,
        keyId: about.keyId ?? null,
        simulated: this.origin.simulated,
        traceparent: cause.traceparent,
      },
      recordedAt: '',
    };
  }

  private after(shard: number, { answering }: Cause): EventMeta['after'] {
    const taken = this.consumed(shard);
    return answering ? { ...taken, [answering.source]: [answering.epoch, answering.position] } : taken;
  }
}

export const rowOf = (e: EventEnvelope): EventRow => {
  const { at, ...meta } = e.meta;
  return {
    shard: e.shard,
    position: e.position,
    stream: e.stream,
    version: e.version,
    id: e.id,
    type: e.type,
    data: JSON.stringify(e.data),
    meta: JSON.stringify({ at, subject: e.subject, epoch: e.epoch, ...meta }),
  };
};
