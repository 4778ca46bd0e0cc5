export { AnalyticsModule } from './analytics.module.js';
export type { AnalyticsConfig } from './config.js';
export type { FeedLag } from './consumer.js';
export { COUNTERS, type Counter } from './figures/counters.js';
export type { Figure, Figures } from './figures/figures.js';
export { CUTS, type CutName, type Period } from './figures/reads.js';
export type {
  AnalyticsQueries,
  CallDetail,
  CallFilter,
  CaseDetail,
  CaseFilter,
  CaseSummary,
  FiguresRequest,
  Lineage,
  Summary,
  TurnLine,
  VerdictView,
  WhyAnswer,
} from './queries/answers.js';
export { BadRequest, NotFound, UnknownView } from './queries/errors.js';
export { QUERIES } from './queries/queries.js';
export type { TimelineEntry } from './queries/timeline-entry.js';
export type { RebuildReport } from './rebuild.js';
