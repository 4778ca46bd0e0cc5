/** Startup, readiness and liveness over HTTP, on Terminus. Liveness asks nobody: a restart would mend neither Kafka nor the database. */
import { Controller, Get, Inject } from '@nestjs/common';
import {
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { AlwaysOpen } from './while-open.js';

export interface Health {
  /** Once, after the service has begun its work or stands by. */
  isStarted(): boolean;
  /** Why no work can be taken now, by part (`database`, `feed intake`); empty: ready. */
  notReady(): Promise<Readonly<Record<string, string>>>;
}

/** Injection token of {@link Health}. */
export const HEALTH = Symbol('Health');

const ANSWER_MS = 2_000;

@Controller()
@AlwaysOpen()
export class HealthController {
  constructor(
    @Inject(HEALTH) private readonly health: Health,
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  @Get('live')
  live(): Promise<HealthCheckResult> {
    return this.checks.check([]);
  }

  @Get('startup')
  startup(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.told(this.health.isStarted() ? {} : { startup: 'not finished' })]);
  }

  @Get('ready')
  ready(): Promise<HealthCheckResult> {
    return this.checks.check([async () => this.told(await this.problems())]);
  }

  private told(problems: Readonly<Record<string, string>>): HealthIndicatorResult {
    return Object.assign(
      {},
      ...Object.entries(problems).map(([part, message]) => this.indicators.check(part).down({ message })),
    ) as HealthIndicatorResult;
  }

  private async problems(): Promise<Readonly<Record<string, string>>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Readonly<Record<string, string>>>((resolve) => {
      timer = setTimeout(() => resolve({ check: `no answer within ${ANSWER_MS} ms` }), ANSWER_MS);
    });
    try {
      return await Promise.race([this.health.notReady(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
