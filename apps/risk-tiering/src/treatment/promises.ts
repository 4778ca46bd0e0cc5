/** Promises to pay and claims of payment (`domain.md` 2.6, 2.8): made, moved, settled against the bank's postings, voided. */
import { addDays, endOfDay, plusMinutes } from '@mora/business-time';
import { type Channel, type DeepReadonly, type SpokenPromise, uuidv5 } from '@mora/contracts';
import { snapToTick } from '@mora/eventing';
import {
  type EndedCall,
  latestPromiseDate,
  leastPromise,
  type PromiseResult,
  settlePromise,
  toleranceOf,
} from '@mora/strategy';
import type { Steps } from './steps.js';
import type { Promised } from './treatment.js';

/** Moved once, inside the limit, before it is due; said again as it stands it is nothing new. */
export const promise = (
  spoken: DeepReadonly<SpokenPromise>,
  { attemptId, endedAt }: Pick<EndedCall, 'attemptId' | 'endedAt'>,
  steps: Steps,
): void => {
  const { strategy } = steps.ground;
  const { state } = steps;
  if (!state.facts || !state.tier || state.status === 'ended') return;
  const latest = latestPromiseDate(strategy, { today: steps.today, dueDate: state.facts.dueDate, tier: state.tier });
  if (spoken.date > latest) return;
  const { unpaidMinimum, currency: owedIn, tolerance: ofBank } = state.facts;
  const tolerance = toleranceOf(strategy, owedIn, ofBank);
  if (spoken.amount < leastPromise(strategy, { unpaidMinimum, tolerance })) return;
  const { amount, currency, date, turn, confidence } = spoken;
  const common = { ...steps.about, amount, currency, date, promiseKind: spoken.kind, attemptId, turn, madeAt: endedAt };
  const open = state.promise;
  if (open) {
    const same = open.date === date && open.amount === amount;
    if (open.moved || same || steps.today > open.date) return;
    steps.add({ type: 'PromiseMoved', data: { ...common, promiseId: open.promiseId, movedFrom: open.date } });
  } else {
    const promiseId = uuidv5(state.caseId, `promise|${state.promisesMade + 1}`);
    steps.add({ type: 'PromiseMade', data: { ...common, promiseId, confidence } });
  }
  planSettlement(steps, endOfDay(date, strategy.about.zone), 'the promise is judged when its day is over');
};

/** One claim is checked at a time; after one that was not found the next is a human's. */
export const claim = (claimedOn: string, attemptId: string, steps: Steps, by: Channel = 'call'): void => {
  const { strategy } = steps.ground;
  const { state } = steps;
  if (state.claim || state.claimUnmet || state.status === 'ended') return;
  const on = claimedOn > steps.today ? steps.today : claimedOn;
  const checkAfter = endOfDay(addDays(on, 1), strategy.about.zone);
  steps.add({ type: 'PaymentClaimed', data: { ...steps.about, claimedOn: on, attemptId, by, checkAfter } });
  planSettlement(steps, checkAfter, 'a claimed payment is looked for until the day after');
};

/** Postings of a day's end come a while after it. */
const WATERMARK_MINUTES = 45;
const RETRY_MINUTES = 60;

/** The earlier look stays: a settlement looks at everything that is open and plans the next one itself. */
const planSettlement = (steps: Steps, from: string, why: string): void => {
  const { settleAt } = steps.state;
  const { at } = steps.ground;
  const due = snapToTick(from > at ? plusMinutes(from, WATERMARK_MINUTES) : plusMinutes(at, RETRY_MINUTES));
  if (settleAt !== null && settleAt > at && settleAt <= due) return;
  steps.add({ type: 'SettlementPlanned', data: { at: due, why } });
};

/** Judges what the watermark allows; what is left is looked at when its day is over, then every hour. */
export const settleOpen = (steps: Steps): void => {
  settlePromiseNow(steps);
  const { claim: open } = steps.state;
  const { postedThrough } = steps.ground;
  if (open && postedThrough !== null && postedThrough >= open.checkAfter)
    steps.add({
      type: 'PaymentClaimUnmet',
      data: { ...steps.about, claimedOn: open.claimedOn, watermark: postedThrough },
    });
  const due = [
    steps.state.promise && endOfDay(steps.state.promise.date, steps.ground.strategy.about.zone),
    steps.state.claim?.checkAfter,
  ]
    .filter((instant) => instant !== null && instant !== undefined)
    .sort()[0];
  if (due) planSettlement(steps, due, 'the bank has not posted that far yet');
};

const resultOf = (promise: Promised, steps: Steps): PromiseResult | null => {
  const { facts, payments } = steps.state;
  if (!facts) return null;
  const { strategy, postedThrough } = steps.ground;
  const tolerance = toleranceOf(strategy, facts.currency, facts.tolerance);
  return settlePromise(strategy, { promise, payments, watermark: postedThrough, today: steps.today, tolerance });
};

/**
 * A payment that bounces, or comes late with a value date inside the promise, takes a result back. Not while another promise
 * is open: one is open per account.
 */
export const reopenPromise = (steps: Steps): void => {
  const { promise: open, settledPromise: settled } = steps.state;
  if (open !== null || settled === null) return;
  const now = resultOf(settled.promise, steps);
  if (now === null || now.result === settled.result) return;
  const { strategy } = steps.ground;
  const { result: was, settledAt, promise } = settled;
  const { paid, payments } = now;
  steps.add({
    type: 'PromiseReopened',
    data: { ...steps.about, ...plain(promise), was, settledAt, paid, payments: [...payments] },
  });
  settlePromiseNow(steps);
  if (steps.state.promise)
    planSettlement(steps, endOfDay(promise.date, strategy.about.zone), 'the promise is judged when its day is over');
};

export const settlePromiseNow = (steps: Steps): void => {
  const { promise: open } = steps.state;
  const result = open && resultOf(open, steps);
  if (!open || !result) return;
  const { postedThrough } = steps.ground;
  const data = {
    ...steps.about,
    ...plain(open),
    paid: result.paid,
    payments: [...result.payments],
    watermark: postedThrough,
  };
  if (result.result === 'kept') steps.add({ type: 'PromiseKept', data });
  if (result.result === 'partly') steps.add({ type: 'PromisePartlyKept', data });
  if (result.result === 'broken') steps.add({ type: 'PromiseBroken', data });
};

export const voidPromise = (because: string, steps: Steps): void => {
  const open = steps.state.promise;
  if (open) steps.add({ type: 'PromiseVoided', data: { ...steps.about, ...plain(open), because } });
};

const plain = ({ promiseId, amount, currency, date, promiseKind }: Promised) => ({
  promiseId,
  amount,
  currency,
  date,
  promiseKind,
});
