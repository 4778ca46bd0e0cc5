export { AnalyticsModule } from './analytics.module.js';
export type { FeedLag } from './consumer.js';
export type { Figures } from './figures/figures.js';
export type { AnalyticsQueries, Summary } from './queries/answers.js';
export { QUERIES } from './queries/queries.js';
