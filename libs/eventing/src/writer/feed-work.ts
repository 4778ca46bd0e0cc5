/** What a consumer hands to the writer, and what it hears back. */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { ParkAlarm } from '../processor/parking.js';
import type { ParkedEvent, ParkedKey } from '../store/store.js';
import type { Command } from './command.js';

/** Why an event is parked. */
export interface Park {
  readonly error: string;
  readonly culprit: boolean;
}

/** A step of a feed batch: the commands that one event leads to, or the reason why it must be parked. */
export interface FeedStep {
  readonly event: EventEnvelope;
  readonly commands: readonly Command[];
  readonly park: Park | null;
}

export interface FeedWork {
  readonly processor: string;
  readonly source: string;
  readonly shard: number;
  readonly from: Cursor;
  readonly steps: readonly FeedStep[];
  /** Events of one parked subject that are driven again: the checkpoint stays, their parked rows go. */
  readonly redrive?: boolean;
  /** What was noted of the feed before; absent: it never stops. */
  readonly alarm?: ParkAlarm;
}

export type FeedOutcome =
  | {
      readonly status: 'done';
      readonly parked: readonly ParkedEvent[];
      /** Steps taken in; fewer than given: an input of the next one has not arrived yet. */
      readonly taken: number;
      readonly waitsFor?: string;
      /** What is noted of the feed now. */
      readonly alarm?: ParkAlarm;
      /** Why the feed stopped, after the last step that was taken. */
      readonly stopped?: string;
    }
  | { readonly status: 'checkpoint-moved' };

/** Why an event is parked that has no fault of its own. */
export const WAITS = Object.freeze({ error: 'waits behind a parked event', culprit: false });

/** Why an event is parked whose reaction or decision threw. */
export const failed = (error: unknown): Park => ({
  error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  culprit: true,
});

/** In place of a processor, of streams that could not be read: `source` is then the stream. Persisted. */
export const STREAMS = 'streams';

const keyOfStream = (stream: string, shard: number): ParkedKey => ({
  processor: STREAMS,
  source: stream,
  shard,
  epoch: 0,
  position: 0,
});

export const parkedStream = (stream: string, shard: number, subject: string, error: unknown): ParkedEvent => ({
  ...keyOfStream(stream, shard),
  subject,
  type: STREAMS,
  envelope: 'null',
  error: failed(error).error.replaceAll('\u0000', '\\u0000'),
  culprit: true,
});

export const readableAgain = keyOfStream;

export const isOutcome = (value: unknown): value is FeedOutcome =>
  typeof value === 'object' && value !== null && 'status' in value && !(value instanceof Error);

export const parkKey = (work: FeedWork, event: EventEnvelope): ParkedKey => ({
  processor: work.processor,
  source: work.source,
  shard: work.shard,
  epoch: event.epoch,
  position: event.position,
});

export const parkedRow = (work: FeedWork, event: EventEnvelope, park: Park): ParkedEvent => ({
  ...parkKey(work, event),
  subject: event.subject,
  type: event.type,
  envelope: JSON.stringify(event),
  error: park.error.replaceAll('\u0000', '\\u0000'),
  culprit: park.culprit,
});
