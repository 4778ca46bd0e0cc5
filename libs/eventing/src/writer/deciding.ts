/**
 * Decides what the items of a batch ask for. A wrong command fails alone; of a feed batch the event that cannot be decided on
 * is parked and the debtor's later ones wait behind it. Nothing here waits: what a decision needs is open in the batch.
 */
import type { EventEnvelope } from '@mora/contracts';
import { isRetryLater, StreamUnreadable } from '../errors.js';
import type { ParkAlarm } from '../processor/parking.js';
import type { ParkedEvent } from '../store/store.js';
import type { Trace, TracedPiece } from '../trace.js';
import type { Batch } from './batch.js';
import type { Command, Decision } from './command.js';
import type { Cause } from './envelope.js';
import { type FeedOutcome, type FeedStep, type FeedWork, failed, parkedRow, parkKey, WAITS } from './feed-work.js';
import { type Item, NO_CAUSE, type Outcome } from './item.js';

/** A feed batch while its steps are taken in. */
interface Progress {
  readonly parked: ParkedEvent[];
  readonly pieces: TracedPiece[];
  /** Subjects with a parked event before. */
  readonly waiting: Set<string>;
  taken: number;
  waitsFor?: string;
  readonly alarm: ParkAlarm | undefined;
  stopped?: string;
}

export class Decider {
  constructor(
    private readonly source: string,
    private readonly trace: Trace,
  ) {}

  decideAll(batch: Batch, items: readonly Item[]): readonly Outcome[] {
    return items.map((item) => (item.feed ? this.decideFeed(batch, item, item.feed) : this.decideCommand(batch, item)));
  }

  private decideCommand(batch: Batch, item: Item): Outcome {
    try {
      if (item.timer && !batch.clearTimer(item.timer)) return { item, value: { events: [], states: [] } };
      const { decisions, work } = this.decideTraced(batch, item.commands, item.cause ?? NO_CAUSE);
      const value = { events: decisions.flatMap((d) => d.events), states: decisions.at(-1)?.states ?? [] };
      return { item, value, work };
    } catch (error) {
      if (item.timer) batch.keepTimer(item.timer);
      if (error instanceof StreamUnreadable) batch.parkStream(error, item.shard, item.commands);
      return { item, error };
    }
  }

  private decideFeed(batch: Batch, item: Item, feed: FeedWork): Outcome {
    const { processor, source, shard, from, redrive, steps } = feed;
    const moved = redrive ? undefined : batch.marks.movedTo(processor, source, shard);
    if (moved && (moved.epoch !== from.epoch || moved.position !== from.position))
      return { item, value: { status: 'checkpoint-moved' } satisfies FeedOutcome };
    const alarm = feed.alarm?.fork();
    const progress: Progress = { parked: [], pieces: [], waiting: new Set(), taken: 0, alarm };
    for (const step of steps) if (!this.takeIn(batch, feed, step, progress)) break;
    const { parked, pieces, taken, waitsFor, stopped } = progress;
    const last = taken > 0 ? steps[taken - 1] : undefined;
    if (last && !redrive) batch.marks.move(feed, from, last.event);
    if (stopped !== undefined) batch.marks.stop({ processor, source, shard, reason: stopped });
    const value: FeedOutcome = {
      status: 'done',
      parked,
      taken,
      ...(alarm === undefined ? {} : { alarm }),
      ...(waitsFor === undefined ? {} : { waitsFor }),
      ...(stopped === undefined ? {} : { stopped }),
    };
    return { item, value, work: pieces };
  }

  /** @returns false when no further step may be taken: an input has not arrived (nothing of the step is taken in), or the feed stops. */
  private takeIn(batch: Batch, feed: FeedWork, step: FeedStep, progress: Progress): boolean {
    const { event } = step;
    const key = parkKey(feed, event);
    let { park } = step;
    if (!park && progress.waiting.has(event.subject)) park = WAITS;
    if (!park) {
      try {
        progress.pieces.push(...this.decideTraced(batch, step.commands, answerTo(event)).work);
        if (feed.redrive) batch.marks.unpark(key);
      } catch (error) {
        if (isRetryLater(error)) {
          progress.waitsFor = (error as Error).message;
          return false;
        }
        park = failed(error);
      }
    }
    if (park) {
      progress.waiting.add(event.subject);
      const row = parkedRow(feed, event, park);
      progress.parked.push(row);
      batch.marks.park(row);
    }
    if (feed.redrive) batch.marks.claim(key);
    progress.taken += 1;
    const reason = progress.alarm?.note(event.subject, park === null ? 'taken' : park.culprit ? 'parked' : 'waits');
    if (reason) progress.stopped = reason;
    return !reason;
  }

  /** All or none; one piece of work for them together where they decided anything. */
  private decideTraced(
    batch: Batch,
    commands: readonly Command[],
    cause: Cause,
  ): { readonly decisions: readonly Decision[]; readonly work: readonly TracedPiece[] } {
    const [first] = commands;
    if (!first) return { decisions: [], work: [] };
    const parent = cause.traceparent ?? batch.traceOf(first);
    const piece = this.trace.begin({
      name: `decide ${first.name}`,
      kind: cause.answering ? 'consumer' : 'internal',
      parent,
      attributes: { 'mora.source': this.source, 'mora.cause': cause.cause },
    });
    const decisions = batch.decideAll(commands, { ...cause, traceparent: piece.traceparent });
    batch.noteReadable(commands);
    const isSilent = decisions.every(({ events }) => events.length === 0);
    return { decisions, work: isSilent ? [] : [piece] };
  }
}

const answerTo = (event: EventEnvelope): Cause => ({
  cause: `${event.source}/${event.epoch}/${event.shard}/${event.position}`,
  traceparent: event.meta.traceparent,
  correlationId: event.meta.correlationId,
  answering: event,
});
