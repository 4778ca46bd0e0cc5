/** Business time = wall time (plus an offset that faults can set); ticks every second. */
import type { Clock } from './clock.js';

export interface RealClock extends Clock {
  stop(): void;
}

export const createRealClock = (anchorId: string, wall: () => number, offsetMs = 0): RealClock => {
  const listeners = new Set<(now: string) => void>();
  const now = () => new Date(wall() + offsetMs).toISOString();
  const interval = setInterval(() => {
    for (const listener of listeners) listener(now());
  }, 1_000);
  interval.unref();
  return {
    anchor: { kind: 'real', anchorId },
    now,
    onTick: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => clearInterval(interval),
  };
};
