/** Business time as a port: hours, windows, days past due, plans, timers and call lengths are judged by it. */
export interface ClockAnchor {
  readonly kind: 'real' | 'stepped';
  readonly anchorId: string;
}

export interface Clock {
  readonly anchor: ClockAnchor;
  /** Business time, ISO instant with milliseconds. */
  now(): string;
  /** Called at every instant to which the clock moves; the listener does what became due. @returns unsubscribe. */
  onTick(listener: (now: string) => void): () => void;
}

/** Seconds; slots, timers and leg ends snap to it. */
export const TICK_SECONDS = 30;

/** The first business tick at or after an instant. */
export const snapToTick = (at: string): string => {
  const tick = TICK_SECONDS * 1000;
  return new Date(Math.ceil(Date.parse(at) / tick) * tick).toISOString();
};
