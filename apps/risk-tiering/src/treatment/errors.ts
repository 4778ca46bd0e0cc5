/** The strategy in force has not arrived yet, or none was ever activated: the decision waits. */
export class StrategyMissing extends Error {
  readonly code = 'STRATEGY_MISSING';
  constructor(readonly hash: string | null) {
    super(hash === null ? 'no strategy has been activated' : `strategy ${hash} has not arrived`);
    this.name = 'StrategyMissing';
  }
}
