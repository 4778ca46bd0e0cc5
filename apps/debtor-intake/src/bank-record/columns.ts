import type { RecordKind } from './record.js';

const head = ['bank_event_id', 'bank_sequence', 'business_date'] as const;

const money = [
  ...head,
  'account_id',
  'payment_id',
  'amount',
  'currency',
  'value_date',
  'posted_at',
  'remaining_minimum_due',
] as const;

/** Fields of each kind of record, in files, messages and calls alike. What is not listed never gets past the door. */
export const FIELDS: Readonly<Record<RecordKind, readonly string[]>> = {
  account: [
    ...head,
    'customer_no',
    'name',
    'surname',
    'salutation',
    'language',
    'time_zone',
    'phones',
    'agreed_windows',
    'consents',
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
    'dpd',
    'cycle',
    'card_tail',
    'grace_days',
    'tolerance',
    'bureau_report_on',
    'card_action_on',
    'card_status',
    'credit_report_status',
    'autopay',
    'autopay_next_try_at',
    'offers',
    'benefits_text',
    'agency_notice',
    'recorded_months',
    'delinquency_history',
    'payment_history',
    'earlier_episodes',
    'promise_history',
    'flags',
  ],
  payment: money,
  reversal: [...money, 'reversal_of'],
  'payments-posted-through': [...head, 'as_of'],
};

/** Without these a record of its kind says nothing that can be acted upon. */
export const MANDATORY: Readonly<Record<RecordKind, readonly string[]>> = {
  account: [
    'bank_event_id',
    'business_date',
    'customer_no',
    'account_id',
    'currency',
    'minimum_due',
    'paid_since_statement',
    'due_date',
    'card_tail',
  ],
  payment: ['bank_event_id', 'business_date', 'account_id', 'amount', 'currency', 'value_date'],
  reversal: ['bank_event_id', 'business_date', 'account_id', 'amount', 'currency', 'value_date', 'reversal_of'],
  'payments-posted-through': ['bank_event_id', 'business_date', 'as_of'],
};

export const KINDS = Object.keys(FIELDS) as readonly RecordKind[];

/** Every field that any kind of record may have. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(['record', ...Object.values(FIELDS).flat()]);

/** The kind of a record: its `record` field, else what its fields tell; null when they tell nothing. */
export const kindOf = (raw: Readonly<Record<string, string | undefined>>): RecordKind | null => {
  const named = raw['record']?.trim() ?? '';
  if (named !== '') return KINDS.find((kind) => kind === named) ?? null;
  if ('minimum_due' in raw) return 'account';
  if ('reversal_of' in raw && raw['reversal_of']?.trim() !== '') return 'reversal';
  if ('amount' in raw) return 'payment';
  return 'as_of' in raw ? 'payments-posted-through' : null;
};
