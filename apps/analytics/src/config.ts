import { isZone } from '@mora/business-time';
import { type Ground, integer, setting, Unfit } from '@mora/service';

export interface AnalyticsConfig {
  /** Zone of business days and hours. */
  readonly zone: string;
  readonly batchSize: number;
  /** Events of lag above which the stepped clock is held. */
  readonly holdAbove: number;
}

/** Injection token of {@link AnalyticsConfig}. */
export const ANALYTICS_CONFIG = Symbol('AnalyticsConfig');

const zone = setting((name) => {
  if (isZone(name)) return name;
  throw new Unfit('must be the IANA name of a time zone');
});

export const settings = {
  businessZone: zone('Asia/Shanghai'),
  analyticsBatch: integer({ min: 1, max: 50_000 }, 2_000),
  analyticsHoldAbove: integer({ min: 0, max: 100_000_000 }, 5_000),
};

export const analyticsConfig = ({ config }: Ground<typeof settings>): AnalyticsConfig => ({
  zone: config.businessZone,
  batchSize: config.analyticsBatch,
  holdAbove: config.analyticsHoldAbove,
});
