/** The strategy folder that is to be published at start has problems, or cannot be read. */
export class StrategyRefused extends Error {
  readonly code = 'STRATEGY_REFUSED';
  constructor(
    readonly folder: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(`The strategy in ${folder} has ${problems.length} problems: ${problems.slice(0, 5).join('; ')}`, options);
    this.name = 'StrategyRefused';
  }
}
