import { joinBlobs } from './canonical.js';
import type { Strategy } from './schema.js';

/** Strategies by hash, parsed once; undefined while the content has not arrived: the decision then waits. */
export const strategyProvider = (
  textOf: (hash: string) => string | undefined,
): ((hash: string) => Strategy | undefined) => {
  const parsed = new Map<string, Strategy>();
  return (hash) => {
    const known = parsed.get(hash);
    if (known) return known;
    const text = textOf(hash);
    if (text === undefined) return undefined;
    const strategy = joinBlobs([text], hash);
    parsed.set(hash, strategy);
    return strategy;
  };
};

/** The strategy in force has not arrived yet, or none was ever activated: the decision waits. */
export class StrategyMissing extends Error {
  readonly code = 'STRATEGY_MISSING';
  /** The shard writer tries the event again instead of parking it. */
  readonly retryLater = true;
  constructor(readonly hash: string | null) {
    super(hash === null ? 'no strategy has been activated' : `strategy ${hash} has not arrived`);
    this.name = 'StrategyMissing';
  }
}
