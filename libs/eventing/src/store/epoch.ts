/**
 * A restore or failover can re-use positions, so an event's key carries an epoch. Before its first append a store asks its
 * subscribers how far they are: one that is ahead, or that knows another event at a position, proves that history was lost,
 * and a new epoch begins.
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';
import type { CheckpointRow, EventStore, ReadRequest } from './store.js';

export interface EpochBase {
  readonly epoch: number;
  readonly shard: number;
  /** Last position that the epoch shares with the one before. */
  readonly base: number;
}

/** Where a reader at `after` really goes on: below the base of every epoch that he does not know yet. */
export const readingFrom = (after: ReadRequest['after'], shard: number, bases: readonly EpochBase[]) => {
  let from = after;
  for (const b of bases) {
    if (b.shard !== shard || b.epoch <= after.epoch) continue;
    if (from.position >= b.base) from = { epoch: b.epoch, position: b.base };
  }
  return from;
};

/** `Read` never crosses into another epoch: the reader first learns from `from` where that one began. */
export const ofOneEpoch = (from: Cursor, events: readonly EventEnvelope[]): readonly EventEnvelope[] => {
  const end = events.findIndex((event) => event.epoch > from.epoch);
  return end === -1 ? events : events.slice(0, end);
};

/** The present epoch may have begun without knowing that somebody had taken in what is gone. @returns what he holds, or null */
const heldBeyond = async (store: EventStore, { processor, source, shard, ...after }: CheckpointRow) => {
  const { from } = await store.read({ shard, after, limit: 1 });
  if (from.position >= after.position) return null;
  return `${processor} has taken in ${source} shard ${shard} up to ${after.position}, this store kept ${from.position}`;
};

/** @returns why a new epoch must begin, or null. What an earlier one lost is noted in the store. */
export const lostHistory = async (store: EventStore, claims: readonly CheckpointRow[]): Promise<string | null> => {
  const heads = await store.heads();
  for (const claim of claims) {
    if (claim.source !== store.source || claim.position === 0) continue;
    if (claim.epoch > store.epoch())
      return `${claim.processor} has taken in epoch ${claim.epoch} of ${claim.source}, this store is at ${store.epoch()}`;
    if (claim.epoch < store.epoch()) {
      const reason = await heldBeyond(store, claim);
      if (reason !== null) await store.noteLost(reason);
      continue;
    }
    const head = heads[claim.shard]?.position ?? 0;
    if (claim.position > head)
      return `${claim.processor} has taken in ${claim.source} shard ${claim.shard} up to ${claim.position}, this store ends at ${head}`;
    const { events } = await store.read({
      shard: claim.shard,
      after: { epoch: store.epoch(), position: claim.position - 1 },
      limit: 1,
    });
    if (events[0]?.id !== claim.eventId)
      return `${claim.processor} knows another event at ${claim.source} shard ${claim.shard} position ${claim.position}`;
  }
  return null;
};

/**
 * Begins new epochs until no subscriber knows more than this store: history that was lost may have had a newer epoch of its own,
 * whose number must not be used again. @returns why, or null when nothing was lost.
 */
export const beginEpochIfLost = async (store: EventStore, claims: readonly CheckpointRow[]): Promise<string | null> => {
  let first: string | null = null;
  for (;;) {
    const reason = await lostHistory(store, claims);
    if (reason === null) return first;
    first ??= reason;
    await store.beginEpoch(reason);
  }
};
