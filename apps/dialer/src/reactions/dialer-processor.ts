import { businessDate } from '@mora/business-time';
import type { GuardEvent, IntakeEvent, TelephonyEvent, TieringEvent } from '@mora/contracts';
import { type Command, createProcessor, type Processor } from '@mora/eventing';
import { EventProcessor, type ProvidesProcessor } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { DIALER_COMMANDS, type DialerCommands } from '../commands.js';
import { DIALER_CONFIG, type DialerConfig } from '../config.js';
import {
  liftStop,
  noteAccount,
  noteClaim,
  noteDebtor,
  noteHandOver,
  noteNumber,
  notePayment,
  notePromise,
  noteSharing,
  noteStatus,
  noteStop,
  noteTier,
  noteTreatment,
  settlePromise,
} from './noting.js';

type Stop = Extract<GuardEvent, { type: 'StopPlaced' }>['data'];

const onStop = (commands: DialerCommands, data: Stop): Command | null => {
  const { debtorId, stopId, kind, scope, accountId, until, phoneRef, channels } = data;
  if (!channels.includes('call')) return null;
  if (scope === 'number' || scope === 'number-everywhere')
    return phoneRef === null ? null : commands.note(debtorId, noteNumber(phoneRef));
  return commands.note(debtorId, noteStop({ stopId, kind, scope, accountId, until }));
};

/** Everything the dialer hears of, as its own commands. */
export const dialerProcessor = (commands: DialerCommands, zone: string): Processor =>
  createProcessor<IntakeEvent | TieringEvent | GuardEvent | TelephonyEvent>()({
    name: 'dialer',
    sources: ['intake', 'tiering', 'guard', 'telephony'],
    on: {
      DebtorRecorded: ({ data }) => commands.note(data.debtorId, noteDebtor(data)),
      NumberShared: ({ data }) => commands.note(data.debtorId, noteSharing(data)),
      CaseOpened: ({ data }) => commands.note(data.debtorId, noteAccount(data)),
      AccountReported: ({ data }) => commands.note(data.debtorId, noteAccount(data)),
      PaymentPosted: ({ data, meta }) => commands.note(data.debtorId, notePayment(data, businessDate(meta.at, zone))),
      PaymentReversed: ({ data, meta }) => commands.note(data.debtorId, notePayment(data, businessDate(meta.at, zone))),
      CaseCured: ({ data }) =>
        commands.note(data.debtorId, noteStatus(data.caseId, 'closed', data.unpaidMinimum, 'cured')),
      CaseClosed: ({ data }) => commands.note(data.debtorId, noteStatus(data.caseId, 'closed', null, 'closed')),
      WithinTolerance: ({ data }) =>
        commands.note(data.debtorId, noteStatus(data.caseId, 'tolerance', data.unpaidMinimum, 'within-tolerance')),
      CaseReopened: ({ data }) =>
        commands.note(data.debtorId, noteStatus(data.caseId, 'open', data.unpaidMinimum, 'reopened')),
      PaymentsPostedThrough: ({ data, shard }) =>
        commands.noteGate(shard, { type: 'PostingsNoted', data: { asOf: data.asOf } }),

      TreatmentStarted: ({ data }) => commands.note(data.debtorId, noteTreatment(data)),
      AccountTiered: ({ data }) => commands.note(data.debtorId, noteTier(data)),
      PromiseMade: ({ data }) => commands.note(data.debtorId, notePromise(data)),
      PromiseMoved: ({ data }) => commands.note(data.debtorId, notePromise(data)),
      PromiseKept: ({ data }) => commands.note(data.debtorId, settlePromise(data, 'kept')),
      PromisePartlyKept: ({ data }) => commands.note(data.debtorId, settlePromise(data, 'partly')),
      PromiseReopened: ({ data, meta }) => commands.note(data.debtorId, notePromise(data, businessDate(meta.at, zone))),
      PromiseBroken: ({ data }) => commands.note(data.debtorId, settlePromise(data, 'broken')),
      PromiseVoided: ({ data }) => commands.note(data.debtorId, settlePromise(data, 'voided')),
      PaymentClaimed: ({ data }) => commands.note(data.debtorId, noteClaim(data.caseId, true)),
      PaymentClaimUnmet: ({ data }) => commands.note(data.debtorId, noteClaim(data.caseId, false)),
      HandedOver: ({ data }) => commands.note(data.debtorId, noteHandOver(data.caseId, true)),
      ReturnedToRobot: ({ data }) => commands.note(data.debtorId, noteHandOver(data.caseId, false)),
      StrategyActivated: ({ data, shard }) =>
        commands.noteGate(shard, { type: 'StrategyNoted', data: { hash: data.hash } }),
      ContactsHalted: ({ data, shard }) =>
        commands.noteGate(shard, { type: 'HaltNoted', data: { haltId: data.haltId, ...data.scope } }),
      ContactsResumed: ({ data, shard }) =>
        commands.noteGate(shard, { type: 'HaltLifted', data: { haltId: data.haltId } }),

      PermitRevoked: ({ data }) =>
        data.channel === 'call' ? commands.revoke(data.debtorId, data.contactId, data.why) : null,
      StopPlaced: ({ data }) => onStop(commands, data),
      StopLifted: ({ data }) => commands.note(data.debtorId, liftStop(data.stopId)),
      NumberBarred: ({ data }) => commands.note(data.debtorId, noteNumber(data.phoneRef)),

      LegAccepted: ({ data }) =>
        commands.originated(data.debtorId, data.attemptId, { trunk: data.trunk, originatedAt: data.acceptedAt }),
      LegRefused: ({ data }) => commands.withdraw(data.debtorId, data.attemptId, data.because),
      LegEnded: ({ data }) =>
        commands.end(data.debtorId, data.attemptId, { outcome: writable(data.outcome), settledBy: 'live' }),
      LegLost: ({ data }) => commands.end(data.debtorId, data.attemptId, { outcome: null, settledBy: 'restart' }),
    },
  });

type Outcome = Parameters<DialerCommands['end']>[2]['outcome'];
type Published = Extract<TelephonyEvent, { type: 'LegEnded' }>['data']['outcome'];

/** The same facts: the contract's own shape is deeply readonly where it is read. */
const writable = (outcome: Published): Outcome => structuredClone(outcome) as Outcome;

@EventProcessor()
@Injectable()
export class DialerReactions implements ProvidesProcessor {
  readonly processor: Processor;

  constructor(@Inject(DIALER_COMMANDS) commands: DialerCommands, @Inject(DIALER_CONFIG) { zone }: DialerConfig) {
    this.processor = dialerProcessor(commands, zone);
  }
}
