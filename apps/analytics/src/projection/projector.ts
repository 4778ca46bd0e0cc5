/** Takes a batch into the tables of views, inside the caller's transaction. */
import { evolveAll, type ProjectionFault, touches } from './project.js';
import { deleteRows, loadRows, type Queryable, upsertRows } from './table.js';
import { type AnyRow, keyOfRow, keyText, type Place, type SeenEvent, tableOf, type View } from './view.js';

export interface Target {
  readonly view: View;
  readonly table: string;
}

export const liveTargets = (views: readonly View[]): readonly Target[] =>
  views.map((view) => ({ view, table: tableOf(view) }));

/** @returns what no view could take; those facts are only in the archive. */
export const projectBatch = async (
  db: Queryable,
  targets: readonly Target[],
  events: readonly SeenEvent[],
  place: Place,
): Promise<readonly ProjectionFault[]> => {
  const faults: ProjectionFault[] = [];
  for (const { view, table } of targets) {
    const touched = touches(view, events, place, faults);
    if (touched.length === 0) continue;
    const keys = new Map(touched.map((touch) => [touch.text, touch.key]));
    const rows = new Map<string, AnyRow | null>();
    const stored = await loadRows(db, view, table, [...keys.values()]);
    for (const row of stored) rows.set(keyText(keyOfRow(view, row)), row);
    const known = new Set(rows.keys());
    const changed = evolveAll(view, touched, rows, place, faults);
    const write: AnyRow[] = [];
    const gone: (readonly (string | number | boolean)[])[] = [];
    for (const [text, key] of changed) {
      const row = rows.get(text) ?? null;
      if (row !== null) write.push(row);
      else if (known.has(text)) gone.push(key);
    }
    await upsertRows(db, view, table, write);
    await deleteRows(db, view, table, gone);
  }
  return faults;
};
