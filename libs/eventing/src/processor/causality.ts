/**
 * `meta.after` is what the writer of an event had taken in, in that shard. A reader takes an event only when its own
 * checkpoints cover that, for the sources that it reads itself: nobody sees an effect before its cause.
 */
import type { Cursor, EventEnvelope } from '@mora/contracts';

export type Vector = Readonly<Record<string, readonly [epoch: number, position: number]>>;

export const covers = (own: ReadonlyMap<string, Cursor>, after: Vector): boolean => {
  for (const [source, cursor] of own) {
    const wanted = after[source];
    if (wanted === undefined) continue;
    if (cursor.epoch < wanted[0] || (cursor.epoch === wanted[0] && cursor.position < wanted[1])) return false;
  }
  return true;
};

/** The longest prefix whose causes are all taken in. `own` may name the slice's own source: positions before each event count as taken. */
export const causalPrefix = (
  own: ReadonlyMap<string, Cursor>,
  source: string,
  events: readonly EventEnvelope[],
): readonly EventEnvelope[] => {
  const others = new Map(own);
  others.delete(source);
  const end = events.findIndex((event) => !covers(others, event.meta?.after ?? {}));
  return end === -1 ? events : events.slice(0, end);
};
