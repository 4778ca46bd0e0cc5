/** Figures that were taken in pairs, old and new in turn on one noisy machine: what counts is each pair's ratio. */
import { median } from './measure.js';

export interface Pair {
  readonly old: number;
  readonly new: number;
}

export interface PairedFigure {
  /** Medians. */
  readonly old: number;
  readonly new: number;
  /** Median of the pairs' new ÷ old. */
  readonly ratio: number;
  readonly least: number;
  readonly greatest: number;
  /** 95 % t-interval of the mean log ratio, as ratios; null for a single pair. */
  readonly interval: readonly [number, number] | null;
}

export const pairedFigure = (pairs: readonly Pair[]): PairedFigure => {
  const ratios = pairs.map((pair) => pair.new / pair.old);
  return {
    old: median(pairs.map((pair) => pair.old)),
    new: median(pairs.map((pair) => pair.new)),
    ratio: median(ratios),
    least: Math.min(...ratios),
    greatest: Math.max(...ratios),
    interval: intervalOf(ratios.map(Math.log)),
  };
};

const intervalOf = (logs: readonly number[]): readonly [number, number] | null => {
  const n = logs.length;
  if (n < 2) return null;
  const mean = logs.reduce((sum, x) => sum + x, 0) / n;
  const variance = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const half = quantile(n - 1) * Math.sqrt(variance / n);
  return [Math.exp(mean - half), Math.exp(mean + half)];
};

/** 97.5 % quantiles of Student's t with 1, 2, … degrees of freedom. */
const QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** Beyond the table by the normal quantile's first two corrections (Cornish-Fisher), good to 0.005. */
const quantile = (freedom: number): number =>
  QUANTILES[freedom - 1] ?? 1.96 + 2.372 / freedom + 2.823 / (freedom * freedom);
