/** What other services say of one debtor, as their contracts have it. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type AccountFacts,
  type Decision,
  type DialogueResult,
  type EventEnvelope,
  type NewEvent,
  type Source,
  shardOf,
} from '@mora/contracts';
import { phoneRefOf, sealField } from '@mora/keys';
import { loadStrategyFolder, type Strategy } from '@mora/strategy';

const folder = fileURLToPath(new URL('../../../../strategies/cn-early-delinquency/', import.meta.url));
const texts = (under: string) =>
  readdirSync(folder + under)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [under + name, readFileSync(folder + under + name, 'utf8')] as const);
const loaded = loadStrategyFolder(Object.fromEntries([...texts(''), ...texts('scripts/')]));
if (!loaded.ok) throw new TypeError('the default strategy does not load');
export const strategy: Strategy = loaded.strategy;
export const HASH = loaded.hash;

export const DEBTOR = '6f2c1a34-0000-8000-8000-000000000001';
export const CASE = '6f2c1a34-0000-8000-8000-00000000000a';
export const OTHER_CASE = '6f2c1a34-0000-8000-8000-00000000000b';
export const SHARDS = 4;
/** Subject of what is told to every debtor of the shard. */
export const CONTROL = `control-shard-${shardOf(DEBTOR, SHARDS)}`;
export const KEY = { keyId: 'k1', key: Buffer.alloc(32, 7) };
export const NUMBERS = ['+8613800000001', '+8613800000002'] as const;
export const [PHONE, SECOND_PHONE] = NUMBERS.map((number) => phoneRefOf(KEY.key, number)) as [string, string];
/** The number that a reference names. */
export const numberOf = (phoneRef: string): string => NUMBERS[phoneRef === PHONE ? 0 : 1];

/** Due on Sunday 2026-11-01: DPD 1 is Monday 2026-11-02. */
export const day = (dpd: number): string => `2026-11-${String(1 + dpd).padStart(2, '0')}`;
export const local = (dpd: number, time: string): string => new Date(`${day(dpd)}T${time}:00.000+08:00`).toISOString();

const provenance = {
  bankEventId: 'e',
  bankSequence: 0,
  channel: { kind: 'file', name: 'book.csv', offset: 0 },
  rawHash: 'h',
  businessDate: day(1),
  receivedAt: local(1, '05:50'),
};

const accountFacts = (of: Partial<AccountFacts> = {}): AccountFacts => ({
  accountId: 'account-one',
  product: 'card',
  currency: 'CNY',
  creditLimit: null,
  statementBalance: 800_000,
  minimumDue: 50_000,
  paidSinceStatement: 0,
  overdueAmount: null,
  interestToDate: null,
  lateFee: null,
  feesAsOf: null,
  dueDate: '2026-11-01',
  dpdReported: null,
  cycle: null,
  cardTail: '1234',
  graceDays: 3,
  tolerance: null,
  bureauReportOn: null,
  cardActionOn: null,
  cardStatus: 'active',
  creditReportStatus: 'unknown',
  autopay: { on: false, nextTryAt: null },
  offers: [],
  benefitsText: null,
  agencyNotice: null,
  flags: [],
  history: { recordedMonths: 0, delinquency: [], payments: [], earlierEpisodes: [], promises: [] },
  ...of,
});

const decision: Decision = {
  trigger: 'test',
  decidedOnVersion: 0,
  inputs: {},
  options: [],
  chosen: 'x',
  chance: null,
  rules: [],
  desiredAt: null,
  notBefore: null,
  notAfter: null,
  nextReviewAt: null,
};

/** What the contract of a fact asks for beyond what a test says. */
const promise = { promiseId: 'p1', promiseKind: 'minimum' };
const account = { caseId: CASE, debtorId: DEBTOR, accountId: 'account-one' };
const money = { currency: 'CNY', valueDate: day(1), postedAt: local(1, '12:00'), remainingMinimumDue: null };
const REST: Readonly<Record<string, object>> = {
  DebtorRecorded: {
    language: 'zh',
    timeZone: 'Asia/Shanghai',
    timeZoneBasis: 'bank',
    agreedWindows: [],
    consents: [],
    provenance,
  },
  CaseOpened: { dpd: 1, provenance },
  CaseCured: { curedBy: 'payment-1', dpd: 1 },
  PaymentPosted: { ...money, paymentId: 'payment-1', amount: 100, provenance },
  TreatmentStarted: { probability: 1, holdout: false, chance: null, decision },
  AccountTiered: {
    businessDate: day(1),
    dpd: 1,
    base: 'L',
    rules: [],
    sum: 0,
    shift: 0,
    previous: null,
    pendingRise: null,
    frozen: false,
    unpaidMinimum: 50_000,
    currency: 'CNY',
    band: 'normal',
    inGrace: true,
    lastLabel: null,
    score: null,
    trigger: 'test',
  },
  PromiseMade: { ...promise, attemptId: 'attempt-1', turn: 1, confidence: 1 },
  PromiseKept: { ...promise, date: day(6), paid: 0, payments: [], watermark: null },
  PromiseReopened: { ...promise, date: day(6), paid: 0, payments: [], settledAt: local(6, '03:00') },
  PromiseBroken: { ...promise, date: day(6), paid: 0, payments: [], watermark: null },
  HandedOver: {
    reason: 'human-asked',
    queue: 'collectors',
    firstActionDue: local(9, '09:00'),
    dpd: 5,
    tier: 'L',
    score: null,
    suggestedNextStep: 'x',
    trigger: 'test',
  },
  ContactsHalted: { reason: 'test', by: 'test' },
  ContactsResumed: { reason: 'test', by: 'test' },
  StopPlaced: { source: 'test', evidence: 'test' },
  StopLifted: { reason: 'test', by: 'test' },
  NumberBarred: { evidence: 'test' },
  PermitRevoked: { cause: 'test' },
};

export interface Told {
  readonly source: Source;
  readonly subject: string;
  readonly fact: NewEvent;
}

const ON_CONTROL = new Set(['StrategyActivated', 'ContactsHalted', 'ContactsResumed']);

export const told = (source: Source, type: string, data: object): Told => ({
  source,
  subject: ON_CONTROL.has(type) ? CONTROL : DEBTOR,
  fact: { type, data: { ...account, strategyHash: HASH, ...REST[type], ...data } },
});

export interface OpenCase {
  readonly caseId?: string;
  readonly tier?: string;
  readonly facts?: Partial<AccountFacts>;
  readonly arm?: string;
}

/** A case that is open, tiered and treated; with its debtor when it is his first. */
export const openingFacts = ({
  caseId = CASE,
  tier = 'L',
  facts = {},
  arm = 'champion',
}: OpenCase = {}): readonly Told[] => {
  const opened = accountFacts(facts);
  const about = { caseId, accountId: opened.accountId };
  const sealed = (field: string, text: string) =>
    sealField(KEY, { debtorId: DEBTOR, stream: `debtor-${DEBTOR}`, field }, text);
  const phones = [PHONE, SECOND_PHONE].map((phoneRef, order) => ({
    phoneRef,
    number: sealed(`phone/${phoneRef}`, numberOf(phoneRef)),
    kind: 'registered',
    order: order + 1,
    confirmedAt: null,
  }));
  const debtor = [
    told('tiering', 'StrategyActivated', { hash: HASH, name: 'x', at: local(1, '05:50'), by: 'test' }),
    told('intake', 'DebtorRecorded', {
      name: sealed('name', '王小明'),
      surname: sealed('surname', '王'),
      salutation: '先生',
      phones,
    }),
  ];
  return [
    ...(caseId === CASE ? debtor : []),
    told('intake', 'CaseOpened', { ...about, facts: opened, unpaidMinimum: 50_000 }),
    told('tiering', 'TreatmentStarted', { ...about, treatmentId: caseId, experimentId: 'e', arm }),
    told('tiering', 'AccountTiered', { ...about, tier, term: 'short' }),
  ];
};

const dialogueResult = (of: Partial<DialogueResult>): DialogueResult => ({
  end: 'end',
  disposition: 'no-promise',
  identity: 'confirmed',
  conversation: true,
  intents: [],
  label: 'vague',
  labelTurns: [],
  reason: 'not-said',
  flags: [],
  promise: null,
  deferTo: null,
  callbackAt: null,
  smsAsked: [],
  stops: [],
  claimedPaidOn: null,
  understoodTurns: 1,
  unclearTurns: 0,
  personalised: false,
  ...of,
});

/** A call that nobody answered, but for what is said otherwise. */
export const callEnded = (
  endedAt: string,
  attemptId = 'attempt-1',
  of: object = {},
  dialogue: Partial<DialogueResult> | null = null,
): Told =>
  told('dialer', 'CallEnded', {
    attemptId,
    contactId: attemptId,
    context: {
      caseId: CASE,
      accountId: 'account-one',
      treatmentId: CASE,
      businessDate: endedAt.slice(0, 10),
      dpd: 1,
      tier: 'L',
      term: 'short',
      stage: 'l-first',
      experimentId: 'e',
      arm: 'champion',
      strategyHash: HASH,
      channel: 'call',
      ordinalInEpisode: 1,
      ordinalToday: 1,
    },
    phoneRef: PHONE,
    voice: 'F1',
    script: 'l-first',
    disposition: 'no-answer',
    connected: 'no',
    conversation: false,
    rightParty: false,
    rightPartyBy: 'none',
    talkMs: 0,
    endedAt,
    settledBy: 'live',
    outcome: null,
    dialogue: dialogue === null ? null : dialogueResult(dialogue),
    firstAttemptOfEpisode: true,
    ...of,
  });

export const talked = { disposition: 'no-promise', connected: 'yes', conversation: true, rightParty: true } as const;

/** Types of the events of one SMS from its intent to its receipt. */
export const protocolOf = (events: readonly EventEnvelope[]): readonly string[] =>
  events.map(({ type }) => type).filter((type) => PROTOCOL.test(type));

const PROTOCOL = /^Sms(Intended|Denied|Withdrawn|Submitting|Submitted|Rejected|Unknown|Delivered|Undelivered)/;
