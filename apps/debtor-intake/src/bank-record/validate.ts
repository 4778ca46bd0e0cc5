/**
 * The one door for bank records: file, message and call all end here. A record is taken whole or not at all; every problem
 * is named, not only the first.
 */
import { isZone } from '@mora/business-time';
import type { AccountFacts, DeepReadonly } from '@mora/contracts';
import { bodyHashOf, contentHashOf } from './body-hash.js';
import { FIELDS, KINDS, kindOf, MANDATORY } from './columns.js';
import { exponentOf } from './currency.js';
import { FieldReader } from './field-reader.js';
import type { Frame } from './frame.js';
import { ID_FIELDS, type IdTrust } from './identifier.js';
import {
  agencyItem,
  amountItem,
  consentItem,
  episodeItem,
  flagItem,
  monthItem,
  phoneItem,
  promiseItem,
  textItem,
  windowItem,
} from './items.js';
import type {
  BankPayment,
  BankRecord,
  DebtorContent,
  OwnNumber,
  Problem,
  RawRecord,
  RecordHead,
  RecordKind,
} from './record.js';

export type Validated =
  | { readonly ok: true; readonly record: BankRecord }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export const DEFAULT_TIME_ZONE = 'Asia/Shanghai';
/** The bank's calendar; an installation serves one bank. */
export const BANK_ZONE = 'Asia/Shanghai';

const IDENTIFIERS: ReadonlySet<string> = new Set(ID_FIELDS);
/** What may stand around an identifier unseen is looked at, not trimmed. */
const trimmed = (field: string, value: string): string =>
  value.replace(IDENTIFIERS.has(field) ? /^[ \t\r\n]+|[ \t\r\n]+$/g : /^[\p{Zs}\t\r\n]+|[\p{Zs}\t\r\n]+$/gu, '');

/** Keeps what a kind of record may say, trimmed; protected attributes and other strangers stay outside. */
export const knownFieldsOf = (raw: RawRecord, kind: RecordKind): RawRecord =>
  Object.fromEntries(
    ['record', ...FIELDS[kind]].flatMap((field) => {
      const value = Object.hasOwn(raw, field) ? raw[field] : undefined;
      return typeof value === 'string' ? [[field, trimmed(field, value)]] : [];
    }),
  );

export const validate = (raw: RawRecord, frame: Frame): Validated => {
  const kind = kindOf(raw);
  if (kind === null) {
    const reader = new FieldReader(raw, frame);
    reader.refuse('record', `does not name a kind of record (${KINDS.join(', ')})`);
    return { ok: false, problems: reader.problems };
  }
  const said = knownFieldsOf(raw, kind);
  const reader = new FieldReader(said, frame);
  for (const field of MANDATORY[kind]) if ((said[field] ?? '') === '') reader.refuse(field, 'is missing');
  const record = readers[kind](reader, headOf(reader, said, frame), { said, ids: frame.ids });
  return reader.problems.length === 0 ? { ok: true, record } : { ok: false, problems: reader.problems };
};

const headOf = (reader: FieldReader, said: RawRecord, { hash }: Frame): RecordHead => ({
  bankEventId: reader.id('bank_event_id') ?? '',
  bankSequence: reader.integer('bank_sequence', 0, 999_999_999_999_999) ?? 0,
  businessDate: reader.dueBy('business_date') ?? '',
  bodyHash: bodyHashOf(said, hash),
  contentHash: contentHashOf(said, hash),
});

const currencyOf = (reader: FieldReader): string | null => {
  const code = reader.text('currency', 200);
  if (code === null || exponentOf(code) !== undefined) return code;
  reader.refuse('currency', 'is not a known ISO 4217 currency');
  return null;
};

const moneyOf = (reader: FieldReader, head: RecordHead): Omit<BankPayment, 'kind'> => {
  const currency = currencyOf(reader);
  const amount = reader.amount('amount', currency);
  if (amount === 0) reader.refuse('amount', 'is zero');
  return {
    ...head,
    accountId: reader.id('account_id') ?? '',
    paymentId: reader.id('payment_id') ?? head.bankEventId,
    amount: amount ?? 0,
    currency: currency ?? '',
    valueDate: reader.dueBy('value_date') ?? '',
    postedAt: reader.instantBy('posted_at', BANK_ZONE),
    remainingMinimumDue: reader.amount('remaining_minimum_due', currency, true),
  };
};

const debtorOf = (reader: FieldReader): DebtorContent => {
  const zone = reader.text('time_zone', 100);
  if (zone !== null && !isZone(zone)) reader.refuse('time_zone', 'is not an IANA time zone');
  const phones = reader.list('phones', phoneItem, 20);
  return {
    name: reader.text('name', 200) ?? '',
    surname: reader.text('surname', 200) ?? '',
    salutation: reader.text('salutation', 50) ?? '',
    language: reader.text('language', 35) ?? 'zh-CN',
    timeZone: zone ?? DEFAULT_TIME_ZONE,
    timeZoneBasis: zone === null ? 'assumed' : 'bank',
    phones: distinct(phones),
    agreedWindows: reader.list('agreed_windows', windowItem),
    consents: reader.list('consents', consentItem),
  };
};

const distinct = (phones: readonly OwnNumber[]): readonly OwnNumber[] =>
  [...phones]
    .sort((a, b) => a.order - b.order || (a.number < b.number ? -1 : 1))
    .filter((phone, i, all) => all.findIndex((other) => other.number === phone.number) === i);

const historyOf = (reader: FieldReader, currency: string | null): DeepReadonly<AccountFacts['history']> => {
  const delinquency = reader.list('delinquency_history', monthItem, 120);
  return {
    recordedMonths: reader.integer('recorded_months', 0, 1_200) ?? 0,
    delinquency,
    payments: currency === null ? [] : reader.list('payment_history', amountItem(currency), 120),
    earlierEpisodes: reader.list('earlier_episodes', episodeItem),
    promises: reader.list('promise_history', promiseItem),
  };
};

const factsOf = (reader: FieldReader, ids: IdTrust): DeepReadonly<AccountFacts> => {
  const currency = currencyOf(reader);
  const amount = (field: string, allowNegative = false) => reader.amount(field, currency, allowNegative);
  const cardTail = reader.text('card_tail', 200);
  if (cardTail !== null && !/^\d{4}$/.test(cardTail)) reader.refuse('card_tail', 'is not four digits');
  const agency = reader.list('agency_notice', agencyItem(ids), 1);
  return {
    accountId: reader.id('account_id') ?? '',
    product: reader.text('product', 100) ?? 'credit-card',
    currency: currency ?? '',
    creditLimit: amount('credit_limit'),
    statementBalance: amount('statement_balance', true),
    minimumDue: amount('minimum_due') ?? 0,
    paidSinceStatement: amount('paid_since_statement') ?? 0,
    overdueAmount: amount('overdue_amount', true),
    interestToDate: amount('interest_to_date'),
    lateFee: amount('late_fee'),
    feesAsOf: reader.date('fees_as_of'),
    dueDate: reader.dueBy('due_date') ?? '',
    dpdReported: reader.integer('dpd', -3_650, 36_500),
    cycle: reader.text('cycle', 50),
    cardTail: cardTail ?? '',
    graceDays: reader.integer('grace_days', 0, 365),
    tolerance: amount('tolerance'),
    bureauReportOn: reader.date('bureau_report_on'),
    cardActionOn: reader.date('card_action_on'),
    cardStatus: reader.oneOf('card_status', ['active', 'stopped', 'unknown']) ?? 'unknown',
    creditReportStatus: reader.oneOf('credit_report_status', ['not-reported', 'reported', 'unknown']) ?? 'unknown',
    autopay: {
      on: reader.oneOf('autopay', ['on', 'off']) === 'on',
      nextTryAt: reader.instant('autopay_next_try_at'),
    },
    offers: reader.list('offers', textItem, 20),
    benefitsText: reader.text('benefits_text'),
    agencyNotice: agency[0] ?? null,
    flags: reader.list('flags', flagItem, 20),
    history: historyOf(reader, currency),
  };
};

const reversedBy = (reader: FieldReader, { paymentId }: Pick<BankPayment, 'paymentId'>): string => {
  const reversalOf = reader.id('reversal_of') ?? '';
  if (reversalOf !== '' && reversalOf === paymentId)
    reader.refuse('payment_id', 'is that of the payment it takes back');
  return reversalOf;
};

interface Source {
  readonly said: RawRecord;
  readonly ids: IdTrust;
}

const readers: Readonly<Record<RecordKind, (reader: FieldReader, head: RecordHead, source: Source) => BankRecord>> = {
  account: (reader, head, { said, ids }) => ({
    ...head,
    kind: 'account',
    customerNo: reader.id('customer_no') ?? '',
    said: Object.keys(said).filter((field) => said[field] !== ''),
    debtor: debtorOf(reader),
    facts: factsOf(reader, ids),
  }),
  payment: (reader, head) => ({ ...moneyOf(reader, head), kind: 'payment' }),
  reversal: (reader, head) => {
    const money = moneyOf(reader, head);
    return { ...money, kind: 'reversal', reversalOf: reversedBy(reader, money) };
  },
  'payments-posted-through': (reader, head) => ({
    ...head,
    kind: 'payments-posted-through',
    asOf: reader.instant('as_of') ?? '',
  }),
};
