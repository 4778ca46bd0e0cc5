/** A validated record as a command. What the writer holds under its lock decides; what was looked up before is only believed. */
import type { DeepReadonly, Provenance } from '@mora/contracts';
import { append, type Command, CommandRefused, command, type DecideContext } from '@mora/eventing';
import { contentHashOf, type FieldKey } from '@mora/keys';
import { bankRef, notePostedThrough } from '../bank/bank.js';
import type {
  BankAccountRecord,
  BankPayment,
  BankReversal,
  PaymentsPostedThrough,
  RecordHead,
} from '../bank-record/record.js';
import { compareOrder } from '../case/balance.js';
import { type Case, caseRef } from '../case/case.js';
import {
  conflict,
  contradiction,
  handOn,
  postPayment,
  reportAccount,
  reversePayment,
  type Successor,
} from '../case/decisions.js';
import {
  DEBTOR_FIELDS,
  type Debtor,
  debtorRef,
  joinAccount,
  leaveAccount,
  noteRepeated,
  recordDebtor,
} from '../debtor/debtor.js';
import { joined, movedNumbers, moveNumbers, numberRowOf } from '../debtor/numbers.js';
import type { DebtorKey } from '../keys/keyring.js';
import type { SealedDebtor } from '../keys/sealed-debtor.js';
import {
  type AccountRow,
  accountKey,
  type DebtorRow,
  debtorRowKey,
  keepKey,
  numberRowKey,
  type TakenRow,
  takenKey,
} from '../outbound/intake-tables.js';
import type { Channel } from './outcome.js';

export type Effect = 'accepted' | 'superseded' | 'duplicate';
/** What a command did, known after it was executed. */
export interface Report {
  effect: Effect;
}

/** What was looked up is no longer so: look again. */
export const LOOK_AGAIN: ReadonlySet<string> = new Set(['account-moved', 'key-differs', 'content-differs']);

/** @param key of the debtor; null: none is known */
const provenanceOf = (
  record: RecordHead,
  channel: Channel,
  at: string,
  key: FieldKey | null,
): DeepReadonly<Provenance> => ({
  bankEventId: record.bankEventId,
  bankSequence: record.bankSequence,
  channel,
  rawHash: key === null ? record.bodyHash : contentHashOf(key.key, `record|${record.bodyHash}`),
  contentHash: record.contentHash,
  businessDate: record.businessDate,
  receivedAt: at,
});

const about = (record: RecordHead, channel: Channel, caseId?: string) => ({
  cause: `cmd:${record.bankEventId}`,
  about: {
    ...(caseId === undefined ? {} : { correlationId: caseId }),
    actor: { kind: 'bank', id: channel.kind } as const,
  },
});

/** @throws CommandRefused when the id was used for another record. */
const takenBefore = (record: RecordHead, context: DecideContext): boolean => {
  const taken = context.side(takenKey(record.bankEventId)) as TakenRow | undefined;
  if (taken && taken.hash !== record.bodyHash) throw conflict();
  return taken !== undefined;
};

const takenRow = (record: RecordHead) => ({
  key: takenKey(record.bankEventId),
  row: { hash: record.bodyHash } satisfies TakenRow,
});

export interface AccountArrival {
  readonly record: BankAccountRecord;
  readonly channel: Channel;
  readonly debtorId: string;
  readonly caseId: string;
  readonly key: DebtorKey;
  /** A text: the hash of content that is believed to be recorded already. */
  readonly content: SealedDebtor | string;
  /** Keys of the numbers that the record names, by phoneRef. */
  readonly numbers: ReadonlyMap<string, string>;
  /** Where the account was before this record. */
  readonly before: AccountRow | undefined;
  /** Its case then, under another debtor. */
  readonly left?: Case;
}

export const recordAccount = (arrival: AccountArrival, report: Report): Command => {
  const { record, channel, debtorId, caseId, key, content, numbers, before } = arrival;
  const { accountId } = record.facts;
  const elsewhere = before !== undefined && before.caseId !== caseId ? before : undefined;
  const sibling = elsewhere?.debtorId === debtorId ? elsewhere.caseId : caseId;
  return command({
    name: 'record-account',
    subject: debtorId,
    streams: [debtorRef(debtorId), caseRef(caseId), caseRef(sibling)],
    sideKeys: [
      takenKey(record.bankEventId),
      accountKey(accountId),
      debtorRowKey(debtorId),
      ...[...numbers.values()].map(numberRowKey),
    ],
    ...about(record, channel, caseId),
    decide: ([debtor, state, other], context) => {
      if (takenBefore(record, context)) return done(report, 'duplicate');
      if (typeof content === 'string' && (debtor.status === 'unknown' || debtor.contentHash !== content)) {
        throw new CommandRefused('content-differs', 'something else is known of the debtor');
      }
      const row = context.side(accountKey(accountId)) as AccountRow | undefined;
      if (row?.caseId !== before?.caseId) throw new CommandRefused('account-moved', 'the account changed its case');
      if (debtor.status === 'recorded' && debtor.keyId !== key.keyId) {
        throw new CommandRefused('key-differs', "the debtor's key is another one, or was erased");
      }
      const older = row !== undefined && compareOrder(record, row) < 0;
      const passed = older && elsewhere !== undefined;
      if (passed && elsewhere.debtorId !== debtorId) return done(report, 'superseded', [takenRow(record)]);
      if (row && elsewhere) refuseTie(record, row, elsewhere.debtorId === debtorId ? 'due_date' : 'customer_no');
      const provenance = provenanceOf(record, channel, context.at, key);
      const here: Successor = { debtorId, caseId };
      const words = context.side(debtorRowKey(debtorId)) as DebtorRow | undefined;
      const named =
        typeof content === 'string' ? [] : recordDebtor(debtor, { ...content, ...saying(record), provenance }, words);
      const repeated = named.length > 0 ? null : noteRepeated(debtor, words, { ...placeOf(record), ...saying(record) });
      const shared = shareNumbers({ debtorId, debtor, named, numbers }, context);
      const left = sibling === caseId ? [] : handOn(other, 'withdrawn', record, here);
      const reported = {
        name: { ...here, accountId },
        record,
        provenance,
        earlier: sibling === caseId ? arrival.left : other,
        ...(elsewhere && elsewhere.debtorId !== debtorId
          ? { predecessor: { debtorId: elsewhere.debtorId, caseId: elsewhere.caseId } }
          : {}),
      };
      // Of an episode that has passed only the word on the debtor still counts.
      const happened = passed ? [] : reportAccount(state, reported);
      report.effect = happened.length + named.length === 0 && older ? 'superseded' : 'accepted';
      const place: AccountRow = { ...here, ...placeOf(record), channel };
      return {
        events: [
          ...[...named, ...joinAccount(debtor, named, accountId), ...shared.events].map((event) =>
            append(debtorRef(debtorId), event, { keyId: key.keyId }),
          ),
          ...left.map((event) => append(caseRef(sibling), event, { correlationId: sibling })),
          ...happened.map((event) => append(caseRef(caseId), event)),
        ],
        side: [
          takenRow(record),
          ...shared.side,
          ...(repeated === null ? [] : [{ key: debtorRowKey(debtorId), row: repeated }]),
          ...(older ? [] : [{ key: accountKey(accountId), row: place }]),
        ],
        sql: key.fresh !== null && debtor.status === 'unknown' ? [keepKey(debtorId, key.fresh)] : [],
      };
    },
  });
};

/** The numbers of a debtor who was just named: their rows with him, and who is to be told. */
const shareNumbers = (
  of: {
    readonly debtorId: string;
    readonly debtor: Debtor;
    readonly named: ReturnType<typeof recordDebtor>;
    readonly numbers: ReadonlyMap<string, string>;
  },
  { side }: Pick<DecideContext, 'side'>,
) => {
  const { debtorId, debtor: before, numbers } = of;
  const phones = of.named.at(-1)?.data.phones;
  if (phones === undefined) return { events: [], side: [] };
  const taken = movedNumbers(before, phones).taken.flatMap(({ phoneRef }) => {
    const key = numbers.get(phoneRef);
    return key === undefined ? [] : [{ phoneRef, key: numberRowKey(key) }];
  });
  const rows = new Map(taken.map(({ phoneRef, key }) => [phoneRef, joined(numberRowOf(side(key)), debtorId)]));
  return {
    events: moveNumbers({ debtorId, before, phones, rows }),
    side: taken
      .filter(({ phoneRef, key }) => rows.get(phoneRef) !== side(key))
      .map(({ phoneRef, key }) => ({ key, row: rows.get(phoneRef) })),
  };
};

const placeOf = ({ businessDate, bankSequence }: RecordHead) => ({ businessDate, bankSequence });

const saying = ({ said, facts }: BankAccountRecord) => ({
  said: said.filter((field) => DEBTOR_FIELDS.includes(field)),
  accountId: facts.accountId,
});

/** @throws CommandRefused when a record of the same order put the account elsewhere. */
export const refuseTie = (record: RecordHead, row: AccountRow, field: string): void => {
  if (compareOrder(record, row) === 0) throw contradiction(row, field);
};

/** The bank corrected the customer of an account: its case under the old debtor ends, and with his last account his numbers. */
export const leaveDebtor = (
  from: AccountRow & { readonly key: FieldKey | null },
  record: BankAccountRecord,
  channel: Channel,
  to: Successor,
): Command =>
  command({
    name: 'leave-debtor',
    subject: from.debtorId,
    streams: [caseRef(from.caseId), debtorRef(from.debtorId)],
    ...about(record, channel, from.caseId),
    decide: ([state, debtor], { at }) => [
      ...handOn(state, 'debtor-corrected', record, to).map((event) => append(caseRef(from.caseId), event)),
      ...giveUp(debtor, from, record, provenanceOf(record, channel, at, from.key)),
    ],
  });

/** An erased debtor stays as he is: nothing can be written of him any more. */
const giveUp = (
  debtor: Debtor,
  { debtorId, key, ...place }: AccountRow & { readonly key: FieldKey | null },
  record: BankAccountRecord,
  provenance: DeepReadonly<Provenance>,
) => {
  if (key === null || debtor.status === 'unknown' || debtor.keyId !== key.keyId) return [];
  if (compareOrder(record, place) < 0) return [];
  const { named, left } = leaveAccount(debtor, record.facts.accountId, { debtorId, provenance });
  const moved = named.length === 0 ? [] : moveNumbers({ debtorId, before: debtor, phones: [], rows: new Map() });
  return [...named, ...left, ...moved].map((event) => append(debtorRef(debtorId), event, { keyId: key.keyId }));
};

export const moveMoney = (
  record: BankPayment | BankReversal,
  channel: Channel,
  { debtorId, caseId, key }: Pick<AccountRow, 'debtorId' | 'caseId'> & { readonly key: FieldKey | null },
  report: Report,
): Command =>
  command({
    name: record.kind === 'payment' ? 'post-payment' : 'reverse-payment',
    subject: debtorId,
    streams: [caseRef(caseId)],
    sideKeys: [takenKey(record.bankEventId), accountKey(record.accountId)],
    ...about(record, channel, caseId),
    decide: ([state], context) => {
      if (takenBefore(record, context)) return done(report, 'duplicate');
      const row = context.side(accountKey(record.accountId)) as AccountRow | undefined;
      if (row?.caseId !== caseId) throw new CommandRefused('account-moved', 'the account changed its case');
      const provenance = provenanceOf(record, channel, context.at, key);
      const events =
        record.kind === 'payment' ? postPayment(state, record, provenance) : reversePayment(state, record, provenance);
      report.effect = events.length === 0 ? 'duplicate' : 'accepted';
      return { events: events.map((event) => append(caseRef(caseId), event)), side: [takenRow(record)] };
    },
  });

/** One in every shard. Shard 0 also remembers that the record was taken. */
export const postThrough =
  (record: PaymentsPostedThrough, channel: Channel, report: Report) =>
  (shard: number): Command =>
    command({
      name: 'post-payments-through',
      subject: bankRef(shard).stream,
      shard,
      streams: [bankRef(shard)],
      ...about(record, channel),
      decide: ([state], context) => {
        const provenance = provenanceOf(record, channel, context.at, null);
        const events = notePostedThrough(state, { asOf: record.asOf, provenance });
        report.effect = events.length === 0 ? 'superseded' : 'accepted';
        return {
          events: events.map((event) => append(bankRef(shard), event)),
          side: shard === 0 ? [takenRow(record)] : [],
        };
      },
    });

const done = (report: Report, effect: Effect, side: readonly { key: string; row: unknown }[] = []) => {
  report.effect = effect;
  return { events: [], side };
};
