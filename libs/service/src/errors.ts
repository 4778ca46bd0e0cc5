/** Environment variables are missing or malformed; values are never part of the message. */
export class ConfigInvalid extends Error {
  readonly code = 'CONFIG_INVALID';
  constructor(readonly problems: readonly { readonly variable: string; readonly problem: string }[]) {
    super(`Configuration: ${problems.map((p) => `${p.variable} ${p.problem}`).join('; ')}`);
    this.name = 'ConfigInvalid';
  }
}

/** The schema lacks migrations and this process may not run them. */
export class SchemaMissing extends Error {
  readonly code = 'SCHEMA_MISSING';
  constructor(
    readonly service: string,
    readonly migrations: readonly string[],
  ) {
    super(
      `The schema of ${service} lacks ${migrations.length} migrations (first: ${migrations[0]}); run them, or set MORA_DATABASE_OWNER_USER and MORA_DATABASE_OWNER_PASSWORD`,
    );
    this.name = 'SchemaMissing';
  }
}

/** A processor reads a source of which its service is no subscriber: the source's epoch check would not ask it. */
export class UnknownSubscription extends Error {
  readonly code = 'UNKNOWN_SUBSCRIPTION';
  constructor(
    readonly service: string,
    readonly source: string,
  ) {
    super(`${service} reads ${source} and is not listed as its subscriber`);
    this.name = 'UnknownSubscription';
  }
}

/** This process serves nobody now: it starts, stands by, or ends. The caller may ask again. */
export class DoorClosed extends Error {
  readonly code = 'STORE_UNAVAILABLE';
  constructor(readonly service: string) {
    super(`${service} does not serve now`);
    this.name = 'DoorClosed';
  }
}

/** Another replica has taken over while this one could not reach the database. */
export class LeaseTaken extends Error {
  readonly code = 'LEASE_TAKEN';
  constructor(readonly key: string) {
    super(`another process has taken over ${key}`);
    this.name = 'LeaseTaken';
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** A part asked for the store before the service's life had opened it. */
export class CoreNotOpen extends Error {
  readonly code = 'STORE_UNAVAILABLE';
  constructor(readonly service: string) {
    super(`the store of ${service} is not open yet`);
    this.name = 'CoreNotOpen';
  }
}

/** No service of this process owns the source or offers the port. */
export class NotHere extends Error {
  readonly code = 'NOT_HERE';
  constructor(readonly what: string) {
    super(`no service of this process has ${what}`);
    this.name = 'NotHere';
  }
}

/** Asked from another machine, or of a process that listens to others, for what only this machine may. */
export class NotOnThisMachine extends Error {
  readonly code = 'NOT_ON_THIS_MACHINE';
  constructor(what: string) {
    super(`${what} only on the machine itself`);
    this.name = 'NotOnThisMachine';
  }
}
