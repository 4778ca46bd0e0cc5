/** Foreign facts as the dialer notes them: each turns into what is new in it, or into nothing. */
import type { AccountFacts, IntakeEvent, TieringEvent } from '@mora/contracts';
import type { Noting } from '../commands.js';
import type { DialingEvent } from '../dialing/events.js';
import type { AccountNote, CaseNote, Dialing } from '../dialing/records.js';

type Intake<T extends IntakeEvent['type']> = Extract<IntakeEvent, { readonly type: T }>['data'];
type Tiering<T extends TieringEvent['type']> = Extract<TieringEvent, { readonly type: T }>['data'];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const accountNote = (facts: Intake<'CaseOpened'>['facts'] | AccountFacts): AccountNote => ({
  currency: facts.currency,
  statementBalance: facts.statementBalance,
  paidSinceStatement: facts.paidSinceStatement,
  interestToDate: facts.interestToDate,
  lateFee: facts.lateFee,
  feesAsOf: facts.feesAsOf,
  dueDate: facts.dueDate,
  cardTail: facts.cardTail,
  graceDays: facts.graceDays,
  tolerance: facts.tolerance,
  bureauReportOn: facts.bureauReportOn,
  autopay: facts.autopay,
  offers: [...facts.offers],
  benefitsText: facts.benefitsText,
});

export const noteDebtor = (data: Intake<'DebtorRecorded'>): Noting => ({
  name: 'note-debtor',
  replan: 'after-day-plan',
  events: (state) => {
    const debtor = {
      salutation: data.salutation,
      surname: data.surname,
      phones: data.phones.map(({ phoneRef, order }) => ({ phoneRef, order })),
      agreedWindows: data.agreedWindows
        .filter((window) => window.channel !== 'sms')
        .map(({ from, to, expiresOn }) => ({ from, to, expiresOn })),
    };
    return same(state.debtor, debtor) ? [] : [{ type: 'DebtorNoted', data: debtor }];
  },
});

export const noteAccount = (data: Intake<'CaseOpened'> | Intake<'AccountReported'>): Noting => ({
  name: 'note-account',
  replan: 'never',
  events: (state) => {
    const { caseId, accountId, unpaidMinimum } = data;
    const facts = accountNote(data.facts);
    const found = state.cases[caseId];
    if (found && found.unpaidMinimum === unpaidMinimum && same(found.facts, facts)) return [];
    return [{ type: 'AccountNoted', data: { caseId, accountId, facts, unpaidMinimum } }];
  },
});

/** @param on business date of the fact */
export const notePayment = (data: Intake<'PaymentPosted'> | Intake<'PaymentReversed'>, on: string): Noting => ({
  name: 'payment',
  replan: 'after-day-plan',
  events: (state) => {
    const found = state.cases[data.caseId];
    if (!found) return [];
    const amount = 'reversalOf' in data ? -Math.abs(data.amount) : data.amount;
    const { caseId, unpaidMinimum } = data;
    return [{ type: 'PaymentNoted', data: { caseId, unpaidMinimum, amount, on, promised: found.promise !== null } }];
  },
});

export const noteStatus = (
  caseId: string,
  status: CaseNote['status'],
  unpaidMinimum: number | null,
  name: string,
): Noting => ({
  name,
  replan: 'always',
  events: (state) => {
    const found = state.cases[caseId];
    return found && found.status !== status
      ? [{ type: 'CaseStatusNoted', data: { caseId, status, unpaidMinimum } }]
      : [];
  },
});

export const noteTreatment = ({ caseId, treatmentId, experimentId, arm }: Tiering<'TreatmentStarted'>): Noting => ({
  name: 'note-treatment',
  replan: 'never',
  events: (state) =>
    same(state.cases[caseId]?.treatment, { treatmentId, experimentId, arm })
      ? []
      : [{ type: 'TreatmentNoted', data: { caseId, treatmentId, experimentId, arm } }],
});

export const noteTier = ({ caseId, tier, term, band }: Tiering<'AccountTiered'>): Noting => ({
  name: 'tiered',
  replan: 'after-day-plan',
  events: (state) =>
    same(state.cases[caseId]?.tier, { tier, term, band })
      ? []
      : [{ type: 'TierNoted', data: { caseId, tier, term, band } }],
});

/** @param on business date of the fact; absent: a new promise, or one that was moved */
export const notePromise = (
  data: Tiering<'PromiseMade' | 'PromiseMoved'> | Tiering<'PromiseReopened'>,
  on: string | null = null,
): Noting => ({
  name: 'promise',
  replan: 'always',
  events: (state) => {
    const { caseId, amount, currency, date } = data;
    const was = 'was' in data ? data.was : null;
    const bounced = was !== null && was !== 'broken' && on !== null && on > date;
    const promise = { amount, currency, date, ...(bounced ? { bounced } : {}) };
    if (same(state.cases[caseId]?.promise, promise)) return [];
    return [{ type: 'PromiseNoted', data: { caseId, promise, ...(was === null ? {} : { was }) } }];
  },
});

/** Who paid in time is not reproached with what bounced later: it is not found yet, as in any payment that was reversed. */
const brokenOverride = ({ promise }: CaseNote): 'broken' | 'part-paid' => (promise?.bounced ? 'part-paid' : 'broken');

/** What became of a promise; kept but not enough to cure is, for the next call, a part. */
export const settlePromise = (
  { caseId, amount, currency, date }: Tiering<'PromiseKept'> | Tiering<'PromiseVoided'>,
  result: 'kept' | 'partly' | 'broken' | 'voided',
): Noting => ({
  name: `promise-${result}`,
  replan: 'after-day-plan',
  events: (state) => {
    const found = state.cases[caseId];
    if (!found?.promise) return [];
    const owes = found.status === 'open' && found.unpaidMinimum > 0;
    const override =
      result === 'broken'
        ? brokenOverride(found)
        : result === 'partly' || (result === 'kept' && owes)
          ? 'part-paid'
          : null;
    return [{ type: 'PromiseSettled', data: { caseId, promise: { amount, currency, date }, override } }];
  },
});

export const noteClaim = (caseId: string, checking: boolean): Noting => ({
  name: checking ? 'claims-paid' : 'claim-unmet',
  replan: 'after-day-plan',
  events: (state) =>
    state.cases[caseId] && state.cases[caseId].claimChecking !== checking
      ? [{ type: 'ClaimNoted', data: { caseId, checking } }]
      : [],
});

export const noteHandOver = (caseId: string, handedOver: boolean): Noting => ({
  name: handedOver ? 'handed-over' : 'returned',
  replan: 'after-day-plan',
  events: (state) =>
    state.cases[caseId] && state.cases[caseId].handedOver !== handedOver
      ? [{ type: 'HandOverNoted', data: { caseId, handedOver } }]
      : [],
});

export const noteNumber = (phoneRef: string): Noting => ({
  name: 'number-barred',
  replan: 'after-day-plan',
  events: (state) =>
    state.numbers[phoneRef] === 'barred' ? [] : [{ type: 'NumberNoted', data: { phoneRef, state: 'barred' } }],
});

export const noteSharing = ({ phoneRef, debtors }: Intake<'NumberShared'>): Noting => ({
  name: 'number-shared',
  replan: 'after-day-plan',
  events: (state) =>
    (state.sharing[phoneRef] ?? 1) === debtors ? [] : [{ type: 'SharingNoted', data: { phoneRef, debtors } }],
});

export const noteStop = (stop: Extract<DialingEvent, { type: 'StopNoted' }>['data']): Noting => ({
  name: 'stop',
  replan: 'after-day-plan',
  events: (state: Dialing) => (state.stops[stop.stopId] ? [] : [{ type: 'StopNoted', data: stop }]),
});

export const liftStop = (stopId: string): Noting => ({
  name: 'stop-lifted',
  replan: 'after-day-plan',
  events: (state) => (state.stops[stopId] ? [{ type: 'StopLiftNoted', data: { stopId } }] : []),
});
