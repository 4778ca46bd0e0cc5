/**
 * What one (source, shard) of a topic has delivered and the reader has not yet taken in: in order of (epoch, position), without
 * doubles, perhaps with holes, which it never hides. A few events that were taken in are kept for a reader that goes back.
 */
import { type Cursor, compareCursors, type EventEnvelope } from '@mora/contracts';
import { contiguous, MOST_SKEW_MS, START, type Watermark } from '@mora/eventing';

interface Buffered {
  readonly event: EventEnvelope;
  readonly offset: number;
  readonly bytes: number;
}

const KEPT = 64;
const NEVER = new Date(0).toISOString();

export class ShardBuffer {
  private items: Buffered[] = [];
  /** Of the first item that is not taken in. */
  private next = 0;
  private taken: Cursor = START;
  private furthest: Cursor = START;
  private mark: Watermark = { ...START, at: NEVER };
  private seenOffset = -1;
  /** Of what is held, taken in or not. */
  bytes = 0;

  constructor(private readonly wall: () => number = Date.now) {}

  /** The furthest that the topic has told of, by an event or by a watermark. */
  get head(): Cursor {
    return this.furthest;
  }

  get watermark(): Watermark {
    return this.mark;
  }

  get position(): Cursor {
    return this.taken;
  }

  /** Events that wait. */
  get waiting(): number {
    return this.items.length - this.next;
  }

  /** When the first that waits was recorded, wall time in ms; null: none waits. */
  get waitingSince(): number | null {
    const first = this.items[this.next];
    return first ? Date.parse(first.event.recordedAt) : null;
  }

  /** Offset after what is taken in, for the group's lag display; null before the first record. */
  get takenOffset(): number | null {
    const waiting = this.items[this.next];
    if (waiting) return waiting.offset;
    return this.seenOffset === -1 ? null : this.seenOffset + 1;
  }

  /** @returns false when it is a double, or was taken in before. */
  push(event: EventEnvelope, offset: number, bytes: number): boolean {
    this.seen(offset);
    const last = this.items.at(-1)?.event ?? this.taken;
    this.advance(event);
    // An event tells what a watermark tells: when it was recorded, nothing came after it.
    this.noteMark({ epoch: event.epoch, position: event.position, at: event.recordedAt });
    if (compareCursors(event, last) <= 0 || compareCursors(event, this.taken) <= 0) return false;
    this.items.push({ event, offset, bytes });
    this.bytes += bytes;
    return true;
  }

  /** @returns true when it tells of events that have not arrived. */
  pushMark(mark: Watermark, offset: number): boolean {
    this.seen(offset);
    this.noteMark(mark);
    const isNews = compareCursors(mark, this.furthest) > 0;
    this.advance(mark);
    return isNews;
  }

  /** A record of which nothing can be read. */
  seen(offset: number): void {
    this.seenOffset = Math.max(this.seenOffset, offset);
  }

  /** The reader has everything up to there. */
  take(upTo: Cursor): void {
    this.taken = upTo;
    this.next = this.firstAfter(upTo);
    const drop = this.next - KEPT;
    if (drop < KEPT) return;
    for (const { bytes } of this.items.splice(0, drop)) this.bytes -= bytes;
    this.next = KEPT;
  }

  /** What follows a cursor without a hole; empty also when a hole is there. */
  after(cursor: Cursor, limit: number): readonly EventEnvelope[] {
    const first = this.firstAfter(cursor);
    const delivery = this.items.slice(first, first + limit).map(({ event }) => event);
    return contiguous(cursor, delivery).events;
  }

  /** How many events are known to be missing right after a cursor; null: some, of another epoch. */
  missingAfter(cursor: Cursor): number | null {
    if (!this.isAhead(cursor)) return 0;
    const next = this.items[this.firstAfter(cursor)]?.event ?? null;
    if (cursor.epoch === START.epoch) return (next?.position ?? this.furthest.position + 1) - 1 - cursor.position;
    if (next) return next.epoch === cursor.epoch ? next.position - 1 - cursor.position : null;
    return this.furthest.epoch === cursor.epoch ? this.furthest.position - cursor.position : null;
  }

  /** The topic told of more than the cursor. */
  isAhead(cursor: Cursor): boolean {
    if (cursor.epoch === START.epoch) return this.furthest.position > cursor.position;
    return compareCursors(this.furthest, cursor) > 0;
  }

  /** The partition is somebody else's now. */
  forget(): void {
    this.items = [];
    this.next = 0;
    this.bytes = 0;
    this.furthest = START;
    this.seenOffset = -1;
  }

  private firstAfter(cursor: Cursor): number {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareCursors(this.items[middle]!.event, cursor) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private advance(cursor: Cursor): void {
    if (compareCursors(cursor, this.furthest) > 0) this.furthest = { epoch: cursor.epoch, position: cursor.position };
  }

  /** What was said of a time to come is no word on how fresh anything is, also once that time has come. */
  private isOfNow({ at }: Watermark): boolean {
    return Date.parse(at) <= this.wall() + MOST_SKEW_MS;
  }

  private noteMark(mark: Watermark): void {
    const ahead = compareCursors(mark, this.mark);
    const at = this.isOfNow(mark) ? mark.at : NEVER;
    if (ahead > 0 || (ahead === 0 && at > this.mark.at)) this.mark = at === mark.at ? mark : { ...mark, at };
  }
}
