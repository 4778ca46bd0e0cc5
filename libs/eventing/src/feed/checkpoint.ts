/**
 * A checkpoint says up to where a processor has taken in one shard of one source. It moves in the transaction of the effects,
 * so that effects happen exactly once whatever is redelivered: next position = take, lower = drop, higher = gap (take
 * nothing, read what is missing first).
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';

export const START: Cursor = Object.freeze({ epoch: 0, position: 0 });

/** What the arrival of an event at a cursor means. Only `Read` knows where a newer epoch began, so its first event is a gap. */
export const arrival = (at: Cursor, event: Cursor): 'next' | 'seen' | 'gap' => {
  if (event.epoch < at.epoch) return 'seen';
  if (event.epoch === at.epoch && event.position <= at.position) return 'seen';
  if (at.epoch !== START.epoch && event.epoch > at.epoch) return 'gap';
  return event.position === at.position + 1 ? 'next' : 'gap';
};

/**
 * The part of a delivery that follows `at` without a hole. Duplicates are dropped; `gap` tells that something is missing
 * before the rest.
 */
export const contiguous = (
  at: Cursor,
  delivery: readonly EventEnvelope[],
): { readonly events: readonly EventEnvelope[]; readonly gap: boolean } => {
  const events: EventEnvelope[] = [];
  let cursor = at;
  for (const event of delivery) {
    const kind = arrival(cursor, event);
    if (kind === 'gap') return { events, gap: true };
    if (kind === 'seen') continue;
    events.push(event);
    cursor = { epoch: event.epoch, position: event.position };
  }
  return { events, gap: false };
};
