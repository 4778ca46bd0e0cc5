/** What a bank record means for an episode. A fact already taken yields nothing; an older balance than the known one, too. */
import { dpdOf } from '@mora/business-time';
import type { DeepReadonly, Provenance } from '@mora/contracts';
import { CommandRefused } from '@mora/eventing';
import type { BankAccountRecord, BankPayment, BankReversal, RecordHead } from '../bank-record/record.js';
import { compareOrder, firstBalance, remainingOf, unpaidOf } from './balance.js';
import { type Case, type CaseEvent, cases, type Facts, type KnownCase, nothingDue, toleranceOf } from './case.js';

export interface CaseName {
  readonly caseId: string;
  readonly debtorId: string;
  readonly accountId: string;
}
export type Successor = Pick<CaseName, 'caseId' | 'debtorId'>;

interface Reported {
  readonly name: CaseName;
  readonly record: Pick<BankAccountRecord, 'facts' | keyof RecordHead>;
  readonly provenance: DeepReadonly<Provenance>;
  /** The case under another debtor that this one goes on from. */
  readonly predecessor?: Successor | undefined;
}

/** @throws CommandRefused when the same bank event id came before with another body. */
const alreadyTaken = (state: Case, { bankEventId, bodyHash }: RecordHead): boolean => {
  const before = state.status === 'unknown' ? undefined : state.seen.find((s) => s.id === bankEventId);
  if (before && before.hash !== bodyHash) throw conflict();
  return before !== undefined;
};

export const conflict = (): CommandRefused =>
  new CommandRefused('bank-event-conflict', 'the same bank event id came before with another body', {
    field: 'bank_event_id',
  });

export const reportAccount = (state: Case, report: Reported): readonly CaseEvent[] => {
  const { name, record, provenance } = report;
  if (alreadyTaken(state, record)) return [];
  const { facts, businessDate } = record;
  const dpd = dpdOf(businessDate, facts.dueDate);
  if (state.status === 'unknown') {
    const balance = firstBalance(record, facts.minimumDue, facts.paidSinceStatement);
    const { predecessor } = report;
    const opened: CaseEvent = {
      type: 'CaseOpened',
      data: {
        ...name,
        facts,
        unpaidMinimum: unpaidOf(balance),
        dpd,
        ...(predecessor === undefined ? {} : { predecessor }),
        provenance,
      },
    };
    if (nothingDue(facts)) return [opened, { type: 'CaseClosed', data: { ...name, reason: 'nothing-due' } }];
    return then(state, [opened], record, dpd);
  }
  if (state.facts.currency !== facts.currency) throw otherCurrency(state.facts.currency);
  if (compareOrder(record, state.balance.order) < 0) return [];
  const owes = !nothingDue(facts) && facts.minimumDue > facts.paidSinceStatement;
  if (state.status === 'closed' && !owes) return [];
  const draft = (unpaidMinimum: number): CaseEvent => ({
    type: 'AccountReported',
    data: { ...name, facts, unpaidMinimum, dpd, provenance },
  });
  const after = cases.evolve(state, draft(0), '') as KnownCase;
  return then(state, [draft(unpaidOf(after.balance))], record, dpd);
};

export const postPayment = (
  state: Case,
  payment: BankPayment,
  provenance: DeepReadonly<Provenance>,
): readonly CaseEvent[] => {
  const owner = payable(state, payment);
  if (owner === null) return [];
  const posted = (unpaidMinimum: number): CaseEvent => ({
    type: 'PaymentPosted',
    data: { ...movementData(owner, payment, provenance), unpaidMinimum },
  });
  return movedThen(owner, posted, payment);
};

export const reversePayment = (
  state: Case,
  reversal: BankReversal,
  provenance: DeepReadonly<Provenance>,
): readonly CaseEvent[] => {
  const owner = payable(state, reversal);
  if (owner === null) return [];
  const reversed = (unpaidMinimum: number): CaseEvent => ({
    type: 'PaymentReversed',
    data: { ...movementData(owner, reversal, provenance), reversalOf: reversal.reversalOf, unpaidMinimum },
  });
  return movedThen(owner, reversed, reversal);
};

/** The account goes on elsewhere: under another debtor, or with another due date. Older news change nothing. */
export const handOn = (
  state: Case,
  reason: 'debtor-corrected' | 'withdrawn',
  record: RecordHead,
  successor: Successor,
): readonly CaseEvent[] => {
  if (state.status !== 'open' || compareOrder(record, state.balance.order) < 0) return [];
  return [{ type: 'CaseClosed', data: { ...nameOf(state), reason, successor } }];
};

/** At DPD 9 what is still within the tolerance ends. */
export const closeTolerated = (state: Case): readonly CaseEvent[] =>
  state.status === 'open' && state.withinTolerance
    ? [{ type: 'CaseClosed', data: { ...nameOf(state), reason: 'tolerance' } }]
    : [];

/** Null: taken before. */
const payable = (state: Case, movement: BankPayment | BankReversal): KnownCase | null => {
  if (state.status === 'unknown') throw new CommandRefused('unknown-account', 'no case of this account is known');
  if (alreadyTaken(state, movement)) return null;
  if (state.facts.currency !== movement.currency) throw otherCurrency(state.facts.currency);
  const twin = state.balance.movements.find((m) => m.paymentId === movement.paymentId);
  if (!twin) return state;
  const amount = movement.kind === 'payment' ? movement.amount : -movement.amount;
  if (twin.amount === amount) return null;
  throw new CommandRefused('payment-conflict', 'the same payment id came before with another amount', {
    field: 'payment_id',
  });
};

const otherCurrency = (known: string): CommandRefused =>
  new CommandRefused('currency-differs', `the case is kept in ${known}`, { field: 'currency' });

const nameOf = ({ caseId, debtorId, accountId }: KnownCase): CaseName => ({ caseId, debtorId, accountId });

const movementData = (
  state: KnownCase,
  movement: BankPayment | BankReversal,
  provenance: DeepReadonly<Provenance>,
) => ({
  ...nameOf(state),
  paymentId: movement.paymentId,
  amount: movement.amount,
  currency: movement.currency,
  valueDate: movement.valueDate,
  postedAt: movement.postedAt ?? provenance.receivedAt,
  remainingMinimumDue: movement.remainingMinimumDue,
  provenance,
});

const movedThen = (
  state: KnownCase,
  event: (unpaidMinimum: number) => CaseEvent,
  record: BankPayment | BankReversal,
): readonly CaseEvent[] => {
  const after = cases.evolve(state, event(0), '') as KnownCase;
  const settled = event(unpaidOf(after.balance));
  const dpd = dpdOf(record.businessDate, state.facts.dueDate);
  const follows = state.status !== 'closed' || (state.reason === 'tolerance' && record.kind === 'reversal');
  return follows ? then(state, [settled], record, dpd) : [settled];
};

/** Cure, tolerance, reopening and a difference in days past due, as they follow from what was just recorded. */
const then = (before: Case, recorded: readonly CaseEvent[], head: RecordHead, dpd: number): readonly CaseEvent[] => {
  const events = [...recorded];
  let state = recorded.reduce((s, e) => cases.evolve(s, e, ''), before) as KnownCase;
  const add = (event: CaseEvent) => {
    events.push(event);
    state = cases.evolve(state, event, '') as KnownCase;
  };
  const name = nameOf(state);
  const unpaidMinimum = unpaidOf(state.balance);
  const tolerance = toleranceOf(state.facts);
  if (recorded.some((e) => e.type === 'CaseOpened' || e.type === 'AccountReported')) {
    for (const differs of dpdDiffers(state, state.facts, head, dpd)) add(differs);
  }
  if (state.status === 'open' && remainingOf(state.balance) <= 0) {
    add({ type: 'CaseCured', data: { ...name, curedBy: head.bankEventId, unpaidMinimum, dpd } });
  } else if (state.status === 'open' && nothingDue(state.facts)) {
    add({ type: 'CaseClosed', data: { ...name, reason: 'nothing-due' } });
  }
  if (reopens(state, unpaidMinimum, tolerance)) {
    add({ type: 'CaseReopened', data: { ...name, unpaidMinimum, because: head.bankEventId } });
  }
  if (state.status === 'open' && !state.withinTolerance && unpaidMinimum > 0 && unpaidMinimum <= tolerance) {
    add({ type: 'WithinTolerance', data: { ...name, unpaidMinimum, tolerance } });
  }
  return events;
};

const reopens = (state: KnownCase, unpaid: number, tolerance: number): boolean => {
  if (nothingDue(state.facts)) return false;
  if (state.status === 'cured') return unpaid > 0;
  if (state.status !== 'closed') return false;
  return state.reason === 'tolerance' ? unpaid > tolerance : unpaid > 0;
};

const dpdDiffers = (state: KnownCase, facts: Facts, head: RecordHead, ours: number): readonly CaseEvent[] => {
  const banks = facts.dpdReported;
  if (state.dpdDiffered || banks === null || banks === ours) return [];
  return [{ type: 'DpdDiffers', data: { ...nameOf(state), ours, banks, businessDate: head.businessDate } }];
};
