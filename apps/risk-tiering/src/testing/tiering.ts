/** The service's real module on its ground, and facts of other services for it. */
import { type AccountFacts, type EventEnvelope, type IntakeEvent, shardOf } from '@mora/contracts';
import type { Platform } from '@mora/service';
import { canonicalForm, type Strategy } from '@mora/strategy';
import { RiskTieringModule } from '../risk-tiering.module.js';
import { CASE, chance, DEBTOR, day, on, packageHash, strategy } from './treatments.js';

export const SHARDS = 4;
export const shard = shardOf(DEBTOR, SHARDS);

/** @returns options of a `serviceWorld`; the policies that have arrived may grow. */
export const tiering = ({
  folder = null,
  policies = arrived(strategy),
}: {
  readonly folder?: string | null;
  readonly policies?: ReadonlyMap<string, string>;
} = {}) => ({
  module: (platform: Platform) => RiskTieringModule.for(platform, { chance, strategy: folder }),
  at: on(1, '05:30'),
  shards: SHARDS,
  policyText: (hash: string) => policies.get(hash),
});

export const arrived = (known: Strategy): ReadonlyMap<string, string> => new Map([[packageHash, canonicalForm(known)]]);

export const typesInShard = (events: readonly EventEnvelope[]): readonly string[] =>
  events.filter((event) => event.shard === shard).map(({ type }) => type);

const accountFacts: AccountFacts = {
  accountId: 'A1',
  product: 'card',
  currency: 'CNY',
  creditLimit: 1_000_000,
  statementBalance: 500_000,
  minimumDue: 50_000,
  paidSinceStatement: 0,
  overdueAmount: null,
  interestToDate: null,
  lateFee: null,
  feesAsOf: null,
  dueDate: day(0),
  dpdReported: 1,
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
  history: { recordedMonths: 6, delinquency: [], payments: [], earlierEpisodes: [], promises: [] },
};
export const provenance = {
  bankEventId: 'b1',
  bankSequence: 0,
  channel: { kind: 'file', name: 'book.csv', offset: 2 },
  rawHash: 'hash',
  businessDate: day(1),
  receivedAt: on(1, '05:00'),
} as const;

export const opened = (caseId = CASE, accountId = 'A1'): IntakeEvent => ({
  type: 'CaseOpened',
  data: {
    caseId,
    debtorId: DEBTOR,
    accountId,
    facts: { ...accountFacts, accountId },
    unpaidMinimum: 50_000,
    dpd: 1,
    provenance,
  },
});
