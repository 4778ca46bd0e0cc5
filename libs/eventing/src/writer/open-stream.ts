/** A stream while a batch decides on it: its state already holds what earlier decisions of the batch added. */
import type { SnapshotRow } from '../store/store.js';
import type { Aggregate } from './aggregate.js';
import type { Folded } from './stream-cache.js';

export interface OpenStream extends Folded {
  readonly aggregate: Aggregate<unknown>;
  readonly loadedVersion: number;
  readonly subject: string;
}

const isDue = ({ aggregate, version, loadedVersion }: OpenStream): boolean => {
  const every = aggregate.snapshotEvery ?? 50;
  return every !== 0 && Math.floor(version / every) !== Math.floor(loadedVersion / every);
};

/** Null: it cannot be written. A snapshot only saves time: the stream then goes without. */
const jsonOf = (state: unknown): string | null => {
  try {
    return JSON.stringify(state) ?? null;
  } catch {
    return null;
  }
};

/** Of the streams that passed a multiple of their aggregate's `snapshotEvery`. */
export const snapshotsOf = (open: ReadonlyMap<string, OpenStream>): readonly SnapshotRow[] => {
  const rows: SnapshotRow[] = [];
  for (const [stream, o] of open) {
    if (!isDue(o)) continue;
    const state = jsonOf(o.state);
    if (state === null) continue;
    rows.push({ shard: o.shard, stream, version: o.version, foldVersion: o.aggregate.foldVersion, state });
  }
  return rows;
};
