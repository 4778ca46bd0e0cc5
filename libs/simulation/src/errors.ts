/** A log that cannot be compared: it is not there, or a line of it is not one that a carrier or SMSC writes. */
export class LogUnreadable extends Error {
  readonly code = 'LOG_UNREADABLE';
  constructor(
    readonly path: string,
    /** From 1; null when it is not about a line. */
    readonly line: number | null,
    because: string,
    options?: ErrorOptions,
  ) {
    super(`${path}${line === null ? '' : `:${line}`}: ${because}`, options);
    this.name = 'LogUnreadable';
  }
}
