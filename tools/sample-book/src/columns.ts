/**
 * The CSV format in which a bank hands in overdue accounts: UTF-8, LF, a header row, one account a line.
 * Amounts are decimal strings in major units (`1234.50`), dates `2026-11-02`, instants `2026-11-02T01:30:00.000Z`;
 * an empty field means "not said". A list is joined by `;`, the parts of one item by `|`.
 */
export const columns = [
  /** The bank's own id of this record: the same id again is the same fact. */
  'bank_event_id',
  /** Order inside one business date, from 1. */
  'bank_sequence',
  'business_date',
  'customer_no',
  'name',
  'surname',
  /** How the person is addressed; neutral by default and never derived from sex. */
  'salutation',
  'language',
  'time_zone',
  /** `+999…|registered|1;+999…|other-own|2`: E.164, `registered` or `other-own`, order; optional 4th part: confirmed on (date). */
  'phones',
  'account_id',
  'product',
  'currency',
  'credit_limit',
  'statement_balance',
  'minimum_due',
  'paid_since_statement',
  'overdue_amount',
  'interest_to_date',
  'late_fee',
  'fees_as_of',
  'due_date',
  /** Days past due as the bank counts them. */
  'dpd',
  'cycle',
  /** Last four digits of the card. */
  'card_tail',
  'grace_days',
  'tolerance',
  'bureau_report_on',
  'card_action_on',
  /** `active`, `stopped` or `unknown`. */
  'card_status',
  /** `not-reported`, `reported` or `unknown`. */
  'credit_report_status',
  /** `on` or `off`. */
  'autopay',
  'autopay_next_try_at',
  /** Pre-approved offers: `分3期;分6期`. */
  'offers',
  'benefits_text',
  /** Months the bank has records of before this episode. */
  'recorded_months',
  /** Months overdue at each past month, newest first; ≤ 0: not overdue. `2;0;-1`. */
  'delinquency_history',
  /** Amount paid in each past month, newest first. `1500.00;0.00`. */
  'payment_history',
  /** `2026-05-03|4;2026-07-03|`: opened on, days past due at cure (empty: not known). */
  'earlier_episodes',
  /** `2026-05-03|kept`: made on; `kept`, `partly` or `broken`. */
  'promise_history',
  /** `dispute|desk|2026-10-30|2026-11-30`: kind, source, since, until (may be empty). */
  'flags',
] as const;

export type Column = (typeof columns)[number];

/** One line of the book: every column as it stands in the file. */
export type BookRow = Readonly<Record<Column, string>>;
