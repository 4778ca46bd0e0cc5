/** Types of what services answer; their values are imported in `embedded.ts` alone. */
export type { AnalyticsQueries, FeedLag, Figures, Summary } from '@mora/analytics';
export type {
  IntakeInbound,
  LoadProgress,
  LoadState,
  LoadSummary,
  RedrivenMany,
  RowProblem,
} from '@mora/debtor-intake';
export type { TieringControl } from '@mora/risk-tiering';
