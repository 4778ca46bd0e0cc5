/** Opens the streams that the commands of a batch name: from memory where they are known, else from the store. */
import type { LockedSession } from '../store/store.js';
import type { StreamRef } from './aggregate.js';
import type { Batch } from './batch.js';
import { shardOfCommand } from './command.js';
import type { Item } from './item.js';
import type { WriterMemory } from './memory.js';
import { fold } from './stream-cache.js';

type Wanted = readonly [streamRef: StreamRef, shard: number, subject: string];

function* wanted(items: readonly Item[], shards: number): Generator<Wanted> {
  const seen = new Set<string>();
  for (const item of items)
    for (const command of item.commands)
      for (const streamRef of command.streams) {
        if (seen.has(streamRef.stream)) continue;
        seen.add(streamRef.stream);
        yield [streamRef, shardOfCommand(command, shards), command.subject];
      }
}

/** @returns the streams that memory does not hold. */
export const recall = (batch: Batch, items: readonly Item[], memory: WriterMemory): readonly Wanted[] => {
  const missing: Wanted[] = [];
  for (const want of wanted(items, memory.shards)) {
    const folded = memory.state(want[0].stream);
    if (folded) batch.setStream(want[0], folded, want[2]);
    else missing.push(want);
  }
  return missing;
};

export const load = async (
  batch: Batch,
  missing: readonly Wanted[],
  from: Pick<LockedSession, 'load'>,
): Promise<void> => {
  const loaded = await from.load(
    missing.map(([r, shard]) => ({ shard, stream: r.stream, foldVersion: r.aggregate.foldVersion })),
  );
  const byStream = new Map(loaded.map((l) => [l.stream, l]));
  for (const [streamRef, shard, subject] of missing) {
    const found = byStream.get(streamRef.stream) ?? { stream: streamRef.stream, snapshot: null, tail: [] };
    try {
      batch.setStream(streamRef, fold(streamRef.aggregate, found, shard), subject);
    } catch (error) {
      batch.setUnreadable(streamRef.stream, error);
    }
  }
};

/** Rows of the side table that the commands ask for, in the order in which they are locked. */
export const sideKeysOf = (items: readonly Item[]): readonly string[] =>
  [...new Set(items.flatMap((i) => i.commands.flatMap((c) => c.sideKeys ?? [])))].sort();

export const needsSide = (items: readonly Item[]): boolean =>
  items.some((item) => item.commands.some((c) => (c.sideKeys?.length ?? 0) > 0));
