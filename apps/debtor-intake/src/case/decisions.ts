/** What a bank record means for an episode. A fact already taken yields nothing; an older balance than the known one, too. */
import { dpdOf } from '@mora/business-time';
import type { DeepReadonly, Provenance } from '@mora/contracts';
import { CommandRefused } from '@mora/eventing';
import type { BankAccountRecord, BankPayment, BankReversal, RecordHead } from '../bank-record/record.js';
import { compareOrder, firstBalance, leftOf, remainingOf, unpaidOf, withMovement } from './balance.js';
import {
  type Case,
  type CaseEvent,
  cases,
  type Facts,
  type KnownCase,
  nothingDue,
  type Reported,
  saidAt,
  toleranceOf,
} from './case.js';
import { inheritedFacts, KEPT_FIELDS, mergedFacts, saysOf } from './merged-facts.js';

export interface CaseName {
  readonly caseId: string;
  readonly debtorId: string;
  readonly accountId: string;
}
export type Successor = Pick<CaseName, 'caseId' | 'debtorId'>;

interface AccountReport {
  readonly name: CaseName;
  readonly record: Pick<BankAccountRecord, 'facts' | 'said' | keyof RecordHead>;
  readonly provenance: DeepReadonly<Provenance>;
  /** The case under another debtor that this one goes on from. */
  readonly predecessor?: Successor | undefined;
  /** The account's case before this one: what the bank said then and does not say now still stands. */
  readonly earlier?: Case | undefined;
}

/** @throws CommandRefused when the same bank event id came before with another body. */
const alreadyTaken = (state: Case, { bankEventId, rawHash }: DeepReadonly<Provenance>): boolean => {
  const before = state.status === 'unknown' ? undefined : state.seen.find((s) => s.id === bankEventId);
  if (before && before.hash !== rawHash) throw conflict();
  return before !== undefined;
};

export const conflict = (): CommandRefused =>
  new CommandRefused('bank-event-conflict', 'the same bank event id came before with another body', {
    field: 'bank_event_id',
  });

/** Two records of one order that say different things: the first stands, a person decides. */
export const contradiction = ({ channel }: Pick<Reported, 'channel'>, field = 'bank_sequence'): CommandRefused =>
  new CommandRefused(
    'contradiction',
    `contradicts the record of the same business date and sequence that came first: ${channel.kind} ${channel.name}, ${channel.offset}`,
    { field },
  );

export const reportAccount = (state: Case, report: AccountReport): readonly CaseEvent[] => {
  if (alreadyTaken(state, report.provenance)) return [];
  if (state.status === 'unknown') return openCase(report);
  const { record, provenance } = report;
  if (state.facts.currency !== record.facts.currency) throw otherCurrency(state.facts.currency);
  const order = compareOrder(record, state.reported);
  if (order === 0) {
    if (provenance.contentHash === state.reported.contentHash) return [];
    throw contradiction(state.reported);
  }
  return order < 0 ? fillIn(state, report) : reportAgain(state, report);
};

const openCase = ({ name, record, provenance, predecessor, earlier }: AccountReport): readonly CaseEvent[] => {
  const known = earlier === undefined || earlier.status === 'unknown' ? null : earlier;
  const said = saysOf(record);
  const facts =
    known === null ? record.facts : mergedFacts(inheritedFacts(known.facts, record.facts), record.facts, said);
  const dpd = dpdOf(record.businessDate, facts.dueDate);
  const opened: CaseEvent = {
    type: 'CaseOpened',
    data: {
      ...name,
      facts,
      unpaidMinimum: unpaidOf(firstBalance(record, facts.minimumDue, facts.paidSinceStatement)),
      dpd,
      unsaid: KEPT_FIELDS.filter((field) => !said(field) && (known === null || saidAt(known, field) === null)),
      ...(predecessor === undefined ? {} : { predecessor }),
      provenance,
    },
  };
  if (nothingDue(facts)) return [opened, { type: 'CaseClosed', data: { ...name, reason: 'nothing-due' } }];
  return then({ status: 'unknown' }, [opened], record, dpd);
};

const reportAgain = (state: KnownCase, { name, record, provenance }: AccountReport): readonly CaseEvent[] => {
  const said = saysOf(record);
  const facts = { ...mergedFacts(state.facts, record.facts, said), dpdReported: record.facts.dpdReported };
  const owes = !nothingDue(facts) && facts.minimumDue > facts.paidSinceStatement;
  const dpd = dpdOf(record.businessDate, facts.dueDate);
  const unsaid = KEPT_FIELDS.filter((field) => !said(field));
  const draft = (unpaidMinimum: number): CaseEvent => ({
    type: 'AccountReported',
    data: { ...name, facts, unpaidMinimum, dpd, unsaid, provenance },
  });
  const after = cases.evolve(state, draft(0), '') as KnownCase;
  const reported = draft(unpaidOf(after.balance));
  // Recorded also where it changes nothing: an older record that comes after it must find it.
  if (state.status === 'closed' && !owes && same(facts.flags, state.facts.flags)) return [reported];
  return then(state, [reported], record, dpd);
};

/** An older record changes nothing that a newer one said, and says what none of them did. */
const fillIn = (state: KnownCase, { name, record, provenance }: AccountReport): readonly CaseEvent[] => {
  const said = saysOf(record);
  const takes = (field: string): boolean => {
    const before = saidAt(state, field);
    return said(field) && (before === null || compareOrder(record, before) > 0);
  };
  const unsaid = KEPT_FIELDS.filter((field) => !takes(field));
  // Recorded also where it changes nothing: a still older record must find who said it.
  if (unsaid.length === KEPT_FIELDS.length) return [];
  const facts = mergedFacts(state.facts, record.facts, takes);
  const { businessDate } = state.reported;
  const dpd = dpdOf(businessDate, facts.dueDate);
  const filled: CaseEvent = {
    type: 'AccountReported',
    data: { ...name, facts, unpaidMinimum: unpaidOf(state.balance), dpd, unsaid, provenance },
  };
  return then(state, [filled], { ...record, businessDate }, dpd);
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const postPayment = (
  state: Case,
  payment: BankPayment,
  provenance: DeepReadonly<Provenance>,
): readonly CaseEvent[] => {
  const owner = payable(state, payment, provenance);
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
  const owner = payable(state, reversal, provenance);
  if (owner === null) return [];
  const left = leftOf(owner.balance, reversal.reversalOf);
  if (left === null) throw new CommandRefused('unknown-payment', PAYMENT_UNKNOWN, { field: 'reversal_of' });
  if (reversal.amount > left) {
    throw new CommandRefused('reversal-exceeds', 'is more than what is left of the payment', { field: 'amount' });
  }
  const reversed = (unpaidMinimum: number): CaseEvent => ({
    type: 'PaymentReversed',
    data: { ...movementData(owner, reversal, provenance), reversalOf: reversal.reversalOf, unpaidMinimum },
  });
  return movedThen(owner, reversed, reversal);
};

/** Why a reversal waits: its payment may still come. */
export const PAYMENT_UNKNOWN = 'names a payment that has not come; it waits for that';

/** The account goes on elsewhere: under another debtor, or with another due date. Older news change nothing. */
export const handOn = (
  state: Case,
  reason: 'debtor-corrected' | 'withdrawn',
  record: RecordHead,
  successor: Successor,
): readonly CaseEvent[] => {
  if (state.status !== 'open' || compareOrder(record, state.reported) < 0) return [];
  return [{ type: 'CaseClosed', data: { ...nameOf(state), reason, successor } }];
};

/** At DPD 9 what is still within the tolerance ends. */
export const closeTolerated = (state: Case): readonly CaseEvent[] =>
  state.status === 'open' && state.withinTolerance
    ? [{ type: 'CaseClosed', data: { ...nameOf(state), reason: 'tolerance' } }]
    : [];

/** Null: taken before. */
const payable = (
  state: Case,
  movement: BankPayment | BankReversal,
  provenance: DeepReadonly<Provenance>,
): KnownCase | null => {
  if (state.status === 'unknown') throw new CommandRefused('unknown-account', 'no case of this account is known');
  if (alreadyTaken(state, provenance)) return null;
  if (state.facts.currency !== movement.currency) throw otherCurrency(state.facts.currency);
  const twin = state.balance.movements.find((m) => m.paymentId === movement.paymentId);
  if (!twin) return state;
  const isReversal = movement.kind === 'reversal';
  if (twin.amount !== (isReversal ? -movement.amount : movement.amount)) throw usedFor('with another amount');
  if (twin.reversalOf !== (isReversal ? movement.reversalOf : null)) throw usedFor('and took another payment back');
  return null;
};

const usedFor = (what: string): CommandRefused =>
  new CommandRefused('payment-conflict', `the same payment id came before ${what}`, { field: 'payment_id' });

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
  const recorded = [settled, ...remainingDiffers(state, after, record)];
  return follows ? then(state, recorded, record, dpd) : recorded;
};

/** The bank's own sum wins; that ours is another is said. */
const remainingDiffers = (
  before: KnownCase,
  { balance }: KnownCase,
  { businessDate, bankSequence, paymentId, remainingMinimumDue: banks }: BankPayment | BankReversal,
): readonly CaseEvent[] => {
  const movement = balance.movements.find((m) => m.paymentId === paymentId);
  if (banks === null || !movement || compareOrder({ businessDate, bankSequence }, before.balance.order) < 0) return [];
  const ours = unpaidOf(withMovement(before.balance, { ...movement, remaining: null }));
  if (ours === Math.min(balance.minimumDue, Math.max(0, banks))) return [];
  return [{ type: 'RemainingDiffers', data: { ...nameOf(before), paymentId, ours, banks, businessDate } }];
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
