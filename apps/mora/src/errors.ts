/** What is asked for contradicts what was fixed when the installation was made. */
export class InstallationDiffers extends Error {
  readonly code = 'INSTALLATION_DIFFERS';
  constructor(
    readonly option: string,
    readonly stored: string | number,
    readonly wanted: string | number,
  ) {
    super(
      `this data directory was made with ${option} ${stored}, not ${wanted}: leave the option out, or take another --data directory`,
    );
    this.name = 'InstallationDiffers';
  }
}

/** A word or value on the command line that cannot be used. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The strategy package does not pass its checks. */
export class StrategyInvalid extends Error {
  readonly code = 'STRATEGY_INVALID';
  constructor(readonly problems: readonly string[]) {
    super(`the strategy package has ${problems.length} problems:\n${problems.slice(0, 20).join('\n')}`);
    this.name = 'StrategyInvalid';
  }
}

/** The data directory cannot be made or entered. */
export class DataDirectoryUnusable extends Error {
  readonly code = 'DATA_DIRECTORY_UNUSABLE';
  constructor(
    readonly dataDir: string,
    options: { readonly cause: NodeJS.ErrnoException },
  ) {
    super(`the data directory ${dataDir} cannot be used (${options.cause.code}): choose another with --data`, options);
    this.name = 'DataDirectoryUnusable';
  }
}

/** The database did not come back, or hangs. */
export class DatabaseGone extends Error {
  readonly code = 'DATABASE_GONE';
  constructor(afterMs: number, options?: ErrorOptions) {
    super(
      `the database did not answer for ${afterMs < 120_000 ? `${Math.round(afterMs / 1000)} s` : `${Math.round(afterMs / 60_000)} minutes`}: nothing is lost, start again once it can run (see postgres.log in the data directory)`,
      options,
    );
    this.name = 'DatabaseGone';
  }
}
