/** Reads the environment once; fails at start with the variable's name. */
import { isZone } from '@mora/business-time';

export interface AnalyticsConfig {
  /** Zone of business days and hours. */
  readonly zone: string;
  /** Null: no HTTP. */
  readonly http: { readonly host: string; readonly port: number } | null;
  readonly batchSize: number;
  /** Events of lag above which the stepped clock is held. */
  readonly holdAbove: number;
}

export class AnalyticsConfigInvalid extends Error {
  readonly code = 'ANALYTICS_CONFIG_INVALID';
  constructor(
    readonly variable: string,
    reason: string,
  ) {
    super(`${variable}: ${reason}`);
    this.name = 'AnalyticsConfigInvalid';
  }
}

/** @throws AnalyticsConfigInvalid */
export const analyticsConfig = (env: Readonly<Record<string, string | undefined>>): AnalyticsConfig => {
  const integer = (variable: string, fallback: number, min: number, max: number): number => {
    const text = env[variable];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new AnalyticsConfigInvalid(variable, `must be a whole number from ${min} to ${max}, not ${text}`);
    }
    return value;
  };
  const zone = env['MORA_BUSINESS_ZONE'] ?? 'Asia/Shanghai';
  if (!isZone(zone)) throw new AnalyticsConfigInvalid('MORA_BUSINESS_ZONE', `no time zone ${zone}`);
  const port = env['MORA_HTTP_PORT'] === 'off' ? null : integer('MORA_HTTP_PORT', 8080, 0, 65_535);
  return Object.freeze({
    zone,
    http: port === null ? null : { host: env['MORA_HTTP_HOST'] ?? '127.0.0.1', port },
    batchSize: integer('MORA_ANALYTICS_BATCH', 2_000, 1, 50_000),
    holdAbove: integer('MORA_ANALYTICS_HOLD_ABOVE', 5_000, 0, 100_000_000),
  });
};
