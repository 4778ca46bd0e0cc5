/** A contact that every shipped rule allows, and what it takes to make one of them deny. */
import type { AuthorizeRequest } from '@mora/contracts';
import { evaluate } from './evaluate.js';
import type { RuleInputs, Stop, UsedContact } from './inputs.js';
import { shippedProfile } from './profile.js';
import { verdictOf } from './verdict.js';

export const profile = shippedProfile('cn-bank-creditcard');
export const DEBTOR = '7f3e0000-0000-4000-8000-000000000001';
export const PHONE = 'phone-ref-1';
export const HOUR = 3_600_000;

/** Shanghai wall time as an instant. */
export const sh = (text: string): string => new Date(`${text}+08:00`).toISOString();

export const request = (over: Partial<AuthorizeRequest> = {}): AuthorizeRequest => ({
  contactId: 'c-new',
  debtorId: DEBTOR,
  channel: 'call',
  phoneRef: PHONE,
  gatewayId: 'gw-1',
  actor: 'bank',
  party: 'debtor',
  context: {
    caseId: 'case-1',
    accountId: 'acc-1',
    treatmentId: 't-1',
    businessDate: '2026-11-04',
    dpd: 3,
    tier: 'L',
    term: 'short',
    stage: 'l-first',
    experimentId: 'e',
    arm: 'a',
    strategyHash: 'strategy-1',
    channel: over.channel ?? 'call',
    ordinalInEpisode: 1,
    ordinalToday: 1,
  },
  accountIds: ['acc-1'],
  solicitedBy: null,
  askedBy: null,
  ...over,
});

/** A debtor whom every rule allows to be called on Wednesday 2026-11-04 at 10:00. */
export const inputs = (over: Partial<RuleInputs> = {}): RuleInputs => ({
  at: sh('2026-11-04T10:00:00.000'),
  request: request(),
  zone: { name: 'Asia/Shanghai', basis: 'bank' },
  agreedWindows: [],
  accounts: {
    'acc-1': {
      caseId: 'case-1',
      status: 'open',
      unpaidMinimum: 100,
      reportedOn: '2026-11-04',
      agencyNotice: null,
      fact: 'intake/1/0/1',
    },
  },
  postings: { asOf: sh('2026-11-04T06:00:00.000'), fact: 'intake/1/0/2' },
  stops: [],
  bars: [],
  contacts: [],
  smsAsks: [],
  smsReplies: [],
  number: { othersAttempts: [], othersCalls: [], barred: false },
  debtorsOnNumber: 1,
  destination: { country: 'CN', kind: 'mobile' },
  spend: { hours: [], shards: 12 },
  halts: [],
  parked: false,
  skewMs: 0,
  wall: '2026-01-01T00:00:10.000Z',
  watermarks: { intake: { epoch: 1, position: 5, at: '2026-01-01T00:00:10.000Z', consumed: true } },
  ...over,
});

export const judge = (i: RuleInputs) => verdictOf([profile], i, evaluate([profile], i));
export const deniedBy = (i: RuleInputs): readonly string[] => judge(i).deniedBy;
export const ruleOf = (i: RuleInputs, id: string) => judge(i).rules.find((r) => r.ruleId === id)!;

export const call = (at: string, over: Partial<UsedContact> = {}): UsedContact => ({
  contactId: `c-${at}`,
  channel: 'call',
  phoneRef: PHONE,
  at,
  attempt: 'confirmed',
  connected: 'confirmed',
  sms: 'none',
  unsolicited: false,
  ...over,
});
export const unanswered = (at: string, over: Partial<UsedContact> = {}) => call(at, { connected: 'released', ...over });
export const sms = (at: string, over: Partial<UsedContact> = {}) =>
  call(at, { channel: 'sms', attempt: 'none', connected: 'none', sms: 'confirmed', unsolicited: true, ...over });

export const stop = (over: Partial<Stop>): Stop => ({
  stopId: 's-1',
  kind: 'complaint',
  scope: 'debtor',
  accountId: null,
  phoneRef: null,
  channels: ['call', 'sms'],
  until: null,
  source: 'call',
  evidence: 'dialer/1/0/9',
  ...over,
});
