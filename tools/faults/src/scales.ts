import type { Scale } from './scenarios.js';

/** What the product promises, reported in docs/reliability.md. */
export const LONG: Scale = {
  rate: 2_000,
  kills: 5,
  betweenMs: 12_000,
  brokerPauseMs: 20_000,
  zombiePauseMs: 20_000,
  rebalances: 10,
  kafkaGoneMs: 120_000,
};

/** For every commit: the same faults, each once. */
export const SHORT: Scale = {
  rate: 500,
  kills: 1,
  betweenMs: 7_000,
  brokerPauseMs: 8_000,
  zombiePauseMs: 9_000,
  rebalances: 2,
  // Longer than the half minute after which a silent consumer is made anew.
  kafkaGoneMs: 36_000,
};
