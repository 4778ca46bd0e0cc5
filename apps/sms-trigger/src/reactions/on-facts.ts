/** Foreign facts as commands of the debtor whom they concern. */
import {
  type AccountFacts,
  type DeepReadonly,
  type DialerEvent,
  eventKey,
  type GuardEvent,
  type IntakeEvent,
  type TieringEvent,
} from '@mora/contracts';
import { type Command, createProcessor, type Processor } from '@mora/eventing';
import { EventProcessor, type ProvidesProcessor } from '@mora/service';
import type { EndedCall } from '@mora/strategy';
import { Inject, Injectable } from '@nestjs/common';
import type { CallFacts, Note } from '../messaging/notes.js';
import type { AccountNote } from '../messaging/records.js';
import { callCommand, gateCommand, noteCommand, SMS_SERVICES, type SmsServices } from './commands.js';

interface Where {
  readonly subject: string;
  readonly shard: number;
}

const placeOf = ({ subject, shard }: Where) => ({ debtorId: subject, shard });

const on = (event: Where, note: Note): Command => noteCommand(placeOf(event), { do: 'note', note });

const accountNote = (f: DeepReadonly<AccountFacts>): AccountNote => ({
  currency: f.currency,
  statementBalance: f.statementBalance,
  dueDate: f.dueDate,
  cardTail: f.cardTail,
  graceDays: f.graceDays,
  tolerance: f.tolerance,
  cardActionOn: f.cardActionOn,
  cardStatus: f.cardStatus,
});

const noteAccount = (
  e: Where & {
    readonly data: {
      readonly caseId: string;
      readonly accountId: string;
      readonly facts: DeepReadonly<AccountFacts>;
      readonly unpaidMinimum: number;
    };
  },
): Command => {
  const { caseId, accountId, facts, unpaidMinimum } = e.data;
  return on(e, { type: 'AccountNoted', data: { caseId, accountId, facts: accountNote(facts), unpaidMinimum } });
};

type CallEnded = Extract<DialerEvent, { type: 'CallEnded' }>['data'];

const endedCall = (d: CallEnded): EndedCall => ({
  attemptId: d.attemptId,
  originatedAt: d.outcome?.inviteAt ?? d.endedAt,
  endedAt: d.endedAt,
  phoneRef: d.phoneRef,
  voice: d.voice,
  script: d.script,
  windowId: null,
  tier: d.context.tier,
  disposition: d.disposition,
  connected: d.connected !== 'no',
  rpc: d.rightParty && d.conversation,
  callbackAt: d.dialogue?.callbackAt ?? null,
  deferTo: d.dialogue?.deferTo ?? null,
});

const callFacts = (d: CallEnded, key: string): CallFacts => ({
  call: endedCall(d),
  caseId: d.context.caseId,
  conversation: d.conversation,
  label: d.dialogue?.label ?? null,
  asked: (d.dialogue?.smsAsked ?? []).map((content) => ({
    content,
    at: d.endedAt,
    key,
    callbackAt: d.dialogue?.callbackAt ?? null,
  })),
});

interface Promised extends Where {
  readonly data: {
    readonly caseId: string;
    readonly amount: number;
    readonly currency: string;
    readonly date: string;
  };
  readonly meta: { readonly at: string };
}

const promised = (e: Promised): Command => {
  const { caseId, amount, currency, date } = e.data;
  return on(e, { type: 'PromiseNoted', data: { caseId, promise: { amount, currency, date, madeAt: e.meta.at } } });
};

const promiseEnded =
  (broken: boolean) =>
  (e: Where & { readonly data: { readonly caseId: string } }): Command =>
    on(e, { type: 'PromiseEnded', data: { caseId: e.data.caseId, broken } });

const status =
  (status: 'open' | 'tolerance' | 'cured') =>
  (e: Where & { readonly data: { readonly caseId: string; readonly unpaidMinimum: number } }): Command =>
    on(e, { type: 'CaseStatusNoted', data: { caseId: e.data.caseId, status, unpaidMinimum: e.data.unpaidMinimum } });

const paid = (e: Where & { readonly data: { readonly caseId: string; readonly unpaidMinimum: number } }): Command =>
  on(e, { type: 'PaymentNoted', data: { caseId: e.data.caseId, unpaidMinimum: e.data.unpaidMinimum } });

const claim =
  (checking: boolean) =>
  (e: Where & { readonly data: { readonly caseId: string } }): Command =>
    on(e, { type: 'ClaimNoted', data: { caseId: e.data.caseId, checking } });

const handOver =
  (handedOver: boolean) =>
  (e: Where & { readonly data: { readonly caseId: string } }): Command =>
    on(e, { type: 'HandOverNoted', data: { caseId: e.data.caseId, handedOver } });

const placeStop = (
  e: Where & { readonly data: Extract<GuardEvent, { type: 'StopPlaced' }>['data'] },
): Command | null => {
  const { stopId, kind, scope, accountId, phoneRef, channels, until, evidence } = e.data;
  if (!channels.includes('sms')) return null;
  if (scope === 'account' || scope === 'debtor')
    return noteCommand(placeOf(e), {
      do: 'stop',
      note: { type: 'StopNoted', data: { stopId, kind, scope, accountId, until } },
      evidence,
    });
  return phoneRef === null ? null : noteCommand(placeOf(e), { do: 'bar-number', phoneRef, evidence });
};

export const smsProcessor = (services: SmsServices): Processor =>
  createProcessor<IntakeEvent | TieringEvent | DialerEvent | GuardEvent>()({
    name: 'sms-trigger',
    sources: ['intake', 'tiering', 'dialer', 'guard'],
    on: {
      DebtorRecorded: (e) => {
        const { debtorId, surname, salutation } = e.data;
        const phones = e.data.phones.map(({ phoneRef, order }) => ({ phoneRef, order }));
        const agreedWindows = e.data.agreedWindows
          .filter(({ channel }) => channel !== 'call')
          .map(({ from, to, expiresOn }) => ({ from, to, expiresOn }));
        return on(e, { type: 'DebtorNoted', data: { debtorId, surname, salutation, phones, agreedWindows } });
      },
      NumberShared: (e) =>
        on(e, { type: 'SharingNoted', data: { phoneRef: e.data.phoneRef, debtors: e.data.debtors } }),
      CaseOpened: noteAccount,
      AccountReported: noteAccount,
      PaymentPosted: paid,
      PaymentReversed: paid,
      CaseCured: status('cured'),
      WithinTolerance: status('tolerance'),
      CaseReopened: status('open'),
      CaseClosed: (e) =>
        on(e, { type: 'CaseStatusNoted', data: { caseId: e.data.caseId, status: 'closed', unpaidMinimum: null } }),
      TreatmentStarted: (e) => {
        const { caseId, treatmentId, experimentId, arm } = e.data;
        return on(e, { type: 'TreatmentNoted', data: { caseId, treatmentId, experimentId, arm } });
      },
      AccountTiered: (e) =>
        on(e, { type: 'TierNoted', data: { caseId: e.data.caseId, tier: e.data.tier, term: e.data.term } }),
      PromiseMade: promised,
      PromiseMoved: promised,
      PromiseReopened: promised,
      PromiseKept: promiseEnded(false),
      PromisePartlyKept: promiseEnded(false),
      PromiseBroken: promiseEnded(true),
      PromiseVoided: promiseEnded(false),
      PaymentClaimed: claim(true),
      PaymentClaimUnmet: claim(false),
      HandedOver: handOver(true),
      ReturnedToRobot: handOver(false),
      StrategyActivated: (e) => gateCommand(e.shard, { type: 'StrategyNoted', data: { hash: e.data.hash } }),
      ContactsHalted: (e) =>
        gateCommand(e.shard, { type: 'HaltNoted', data: { haltId: e.data.haltId, ...e.data.scope } }),
      ContactsResumed: (e) => gateCommand(e.shard, { type: 'HaltLifted', data: { haltId: e.data.haltId } }),
      CallEnded: (e) => callCommand(services, placeOf(e), callFacts(e.data, eventKey(e))),
      StopPlaced: placeStop,
      StopLifted: (e) => on(e, { type: 'StopLiftNoted', data: { stopId: e.data.stopId } }),
      NumberBarred: (e) =>
        noteCommand(placeOf(e), { do: 'bar-number', phoneRef: e.data.phoneRef, evidence: e.data.evidence }),
      PermitRevoked: (e) =>
        e.data.channel === 'sms'
          ? noteCommand(placeOf(e), { do: 'revoke', contactId: e.data.contactId, why: e.data.why })
          : null,
    },
  });

@EventProcessor()
@Injectable()
export class SmsReactions implements ProvidesProcessor {
  readonly processor: Processor;

  constructor(@Inject(SMS_SERVICES) services: SmsServices) {
    this.processor = smsProcessor(services);
  }
}
