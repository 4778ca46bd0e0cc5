/**
 * Every metric that Mora offers: the one place for names, meanings, labels. The board and the guide are checked against it.
 * Labels are names of ours with few values; nothing of a debtor is ever one.
 */

export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

const TURN_BUCKETS = [50, 100, 200, 300, 500, 700, 1_000, 1_500, 2_000, 4_000];
const CALL_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

export const METRICS = {
  mora_events_appended_total: {
    kind: 'counter',
    help: 'Events that this process committed',
    labels: ['source', 'type'],
  },
  mora_cases_opened_total: { kind: 'counter', help: 'Delinquency episodes begun', labels: [] },
  mora_cases_cured_total: { kind: 'counter', help: 'Cases whose minimum due was paid', labels: [] },
  mora_contacts_permitted_total: { kind: 'counter', help: 'Contacts that the guard allowed', labels: ['channel'] },
  mora_contacts_denied_total: {
    kind: 'counter',
    help: 'Contacts that the guard refused, once for every rule that refused them',
    labels: ['channel', 'rule'],
  },
  mora_permits_revoked_total: {
    kind: 'counter',
    help: 'Permits taken back by cure, stop, complaint or halt',
    labels: ['channel'],
  },
  mora_stops_placed_total: { kind: 'counter', help: 'Stops of a debtor’s contacts', labels: ['kind'] },
  mora_halts_total: { kind: 'counter', help: 'Halts ordered by operators', labels: [] },
  mora_calls_intended_total: { kind: 'counter', help: 'Attempts that a line was found for', labels: [] },
  mora_calls_originated_total: { kind: 'counter', help: 'Calls that the gateway took', labels: ['trunk'] },
  mora_calls_ended_total: {
    kind: 'counter',
    help: 'Calls that ended, by disposition',
    labels: ['disposition', 'connected'],
  },
  mora_right_party_contacts_total: {
    kind: 'counter',
    help: 'Calls in which the debtor’s identity was confirmed',
    labels: [],
  },
  mora_legs_lost_total: { kind: 'counter', help: 'Legs over which the gateway was restarted', labels: [] },
  mora_turn_latency_ms: {
    kind: 'histogram',
    help: 'How long the robot took in a turn, by what it did',
    labels: ['stage'],
    buckets: TURN_BUCKETS,
  },
  mora_sms_submitted_total: { kind: 'counter', help: 'SMS that the SMSC took', labels: ['trigger'] },
  mora_sms_results_total: { kind: 'counter', help: 'What became of SMS', labels: ['result'] },
  mora_sms_receipts_refused_total: {
    kind: 'counter',
    help: 'Receipts that belong to no SMS of ours',
    labels: ['why'],
  },
  mora_promises_made_total: { kind: 'counter', help: 'Promises to pay', labels: [] },
  mora_promises_settled_total: {
    kind: 'counter',
    help: 'Promises kept, partly kept, broken, void',
    labels: ['result'],
  },
  mora_hand_overs_total: { kind: 'counter', help: 'Accounts given to humans', labels: ['queue'] },
  mora_commit_duration_ms: {
    kind: 'histogram',
    help: 'From decision to committed, a transaction',
    labels: ['source'],
    buckets: CALL_BUCKETS,
  },
  mora_rpc_duration_ms: {
    kind: 'histogram',
    help: 'gRPC calls answered here',
    labels: ['method', 'code'],
    buckets: CALL_BUCKETS,
  },
  mora_feed_lag_events: {
    kind: 'gauge',
    help: 'Events of a source that are known here and not taken in',
    labels: ['source'],
  },
  mora_feed_lag_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest event that waits here to be taken in; 0: none waits',
    labels: ['source'],
  },
  mora_feed_delivered_total: { kind: 'counter', help: 'Events that Kafka delivered', labels: [] },
  mora_feed_backfilled_total: {
    kind: 'counter',
    help: 'Events read from their source for want of them in Kafka',
    labels: [],
  },
  mora_feed_bad_records_total: {
    kind: 'counter',
    help: 'Records of our topics that could not be read',
    labels: ['reason'],
  },
  mora_feeds_stopped: { kind: 'gauge', help: 'Feeds that stopped for too many parked events', labels: [] },
  mora_parked_subjects: { kind: 'gauge', help: 'Debtors with parked events', labels: ['service'] },
  mora_relay_lag_events: { kind: 'gauge', help: 'Committed events that Kafka does not have yet', labels: ['source'] },
  mora_active: { kind: 'gauge', help: '1: this replica works; 0: it starts or stands by', labels: [] },
  mora_ready: { kind: 'gauge', help: '1: it takes work', labels: [] },
  mora_resident_bytes: { kind: 'gauge', help: 'Resident memory of the process', labels: [] },
  mora_event_loop_delay_ms: {
    kind: 'gauge',
    help: '99th percentile of the event loop’s delay since the last scrape',
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof METRICS;
export type Labels = Readonly<Record<string, string>>;

/** One reading of a metric, or one step of a counter. */
export interface Sample {
  readonly metric: MetricName;
  readonly value: number;
  readonly labels?: Labels;
}
