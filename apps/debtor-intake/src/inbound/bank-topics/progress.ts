/** One partition in memory: how far it is read, what of it still waits for others, and whether it is the topic it was. */
import { createHmac } from 'node:crypto';
import type { Inbound } from '../outcome.js';
import type { FetchedRecord } from './committed.js';
import type { Mark, PartitionId, Position } from './offsets.js';

/** Ends of partitions by `keyOf`, as they were when a record began to wait for them. */
export type Barrier = ReadonlyMap<string, number>;

/** A payment waits for accounts, which never wait; "posted through" waits for payments, too. */
export interface WaitingRecord {
  readonly kind: 'payment' | 'posted-through';
  readonly input: Inbound;
  readonly barrier: Barrier;
}

/** What is known of a partition's extent: its first and its next offset. */
export interface Extent {
  readonly low: number;
  readonly high: number;
}

export const keyOf = ({ topic, partition }: PartitionId): string => `${topic}/${partition}`;

/** How a partition is begun, given what was stored of it and what Kafka still has. */
export type Start =
  | { readonly kind: 'first' | 'resumed'; readonly from: number; readonly position: Position }
  /** Records between were deleted before they were read. */
  | { readonly kind: 'lost'; readonly from: number; readonly position: Position; readonly lost: number }
  /** It ends before the stored position: another topic under the same name. */
  | { readonly kind: 'recreated'; readonly from: number; readonly position: Position };

export const startOf = (stored: Position | null, { low, high }: Extent): Start => {
  if (stored === null) return { kind: 'first', from: low, position: anew(0, low) };
  if (stored.taken > high) return { kind: 'recreated', from: low, position: anew(stored.generation + 1, low) };
  if (stored.next < low) {
    const position = {
      ...stored,
      next: low,
      paid: Math.max(stored.paid, low),
      taken: Math.max(stored.taken, low),
      mark: null,
    };
    return { kind: 'lost', from: low, position, lost: low - stored.next };
  }
  const from =
    stored.mark !== null && stored.mark.offset >= low ? Math.min(stored.next, stored.mark.offset) : stored.next;
  return { kind: 'resumed', from, position: stored };
};

export const anew = (generation: number, low: number): Position => ({
  generation,
  next: low,
  paid: low,
  taken: low,
  mark: null,
});

/** Satisfied once every partition is taken as far as it went; what was deleted or never was is not waited for. */
export const isPassed = (
  barrier: Barrier,
  reached: ReadonlyMap<string, number>,
  extents: ReadonlyMap<string, Extent>,
): boolean =>
  [...barrier].every(([key, end]) => {
    const extent = extents.get(key);
    return extent === undefined || extent.low >= end || (reached.get(key) ?? 0) >= Math.min(end, extent.high);
  });

export class Progress {
  readonly waiting: WaitingRecord[] = [];
  /** The offset that the next fetch must begin with. */
  expected: number;
  private readTo: number;
  private unproven: Mark | null;
  private mark: Mark | null;
  private readonly before: Position;
  readonly generation: number;

  constructor(
    readonly id: PartitionId,
    { from, position }: Pick<Start, 'from' | 'position'>,
    /** Of the marks that are stored. */
    private readonly markKey: Uint8Array,
  ) {
    this.expected = from;
    this.readTo = position.next;
    this.before = position;
    this.generation = position.generation;
    this.mark = position.mark;
    this.unproven = position.mark;
  }

  /** False: a record stands where another one stood. */
  isSameTopic(records: readonly FetchedRecord[]): boolean {
    const mark = this.unproven;
    if (mark === null || records.length === 0) return true;
    const again = records.find((record) => Number(record.offset) === mark.offset);
    if (again && markOf(again, this.markKey).hash !== mark.hash) return false;
    if (Number(records.at(-1)!.offset) >= mark.offset) this.unproven = null;
    return true;
  }

  isNew(record: FetchedRecord): boolean {
    return Number(record.offset) >= this.readTo;
  }

  advance(next: number, last?: FetchedRecord): void {
    this.expected = next;
    this.readTo = Math.max(this.readTo, next);
    if (last && (this.mark === null || Number(last.offset) > this.mark.offset)) this.mark = markOf(last, this.markKey);
  }

  position(): Position {
    const first = (waiting: WaitingRecord | undefined) => waiting?.input.channel.offset ?? this.readTo;
    const payment = this.waiting.find(({ kind }) => kind === 'payment');
    return {
      generation: this.generation,
      next: first(this.waiting[0]),
      paid: Math.max(this.before.paid, first(payment)),
      taken: Math.max(this.before.taken, this.readTo),
      mark: this.mark,
    };
  }
}

/** Keyed: from a plain hash of a record its customer could be found by guessing. */
const markOf = ({ offset, timestamp, key, value }: FetchedRecord, markKey: Uint8Array): Mark => {
  const hash = createHmac('sha256', markKey).update(`${timestamp}|${key?.length ?? -1}|`);
  if (key) hash.update(key);
  if (value) hash.update(value);
  return { offset: Number(offset), hash: hash.digest('base64url').slice(0, 22) };
};
