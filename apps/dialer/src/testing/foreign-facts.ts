/** The same debtor as other services tell of him. */
import type {
  AccountFacts,
  ContactContext,
  GuardEvent,
  IntakeEvent,
  TelephonyEvent,
  TieringEvent,
} from '@mora/contracts';
import { sealField } from '@mora/keys';
import { attemptIdFor } from '../dialing/facts.js';
import { account, CASE, DEBTOR, outcome, strategyHash } from './samples.js';

type Named<E extends { readonly type: string }, T extends E['type']> = Extract<E, { readonly type: T }>;

export const ATTEMPT = attemptIdFor(DEBTOR, 1);
export const debtorKey = { keyId: 'k', key: new Uint8Array(32) };

const ofCase = { caseId: CASE, debtorId: DEBTOR, accountId: 'acc-1' };
const treated = { ...ofCase, strategyHash };
const sealed = (field: string, text: string): string =>
  sealField(debtorKey, { debtorId: DEBTOR, stream: `debtor-${DEBTOR}`, field }, text);

const provenance = {
  bankEventId: 'bank-1',
  bankSequence: 0,
  channel: { kind: 'file', name: 'accounts', offset: 0 },
  rawHash: 'raw',
  businessDate: '2026-11-02',
  receivedAt: '2026-11-02T21:00:00.000Z',
} as const;

const facts: AccountFacts = {
  ...account(),
  offers: [],
  accountId: 'acc-1',
  product: 'card',
  creditLimit: null,
  minimumDue: 30_000,
  overdueAmount: null,
  dpdReported: null,
  cycle: null,
  cardActionOn: null,
  cardStatus: 'active',
  creditReportStatus: 'not-reported',
  agencyNotice: null,
  flags: [],
  history: { recordedMonths: 0, delinquency: [], payments: [], earlierEpisodes: [], promises: [] },
};

export const debtorRecorded: Named<IntakeEvent, 'DebtorRecorded'> = {
  type: 'DebtorRecorded',
  data: {
    debtorId: DEBTOR,
    name: sealed('name', '王小明'),
    surname: sealed('surname', '王'),
    salutation: '先生',
    language: 'zh',
    timeZone: 'Asia/Shanghai',
    timeZoneBasis: 'bank',
    phones: [1, 2].map((order) => ({
      phoneRef: `phone-ref-${order}`,
      number: sealed(`phone.${order}`, `+861380000000${order}`),
      kind: 'registered',
      order,
      confirmedAt: null,
    })),
    agreedWindows: [],
    consents: [],
    provenance,
  },
};

export const caseOpened: Named<IntakeEvent, 'CaseOpened'> = {
  type: 'CaseOpened',
  data: { ...ofCase, facts, unpaidMinimum: 30_000, dpd: 1, provenance },
};

export const treatmentStarted: Named<TieringEvent, 'TreatmentStarted'> = {
  type: 'TreatmentStarted',
  data: {
    ...treated,
    treatmentId: 'treatment-1',
    experimentId: 'exp',
    arm: 'champion',
    probability: 1,
    holdout: false,
    chance: null,
    decision: {
      trigger: 'case-opened',
      decidedOnVersion: 0,
      inputs: {},
      options: [{ option: 'champion', eligible: true, reason: 'only', probability: 1 }],
      chosen: 'champion',
      chance: null,
      rules: [],
      desiredAt: null,
      notBefore: null,
      notAfter: null,
      nextReviewAt: null,
    },
  },
};

export const accountTiered: Named<TieringEvent, 'AccountTiered'> = {
  type: 'AccountTiered',
  data: {
    ...treated,
    businessDate: '2026-11-03',
    dpd: 2,
    term: 'short',
    base: 'L',
    rules: [],
    sum: 0,
    shift: 0,
    previous: null,
    tier: 'L',
    pendingRise: null,
    frozen: false,
    unpaidMinimum: 30_000,
    currency: 'CNY',
    band: 'normal',
    inGrace: true,
    lastLabel: null,
    score: null,
    trigger: 'case-opened',
  },
};

export const strategyActivated: Named<TieringEvent, 'StrategyActivated'> = {
  type: 'StrategyActivated',
  data: { hash: strategyHash, name: 'cn', at: '2026-11-02T21:00:00.000Z', by: 'operator' },
};

export const contactsHalted: Named<TieringEvent, 'ContactsHalted'> = {
  type: 'ContactsHalted',
  data: {
    haltId: 'h',
    scope: { strategyHash: null, tier: null, channel: null, debtorId: null },
    reason: 'test',
    by: 'operator',
  },
};

export const paymentClaimed: Named<TieringEvent, 'PaymentClaimed'> = {
  type: 'PaymentClaimed',
  data: { ...treated, claimedOn: '2026-11-03', attemptId: 'a', checkAfter: '2026-11-04T02:00:00.000Z' },
};

export const stopPlaced: Named<GuardEvent, 'StopPlaced'> = {
  type: 'StopPlaced',
  data: {
    stopId: 'stop-1',
    debtorId: DEBTOR,
    kind: 'claims-paid',
    scope: 'account',
    accountId: 'acc-1',
    phoneRef: null,
    channels: ['call', 'sms'],
    until: null,
    source: 'call',
    evidence: 'dialer/1/0/1',
  },
};

export const permitRevoked: Named<GuardEvent, 'PermitRevoked'> = {
  type: 'PermitRevoked',
  data: { contactId: ATTEMPT, debtorId: DEBTOR, channel: 'call', why: 'cured', cause: 'intake/1/0/9' },
};

const leg = { attemptId: ATTEMPT, contactId: ATTEMPT, debtorId: DEBTOR, legId: 'leg' };
const context: ContactContext = {
  caseId: CASE,
  accountId: 'acc-1',
  treatmentId: 'treatment-1',
  businessDate: '2026-11-03',
  dpd: 2,
  tier: 'L',
  term: 'short',
  stage: 'l-first',
  experimentId: 'exp',
  arm: 'champion',
  strategyHash,
  channel: 'call',
  ordinalInEpisode: 1,
  ordinalToday: 1,
};

export const legAccepted = (acceptedAt: string): Named<TelephonyEvent, 'LegAccepted'> => ({
  type: 'LegAccepted',
  data: {
    ...leg,
    context,
    phoneRef: 'phone-ref-1',
    gateway: 'gw',
    incarnation: 'gw-1',
    trunk: 'trunk-1',
    numberShown: '4006',
    permitHash: 'p',
    dialogueHash: 'd',
    voice: 'F1',
    acceptedAt,
    ringMaxSeconds: 35,
  },
});

export const legRefused: Named<TelephonyEvent, 'LegRefused'> = {
  type: 'LegRefused',
  data: { ...leg, because: 'settled' },
};

export const legEnded = (of: Parameters<typeof outcome>[0]): Named<TelephonyEvent, 'LegEnded'> => ({
  type: 'LegEnded',
  data: { ...leg, context, phoneRef: 'phone-ref-1', outcome: outcome(of) },
});
