/** How far a process is, as metrics. */
import type { KafkaFeeds } from '@mora/event-feed-kafka';
import type { Sample } from '@mora/telemetry';
import type { ServiceLife } from '../service-life.js';

export const standingOf = (life: ServiceLife): readonly Sample[] => [
  { metric: 'mora_feeds_stopped', value: life.failures().size },
  {
    metric: 'mora_parked_subjects',
    value: life.consumers.reduce((sum, { parked }) => sum + parked.size, 0),
    labels: { service: life.name },
  },
];

/** Policies are read from their source when its topic tells of one; nobody takes them from the feed. */
const ONLY_A_BELL = 'policy';

export const samplesOfFeeds = (feeds: Pick<KafkaFeeds, 'lag' | 'figures'>): readonly Sample[] => {
  const { delivered, backfilled, bad } = feeds.figures();
  const bySource = Map.groupBy(
    feeds.lag().filter(({ source }) => source !== ONLY_A_BELL),
    ({ source }) => source,
  );
  const now = Date.now();
  return [
    { metric: 'mora_feed_delivered_total', value: delivered },
    { metric: 'mora_feed_backfilled_total', value: backfilled },
    ...Object.entries(bad).map(
      ([reason, value]): Sample => ({ metric: 'mora_feed_bad_records_total', value, labels: { reason } }),
    ),
    ...[...bySource].flatMap(([source, lags]): readonly Sample[] => {
      const events = lags.reduce((sum, { read, head }) => sum + behind(read, head), 0);
      const oldest = Math.min(...lags.map(({ waitingSince }) => waitingSince ?? now));
      return [
        { metric: 'mora_feed_lag_events', value: events, labels: { source } },
        { metric: 'mora_feed_lag_seconds', value: Math.max(0, now - oldest) / 1_000, labels: { source } },
      ];
    }),
  ];
};

interface Cursor {
  readonly epoch: number;
  readonly position: number;
}

/** Over a new epoch it is not known how many of the old one are left. */
const behind = (read: Cursor, head: Cursor): number =>
  head.epoch === read.epoch || read.position === 0
    ? Math.max(0, head.position - read.position)
    : Number(head.epoch > read.epoch);
