/** `intake.v1`: messages carry the fields of the file format as text, so one validator reads both. */

import { CommandRefused } from '@mora/eventing';
import type { intakeV1 } from '@mora/grpc';
import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { RawRecord, RecordKind } from '../bank-record/record.js';
import type { Inbound, Outcome } from './outcome.js';
import { RecordIntake } from './record-intake.js';

const MOST_FACTS = 10_000;

/** A message's text fields by their names in the file format. */
export const rawOf = (kind: RecordKind, message: object): RawRecord => ({
  record: kind,
  ...Object.fromEntries(
    Object.entries(message).flatMap(([name, value]) =>
      typeof value === 'string' && !name.startsWith('$')
        ? [[name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), value]]
        : [],
    ),
  ),
});

const KINDS: Readonly<Record<NonNullable<intakeV1.Fact['fact']['case']>, RecordKind>> = {
  account: 'account',
  payment: 'payment',
  reversal: 'reversal',
  paymentsPostedThrough: 'payments-posted-through',
};

const inbound = (kind: RecordKind, message: object, offset: number): Inbound => ({
  channel: { kind: 'grpc', name: 'intake.v1', offset },
  raw: rawOf(kind, message),
});

const inboundOf = ({ fact }: intakeV1.Fact, offset: number): Inbound =>
  fact.case === undefined
    ? {
        channel: { kind: 'grpc', name: 'intake.v1', offset },
        raw: { row: '' },
        broken: [
          {
            field: 'fact',
            reason: 'is missing: none of account, payment, reversal, payments_posted_through',
            value: '',
          },
        ],
      }
    : inbound(KINDS[fact.case], fact.value, offset);

const resultOf = (outcome: Outcome) =>
  outcome.result === 'parked'
    ? {
        result: 'parked',
        parkedId: outcome.parkedId ?? '',
        problems: outcome.problems.map(({ field, reason }) => ({ field, reason })),
      }
    : { result: outcome.result === 'duplicate' ? 'duplicate' : 'recorded' };

@Controller()
export class IntakeController {
  constructor(private readonly intake: RecordIntake) {}

  @GrpcMethod('IntakeService', 'RecordAccount')
  recordAccount(message: intakeV1.RecordAccountRequest) {
    return this.one('account', message);
  }

  @GrpcMethod('IntakeService', 'PostPayment')
  postPayment(message: intakeV1.PostPaymentRequest) {
    return this.one('payment', message);
  }

  @GrpcMethod('IntakeService', 'ReversePayment')
  reversePayment(message: intakeV1.ReversePaymentRequest) {
    return this.one('reversal', message);
  }

  @GrpcMethod('IntakeService', 'PostPaymentsThrough')
  postPaymentsThrough(message: intakeV1.PostPaymentsThroughRequest) {
    return this.one('payments-posted-through', message);
  }

  @GrpcMethod('IntakeService', 'SubmitBatch')
  async submitBatch({ facts }: intakeV1.SubmitBatchRequest) {
    if (facts.length === 0 || facts.length > MOST_FACTS) {
      throw new CommandRefused('INVALID_REQUEST', `a batch has 1 to ${MOST_FACTS} facts, this one has ${facts.length}`);
    }
    return { results: (await this.intake.submit(facts.map(inboundOf))).map(resultOf) };
  }

  private async one(kind: RecordKind, message: object) {
    return resultOf((await this.intake.submit([inbound(kind, message, 0)]))[0]!);
  }
}
