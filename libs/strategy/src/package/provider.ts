import { describeProblem, problemsOf } from '../loading/load.js';
import { joinBlobs } from './canonical.js';
import type { Strategy } from './schema.js';

/**
 * Strategies by hash, parsed and checked once; undefined while the content has not arrived: the decision then waits.
 * @throws StrategyUnfit for one that has a problem: nothing is decided by it
 */
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
    refuseUnfit(strategy, hash);
    parsed.set(hash, strategy);
    return strategy;
  };
};

/** Hashes of contents that have no problem: eight services of one process check a strategy once. */
const fit = new Set<string>();

const refuseUnfit = (strategy: Strategy, hash: string): void => {
  if (fit.has(hash)) return;
  const problems = problemsOf(strategy);
  if (problems.length > 0) throw new StrategyUnfit(hash, problems.map(describeProblem));
  fit.add(hash);
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

/** A strategy that has a problem decides nothing and is compiled into no call. */
export class StrategyUnfit extends Error {
  readonly code = 'STRATEGY_UNFIT';
  /** Another strategy may be activated: the decision is tried again. */
  readonly retryLater = true;
  constructor(
    readonly hash: string,
    readonly problems: readonly string[],
  ) {
    super(`strategy ${hash} has ${problems.length} problems: ${problems.slice(0, 5).join('; ')}`);
    this.name = 'StrategyUnfit';
  }
}
