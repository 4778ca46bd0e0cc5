/** Facts of the guard's neighbours about Ann, unless said otherwise. */
import type {
  AuthorizeRequest,
  DialerEvent,
  IntakeEvent,
  SmsEvent,
  TelephonyEvent,
  TieringEvent,
} from '@mora/contracts';

export const ANN = '7f3e0000-0000-4000-8000-000000000001';
/** Shares Ann's telephone, lives in the other shard. */
export const BOB = '7f3e0000-0000-4000-8000-000000000003';

/** An instant by the clocks of Shanghai. */
export const sh = (text: string): string => new Date(`${text}+08:00`).toISOString();

type Data<U, T> = Extract<U, { readonly type: T }> extends { readonly data: infer D } ? D : never;
type CaseOpened = Data<IntakeEvent, 'CaseOpened'>;
type Talk = NonNullable<Data<DialerEvent, 'CallEnded'>['dialogue']>;
type Outcome = Data<TelephonyEvent, 'LegEnded'>['outcome'];
type Halt = Data<TieringEvent, 'ContactsHalted'>;
type SmsReply = Data<SmsEvent, 'SmsReplied'>;
type Reply = SmsReply['reply'];

const caseOf = (debtorId = ANN) => ({ caseId: 'case-1', debtorId, accountId: 'acc-1' });

const provenance = (businessDate: string): CaseOpened['provenance'] => ({
  bankEventId: 'b',
  bankSequence: 1,
  channel: { kind: 'file', name: 'f', offset: 1 },
  rawHash: 'h',
  businessDate,
  receivedAt: sh(`${businessDate}T06:00:00.000`),
});

const account: CaseOpened['facts'] = {
  accountId: 'acc-1',
  product: 'card',
  currency: 'CNY',
  creditLimit: null,
  statementBalance: null,
  minimumDue: 10_000,
  paidSinceStatement: 0,
  overdueAmount: null,
  interestToDate: null,
  lateFee: null,
  feesAsOf: null,
  dueDate: '2026-11-01',
  dpdReported: null,
  cycle: null,
  cardTail: '1234',
  graceDays: null,
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
};

const opened = (debtorId: string): CaseOpened => ({
  ...caseOf(debtorId),
  facts: account,
  unpaidMinimum: 10_000,
  dpd: 3,
  provenance: provenance('2026-11-04'),
});

export const caseOpened = (debtorId = ANN, over: Partial<CaseOpened> = {}): IntakeEvent => ({
  type: 'CaseOpened',
  data: { ...opened(debtorId), ...over },
});

/** The bank's record of a day. */
export const reported = (
  on: string,
  {
    flags = [],
    agencyNotice = null,
    unsaid = [],
    unpaidMinimum = 10_000,
  }: Partial<CaseOpened['facts'] & CaseOpened> = {},
): IntakeEvent => ({
  type: 'AccountReported',
  data: {
    ...opened(ANN),
    facts: { ...account, flags, agencyNotice },
    unsaid,
    unpaidMinimum,
    provenance: provenance(on),
  },
});

export const postedThrough = (asOf: string): IntakeEvent => ({
  type: 'PaymentsPostedThrough',
  data: { asOf, provenance: provenance('2026-11-04') },
});

export const cured: IntakeEvent = {
  type: 'CaseCured',
  data: { ...caseOf(), curedBy: 'b', unpaidMinimum: 0, dpd: 3 },
};
/** Its next bill takes its place. */
export const withdrawn: IntakeEvent = {
  type: 'CaseClosed',
  data: { ...caseOf(), reason: 'withdrawn', successor: { debtorId: ANN, caseId: 'case-2' } },
};
export const reopened: IntakeEvent = {
  type: 'CaseReopened',
  data: { ...caseOf(), unpaidMinimum: 10_000, because: 'b' },
};
export const withinTolerance: IntakeEvent = {
  type: 'WithinTolerance',
  data: { ...caseOf(), unpaidMinimum: 900, tolerance: 1_000 },
};

export const debtorRecorded = (over: Partial<Data<IntakeEvent, 'DebtorRecorded'>>): IntakeEvent => ({
  type: 'DebtorRecorded',
  data: {
    debtorId: ANN,
    name: 'enc:1:k:AAAA',
    surname: 'enc:1:k:AAAA',
    salutation: 's',
    language: 'zh',
    timeZone: 'Asia/Shanghai',
    timeZoneBasis: 'bank',
    phones: [],
    agreedWindows: [],
    consents: [],
    provenance: provenance('2026-11-04'),
    ...over,
  },
});

export const context = (over: Partial<AuthorizeRequest['context']> = {}): AuthorizeRequest['context'] => ({
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
  channel: 'call',
  ordinalInEpisode: 1,
  ordinalToday: 1,
  ...over,
});

/** A call of the dialer with what was said in it. */
export const callEnded = (contactId: string, said: Partial<Talk> = {}): DialerEvent => ({
  type: 'CallEnded',
  data: {
    attemptId: contactId,
    contactId,
    debtorId: ANN,
    context: context(),
    phoneRef: 'ann-phone-1',
    voice: 'F1',
    script: 'l-first',
    disposition: 'no-promise',
    connected: 'yes',
    conversation: true,
    rightParty: true,
    rightPartyBy: 'said',
    talkMs: 1,
    endedAt: sh('2026-11-04T10:01:00.000'),
    settledBy: 'live',
    outcome: null,
    dialogue: { ...talk, ...said },
    firstAttemptOfEpisode: true,
  },
});

const talk: Talk = {
  end: 'end',
  disposition: 'no-promise',
  identity: 'confirmed',
  conversation: true,
  intents: [],
  label: 'none',
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
};

const leg = (contactId: string, debtorId = ANN) => ({
  attemptId: contactId,
  contactId,
  debtorId,
  legId: `leg-${contactId}`,
});
const legOnLine = (contactId: string, debtorId = ANN) => ({
  ...leg(contactId, debtorId),
  context: context(),
  phoneRef: 'ann-phone-1',
});

/** Rang and was not answered, unless said otherwise. */
export const legEnded = (contactId: string, over: Partial<Outcome> = {}, debtorId = ANN): TelephonyEvent => ({
  type: 'LegEnded',
  data: { ...legOnLine(contactId, debtorId), outcome: { ...unanswered, ...over } },
});
export const legLost = (contactId: string): TelephonyEvent => ({
  type: 'LegLost',
  data: { ...legOnLine(contactId), lastTurn: null, incarnation: 'i' },
});
export const legRefused = (contactId: string, because: string): TelephonyEvent => ({
  type: 'LegRefused',
  data: { ...leg(contactId), because },
});

const unanswered: Outcome = {
  gateway: 'gw-1',
  incarnation: 'i',
  trunk: 't',
  numberShown: '1',
  inviteAt: sh('2026-11-04T10:00:00.000'),
  ringAt: sh('2026-11-04T10:00:05.000'),
  answeredAt: null,
  endedAt: sh('2026-11-04T10:00:40.000'),
  sipCode: 480,
  q850: null,
  hungUpBy: 'carrier',
  announcement: null,
  amd: null,
  robotTalkMs: 0,
  debtorSpeechMs: 0,
  firstPromptDelayMs: null,
  connected: 'no',
  recordingRef: null,
  recordingHash: null,
  costUnits: 0,
  dialogue: null,
};
export const answered: Partial<Outcome> = {
  connected: 'yes',
  answeredAt: sh('2026-11-04T10:00:10.000'),
  sipCode: 200,
};

const text = (contactId: string) => ({ smsId: contactId, contactId, debtorId: ANN });
const textSent = (contactId: string) => ({
  ...text(contactId),
  context: context({ channel: 'sms' }),
  trigger: 'a' as const,
});

export const smsRejected = (contactId: string): SmsEvent => ({
  type: 'SmsRejected',
  data: { ...textSent(contactId), error: 'x' },
});
export const smsWithdrawn = (contactId: string): SmsEvent => ({
  type: 'SmsWithdrawn',
  data: { ...textSent(contactId), because: 'x' },
});
export const smsUnknown = (contactId: string): SmsEvent => ({ type: 'SmsUnknown', data: textSent(contactId) });
export const smsReplied = (reply: Reply, read: Partial<SmsReply> = {}): SmsEvent => ({
  type: 'SmsReplied',
  data: {
    ...text('s-0'),
    reply,
    text: 'enc:1:k:AAAA',
    phoneRef: 'ann-phone-1',
    at: sh('2026-11-04T10:00:00.000'),
    ...read,
  },
});

const treatment = { ...caseOf(), strategyHash: 's' };
const claim = { ...treatment, claimedOn: '2026-11-03' };

export const paymentClaimed: TieringEvent = {
  type: 'PaymentClaimed',
  data: { ...claim, attemptId: 'c-0', checkAfter: sh('2026-11-04T10:00:00.000') },
};
export const paymentClaimUnmet: TieringEvent = {
  type: 'PaymentClaimUnmet',
  data: { ...claim, watermark: sh('2026-11-04T10:00:00.000') },
};
export const handedOver: TieringEvent = {
  type: 'HandedOver',
  data: {
    ...treatment,
    reason: 'dispute',
    queue: 'disputes',
    firstActionDue: sh('2026-11-04T10:00:00.000'),
    dpd: 3,
    tier: 'L',
    score: null,
    suggestedNextStep: '',
    trigger: 't',
  },
};
export const returnedToRobot: TieringEvent = { type: 'ReturnedToRobot', data: { ...treatment, reason: 'r', by: 'h' } };

export const halted = (scope: Partial<Halt['scope']> = {}): TieringEvent => ({
  type: 'ContactsHalted',
  data: {
    haltId: 'h-1',
    scope: { strategyHash: null, tier: null, channel: null, debtorId: null, ...scope },
    reason: 'r',
    by: 'op',
  },
});
export const resumed: TieringEvent = { type: 'ContactsResumed', data: { haltId: 'h-1', reason: 'r', by: 'op' } };
