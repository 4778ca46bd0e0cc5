/** `analytics` as a process of its own: archive, views, and the API. */
import { bootstrap } from '@mora/service';
import { AnalyticsModule } from './analytics.module.js';

await bootstrap(AnalyticsModule);
