import { z } from 'zod';
import { isoInstant } from './values.js';

/** The services whose events others read; the name is the `source` of every event key and the `<context>` of a topic. */
export const SOURCES = ['intake', 'tiering', 'policy', 'guard', 'dialer', 'telephony', 'sms', 'scoring'] as const;
export type Source = (typeof SOURCES)[number];

/** Position in a source's shard. An event's key is (source, epoch, shard, position). */
export interface Cursor {
  readonly epoch: number;
  readonly position: number;
}

/** Negative: `a` is before `b`. */
export const compareCursors = (a: Cursor, b: Cursor): number => a.epoch - b.epoch || a.position - b.position;

export const policyRef = z.object({
  kind: z.enum(['strategy', 'rules', 'scorecard', 'nlu', 'calendar']),
  hash: z.string(),
});
export type PolicyRef = z.infer<typeof policyRef>;

export const actor = z.object({ kind: z.enum(['system', 'bank', 'human', 'agency']), id: z.string() });
export type Actor = z.infer<typeof actor>;

/**
 * What every event carries beside its data (persisted names). Position, epoch and recordedAt are columns of the store;
 * this is the `meta` text, published byte for byte.
 */
export const eventMeta = z.object({
  /** Version of the event type's data, from 1. */
  schema: z.number().int().min(1),
  /** Business time of the fact. */
  at: isoInstant,
  clock: z.object({ kind: z.enum(['real', 'stepped']), anchorId: z.string() }),
  /** An event's key `source/epoch/shard/position`, `cmd:<requestId>` or `timer:<stream>/<name>/<dueAt>`. */
  cause: z.string(),
  /** The caseId where there is one, else the subject. */
  correlationId: z.string(),
  /** What the writer had consumed in this shard: source → [epoch, position]. */
  after: z.record(z.string(), z.tuple([z.number().int(), z.number().int()])),
  actor,
  policies: z.array(policyRef),
  /** Commit of the program that decided. */
  build: z.string(),
  tzdata: z.string(),
  /** Key under which encrypted fields of the data are sealed; null: nothing is encrypted. */
  keyId: z.string().nullable(),
  simulated: z.object({ version: z.string(), seed: z.string() }).nullable(),
  traceparent: z.string().nullable(),
});
export type EventMeta = z.infer<typeof eventMeta>;

/** An event as it is stored and published. */
export interface EventEnvelope<T extends string = string, D = unknown> {
  readonly id: string;
  readonly type: T;
  readonly source: string;
  readonly epoch: number;
  readonly shard: number;
  /** Gapless per (source, epoch, shard), from 1. */
  readonly position: number;
  readonly stream: string;
  /** Gapless per stream, from 1. */
  readonly version: number;
  /** debtorId; for streams without a debtor (`control-`, `policy-`, `bank-`) the stream's name. */
  readonly subject: string;
  readonly data: D;
  readonly meta: EventMeta;
  /** Database wall clock. */
  readonly recordedAt: string;
}

/** The event's key as text: `source/epoch/shard/position`. */
export const eventKey = (e: Pick<EventEnvelope, 'source' | 'epoch' | 'shard' | 'position'>): string =>
  `${e.source}/${e.epoch}/${e.shard}/${e.position}`;

/** An event before it has a place: what a decision returns. */
export interface NewEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
}
