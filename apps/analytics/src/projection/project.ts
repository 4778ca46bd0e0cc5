/** Folds a batch of events into the rows of one view, in memory. The same function serves live batches, rebuilds and tests. */
import { type AnyRow, type Key, keyText, type Place, type SeenEvent, type View } from './view.js';

/** An event that a view could not take: our bug; the row stays as it was and the fact stays in the archive. */
export interface ProjectionFault {
  readonly view: string;
  readonly event: SeenEvent;
  readonly error: string;
}

export interface Touch {
  readonly event: SeenEvent;
  readonly key: Key;
  readonly text: string;
}

/** Which rows a batch touches, in the order of the events. */
export const touches = (
  view: View,
  events: readonly SeenEvent[],
  place: Place,
  faults: ProjectionFault[],
): readonly Touch[] => {
  const listens = new Set(view.types);
  const found: Touch[] = [];
  for (const event of events) {
    if (!listens.has(`${event.source}.${event.type}`)) continue;
    try {
      for (const key of view.keysOf(event, place)) found.push({ event, key, text: keyText(key) });
    } catch (error) {
      faults.push({ view: view.name, event, error: String(error) });
    }
  }
  return found;
};

/** @param rows what is stored of the touched keys; becomes the new state. @returns keys whose row changed. */
export const evolveAll = (
  view: View,
  touched: readonly Touch[],
  rows: Map<string, AnyRow | null>,
  place: Place,
  faults: ProjectionFault[],
): ReadonlyMap<string, Key> => {
  const changed = new Map<string, Key>();
  for (const { event, key, text } of touched) {
    const row = rows.get(text) ?? null;
    try {
      const next = view.evolve(row as never, event, key, place);
      if (next === row) continue;
      rows.set(text, next);
      changed.set(text, key);
    } catch (error) {
      faults.push({ view: view.name, event, error: String(error) });
    }
  }
  return changed;
};
