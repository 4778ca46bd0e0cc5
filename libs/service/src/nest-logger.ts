/** Nest's own words at start go nowhere; its warnings and errors into the service's log. */
import type { Log } from '@mora/telemetry';
import type { LoggerService } from '@nestjs/common';

export const nestLogger = (log: Log): LoggerService => ({
  log: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  warn: (message: unknown) => log.warn({ by: 'nest' }, String(message)),
  error: (message: unknown) => log.error({ by: 'nest' }, String(message)),
  fatal: (message: unknown) => log.error({ by: 'nest' }, String(message)),
});
