/**
 * What the world outside knows more than the store: the logs of carrier and SMSC stand beside the database, and stay as they
 * are when it is put back to an older copy.
 */
import { type Channel, shardOf } from '@mora/contracts';
import type { EventStore } from '@mora/eventing';

export interface MissingContact {
  readonly contactId: string;
  readonly debtorId: string;
  readonly channel: Channel;
  /** Business time at which it was made. */
  readonly at: string;
}

interface Told<T> {
  readonly keyOf: (made: T) => { readonly stream: string; readonly debtorId: string };
  /** Whether an event of that stream proves that the store knows it. */
  readonly proves: (type: string) => boolean;
}

/** What a store loses, it loses at the end: so many are looked at, and as many again while any of them is missing. */
const PAGE = 500;

/** @param made oldest first @returns those that the store does not know, oldest first */
export const notStored = async <T>(
  { store }: { readonly store: EventStore },
  made: Iterable<T>,
  told: Told<T>,
): Promise<readonly T[]> => {
  const all = [...made];
  const missing: T[] = [];
  for (let end = all.length; end > 0; end -= PAGE) {
    const page = all.slice(Math.max(0, end - PAGE), end);
    const unknown = await unknownOf(store, page, told);
    if (unknown.length === 0) break;
    missing.unshift(...unknown);
  }
  return missing;
};

const unknownOf = async <T>(
  store: EventStore,
  page: readonly T[],
  { keyOf, proves }: Told<T>,
): Promise<readonly T[]> => {
  const keys = page.map((made) => {
    const { stream, debtorId } = keyOf(made);
    // No snapshot has this version: the stream's own events are wanted.
    return { shard: shardOf(debtorId, store.shards), stream, foldVersion: -1 };
  });
  const loaded = await store.load(keys);
  const known = new Set(loaded.filter(({ tail }) => tail.some(({ type }) => proves(type))).map(({ stream }) => stream));
  return page.filter((_, i) => !known.has(keys[i]!.stream));
};
