/** Somebody else works on this data directory. */
export class DataDirectoryInUse extends Error {
  readonly code = 'DATA_DIRECTORY_IN_USE';
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`The data directory ${dataDir} is in use by process ${pid}; stop it first, or choose another directory`);
    this.name = 'DataDirectoryInUse';
  }
}

/** The embedded PostgreSQL could not be installed, initialised or started here. */
export class DatabaseNotStarted extends Error {
  readonly code = 'DATABASE_NOT_STARTED';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseNotStarted';
  }
}

/** A server answered on our port with another data directory: nothing was changed there. */
export class WrongServer extends Error {
  readonly code = 'WRONG_SERVER';
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(
      `The database server that answers has the data directory ${found}, not ours (${expected}); nothing was changed`,
    );
    this.name = 'WrongServer';
  }
}

/** The wanted port is taken. */
export class DatabasePortInUse extends Error {
  readonly code = 'DATABASE_PORT_IN_USE';
  constructor(
    readonly port: number,
    options?: ErrorOptions,
  ) {
    super(`Port ${port} on this machine is taken by another program; free it or choose another port`, options);
    this.name = 'DatabasePortInUse';
  }
}
