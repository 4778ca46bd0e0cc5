/** Facts of other services as this debtor's stream notes them. A fact known already yields nothing. */
import { businessDate } from '@mora/business-time';
import { afterCall, type EndedCall, type Strategy } from '@mora/strategy';
import { ackStopped } from './acknowledgement.js';
import type { MessagingEvent, MessagingEventNamed } from './events.js';
import { KNOWN_GOOD } from './messaging.js';
import type { Asked, CaseNote, Messaging, NumberNote, OpenSms, StopNote } from './records.js';

type NoteType =
  | 'DebtorNoted'
  | 'AccountNoted'
  | 'PaymentNoted'
  | 'CaseStatusNoted'
  | 'TreatmentNoted'
  | 'TierNoted'
  | 'PromiseNoted'
  | 'PromiseEnded'
  | 'ClaimNoted'
  | 'HandOverNoted'
  | 'SharingNoted'
  | 'StopNoted'
  | 'StopLiftNoted';
export type Note = MessagingEventNamed<NoteType>;

export type NoteCommand =
  | { readonly do: 'note'; readonly note: Note }
  /** `evidence`: key of the event by which the guard stopped. */
  | { readonly do: 'stop'; readonly note: MessagingEventNamed<'StopNoted'>; readonly evidence: string }
  | { readonly do: 'bar-number'; readonly phoneRef: string; readonly evidence: string }
  | { readonly do: 'revoke'; readonly contactId: string; readonly why: string };

export interface CallFacts {
  readonly call: EndedCall;
  readonly caseId: string;
  readonly conversation: boolean;
  readonly label: CaseNote['lastLabel'];
  readonly asked: readonly Asked[];
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export const noteFact = (command: NoteCommand, state: Messaging): readonly MessagingEvent[] => {
  switch (command.do) {
    case 'stop': {
      const { note, evidence } = command;
      const ends = note.data.kind === 'stop-asked' && note.data.scope === 'debtor';
      return [...noteFact({ do: 'note', note }, state), ...(ends ? ackStopped('T', null, evidence, state) : [])];
    }
    case 'note':
      return isKnown(command.note, state)
        ? []
        : [command.note, ...withdrawal(state.open, whyAfter(command.note, state))];
    case 'bar-number': {
      const { phoneRef, evidence } = command;
      const acknowledged = ackStopped('N', phoneRef, evidence, state);
      const before = state.numbers[phoneRef] ?? KNOWN_GOOD;
      if (before.state === 'barred') return acknowledged;
      return [
        { type: 'NumberNoted', data: { ...before, phoneRef, state: 'barred' } },
        ...withdrawal(state.open, state.open?.phoneRef === phoneRef ? 'number-barred' : null),
        ...acknowledged,
      ];
    }
    case 'revoke':
      return withdrawal(state.open, state.open?.smsId === command.contactId ? `revoked: ${command.why}` : null);
    default: {
      const never: never = command;
      return never;
    }
  }
};

const isKnown = ({ type, data }: Note, state: Messaging): boolean => {
  const one = 'caseId' in data ? state.cases[data.caseId] : undefined;
  switch (type) {
    case 'DebtorNoted':
      return equal(state.debtor, data);
    case 'AccountNoted':
      return one !== undefined && one.unpaidMinimum === data.unpaidMinimum && equal(one.facts, data.facts);
    case 'SharingNoted':
      return (state.sharing[data.phoneRef] ?? 1) === data.debtors;
    case 'StopNoted':
      return equal(state.stops[data.stopId], data);
    case 'StopLiftNoted':
      return state.stops[data.stopId] === undefined;
    default:
      break;
  }
  if (one === undefined) return true;
  switch (type) {
    case 'PaymentNoted':
      return one.unpaidMinimum === data.unpaidMinimum;
    case 'CaseStatusNoted':
      return one.status === data.status && one.unpaidMinimum === (data.unpaidMinimum ?? one.unpaidMinimum);
    case 'TreatmentNoted':
      return one.treatment !== null;
    case 'TierNoted':
      return one.tier?.tier === data.tier && one.tier.term === data.term;
    case 'PromiseNoted':
      return equal(one.promise, data.promise);
    case 'PromiseEnded':
      return one.promise === null;
    case 'ClaimNoted':
      return one.claimChecking === data.checking;
    case 'HandOverNoted':
      return one.handedOver === data.handedOver;
    default: {
      const never: never = type;
      return never;
    }
  }
};

export const withdrawal = (open: OpenSms | null, because: string | null): readonly MessagingEvent[] =>
  open === null || open.withdraw !== null || because === null
    ? []
    : [{ type: 'WithdrawalAsked', data: { smsId: open.smsId, because } }];

const coversSms = (stop: StopNote, open: OpenSms): boolean =>
  stop.scope === 'debtor' || (stop.scope === 'account' && stop.accountId === open.accountId);

/** Why a fact takes back the SMS that is on its way; null: it does not concern it. */
const whyAfter = ({ type, data }: Note, { open }: Messaging): string | null => {
  if (open === null) return null;
  const about = 'caseId' in data && data.caseId === open.caseId;
  switch (type) {
    case 'CaseStatusNoted':
      return about && data.status !== 'open' ? data.status : null;
    case 'HandOverNoted':
      return about && data.handedOver && open.trigger !== 'q' ? 'handed-over' : null;
    case 'ClaimNoted':
      return about && data.checking && open.trigger !== 'q' ? 'claim-checking' : null;
    case 'PromiseNoted':
      return about && ['b', 'c'].includes(open.insteadOf ?? open.trigger) ? 'open-promise' : null;
    case 'PaymentNoted':
      return about ? 'amount-changed' : null;
    case 'SharingNoted':
      return data.phoneRef === open.phoneRef && data.debtors > 1 && open.trigger !== 'n' ? 'number-shared' : null;
    case 'StopNoted':
      return coversSms(data, open) ? data.kind : null;
    default:
      return null;
  }
};

/** An ended call: what it says about the episode, about what was asked for, and about the number. */
export const noteCall = (
  { call, caseId, conversation, label, asked }: CallFacts,
  state: Messaging,
  strategy: Strategy,
): readonly MessagingEvent[] => {
  const one = state.cases[caseId];
  if (one === undefined || state.calls.some((c) => c.attemptId === call.attemptId)) return [];
  const { callbackAt: _callbackAt, deferTo: _deferTo, ...past } = call;
  return [
    {
      type: 'CallNoted',
      data: {
        call: past,
        caseId,
        conversation,
        promised: call.disposition === 'promised' || call.disposition === 'part-promised',
        label,
        asked: [...asked],
        on: businessDate(call.originatedAt, strategy.about.zone),
        number: numberAfter(call, one, state, strategy),
      },
    },
  ];
};

const numberAfter = (call: EndedCall, one: CaseNote, state: Messaging, strategy: Strategy): NumberNote | null => {
  const before = state.numbers[call.phoneRef] ?? KNOWN_GOOD;
  if (before.state === 'barred') return null;
  const earlier = state.calls.filter((c) => c.originatedAt >= one.openedAt);
  const advice = afterCall(strategy, { call, earlier, tier: call.tier, dueDate: one.facts.dueDate });
  const now: NumberNote =
    advice.barNumber !== 'no'
      ? { state: 'barred', thirdParty: advice.thirdParty }
      : {
          state: call.rpc ? 'ok' : advice.unconfirmed ? 'unconfirmed' : advice.doubtful ? 'doubtful' : before.state,
          thirdParty: call.rpc ? false : advice.thirdParty || before.thirdParty,
        };
  return equal(now, before) ? null : now;
};
