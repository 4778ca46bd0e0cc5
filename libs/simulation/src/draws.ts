import { createHmac } from 'node:crypto';

/** A seeded stream of chance: the same seed and parts give the same numbers for ever, in whatever order calls arrive. */
export interface Draws {
  /** Next number in [0, 1). */
  next(): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** Whole number in [low, high], both included. */
  between(low: number, high: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** One option by weight; weights need not sum to 1. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T;
}

/** HMAC-SHA256 in counter mode over (seed, parts): eight 32-bit draws a block. */
export const draws = (seed: number | string, ...parts: readonly (number | string)[]): Draws => {
  const name = parts.join('|');
  let counter = 0;
  let block = Buffer.alloc(0);
  let offset = 0;
  const next = (): number => {
    if (offset === block.length) {
      block = createHmac('sha256', String(seed)).update(`${name}#${counter}`).digest();
      counter += 1;
      offset = 0;
    }
    const value = block.readUInt32BE(offset);
    offset += 4;
    return value / 0x1_0000_0000;
  };
  return {
    next,
    chance: (p) => next() < p,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
    weighted: <T extends string>(weights: Readonly<Record<T, number>>): T => {
      const entries = Object.entries(weights) as [T, number][];
      const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
      let left = next() * total;
      for (const [option, weight] of entries) {
        left -= weight;
        if (left < 0) return option;
      }
      return entries[entries.length - 1]![0];
    },
  };
};
