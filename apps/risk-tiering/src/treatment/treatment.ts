/** One account's treatment from its first to its last day past due: tier, promises, claims, hand-over. */
import type {
  AccountFacts,
  Channel,
  DeepReadonly,
  Disposition,
  HandOverReason,
  IntentLabel,
  SmsTrigger,
  StopKind,
  Tier,
  TieringEvent,
} from '@mora/contracts';
import type { Aggregate, Timer } from '@mora/eventing';
import type { PastCall } from '@mora/strategy';

export interface TreatmentFacts {
  readonly accountId: string;
  readonly currency: string;
  readonly unpaidMinimum: number;
  readonly minimumDue: number;
  readonly statementBalance: number | null;
  readonly creditLimit: number | null;
  readonly dueDate: string;
  readonly graceDays: number | null;
  readonly tolerance: number | null;
  readonly history: DeepReadonly<AccountFacts['history']>;
}

export interface TreatmentPayment {
  readonly key: string;
  readonly amount: number;
  readonly valueDate: string;
  readonly postedAt?: string;
  readonly paymentId?: string;
  /** The payment that a reversal takes back. */
  readonly reversalOf?: string;
}

/** A payment with the instant at which it was heard of. */
export type NotedPayment = TreatmentPayment & { readonly notedAt: string };

/** The last promise that had a result, as it was when it had it. */
export interface SettledPromise {
  readonly promise: Promised;
  readonly result: 'kept' | 'partly' | 'broken';
  readonly settledAt: string;
  readonly tier: Tier | null;
  /** What the results before it had come to. */
  readonly before: Pick<Treatment, 'lastPromiseResult' | 'lastBrokenTier'>;
}

/** A stop of the guard that concerns this account. */
export interface TreatmentStop {
  readonly stopId: string;
  readonly kind: StopKind;
  readonly channels: readonly Channel[];
  readonly until: string | null;
}

/** An SMS that a human sees to in another way. */
export interface SmsTask {
  readonly trigger: SmsTrigger;
  readonly reason: string;
}

/** Private: facts of other services that this treatment decides on. */
export type Noted =
  | { readonly type: 'FactsNoted'; readonly data: { readonly facts: TreatmentFacts } }
  | {
      readonly type: 'PaymentNoted';
      readonly data: { readonly payment: TreatmentPayment; readonly unpaidMinimum: number };
    }
  | {
      readonly type: 'CallNoted';
      readonly data: {
        readonly call: PastCall;
        readonly deferTo: string | null;
        readonly unclear: boolean;
        readonly refused: boolean;
      };
    }
  | { readonly type: 'LabelNoted'; readonly data: { readonly attemptId: string; readonly label: IntentLabel } }
  | { readonly type: 'ScoreNoted'; readonly data: { readonly score: number; readonly trigger?: string } }
  | { readonly type: 'ReachNoted'; readonly data: { readonly by: 'sms' } }
  | { readonly type: 'StopNoted'; readonly data: { readonly stop: TreatmentStop } }
  | { readonly type: 'StopEnded'; readonly data: { readonly stopId: string } }
  | { readonly type: 'SmsTaskNoted'; readonly data: { readonly task: SmsTask } }
  | { readonly type: 'NumbersNoted'; readonly data: { readonly usable: number } }
  /** A promise or a claim is looked at then; deciding to wait is an event too. */
  | { readonly type: 'SettlementPlanned'; readonly data: { readonly at: string; readonly why: string } }
  /** A day without a tier; looked at again at the next day plan. */
  | { readonly type: 'PlanPostponed'; readonly data: { readonly at: string; readonly why: string } };

export type TreatmentEvent =
  | Exclude<
      TieringEvent,
      { type: 'StrategyActivated' | 'CalendarActivated' | 'ContactsHalted' | 'ContactsResumed' | 'ClockSet' }
    >
  | Noted;

export interface Promised {
  readonly promiseId: string;
  readonly amount: number;
  readonly currency: string;
  readonly date: string;
  readonly promiseKind: 'minimum' | 'full' | 'part';
  readonly madeAt: string;
  readonly moved: boolean;
}

export interface Treatment {
  readonly status: 'none' | 'active' | 'handed-over' | 'ended';
  readonly caseId: string;
  readonly debtorId: string;
  readonly strategyHash: string;
  readonly arm: string;
  readonly holdout: boolean;
  readonly facts: TreatmentFacts | null;
  readonly paidInEpisode: number;
  readonly payments: readonly NotedPayment[];
  readonly tier: Tier | null;
  readonly pendingRise: Tier | null;
  readonly tieredOn: string | null;
  readonly promise: Promised | null;
  readonly settledPromise: SettledPromise | null;
  readonly promisesMade: number;
  readonly promisesKept: number;
  readonly brokenInEpisode: number;
  readonly lastBrokenTier: Tier | null;
  readonly lastPromiseResult: 'kept' | 'partly' | 'broken' | null;
  readonly claim: { readonly claimedOn: string; readonly checkAfter: string } | null;
  /** A claimed payment was not found: one `paid-check` call, then a human. */
  readonly claimUnmet: boolean;
  readonly claimUnmetAt: string | null;
  /** Why a human has it, also while the treatment is over. */
  readonly handedOverFor: HandOverReason | null;
  /** `withHuman`: a human has had the account since. */
  readonly stops: readonly (TreatmentStop & { readonly withHuman: boolean })[];
  readonly smsTasks: readonly SmsTask[];
  /** Calls and broken promises that a human knew of when the robot got the account back. */
  readonly returned: { readonly calls: number; readonly broken: number };
  readonly calls: readonly PastCall[];
  readonly refusals: number;
  readonly unclears: number;
  readonly lastDisposition: Disposition | null;
  readonly lastLabel: IntentLabel | null;
  readonly lastDeferTo: string | null;
  readonly score: number | null;
  /** A conversation was held since: the score does not know of it yet. */
  readonly scoreAwaited: boolean;
  readonly reachedBySms: boolean;
  readonly usableNumbers: number | null;
  readonly dayPlanAt: string | null;
  readonly settleAt: string | null;
}

const initial: Treatment = {
  status: 'none',
  caseId: '',
  debtorId: '',
  strategyHash: '',
  arm: '',
  holdout: false,
  facts: null,
  paidInEpisode: 0,
  payments: [],
  tier: null,
  pendingRise: null,
  tieredOn: null,
  promise: null,
  settledPromise: null,
  promisesMade: 0,
  promisesKept: 0,
  brokenInEpisode: 0,
  lastBrokenTier: null,
  lastPromiseResult: null,
  claim: null,
  claimUnmet: false,
  claimUnmetAt: null,
  handedOverFor: null,
  stops: [],
  smsTasks: [],
  returned: { calls: 0, broken: 0 },
  calls: [],
  refusals: 0,
  unclears: 0,
  lastDisposition: null,
  lastLabel: null,
  lastDeferTo: null,
  score: null,
  scoreAwaited: false,
  reachedBySms: false,
  usableNumbers: null,
  dayPlanAt: null,
  settleAt: null,
};

const evolve = (state: Treatment, event: TreatmentEvent, at: string): Treatment => {
  switch (event.type) {
    case 'TreatmentStarted': {
      const { caseId, debtorId, strategyHash, arm, holdout } = event.data;
      return { ...state, status: 'active', caseId, debtorId, strategyHash, arm, holdout };
    }
    case 'FactsNoted':
      return { ...state, facts: event.data.facts };
    case 'PaymentNoted': {
      const { payment, unpaidMinimum } = event.data;
      return {
        ...state,
        facts: state.facts && { ...state.facts, unpaidMinimum },
        paidInEpisode: state.paidInEpisode + payment.amount,
        payments: [...state.payments, { ...payment, notedAt: at }],
      };
    }
    case 'CallNoted': {
      const { call, deferTo, unclear, refused } = event.data;
      return {
        ...state,
        calls: [...state.calls, call],
        lastDisposition: call.disposition,
        scoreAwaited: state.scoreAwaited || call.rpc,
        lastDeferTo: call.rpc ? deferTo : state.lastDeferTo,
        unclears: state.unclears + (unclear ? 1 : 0),
        refusals: state.refusals + (refused ? 1 : 0),
      };
    }
    case 'LabelNoted':
      return { ...state, lastLabel: event.data.label };
    case 'ScoreNoted':
      return {
        ...state,
        score: event.data.score,
        scoreAwaited: state.scoreAwaited && !knowsTheCall(event.data.trigger),
      };
    case 'ReachNoted':
      return { ...state, reachedBySms: true };
    case 'StopNoted': {
      const { stop } = event.data;
      const before = state.stops.find((s) => s.stopId === stop.stopId && inForce(s, at));
      const others = state.stops.filter((s) => s.stopId !== stop.stopId);
      return { ...state, stops: [...others, { ...stop, withHuman: before?.withHuman ?? false }] };
    }
    case 'StopEnded':
      return { ...state, stops: state.stops.filter((s) => s.stopId !== event.data.stopId) };
    case 'SmsTaskNoted':
      return { ...state, smsTasks: [...state.smsTasks, event.data.task] };
    case 'NumbersNoted':
      return { ...state, usableNumbers: event.data.usable };
    case 'AccountTiered': {
      const { tier, pendingRise, businessDate, strategyHash } = event.data;
      return {
        ...state,
        strategyHash,
        tier,
        pendingRise,
        tieredOn: businessDate,
        dayPlanAt: event.data.nextPlanAt ?? state.dayPlanAt,
      };
    }
    case 'PromiseMade':
    case 'PromiseMoved': {
      const { promiseId, amount, currency, date, promiseKind } = event.data;
      const moved = event.type === 'PromiseMoved';
      // Another amount is what is missing now: what was paid before it was named does not count again.
      const sameAmount = moved && state.promise?.amount === amount ? state.promise.madeAt : null;
      const madeAt = sameAmount ?? event.data.madeAt ?? at;
      return {
        ...state,
        promise: { promiseId, amount, currency, date, promiseKind, madeAt, moved },
        promisesMade: state.promisesMade + (moved ? 0 : 1),
      };
    }
    case 'PromiseKept':
      return { ...settle(state, 'kept', at), promisesKept: state.promisesKept + 1 };
    case 'PromisePartlyKept':
      return settle(state, 'partly', at);
    case 'PromiseBroken':
      return { ...settle(state, 'broken', at), brokenInEpisode: state.brokenInEpisode + 1, lastBrokenTier: state.tier };
    case 'PromiseReopened':
      return unsettle(state);
    case 'PromiseVoided':
      return closePromise(state);
    case 'PaymentClaimed': {
      const { claimedOn, checkAfter } = event.data;
      return { ...state, claim: { claimedOn, checkAfter } };
    }
    case 'PaymentClaimUnmet':
      return {
        ...state,
        claim: null,
        claimUnmet: true,
        claimUnmetAt: at,
        settleAt: state.promise ? state.settleAt : null,
      };
    case 'SettlementPlanned':
      return { ...state, settleAt: event.data.at };
    case 'PlanPostponed':
      return { ...state, dayPlanAt: event.data.at };
    case 'HandedOver':
      return {
        ...state,
        status: 'handed-over',
        handedOverFor: event.data.reason,
        stops: known(state.stops),
        dayPlanAt: null,
      };
    case 'ReturnedToRobot':
      return {
        ...state,
        status: 'active',
        handedOverFor: null,
        stops: known(state.stops),
        smsTasks: [],
        returned: { calls: state.calls.length, broken: state.brokenInEpisode },
        claimUnmet: false,
        usableNumbers: null,
      };
    case 'TreatmentEnded':
      return {
        ...state,
        status: 'ended',
        dayPlanAt: null,
        settleAt: null,
        claim: null,
        claimUnmet: false,
        promise: null,
        pendingRise: null,
      };
    case 'TreatmentResumed':
      return { ...state, status: 'active' };
    default:
      return state;
  }
};

/** A score that was made for a payment may be of before the call. */
const knowsTheCall = (trigger = 'call'): boolean => trigger === 'call' || trigger === 'day-plan';

const known = (stops: Treatment['stops']): Treatment['stops'] => stops.map((s) => ({ ...s, withHuman: true }));

export const inForce = (stop: { readonly until: string | null }, at: string): boolean =>
  stop.until === null || stop.until > at;

const settle = (state: Treatment, result: SettledPromise['result'], at: string): Treatment => {
  const { promise, tier, lastPromiseResult, lastBrokenTier } = state;
  const before = { lastPromiseResult, lastBrokenTier };
  const settledPromise = promise && { promise, result, settledAt: at, tier, before };
  return { ...closePromise(state), lastPromiseResult: result, settledPromise };
};

/** As before the result, but for the payments. */
const unsettle = (state: Treatment): Treatment => {
  const { settledPromise } = state;
  if (settledPromise === null) return state;
  const { promise, result, before } = settledPromise;
  return {
    ...state,
    ...before,
    promise,
    settledPromise: null,
    promisesKept: state.promisesKept - (result === 'kept' ? 1 : 0),
    brokenInEpisode: state.brokenInEpisode - (result === 'broken' ? 1 : 0),
  };
};

const closePromise = (state: Treatment): Treatment => ({
  ...state,
  promise: null,
  settleAt: state.claim ? state.settleAt : null,
});

const timersOf = (state: Treatment): readonly Timer[] => {
  const timers: Timer[] = [];
  if (state.status === 'active' && state.dayPlanAt) timers.push({ name: 'day-plan', dueAt: state.dayPlanAt });
  if (state.settleAt && (state.promise || state.claim)) timers.push({ name: 'settle', dueAt: state.settleAt });
  return timers;
};

export const treatment: Aggregate<Treatment, TreatmentEvent> = {
  category: 'treatment',
  foldVersion: 3,
  initial,
  evolve,
  timersOf,
};
