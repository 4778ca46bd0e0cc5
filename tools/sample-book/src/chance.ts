import { createHmac } from 'node:crypto';

/** A number in [0, 1) for a seed and a purpose: the same for ever. */
export const draw = (seed: number | string, ...purpose: readonly (number | string)[]): number =>
  createHmac('sha256', String(seed))
    .update(`book|${purpose.join('|')}`)
    .digest()
    .readUIntBE(0, 6) /
  2 ** 48;

/** The numbers 0 … length − 1 in an order that the seed gives. */
export const shuffled = (seed: number | string, length: number): readonly number[] =>
  Array.from({ length }, (_, index) => ({ index, key: draw(seed, 'order', index) }))
    .sort((a, b) => a.key - b.key)
    .map(({ index }) => index);
