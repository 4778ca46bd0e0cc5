/**
 * How far every required source is, and whether the guard has taken that in. A verdict waits for its own checkpoints to reach
 * the sources' heads: what a source had committed when the guard was asked is always seen.
 */
import type { SourceMark } from '@mora/contact-rules';
import type { Cursor, Source } from '@mora/contracts';
import { type EventFeed, MOST_SKEW_MS, type Watermark } from '@mora/eventing';

export interface FreshnessOptions {
  readonly sources: readonly Source[];
  readonly feed: (source: Source) => Pick<EventFeed, 'watermark'>;
  readonly takenOf: (shard: number) => ReadonlyMap<string, Cursor>;
  readonly wall: () => number;
  /** Longest wait, wall milliseconds. */
  readonly waitMs: number;
  /** On a real clock a source that is busy for longer may be as old as its last consumed watermark; a stepped one waits. */
  readonly acceptEarlier: boolean;
}

export type Freshness = (shard: number) => Promise<Readonly<Record<string, SourceMark>>>;

const NEVER = new Date(0).toISOString();
const POLL_MS = 3;

const reached = (taken: Cursor | undefined, mark: Watermark): boolean => {
  if (mark.position === 0) return true;
  if (!taken) return false;
  return taken.epoch > mark.epoch || (taken.epoch === mark.epoch && taken.position >= mark.position);
};

export const createFreshness = (options: FreshnessOptions): Freshness => {
  const { sources, feed, takenOf, wall, waitMs, acceptEarlier } = options;
  const earlier = new Map<string, Watermark>();

  const sample = async (source: Source, shard: number): Promise<Watermark | null> => {
    try {
      return ofNow(await feed(source).watermark(shard));
    } catch {
      return null;
    }
  };

  /** What a source says of a time to come is no watermark. */
  const ofNow = (mark: Watermark | null): Watermark | null =>
    mark !== null && Date.parse(mark.at) > wall() + MOST_SKEW_MS ? null : mark;

  const markOf = (source: string, shard: number, mark: Watermark | null): SourceMark => {
    const key = `${source}/${shard}`;
    if (mark !== null && reached(takenOf(shard).get(source), mark)) {
      earlier.set(key, mark);
      return { ...mark, consumed: true };
    }
    const last = acceptEarlier ? earlier.get(key) : undefined;
    if (last) return { ...last, consumed: true };
    return mark === null ? { epoch: 0, position: 0, at: NEVER, consumed: false } : { ...mark, consumed: false };
  };

  return async (shard) => {
    const marks = await Promise.all(sources.map(async (source) => [source, await sample(source, shard)] as const));
    const until = wall() + waitMs;
    const behind = () => {
      const taken = takenOf(shard);
      return marks.some(([source, mark]) => mark !== null && !reached(taken.get(source), mark));
    };
    while (behind() && wall() < until) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return Object.fromEntries(marks.map(([source, mark]) => [source, markOf(source, shard, mark)]));
  };
};
