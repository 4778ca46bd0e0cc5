/** One delinquency episode: one account and one missed due date of a debtor, from intake to cure or closing. */
import { addDays, localInstant } from '@mora/business-time';
import type { AccountFacts, DeepReadonly, EventOf, intakeEvents, Provenance } from '@mora/contracts';
import { type Aggregate, ref, type StreamRef, snapToTick } from '@mora/eventing';
import { BANK_ZONE } from '../bank-record/validate.js';
import {
  type Balance,
  compareOrder,
  firstBalance,
  type Order,
  unpaidOf,
  withMovement,
  withStatement,
} from './balance.js';

type Schemas = (typeof intakeEvents)['schemas'];
export type CaseEvent = EventOf<Omit<Schemas, 'DebtorRecorded' | 'PaymentsPostedThrough'>>;
export type ClosedBecause = Extract<CaseEvent, { type: 'CaseClosed' }>['data']['reason'];
export type Facts = DeepReadonly<AccountFacts>;

interface Known {
  readonly caseId: string;
  readonly debtorId: string;
  readonly accountId: string;
  readonly facts: Facts;
  /** The newest record of the account. */
  readonly reported: Reported;
  /** Fields that it did not say, with the order of the record that did; null: none. */
  readonly silent: Readonly<Record<string, Order | null>>;
  readonly balance: Balance;
  readonly dpdDiffered: boolean;
  /** The latest records taken, by the bank's event id; older ones are in the index of all records. */
  readonly seen: readonly { readonly id: string; readonly hash: string }[];
}

export interface Reported extends Order {
  readonly contentHash: string | null;
  readonly channel: DeepReadonly<Provenance>['channel'];
}

export type Case =
  | { readonly status: 'unknown' }
  | (Known & { readonly status: 'open'; readonly withinTolerance: boolean })
  | (Known & { readonly status: 'cured' })
  | (Known & { readonly status: 'closed'; readonly reason: ClosedBecause });
export type KnownCase = Exclude<Case, { status: 'unknown' }>;

/** A shortfall within the tolerance is closed on this day past due, without hand-over. */
export const TOLERANCE_CLOSES_AT_DPD = 9;
const REMEMBERED = 64;
const DEFAULT_TOLERANCE: Readonly<Record<string, number>> = { CNY: 1_000, TWD: 5_000 };

/** Shortfall in minor units that the bank takes as paid. */
export const toleranceOf = (facts: Facts): number => facts.tolerance ?? DEFAULT_TOLERANCE[facts.currency] ?? 0;

/** No positive balance, or no minimum: there is nothing to work on. */
export const nothingDue = (facts: Facts): boolean =>
  facts.minimumDue <= 0 || (facts.statementBalance !== null && facts.statementBalance <= 0);

const orderOf = (p: DeepReadonly<Provenance>): Order => ({
  businessDate: p.businessDate,
  bankSequence: p.bankSequence,
});

const reportedBy = (p: DeepReadonly<Provenance>): Reported => ({
  ...orderOf(p),
  contentHash: p.contentHash ?? null,
  channel: p.channel,
});

/** Order of the record that said what is known of a field; null: none did. */
export const saidAt = ({ reported, silent }: Pick<Known, 'reported' | 'silent'>, field: string): Order | null =>
  field in silent ? silent[field]! : reported;

type ReportData = Extract<CaseEvent, { type: 'AccountReported' }>['data'];

/** What a record changes in who said what; an older one only fills what no newer one said. */
const saidBy = (state: Known, { unsaid = [], provenance }: ReportData): Pick<Known, 'reported' | 'silent'> => {
  const newer = compareOrder(provenance, state.reported) >= 0;
  const silent = newer
    ? unsaid.map((field) => [field, saidAt(state, field)] as const)
    : Object.entries(state.silent).map(
        ([field, order]) => [field, unsaid.includes(field) ? order : orderOf(provenance)] as const,
      );
  return { reported: newer ? reportedBy(provenance) : state.reported, silent: Object.fromEntries(silent) };
};

const remember = (seen: Known['seen'], p: DeepReadonly<Provenance>): Known['seen'] => [
  ...seen.slice(1 - REMEMBERED),
  { id: p.bankEventId, hash: p.rawHash },
];

const moved = (state: KnownCase, data: Extract<CaseEvent, { type: 'PaymentPosted' }>['data'], sign: 1 | -1) => {
  const reversalOf = 'reversalOf' in data ? String(data.reversalOf) : null;
  const movement = {
    paymentId: data.paymentId,
    order: orderOf(data.provenance),
    amount: sign * data.amount,
    reversalOf,
    remaining: data.remainingMinimumDue,
  };
  return renewed(state, {
    balance: withMovement(state.balance, movement),
    seen: remember(state.seen, data.provenance),
  });
};

/** Owing more than the tolerance again ends the tolerance. */
const renewed = (state: KnownCase, change: Partial<Known>): KnownCase => {
  const next: KnownCase = { ...state, ...change };
  if (next.status !== 'open' || !next.withinTolerance) return next;
  const unpaid = unpaidOf(next.balance);
  return { ...next, withinTolerance: unpaid > 0 && unpaid <= toleranceOf(next.facts) };
};

const evolve = (state: Case, event: CaseEvent): Case => {
  if (event.type === 'CaseOpened') {
    const { facts, provenance, caseId, debtorId, accountId, unsaid = [] } = event.data;
    return {
      status: 'open',
      withinTolerance: false,
      caseId,
      debtorId,
      accountId,
      facts,
      reported: reportedBy(provenance),
      silent: Object.fromEntries(unsaid.map((field) => [field, null])),
      balance: firstBalance(orderOf(provenance), facts.minimumDue, facts.paidSinceStatement),
      dpdDiffered: false,
      seen: remember([], provenance),
    };
  }
  if (state.status === 'unknown') return state;
  switch (event.type) {
    case 'AccountReported': {
      const { facts, provenance } = event.data;
      return renewed(state, {
        facts,
        ...saidBy(state, event.data),
        balance: withStatement(state.balance, orderOf(provenance), facts.minimumDue, facts.paidSinceStatement),
        seen: remember(state.seen, provenance),
      });
    }
    case 'PaymentPosted':
      return moved(state, event.data, 1);
    case 'PaymentReversed':
      return moved(state, event.data, -1);
    case 'DpdDiffers':
      return { ...state, dpdDiffered: true };
    case 'WithinTolerance':
      return state.status === 'open' ? { ...state, withinTolerance: true } : state;
    case 'CaseCured':
      return { ...known(state), status: 'cured' };
    case 'CaseReopened':
      return { ...known(state), status: 'open', withinTolerance: false };
    case 'CaseClosed':
      return { ...known(state), status: 'closed', reason: event.data.reason };
    default:
      return state;
  }
};

const known = (state: KnownCase): Known => ({
  caseId: state.caseId,
  debtorId: state.debtorId,
  accountId: state.accountId,
  facts: state.facts,
  reported: state.reported,
  silent: state.silent,
  balance: state.balance,
  dpdDiffered: state.dpdDiffered,
  seen: state.seen,
});

/** First instant of the day on which a case within tolerance is closed. */
export const toleranceEndsAt = (dueDate: string): string =>
  snapToTick(localInstant(addDays(dueDate, TOLERANCE_CLOSES_AT_DPD), '00:00', BANK_ZONE));

export const cases: Aggregate<Case, CaseEvent> = {
  category: 'case',
  foldVersion: 2,
  initial: { status: 'unknown' },
  evolve,
  timersOf: (state) =>
    state.status === 'open' && state.withinTolerance
      ? [{ name: 'tolerance', dueAt: toleranceEndsAt(state.facts.dueDate) }]
      : [],
};

export const caseRef = (caseId: string): StreamRef<Case, CaseEvent> => ref(cases, caseId);
