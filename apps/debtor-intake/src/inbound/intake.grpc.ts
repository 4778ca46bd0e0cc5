/** `intake.v1`: messages carry the fields of the file format as text, so one validator reads both. */

import { CommandRefused } from '@mora/eventing';
import type { Implementation } from '@mora/grpc';
import { intakeV1 } from '@mora/grpc';
import type { RawRecord, RecordKind } from '../bank-record/record.js';
import type { Inbound, Outcome } from './outcome.js';

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

export const intakeHandlers = (
  submit: (inputs: readonly Inbound[]) => Promise<readonly Outcome[]>,
): Implementation<typeof intakeV1.IntakeService> => {
  const one = async (kind: RecordKind, message: object) => resultOf((await submit([inbound(kind, message, 0)]))[0]!);
  return {
    recordAccount: (message) => one('account', message),
    postPayment: (message) => one('payment', message),
    reversePayment: (message) => one('reversal', message),
    postPaymentsThrough: (message) => one('payments-posted-through', message),
    submitBatch: async ({ facts }) => {
      if (facts.length === 0 || facts.length > MOST_FACTS) {
        throw new CommandRefused(
          'INVALID_REQUEST',
          `a batch has 1 to ${MOST_FACTS} facts, this one has ${facts.length}`,
        );
      }
      return { results: (await submit(facts.map(inboundOf))).map(resultOf) };
    },
  };
};
