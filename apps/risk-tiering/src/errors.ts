/** The strategy folder that is to be published at start has problems. */
export class StrategyRefused extends Error {
  readonly code = 'STRATEGY_REFUSED';
  constructor(
    readonly folder: string,
    readonly problems: readonly string[],
  ) {
    super(`The strategy in ${folder} has ${problems.length} problems: ${problems.slice(0, 5).join('; ')}`);
    this.name = 'StrategyRefused';
  }
}
