/** How far a batch takes feeds in: checkpoints that move, events that are parked, parked ones that are claimed or go. */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { CheckpointMove, ParkedEvent, ParkedKey, StoppedFeed, StoreWrite } from '../store/store.js';

export class FeedMarks {
  private readonly checkpoints = new Map<string, CheckpointMove>();
  private readonly parked: ParkedEvent[] = [];
  private readonly unparked: ParkedKey[] = [];
  private readonly claims: ParkedKey[] = [];
  private readonly stops: StoppedFeed[] = [];

  /** Where an earlier feed batch of this very transaction moves a checkpoint to. */
  movedTo(processor: string, source: string, shard: number): Cursor | undefined {
    return this.checkpoints.get(`${processor}/${source}/${shard}`)?.to;
  }

  move(slice: { processor: string; source: string; shard: number }, from: Cursor, last: EventEnvelope): void {
    const { processor, source, shard } = slice;
    const key = `${processor}/${source}/${shard}`;
    this.checkpoints.set(key, {
      from: this.checkpoints.get(key)?.from ?? from,
      to: { processor, source, shard, epoch: last.epoch, position: last.position, eventId: last.id },
    });
  }

  park(event: ParkedEvent): void {
    this.parked.push(event);
  }

  unpark(key: ParkedKey): void {
    this.unparked.push(key);
  }

  /** This write is for the one who finds the parked event still there. */
  claim(key: ParkedKey): void {
    this.claims.push(key);
  }

  stop(feed: StoppedFeed): void {
    this.stops.push(feed);
  }

  write(): Pick<StoreWrite, 'checkpoints' | 'park' | 'unpark' | 'claims' | 'stops'> {
    return {
      checkpoints: [...this.checkpoints.values()],
      park: this.parked,
      unpark: this.unparked,
      claims: this.claims,
      stops: this.stops,
    };
  }
}
