/** One delinquency episode: one account and one missed due date of a debtor, from intake to cure or closing. */
import { addDays, localInstant } from '@mora/business-time';
import type { AccountFacts, DeepReadonly, EventOf, intakeEvents, Provenance } from '@mora/contracts';
import { type Aggregate, ref, type StreamRef, snapToTick } from '@mora/eventing';
import { type Balance, firstBalance, unpaidOf, withMovement, withStatement } from './balance.js';

type Schemas = (typeof intakeEvents)['schemas'];
export type CaseEvent = EventOf<Omit<Schemas, 'DebtorRecorded' | 'PaymentsPostedThrough'>>;
export type ClosedBecause = Extract<CaseEvent, { type: 'CaseClosed' }>['data']['reason'];
export type Facts = DeepReadonly<AccountFacts>;

interface Known {
  readonly caseId: string;
  readonly debtorId: string;
  readonly accountId: string;
  readonly facts: Facts;
  readonly balance: Balance;
  readonly dpdDiffered: boolean;
  /** The latest records taken, by the bank's event id; older ones are in the index of all records. */
  readonly seen: readonly { readonly id: string; readonly hash: string }[];
}

export type Case =
  | { readonly status: 'unknown' }
  | (Known & { readonly status: 'open'; readonly withinTolerance: boolean })
  | (Known & { readonly status: 'cured' })
  | (Known & { readonly status: 'closed'; readonly reason: ClosedBecause });
export type KnownCase = Exclude<Case, { status: 'unknown' }>;

/** The bank's calendar; an installation serves one bank. */
export const BANK_ZONE = 'Asia/Shanghai';
/** A shortfall within the tolerance is closed on this day past due, without hand-over. */
export const TOLERANCE_CLOSES_AT_DPD = 9;
const REMEMBERED = 64;
const DEFAULT_TOLERANCE: Readonly<Record<string, number>> = { CNY: 1_000, TWD: 5_000 };

/** Shortfall in minor units that the bank takes as paid. */
export const toleranceOf = (facts: Facts): number => facts.tolerance ?? DEFAULT_TOLERANCE[facts.currency] ?? 0;

/** No positive balance, or no minimum: there is nothing to work on. */
export const nothingDue = (facts: Facts): boolean =>
  facts.minimumDue <= 0 || (facts.statementBalance !== null && facts.statementBalance <= 0);

const orderOf = (p: DeepReadonly<Provenance>) => ({ businessDate: p.businessDate, bankSequence: p.bankSequence });

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
  };
  return renewed(state, {
    balance: withMovement(state.balance, movement, data.remainingMinimumDue),
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
    const { facts, provenance, caseId, debtorId, accountId } = event.data;
    return {
      status: 'open',
      withinTolerance: false,
      caseId,
      debtorId,
      accountId,
      facts,
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
  balance: state.balance,
  dpdDiffered: state.dpdDiffered,
  seen: state.seen,
});

/** First instant of the day on which a case within tolerance is closed. */
export const toleranceEndsAt = (dueDate: string): string =>
  snapToTick(localInstant(addDays(dueDate, TOLERANCE_CLOSES_AT_DPD), '00:00', BANK_ZONE));

export const cases: Aggregate<Case, CaseEvent> = {
  category: 'case',
  foldVersion: 1,
  initial: { status: 'unknown' },
  evolve,
  timersOf: (state) =>
    state.status === 'open' && state.withinTolerance
      ? [{ name: 'tolerance', dueAt: toleranceEndsAt(state.facts.dueDate) }]
      : [],
};

export const caseRef = (caseId: string): StreamRef<Case, CaseEvent> => ref(cases, caseId);
