/** One debtor as he is written to: what is known of his cases, what was sent, what comes next. One SMS at a time. */
import { type Aggregate, snapToTick, type Timer } from '@mora/eventing';
import { type MessagingEvent, type MessagingEventNamed, originOf } from './events.js';
import { type AckNote, type CaseNote, type Done, keyOf, type Messaging, type NumberNote } from './records.js';

const CALLS_KEPT = 40;
/** Facts of several services about one moment are all there when the plan is looked at. */
export const SETTLE_MS = 60_000;
/** A step on its way out that takes longer than this is looked for again. */
export const KEPT_MS = 300_000;

const initial: Messaging = {
  debtor: null,
  cases: {},
  stops: {},
  numbers: {},
  sharing: {},
  calls: [],
  said: {},
  holds: {},
  acks: {},
  ordinal: 0,
  sent: { on: '', unsolicited: 0, all: 0 },
  open: null,
  lookAt: null,
};

export const KNOWN_GOOD: NumberNote = { state: 'ok', thirdParty: false };

const plus = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

const lookBy = (state: Messaging, at: string): Messaging =>
  state.lookAt !== null && state.lookAt <= at ? state : { ...state, lookAt: at };

const lookSoon = (state: Messaging, at: string): Messaging => lookBy(state, plus(at, SETTLE_MS));

const patchCase = (state: Messaging, caseId: string, change: (found: CaseNote) => Partial<CaseNote>): Messaging => {
  const found = state.cases[caseId];
  return found ? { ...state, cases: { ...state.cases, [caseId]: { ...found, ...change(found) } } } : state;
};

const patchAck = (state: Messaging, key: string, change: Partial<AckNote>): Messaging => {
  const found = state.acks[key];
  return found ? { ...state, acks: { ...state.acks, [key]: { ...found, ...change } } } : state;
};

const without = <T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

const evolve = (state: Messaging, event: MessagingEvent, at: string): Messaging => {
  switch (event.type) {
    case 'DebtorNoted':
      return { ...state, debtor: event.data };
    case 'AccountNoted':
      return noteAccount(state, event.data, at);
    case 'PaymentNoted': {
      const { caseId, unpaidMinimum } = event.data;
      return lookSoon(
        patchCase(state, caseId, () => ({ unpaidMinimum })),
        at,
      );
    }
    case 'CaseStatusNoted': {
      const { caseId, status, unpaidMinimum } = event.data;
      const over = status === 'cured' || status === 'closed';
      const change = (found: CaseNote) => ({
        status,
        unpaidMinimum: unpaidMinimum ?? found.unpaidMinimum,
        ...(over ? { claimChecking: false, promise: null, asked: [] } : {}),
      });
      return lookSoon(patchCase(state, caseId, change), at);
    }
    case 'TreatmentNoted': {
      const { caseId, ...treatment } = event.data;
      return lookSoon(
        patchCase(state, caseId, () => ({ treatment })),
        at,
      );
    }
    case 'TierNoted': {
      const { caseId, ...tier } = event.data;
      const first = state.cases[caseId]?.tier === null;
      const next = patchCase(state, caseId, () => ({ tier }));
      return first ? lookSoon(next, at) : next;
    }
    case 'PromiseNoted': {
      const { caseId, promise } = event.data;
      return lookSoon(
        patchCase(state, caseId, () => ({ promise })),
        at,
      );
    }
    case 'PromiseEnded': {
      const { caseId, broken } = event.data;
      return lookSoon(
        patchCase(state, caseId, () => ({ promise: null, broken })),
        at,
      );
    }
    case 'ClaimNoted': {
      const { caseId, checking } = event.data;
      return lookSoon(
        patchCase(state, caseId, () => ({ claimChecking: checking })),
        at,
      );
    }
    case 'HandOverNoted': {
      const { caseId, handedOver } = event.data;
      return lookSoon(
        patchCase(state, caseId, () => ({ handedOver })),
        at,
      );
    }
    case 'StopNoted':
      return lookSoon({ ...state, stops: { ...state.stops, [event.data.stopId]: event.data } }, at);
    case 'StopLiftNoted':
      return lookSoon({ ...state, stops: without(state.stops, event.data.stopId) }, at);
    case 'SharingNoted': {
      const { phoneRef, debtors } = event.data;
      return lookSoon({ ...state, sharing: { ...state.sharing, [phoneRef]: debtors } }, at);
    }
    case 'NumberNoted': {
      const { phoneRef, ...number } = event.data;
      return lookSoon({ ...state, numbers: { ...state.numbers, [phoneRef]: number } }, at);
    }
    case 'CallNoted':
      return lookSoon(noteCall(state, event.data), at);
    case 'LookPlanned':
      return { ...state, lookAt: event.data.at };
    case 'SmsPlanned': {
      const { caseId, trigger, variant, dueAt, decision } = event.data;
      const templateId = decision.inputs['templateId'];
      const said = {
        state: 'planned',
        trigger,
        templateId: typeof templateId === 'string' ? templateId : null,
        dueAt,
        reason: '',
        nextReviewAt: null,
      } as const;
      return { ...state, said: { ...state.said, [keyOf(caseId, originOf(trigger, variant))]: said } };
    }
    case 'SmsHeld': {
      const { caseId, trigger, reason, nextReviewAt } = event.data;
      const said = { state: 'held', trigger, templateId: null, dueAt: null, reason, nextReviewAt } as const;
      return { ...state, said: { ...state.said, [keyOf(caseId, trigger)]: said } };
    }
    case 'SmsLapsed':
      return noteLapse(state, event.data, at);
    case 'AckOwed': {
      const { reply, phoneRef } = event.data;
      const ack = { ...event.data, fact: null, state: 'owed', dueSince: null } as const;
      return { ...state, acks: { ...state.acks, [`${reply}|${phoneRef}`]: ack } };
    }
    case 'AckDue':
      return lookSoon(patchAck(state, event.data.key, { fact: event.data.fact, state: 'due', dueSince: at }), at);
    case 'AckOver':
      return patchAck(state, event.data.key, { state: 'over' });
    case 'SmsDrafted':
      return {
        ...state,
        ordinal: event.data.ordinal,
        open: { ...event.data, withdraw: null, keptUntil: plus(at, KEPT_MS) },
      };
    case 'DraftKept':
      return state.open === null ? state : { ...state, open: { ...state.open, keptUntil: event.data.until } };
    case 'WithdrawalAsked':
      return state.open === null ? state : { ...state, open: { ...state.open, withdraw: event.data.because } };
    case 'SmsSettled':
      return settle(state, event.data, at);
    case 'ReceiptNoted':
      return noteReceipt(state, event.data, at);
    default: {
      const never: never = event;
      return never;
    }
  }
};

type DataOf<T extends MessagingEvent['type']> = MessagingEventNamed<T>['data'];

const noteAccount = (
  state: Messaging,
  { caseId, accountId, facts, unpaidMinimum }: DataOf<'AccountNoted'>,
  at: string,
) => {
  const found = state.cases[caseId];
  if (found) {
    const status = found.status === 'tolerance' ? 'open' : found.status;
    return lookSoon(
      patchCase(state, caseId, () => ({ facts, unpaidMinimum, status })),
      at,
    );
  }
  const note: CaseNote = {
    caseId,
    accountId,
    facts,
    unpaidMinimum,
    openedAt: at,
    status: 'open',
    treatment: null,
    tier: null,
    promise: null,
    claimChecking: false,
    handedOver: false,
    firstReminderOn: null,
    firstCall: null,
    firstConversation: null,
    rpc: false,
    broken: false,
    lastLabel: null,
    asked: [],
    done: [],
  };
  return { ...state, cases: { ...state.cases, [caseId]: note } };
};

/** A call counts for every open case of the debtor; what was said and asked for belongs to the one it was about. */
const noteCall = (state: Messaging, data: DataOf<'CallNoted'>): Messaging => {
  const { call, caseId, conversation, promised, label, asked, on, number } = data;
  const counts = call.disposition !== 'trunk-fault';
  const { endedAt, disposition, rpc } = call;
  const heard = (one: CaseNote): CaseNote => {
    if (one.status !== 'open' && one.status !== 'tolerance') return one;
    const own = one.caseId === caseId;
    return {
      ...one,
      firstReminderOn: one.firstReminderOn ?? (counts ? on : null),
      firstCall: one.firstCall ?? (counts ? { endedAt, disposition } : null),
      firstConversation:
        one.firstConversation ?? (conversation ? { endedAt, disposition, rpc, promised: promised && own } : null),
      rpc: one.rpc || rpc,
      lastLabel: own && rpc ? (label ?? one.lastLabel) : one.lastLabel,
      asked: own ? [...one.asked, ...asked] : one.asked,
    };
  };
  return {
    ...state,
    calls: [...state.calls, call].slice(-CALLS_KEPT),
    numbers: number === null ? state.numbers : { ...state.numbers, [call.phoneRef]: number },
    cases: Object.fromEntries(Object.entries(state.cases).map(([id, one]) => [id, heard(one)])),
  };
};

const noteLapse = (
  state: Messaging,
  { caseId, trigger, reason: _reason }: DataOf<'SmsLapsed'>,
  at: string,
): Messaging => {
  if (trigger === 'ack') return state;
  const next = { ...state, said: without(state.said, keyOf(caseId, trigger)) };
  if (trigger === 'q') return patchCase(next, caseId, () => ({ asked: [] }));
  return patchCase(next, caseId, (found) => {
    const on = trigger === 'q.remind' ? (found.promise?.date ?? at.slice(0, 10)) : at.slice(0, 10);
    return { done: [...found.done, { smsId: null, trigger, insteadOf: null, outcome: 'lapsed', on }] };
  });
};

const settle = (state: Messaging, data: DataOf<'SmsSettled'>, at: string): Messaging => {
  const { open } = state;
  if (open === null || open.smsId !== data.smsId) return state;
  const { caseId, trigger, insteadOf, solicitedBy } = open;
  const key = keyOf(caseId, insteadOf ?? trigger);
  const { as, on, holdUntil, because } = data;
  const closed = lookBy({ ...state, open: null }, at);
  if (as === 'denied' || as === 'withdrawn') {
    if (holdUntil === null) return closed;
    const before = state.holds[key];
    const times = before?.on === on ? before.times + 1 : 1;
    return { ...closed, holds: { ...state.holds, [key]: { until: holdUntil, on, times, because } } };
  }
  if (as === 'lapsed') return closed;
  const left = as !== 'rejected';
  const outcome: Done['outcome'] = left ? 'submitted' : 'undelivered';
  const sent = state.sent.on === on ? state.sent : { on, unsolicited: 0, all: 0 };
  const counted = {
    on,
    all: sent.all + (left ? 1 : 0),
    unsolicited: sent.unsolicited + (left && solicitedBy === null ? 1 : 0),
  };
  // An acknowledgement is no reminder: it takes no trigger's place.
  if (trigger === 'ack') return { ...closed, sent: counted };
  const next = {
    ...closed,
    sent: counted,
    said: without(state.said, key),
    holds: without(state.holds, key),
  };
  return patchCase(next, caseId, (found) => ({
    done: [...found.done, { smsId: open.smsId, trigger, insteadOf, outcome, on }],
    asked: trigger === 'q' ? [] : found.asked,
    firstReminderOn: found.firstReminderOn ?? (left ? on : null),
  }));
};

const noteReceipt = (state: Messaging, data: DataOf<'ReceiptNoted'>, at: string): Messaging => {
  const { smsId, caseId, delivered, deadNumber, liveNumber } = data;
  const outcome: Done['outcome'] = delivered ? 'delivered' : 'undelivered';
  const noted = patchCase(state, caseId, (found) => ({
    done: found.done.map((one) => (one.smsId === smsId ? { ...one, outcome } : one)),
  }));
  if (delivered) return liveNumber === undefined ? noted : lookSoon(revive(noted, liveNumber), at);
  const before = deadNumber === null ? undefined : (state.numbers[deadNumber] ?? KNOWN_GOOD);
  const dead = before && before.state !== 'barred' ? { [deadNumber!]: { ...before, state: 'invalid' as const } } : {};
  return lookSoon({ ...noted, numbers: { ...noted.numbers, ...dead } }, at);
};

/** Only what a receipt had said of it is taken back. */
const revive = (state: Messaging, phoneRef: string): Messaging => {
  const number = state.numbers[phoneRef];
  return number?.state === 'invalid'
    ? { ...state, numbers: { ...state.numbers, [phoneRef]: { ...number, state: 'ok' } } }
    : state;
};

/** Persisted names of the timers; recovery finds what was on its way by `open`. */
export const PLAN_TIMER = 'plan';
export const OPEN_TIMER = 'open';

const timersOf = ({ open, lookAt }: Messaging): readonly Timer[] => {
  if (open !== null) return [{ name: OPEN_TIMER, dueAt: snapToTick(open.keptUntil) }];
  return lookAt === null ? [] : [{ name: PLAN_TIMER, dueAt: snapToTick(lookAt) }];
};

export const messaging: Aggregate<Messaging, MessagingEvent> = {
  category: 'messaging',
  foldVersion: 4,
  initial,
  evolve,
  timersOf,
};
