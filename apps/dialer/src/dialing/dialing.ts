import type { DialerEvent } from '@mora/contracts';
import { type Aggregate, snapToTick, type Timer } from '@mora/eventing';
import type { PastCall, PlanOverride } from '@mora/strategy';
import type { DialingEvent } from './events.js';
import type { CaseNote, Dialing } from './records.js';

/** Calls and wordings that are remembered; more than any episode has. */
const CALLS_KEPT = 60;
const WORDINGS_KEPT = 12;
const OVERRIDES_KEPT = 6;

type Planned = Extract<DialerEvent, { readonly type: 'DayPlanned' }>;

const initial: Dialing = {
  debtor: null,
  cases: {},
  stops: {},
  numbers: {},
  sharing: {},
  calls: [],
  wordings: {},
  advice: null,
  callback: null,
  ordinal: 0,
  active: null,
  plan: null,
  reviewAt: null,
  wanted: null,
  heldUntil: null,
  closed: { on: '', times: 0 },
};

const patchCase = (state: Dialing, caseId: string, change: (found: CaseNote) => Partial<CaseNote>): Dialing => {
  const found = state.cases[caseId];
  return found ? { ...state, cases: { ...state.cases, [caseId]: { ...found, ...change(found) } } } : state;
};

const without = <T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

const heardOf = (
  state: Dialing,
  spoken: readonly { readonly promptId: string; readonly wordingId: string }[],
): Dialing['wordings'] => {
  const heard: Record<string, readonly string[]> = { ...state.wordings };
  for (const { promptId, wordingId } of spoken)
    heard[promptId] = [...(heard[promptId] ?? []), wordingId].slice(-WORDINGS_KEPT);
  return heard;
};

const withOverride = (found: CaseNote, kind: PlanOverride['kind'], since: string): readonly PlanOverride[] =>
  [...found.overrides, { kind, since }].slice(-OVERRIDES_KEPT);

/** What followed from a result that was taken back. */
const withoutLast = (overrides: readonly PlanOverride[], kind: PlanOverride['kind']): readonly PlanOverride[] => {
  const last = overrides.findLast((one) => one.kind === kind);
  return overrides.filter((one) => one !== last);
};

const keepCall = (calls: readonly PastCall[], call: PastCall): readonly PastCall[] =>
  [...calls, call].slice(-CALLS_KEPT);

const evolve = (state: Dialing, event: DialingEvent | Planned, at: string): Dialing => {
  switch (event.type) {
    case 'DebtorNoted':
      return { ...state, debtor: event.data };
    case 'AccountNoted': {
      const { caseId, accountId, facts, unpaidMinimum } = event.data;
      const found = state.cases[caseId];
      const note: CaseNote = found
        ? { ...found, facts, unpaidMinimum }
        : {
            caseId,
            accountId,
            facts,
            unpaidMinimum,
            openedAt: at,
            status: 'open',
            treatment: null,
            tier: null,
            promise: null,
            missed: null,
            claimChecking: false,
            handedOver: false,
            overrides: [],
            lastPaymentOn: null,
            paidInEpisode: 0,
            lastLabel: null,
          };
      return { ...state, cases: { ...state.cases, [caseId]: note } };
    }
    case 'PaymentNoted': {
      const { caseId, unpaidMinimum, amount, on, promised } = event.data;
      return patchCase(state, caseId, (found) => ({
        unpaidMinimum,
        paidInEpisode: found.paidInEpisode + amount,
        lastPaymentOn: promised || amount <= 0 ? found.lastPaymentOn : on,
        // A closed case has it when it is opened again.
        overrides: amount < 0 && found.status !== 'closed' ? withOverride(found, 'part-paid', at) : found.overrides,
      }));
    }
    case 'CaseStatusNoted': {
      const { caseId, status, unpaidMinimum } = event.data;
      return patchCase(state, caseId, (found) => ({
        status,
        unpaidMinimum: unpaidMinimum ?? found.unpaidMinimum,
        ...(status === 'closed' ? { claimChecking: false, promise: null } : {}),
        ...(found.status === 'closed' && status === 'open' ? { overrides: withOverride(found, 'part-paid', at) } : {}),
      }));
    }
    case 'TreatmentNoted': {
      const { caseId, treatmentId, experimentId, arm } = event.data;
      return patchCase(state, caseId, () => ({ treatment: { treatmentId, experimentId, arm } }));
    }
    case 'TierNoted': {
      const { caseId, tier, term, band } = event.data;
      return patchCase(state, caseId, () => ({ tier: { tier, term, band } }));
    }
    case 'PromiseNoted': {
      const { caseId, promise, was } = event.data;
      return patchCase(state, caseId, ({ overrides }) => ({
        promise,
        overrides: was === undefined ? overrides : withoutLast(overrides, was === 'broken' ? 'broken' : 'part-paid'),
      }));
    }
    case 'PromiseSettled': {
      const { caseId, promise, override } = event.data;
      return patchCase(state, caseId, (found) => ({
        promise: null,
        missed: override === null ? found.missed : promise,
        overrides: override === null ? found.overrides : withOverride(found, override, at),
      }));
    }
    case 'ClaimNoted':
      return patchCase(state, event.data.caseId, (found) => ({
        claimChecking: event.data.checking,
        ...(event.data.checking ? {} : { overrides: withOverride(found, 'paid-check', at) }),
      }));
    case 'HandOverNoted':
      return patchCase(state, event.data.caseId, () => ({ handedOver: event.data.handedOver }));
    case 'StopNoted':
      return { ...state, stops: { ...state.stops, [event.data.stopId]: event.data } };
    case 'StopLiftNoted':
      return { ...state, stops: without(state.stops, event.data.stopId) };
    case 'SharingNoted':
      return { ...state, sharing: { ...state.sharing, [event.data.phoneRef]: event.data.debtors } };
    case 'NumberNoted':
      return { ...state, numbers: { ...state.numbers, [event.data.phoneRef]: event.data.state } };
    case 'PlanWanted':
      return { ...state, wanted: alsoWanted(state.wanted, event.data.because, at) };
    case 'PlanKept':
      return { ...state, wanted: null };
    case 'PlanScheduled':
      return { ...state, wanted: null, reviewAt: event.data.at };
    case 'PlanWaited':
      return { ...state, wanted: null, plan: null, reviewAt: event.data.until };
    case 'DayPlanned': {
      const { script, nextDialAt, why, leadCaseId, decision } = event.data;
      const plan = { script, nextDialAt, why, leadCaseId, windowId: decision.chosen };
      const heldUntil = stillHeld(state.heldUntil, at);
      return { ...state, wanted: null, plan, reviewAt: decision.nextReviewAt, heldUntil };
    }
    case 'DialQueued':
      return {
        ...state,
        ordinal: event.data.ordinal,
        active: { ...event.data, stage: 'queued', keptUntil: event.data.lookAgainAt },
        plan: null,
      };
    case 'QueueKept':
      return state.active ? { ...state, active: { ...state.active, keptUntil: event.data.until } } : state;
    case 'DialIntended':
      return state.active ? { ...state, active: { ...state.active, stage: 'calling' } } : state;
    case 'DialClosed': {
      const { heldUntil, on } = event.data;
      const times = state.closed.on === on ? state.closed.times + 1 : 1;
      return { ...state, active: null, heldUntil, closed: { on, times } };
    }
    case 'DialEnded': {
      const { call, advice, callback, wordings, label } = event.data;
      const next = {
        ...state,
        active: null,
        heldUntil: null,
        calls: keepCall(state.calls, call),
        wordings: heardOf(state, wordings),
        advice,
        callback,
      };
      return label === null ? next : patchCase(next, label.caseId, () => ({ lastLabel: label.intent }));
    }
    default: {
      const never: never = event;
      return never;
    }
  }
};

const alsoWanted = (wanted: Dialing['wanted'], because: string, at: string): Dialing['wanted'] => ({
  at: wanted?.at ?? at,
  because: [...new Set([...(wanted?.because ?? []), because])].sort(),
});

const stillHeld = (until: string | null, at: string): string | null => (until !== null && until > at ? until : null);

/** Persisted names of the timers; recovery finds waiting dials by `queued`. */
export const PLAN_TIMER = 'plan';
export const REPLAN_TIMER = 'replan';
export const DIAL_TIMER = 'dial';
export const QUEUED_TIMER = 'queued';

const timersOf = (state: Dialing): readonly Timer[] => {
  const timers: Timer[] = [];
  if (state.reviewAt !== null) timers.push({ name: PLAN_TIMER, dueAt: snapToTick(state.reviewAt) });
  // Due at once: the clock comes to it when all facts of the instant are in.
  if (state.wanted !== null) timers.push({ name: REPLAN_TIMER, dueAt: state.wanted.at });
  if (state.active?.stage === 'queued') timers.push({ name: QUEUED_TIMER, dueAt: snapToTick(state.active.keptUntil) });
  if (state.active === null && state.plan?.nextDialAt)
    timers.push({ name: DIAL_TIMER, dueAt: snapToTick(state.plan.nextDialAt) });
  return timers;
};

/** One debtor as he is dialed: what is known of his cases, what was tried, what comes next. One call at a time. */
export const dialing: Aggregate<Dialing, DialingEvent | Planned> = {
  category: 'dialing',
  foldVersion: 3,
  initial,
  evolve,
  timersOf,
};
