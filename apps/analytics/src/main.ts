/** `analytics` as a process of its own: archive, views, and the API. */
import { SOURCES } from '@mora/contracts';
import { integer, port, runProcess, text } from '@mora/service';
import { analyticsService } from './analytics.module.js';

await runProcess({
  name: 'analytics',
  active: 'all',
  settings: {
    apiHost: text('0.0.0.0'),
    apiPort: port(8_080),
    businessZone: text('Asia/Shanghai'),
    analyticsBatch: integer({ min: 1, max: 50_000 }, 2_000),
    analyticsHoldAbove: integer({ min: 0, max: 100_000_000 }, 5_000),
  },
  define: ({ config }) => ({
    definitions: [
      analyticsService({
        zone: config.businessZone,
        http: { host: config.apiHost, port: config.apiPort },
        batchSize: config.analyticsBatch,
        holdAbove: config.analyticsHoldAbove,
      }),
    ],
    reads: SOURCES,
  }),
});
