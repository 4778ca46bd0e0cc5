/** A service ended again and again. */
export class ServiceKeepsEnding extends Error {
  readonly code = 'SERVICE_KEEPS_ENDING';
  constructor(
    readonly service: string,
    readonly exitCode: number | null,
    logFile: string,
  ) {
    super(`${service} ended again and again, last with code ${exitCode}: see ${logFile}`);
    this.name = 'ServiceKeepsEnding';
  }
}

/** A service does not become ready. */
export class ServiceNotReady extends Error {
  readonly code = 'SERVICE_NOT_READY';
  constructor(
    readonly service: string,
    why: string,
    logFile: string,
  ) {
    super(`${service} is not ready: ${why} (see ${logFile})`);
    this.name = 'ServiceNotReady';
  }
}

/** The broker did not acknowledge what the simulated bank sent. */
export class BankNotHeard extends Error {
  readonly code = 'BANK_NOT_HEARD';
  constructor(topic: string, partition: number) {
    super(`the broker acknowledged nothing for ${topic}/${partition}`);
    this.name = 'BankNotHeard';
  }
}

/** None of analytics' replicas answers its API. */
export class AnalyticsUnanswered extends Error {
  readonly code = 'ANALYTICS_UNANSWERED';
  constructor() {
    super('analytics does not answer: ask again, and see its log if it stays so');
    this.name = 'AnalyticsUnanswered';
  }
}

/** None of a service's replicas answers what is asked of the one that works. */
export class ServiceUnanswered extends Error {
  readonly code = 'SERVICE_UNANSWERED';
  constructor(urls: readonly string[]) {
    super(`no working replica answers at ${urls.join(', ')}: ask again, and see its log if it stays so`);
    this.name = 'ServiceUnanswered';
  }
}
