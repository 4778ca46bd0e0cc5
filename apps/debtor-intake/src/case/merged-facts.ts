/** A record that does not say a field says nothing of it: what was said last stands. */
import type { AccountFacts } from '@mora/contracts';
import type { Facts } from './case.js';

const PLAIN = {
  product: 'product',
  credit_limit: 'creditLimit',
  statement_balance: 'statementBalance',
  minimum_due: 'minimumDue',
  paid_since_statement: 'paidSinceStatement',
  overdue_amount: 'overdueAmount',
  interest_to_date: 'interestToDate',
  late_fee: 'lateFee',
  fees_as_of: 'feesAsOf',
  cycle: 'cycle',
  card_tail: 'cardTail',
  grace_days: 'graceDays',
  tolerance: 'tolerance',
  bureau_report_on: 'bureauReportOn',
  card_action_on: 'cardActionOn',
  card_status: 'cardStatus',
  credit_report_status: 'creditReportStatus',
  offers: 'offers',
  benefits_text: 'benefitsText',
  agency_notice: 'agencyNotice',
  flags: 'flags',
} as const satisfies Readonly<Record<string, keyof AccountFacts>>;

const HISTORY = {
  recorded_months: 'recordedMonths',
  delinquency_history: 'delinquency',
  payment_history: 'payments',
  earlier_episodes: 'earlierEpisodes',
  promise_history: 'promises',
} as const satisfies Readonly<Record<string, keyof AccountFacts['history']>>;

/** Fields of which silence keeps what was said; names of the file format. */
export const KEPT_FIELDS: readonly string[] = [
  ...Object.keys(PLAIN),
  'autopay',
  'autopay_next_try_at',
  ...Object.keys(HISTORY),
];

type Takes = (field: string) => boolean;

const taken = <T extends object>(from: T, names: Readonly<Record<string, keyof T>>, takes: Takes): Partial<T> => {
  const picked: Partial<T> = {};
  for (const [field, key] of Object.entries(names)) if (takes(field)) picked[key] = from[key];
  return picked;
};

/** Which fields a record says. That autopay is off says also that it tries no more. */
export const saysOf =
  ({ said, facts }: { readonly said: readonly string[]; readonly facts: Facts }): Takes =>
  (field) =>
    said.includes(field) || (field === 'autopay_next_try_at' && said.includes('autopay') && !facts.autopay.on);

/** @param takes whether a field of `said` counts */
export const mergedFacts = (known: Facts, said: Facts, takes: Takes): Facts => ({
  ...known,
  ...taken(said, PLAIN, takes),
  autopay: {
    on: (takes('autopay') ? said : known).autopay.on,
    nextTryAt: (takes('autopay_next_try_at') ? said : known).autopay.nextTryAt,
  },
  history: { ...known.history, ...taken(said.history, HISTORY, takes) },
});

/** What stands of an earlier episode when the next one begins; sums and dates of its statement do not. */
export const inheritedFacts = (earlier: Facts, begins: Facts): Facts => {
  const sameCurrency = earlier.currency === begins.currency;
  return {
    ...earlier,
    accountId: begins.accountId,
    currency: begins.currency,
    dueDate: begins.dueDate,
    creditLimit: sameCurrency ? earlier.creditLimit : null,
    tolerance: sameCurrency ? earlier.tolerance : null,
    statementBalance: null,
    overdueAmount: null,
    interestToDate: null,
    lateFee: null,
    feesAsOf: null,
    bureauReportOn: null,
    cardActionOn: null,
    dpdReported: begins.dpdReported,
    history: { ...earlier.history, payments: sameCurrency ? earlier.history.payments : [] },
  };
};
