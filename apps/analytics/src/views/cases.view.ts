/** One row per case: where it stands and what was done for it. No personal data. */

import { daysPast } from '../projection/place.js';
import type { Columns, RowOf } from '../projection/view.js';
import { type DataOf, defineView, emptyRow, type Fact, isSimulated, later } from './define.js';

const columns = {
  case_id: 'text',
  debtor_id: 'text',
  account_id: 'text',
  // intake
  simulated: 'bool',
  opened_at: 'text',
  opened_day: 'text',
  due_date: 'text',
  currency: 'text',
  product: 'text',
  entry_dpd: 'int',
  entry_unpaid: 'int',
  minimum_due: 'int',
  statement_balance: 'int',
  credit_limit: 'int',
  intake_state: 'text',
  unpaid: 'int',
  recovered: 'int',
  payments: 'int',
  cured_at: 'text',
  cured_day: 'text',
  cured_dpd: 'int',
  /** Cured at the end of that day past due, whatever came later. */
  cured_3: 'bool',
  cured_5: 'bool',
  cured_8: 'bool',
  /** Payments less reversals that were posted by the end of DPD 8. */
  paid_8: 'int',
  /** Missing at the end of DPD 8, and how much of it the bank lets pass. */
  unpaid_8: 'int',
  tolerance: 'int',
  close_reason: 'text',
  closed_dpd: 'int',
  dpd_differs: 'bool',
  // tiering
  arm: 'text',
  experiment: 'text',
  arm_probability: 'real',
  holdout: 'bool',
  /** Chance had a say, and could have said either: a contact or the holdout. */
  drawn: 'bool',
  strategy: 'text',
  tier: 'text',
  term: 'text',
  dpd: 'int',
  amount_band: 'text',
  tiered_at: 'text',
  promise_state: 'text',
  promise_date: 'text',
  promise_amount: 'int',
  promises_made: 'int',
  promises_broken: 'int',
  claimed_paid_on: 'text',
  hand_over_reason: 'text',
  hand_over_queue: 'text',
  handed_over_at: 'text',
  with_human: 'bool',
  // scoring
  score: 'real',
  score_band: 'text',
  scored_at: 'text',
  label: 'text',
  reason_label: 'text',
  labelled_at: 'text',
  // dialer
  attempts: 'int',
  connected: 'int',
  conversations: 'int',
  rpc: 'int',
  talk_ms: 'int',
  last_call_at: 'text',
  last_disposition: 'text',
  // sms
  sms_submitted: 'int',
  sms_delivered: 'int',
  last_sms_at: 'text',
  // guard
  denied: 'int',
} as const satisfies Columns;
export type CaseRow = RowOf<typeof columns>;
type CaseRef = { readonly caseId: string; readonly debtorId: string; readonly accountId: string };

const byCase = (data: { readonly caseId: string }) => [[data.caseId]];
const byContext = (data: { readonly context: { readonly caseId: string } }) => [[data.context.caseId]];
const ref = (data: CaseRef) => ({ case_id: data.caseId, debtor_id: data.debtorId, account_id: data.accountId });
const contextRef = (data: { debtorId: string; context: { caseId: string; accountId: string } }) => ({
  case_id: data.context.caseId,
  debtor_id: data.debtorId,
  account_id: data.context.accountId,
});
const plus = (count: number | null, add: number): number => (count ?? 0) + add;

/** As the bank last said it. */
const owed = (facts: DataOf<'intake.CaseOpened'>['facts']) => ({
  minimum_due: facts.minimumDue,
  statement_balance: facts.statementBalance,
  credit_limit: facts.creditLimit,
});
/** Days past due, by the local day of an instant. */
const dpdAt = (row: CaseRow, at: string, { place }: Fact): number =>
  row.due_date === null ? 0 : daysPast(row.due_date, place.day(at));
/** What is missing is kept as it was when DPD 8 ended. @param at when it is counted */
const missing = (row: CaseRow, unpaid: number, at: string, fact: Fact) => ({
  unpaid,
  intake_state: row.intake_state === 'tolerance' && unpaid > (row.tolerance ?? 0) ? 'open' : row.intake_state,
  unpaid_8: dpdAt(row, at, fact) <= 8 ? unpaid : row.unpaid_8,
});
const moved =
  (sign: 1 | -1) =>
  (
    row: CaseRow,
    data: CaseRef & { readonly amount: number; readonly postedAt: string; readonly unpaidMinimum: number },
    fact: Fact,
  ): CaseRow => ({
    ...row,
    ...ref(data),
    ...missing(row, data.unpaidMinimum, data.postedAt, fact),
    recovered: plus(row.recovered, sign * data.amount),
    payments: plus(row.payments, sign === 1 ? 1 : 0),
    paid_8: plus(row.paid_8, dpdAt(row, data.postedAt, fact) <= 8 ? sign * data.amount : 0),
  });
/** A cure, or its end, is seen from its own day on. */
const curedBy = (row: CaseRow, cured: boolean, dpd: number) => ({
  cured_3: dpd <= 3 ? cured : row.cured_3,
  cured_5: dpd <= 5 ? cured : row.cured_5,
  cured_8: dpd <= 8 ? cured : row.cured_8,
});
const isDrawn = (probability: number, options: readonly { readonly eligible: boolean }[]): boolean =>
  probability > 0 && probability < 1 && options.every((option) => option.eligible);

const settledPromise =
  (state: string, broken: number) =>
  (row: CaseRow, data: CaseRef): CaseRow => ({
    ...row,
    ...ref(data),
    promise_state: state,
    promises_broken: plus(row.promises_broken, broken),
  });
const promised = (row: CaseRow, data: CaseRef & { readonly date: string; readonly amount: number }): CaseRow => ({
  ...row,
  ...ref(data),
  promise_state: 'open',
  promise_date: data.date,
  promise_amount: data.amount,
});

export const casesView = defineView({
  name: 'cases',
  version: 2,
  columns,
  key: ['case_id'],
  indexes: ['opened_day', 'debtor_id', 'account_id'],
  empty: emptyRow(columns, ['case_id']),
  on: {
    'intake.CaseOpened': {
      keys: byCase,
      evolve: (row, data, { event, at, place }) => ({
        ...row,
        ...ref(data),
        simulated: isSimulated(event),
        opened_at: at,
        opened_day: place.day(at),
        due_date: data.facts.dueDate,
        currency: data.facts.currency,
        product: data.facts.product,
        entry_dpd: data.dpd,
        entry_unpaid: data.unpaidMinimum,
        ...owed(data.facts),
        intake_state: 'open',
        unpaid: data.unpaidMinimum,
        unpaid_8: data.unpaidMinimum,
      }),
    },
    'intake.AccountReported': {
      keys: byCase,
      evolve: (row, data, fact) => ({
        ...row,
        ...ref(data),
        ...owed(data.facts),
        ...missing(row, data.unpaidMinimum, fact.at, fact),
      }),
    },
    'intake.PaymentPosted': { keys: byCase, evolve: moved(1) },
    'intake.PaymentReversed': { keys: byCase, evolve: moved(-1) },
    'intake.CaseCured': {
      keys: byCase,
      evolve: (row, data, { at, place }) => ({
        ...row,
        ...ref(data),
        ...curedBy(row, true, data.dpd),
        intake_state: 'cured',
        unpaid: data.unpaidMinimum,
        cured_at: at,
        cured_day: place.day(at),
        cured_dpd: data.dpd,
      }),
    },
    'intake.WithinTolerance': {
      keys: byCase,
      evolve: (row, data) => ({
        ...row,
        ...ref(data),
        intake_state: 'tolerance',
        unpaid: data.unpaidMinimum,
        tolerance: data.tolerance,
      }),
    },
    'intake.CaseReopened': {
      keys: byCase,
      evolve: (row, data, fact) => ({
        ...row,
        ...ref(data),
        ...curedBy(row, false, dpdAt(row, fact.at, fact)),
        intake_state: 'open',
        unpaid: data.unpaidMinimum,
        cured_at: null,
        cured_day: null,
        cured_dpd: null,
        close_reason: null,
        closed_dpd: null,
      }),
    },
    'intake.CaseClosed': {
      keys: byCase,
      evolve: (row, data, fact) => ({
        ...row,
        ...ref(data),
        intake_state: 'closed',
        close_reason: data.reason,
        closed_dpd: dpdAt(row, fact.at, fact),
      }),
    },
    'intake.DpdDiffers': { keys: byCase, evolve: (row, data) => ({ ...row, ...ref(data), dpd_differs: true }) },
    'tiering.TreatmentStarted': {
      keys: byCase,
      evolve: (row, data) => ({
        ...row,
        ...ref(data),
        arm: data.arm,
        experiment: data.experimentId,
        arm_probability: data.probability,
        holdout: data.holdout,
        drawn: isDrawn(data.probability, data.decision.options),
        strategy: data.strategyHash,
      }),
    },
    'tiering.AccountTiered': {
      keys: byCase,
      evolve: (row, data, { at }) => ({
        ...row,
        ...ref(data),
        strategy: data.strategyHash,
        tier: data.tier,
        term: data.term,
        dpd: data.dpd,
        amount_band: data.band,
        tiered_at: at,
      }),
    },
    'tiering.PromiseMade': {
      keys: byCase,
      evolve: (row, data) => ({ ...promised(row, data), promises_made: plus(row.promises_made, 1) }),
    },
    'tiering.PromiseMoved': { keys: byCase, evolve: promised },
    'tiering.PromiseReopened': {
      keys: byCase,
      evolve: (row, data) => ({
        ...promised(row, data),
        promises_broken: plus(row.promises_broken, data.was === 'broken' ? -1 : 0),
      }),
    },
    'tiering.PromiseKept': { keys: byCase, evolve: settledPromise('kept', 0) },
    'tiering.PromisePartlyKept': { keys: byCase, evolve: settledPromise('partly', 0) },
    'tiering.PromiseBroken': { keys: byCase, evolve: settledPromise('broken', 1) },
    'tiering.PromiseVoided': { keys: byCase, evolve: settledPromise('voided', 0) },
    'tiering.PaymentClaimed': {
      keys: byCase,
      evolve: (row, data) => ({ ...row, ...ref(data), claimed_paid_on: data.claimedOn }),
    },
    'tiering.PaymentClaimUnmet': {
      keys: byCase,
      evolve: (row, data) => ({ ...row, ...ref(data), claimed_paid_on: null }),
    },
    'tiering.HandedOver': {
      keys: byCase,
      evolve: (row, data, { at }) => ({
        ...row,
        ...ref(data),
        hand_over_reason: data.reason,
        hand_over_queue: data.queue,
        handed_over_at: at,
        with_human: true,
      }),
    },
    'tiering.ReturnedToRobot': {
      keys: byCase,
      evolve: (row, data) => ({ ...row, ...ref(data), with_human: false }),
    },
    'scoring.AccountScored': {
      keys: byCase,
      evolve: (row, data, { at }) => ({
        ...row,
        ...ref(data),
        score: data.score,
        score_band: data.band,
        scored_at: at,
      }),
    },
    'scoring.ConversationLabelled': {
      keys: byCase,
      evolve: (row, data, { at }) =>
        data.rightParty
          ? { ...row, ...ref(data), label: data.intent, reason_label: data.reason, labelled_at: at }
          : row,
    },
    'dialer.CallOriginated': {
      keys: byContext,
      evolve: (row, data) => ({ ...row, ...contextRef(data), attempts: plus(row.attempts, 1) }),
    },
    'dialer.CallEnded': {
      keys: byContext,
      evolve: (row, data) => ({
        ...row,
        ...contextRef(data),
        connected: plus(row.connected, data.connected === 'no' ? 0 : 1),
        conversations: plus(row.conversations, data.conversation ? 1 : 0),
        rpc: plus(row.rpc, data.rightParty ? 1 : 0),
        talk_ms: plus(row.talk_ms, data.talkMs),
        last_call_at: later(row.last_call_at, data.endedAt),
        last_disposition: data.disposition,
      }),
    },
    'sms.SmsSubmitted': {
      keys: byContext,
      evolve: (row, data, { at }: Fact) => ({
        ...row,
        ...contextRef(data),
        sms_submitted: plus(row.sms_submitted, 1),
        last_sms_at: later(row.last_sms_at, at),
      }),
    },
    'sms.SmsDelivered': {
      keys: byContext,
      evolve: (row, data) => ({ ...row, ...contextRef(data), sms_delivered: plus(row.sms_delivered, 1) }),
    },
    'guard.ContactDenied': {
      keys: byContext,
      evolve: (row, data) => ({ ...row, ...contextRef(data), denied: plus(row.denied, 1) }),
    },
  },
});

/** Where a case stands, in one word; intake's facts win over tiering's. */
export const caseState = (
  row: Pick<CaseRow, 'intake_state' | 'with_human' | 'promise_state' | 'close_reason'>,
): 'cured' | 'closed' | 'tolerance' | 'handed-over' | 'promised' | 'open' => {
  if (row.intake_state === 'cured' || row.intake_state === 'closed' || row.intake_state === 'tolerance') {
    return row.intake_state;
  }
  if (row.with_human === true) return 'handed-over';
  return row.promise_state === 'open' ? 'promised' : 'open';
};
