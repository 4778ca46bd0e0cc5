/** How many calls at once, and how many may begin in a second. */
export interface Limits {
  readonly channels: number;
  readonly startsPerSecond: number;
}

export type Limiter = 'channels' | 'starts-per-second' | 'none';

export interface Waiting {
  readonly attemptId: string;
  /** Smaller is served earlier. */
  readonly priority: number;
  /** The limit that passed it over at the last tick. */
  readonly heldBy: Limiter;
}

export interface Granted {
  readonly attemptId: string;
  readonly limiter: Limiter;
  readonly limit: number;
  /** Channels in use with this one. */
  readonly inUse: number;
}

const order = (a: Waiting, b: Waiting): number =>
  a.priority - b.priority || (a.attemptId < b.attemptId ? -1 : a.attemptId > b.attemptId ? 1 : 0);

/**
 * Slots of one tick, in order of (priority, attemptId), whatever the order of arrival. Never more than the free channels,
 * nor than the starts of the seconds that passed.
 */
export const grantSlots = (input: {
  readonly waiting: readonly Waiting[];
  /** Channels taken by legs and by slots not yet used. */
  readonly inUse: number;
  /** Seconds since the last tick, at most one tick's length. */
  readonly seconds: number;
  readonly limits: Limits;
}): { readonly granted: readonly Granted[]; readonly left: readonly Waiting[] } => {
  const { limits, inUse } = input;
  const starts = Math.floor(limits.startsPerSecond * input.seconds);
  const free = Math.max(0, limits.channels - inUse);
  const ordered = [...input.waiting].sort(order);
  const now = ordered.slice(0, Math.min(starts, free));
  const limiter: Limiter = free <= starts ? 'channels' : 'starts-per-second';
  return {
    granted: now.map((one, index) => ({
      attemptId: one.attemptId,
      limiter: one.heldBy,
      limit: one.heldBy === 'starts-per-second' ? limits.startsPerSecond : limits.channels,
      inUse: inUse + index + 1,
    })),
    left: ordered.slice(now.length).map((one) => ({ ...one, heldBy: limiter })),
  };
};
