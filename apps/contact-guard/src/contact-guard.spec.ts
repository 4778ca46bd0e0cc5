import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  type AuthorizeReply,
  type AuthorizeRequest,
  type EventEnvelope,
  type GuardApi,
  type Source,
  schemaOf,
  shardOf,
  type Verdict,
} from '@mora/contracts';
import { createActivity, MemoryStore, type Processor, ShardWriter } from '@mora/eventing';
import { createPermitSigner, permitKeyOfSecret, verifyPermit } from '@mora/keys';
import type { ServiceCore, ServiceParts } from '@mora/service';
import { contactGuardService, PERMIT_EXPIRED, PERMIT_REVOKED, PERMIT_USED } from './index.js';
import { smallProfile } from './testing/small-profile.js';

const SHARDS = 2;
const ANN = '7f3e0000-0000-4000-8000-000000000001';
/** Shares Ann's telephone, lives in the other shard. */
const BOB = '7f3e0000-0000-4000-8000-000000000003';
const signer = createPermitSigner(permitKeyOfSecret(Buffer.alloc(32, 7)));
const sh = (text: string): string => new Date(`${text}+08:00`).toISOString();

/** The guard on an in-memory store, with its neighbours' facts told by hand. */
class Harness {
  now = sh('2026-11-04T10:00:00.000');
  wall = Date.parse('2026-01-01T00:00:00.000Z');
  head = new Map<Source, number>();
  taken = new Map<string, number>();
  parked = new Set<string>();
  readonly activity = createActivity();
  readonly events: EventEnvelope[] = [];
  writer!: ShardWriter;
  parts!: ServiceParts;

  constructor(readonly store = new MemoryStore('guard', SHARDS)) {}

  async open(): Promise<this> {
    this.writer = new ShardWriter({
      store: this.store,
      activity: this.activity,
      origin: {
        source: 'guard',
        shards: SHARDS,
        build: 'test',
        tzdata: 'test',
        clock: { kind: 'stepped', anchorId: 'a' },
        simulated: null,
        now: () => this.now,
        wall: () => this.wall,
        check: (type, data) => schemaOf('guard', type)?.parse(data),
      },
    });
    const core = {
      name: 'contact-guard',
      store: this.store,
      writer: this.writer,
      activity: this.activity,
      clock: { anchor: { kind: 'stepped', anchorId: 'a' } },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      isParked: (subject: string) => this.parked.has(subject),
      platform: {
        origin: { wall: () => this.wall },
        feed: (source: Source) => ({
          watermark: async () => ({
            epoch: 1,
            position: this.head.get(source) ?? 0,
            at: new Date(this.wall).toISOString(),
          }),
        }),
        ports: { intake: { numberKey: async (_: string, ref: string) => ref.replace(/^.*-/, 'key-') } },
      },
    } as unknown as ServiceCore;
    this.parts = await contactGuardService({
      profiles: [smallProfile],
      signer,
      staleWaitMs: 0,
    }).open(core);
    this.writer.onCommitted((events) => {
      this.events.push(...events);
      this.parts.onCommitted?.(events);
    });
    return this;
  }

  get guard(): GuardApi {
    return this.parts.provides!.guard!;
  }

  /** A fact of another service, taken in as the consumer does it. */
  async tell(source: Source, type: string, subject: string, data: object, at = this.now): Promise<void> {
    const schema = schemaOf(source, type);
    if (!schema) throw new Error(`${source}.${type} is not published`);
    const shard = subject.includes('-shard-') ? Number(subject.at(-1)) : shardOf(subject, SHARDS);
    const key = `${source}/${shard}`;
    const position = (this.taken.get(key) ?? 0) + 1;
    this.taken.set(key, position);
    const event = {
      id: `${key}/${position}`,
      type,
      source,
      epoch: 1,
      shard,
      position,
      stream: `s-${subject}`,
      version: 1,
      subject,
      data: schema.parse(data),
      meta: { at, correlationId: subject, traceparent: null, after: {} },
      recordedAt: at,
    } as unknown as EventEnvelope<string, never>;
    const processor = this.parts.processors![0] as Processor;
    const commands = [processor.on[type]!(event)].flat().filter((c) => c !== null);
    const outcome = await this.writer.take({
      processor: processor.name,
      source,
      shard,
      from: { epoch: position === 1 ? 0 : 1, position: position - 1 },
      steps: [{ event: event as EventEnvelope, commands, park: null }],
    });
    expect(outcome).toMatchObject({ status: 'done', parked: [] });
    await this.activity.quiet();
  }

  ofType(type: string) {
    return this.events.filter((e) => e.type === type).map((e) => e.data as Record<string, never>);
  }
}

const context = (over: object = {}) => ({
  caseId: 'case-1',
  accountId: 'acc-1',
  treatmentId: 't-1',
  businessDate: '2026-11-04',
  dpd: 3,
  tier: 'L' as const,
  term: 'short' as const,
  stage: 'l-first',
  experimentId: 'e',
  arm: 'a',
  strategyHash: 'strategy-1',
  channel: 'call' as const,
  ordinalInEpisode: 1,
  ordinalToday: 1,
  ...over,
});

const request = (contactId: string, over: Partial<AuthorizeRequest> = {}): AuthorizeRequest => ({
  contactId,
  debtorId: ANN,
  channel: 'call',
  phoneRef: 'ann-phone-1',
  gatewayId: 'gw-1',
  actor: 'bank',
  party: 'debtor',
  context: context({ channel: over.channel ?? 'call' }),
  accountIds: ['acc-1'],
  solicitedBy: null,
  askedBy: null,
  ...over,
});

const provenance = (businessDate: string) => ({
  bankEventId: 'b',
  bankSequence: 1,
  channel: { kind: 'file', name: 'f', offset: 1 },
  rawHash: 'h',
  businessDate,
  receivedAt: sh(`${businessDate}T06:00:00.000`),
});

const facts = (flags: readonly object[] = []) => ({
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
  flags,
  history: { recordedMonths: 0, delinquency: [], payments: [], earlierEpisodes: [], promises: [] },
});

const caseRef = (debtorId = ANN, caseId = 'case-1') => ({ caseId, debtorId, accountId: 'acc-1' });
const opened = (debtorId = ANN, over: object = {}) => ({
  ...caseRef(debtorId),
  facts: facts(),
  unpaidMinimum: 10_000,
  dpd: 3,
  provenance: provenance('2026-11-04'),
  ...over,
});
const debtor = (over: object = {}) => ({
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
});
const dialogue = (over: object = {}) => ({
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
  ...over,
});
const outcome = (over: object = {}) => ({
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
  ...over,
});
const leg = (contactId: string, debtorId = ANN) => ({
  attemptId: contactId,
  contactId,
  debtorId,
  legId: `leg-${contactId}`,
});
const legEnded = (contactId: string, over: object = {}, debtorId = ANN) => ({
  ...leg(contactId, debtorId),
  context: context(),
  phoneRef: 'ann-phone-1',
  outcome: outcome(over),
});
const answered = { connected: 'yes', answeredAt: sh('2026-11-04T10:00:10.000'), sipCode: 200 };
const callEnded = (contactId: string, talk: object | null) => ({
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
  dialogue: talk,
  firstAttemptOfEpisode: true,
});
const deniedBy = (reply: AuthorizeReply) => (reply.result === 'denied' ? reply.deniedBy : []);
const halt = {
  haltId: 'h-1',
  scope: { strategyHash: null, tier: null, channel: null, debtorId: null },
  reason: 'r',
  by: 'op',
};

let h: Harness;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) => h.guard.authorize(request(contactId, over));

beforeEach(async () => {
  h = await new Harness().open();
  for (const debtor of [ANN, BOB]) await h.tell('intake', 'CaseOpened', debtor, opened(debtor));
  for (let shard = 0; shard < SHARDS; shard++)
    await h.tell('intake', 'PaymentsPostedThrough', `bank-shard-${shard}`, {
      asOf: sh('2026-11-04T06:00:00.000'),
      provenance: provenance('2026-11-04'),
    });
});

describe('authorize', () => {
  test('answers with a permit that verifies and a stored verdict that names every rule', async () => {
    const reply = await ask('c-1');
    if (reply.result !== 'allowed') throw new Error(String(reply.deniedBy));
    expect(verifyPermit(reply.permit, signer.publicKey, h.wall, { contactId: 'c-1', debtorId: ANN })).toEqual({
      ok: true,
    });
    const stored = h.events.find((e) => e.type === 'ContactPermitted')!;
    expect(stored.meta.policies.map((p) => p.kind)).toEqual(['rules', 'calendar', 'strategy']);
    expect(stored.meta).toMatchObject({ correlationId: 'case-1', cause: 'cmd:c-1' });
    const { verdict } = stored.data as { verdict: Verdict };
    expect(verdict.rules.map((r) => r.ruleId)).toEqual(smallProfile.content.rules.map((r) => r.id));
  });

  test('asked again gives the same answer and stores nothing', async () => {
    const first = await ask('c-1');
    expect(await ask('c-1')).toEqual(first);
    expect(h.ofType('ContactPermitted')).toHaveLength(1);
    h.now = sh('2026-11-04T23:00:00.000');
    const denied = await ask('c-2');
    h.now = sh('2026-11-05T09:00:00.000');
    expect(await ask('c-2')).toEqual(denied);
    expect(h.ofType('ContactDenied')).toHaveLength(1);
  });

  test('asked again after the permit has expired, was revoked or was used says so', async () => {
    await ask('c-1');
    h.wall += 15_000;
    expect((await ask('c-1')).result).toBe('allowed');
    h.wall += 1;
    expect(await ask('c-1')).toEqual({ result: 'denied', deniedBy: [PERMIT_EXPIRED], retryNotBefore: null });
    await h.tell('telephony', 'LegEnded', ANN, legEnded('c-1'));
    expect(deniedBy(await ask('c-1'))).toEqual([PERMIT_USED]);
    await ask('c-2');
    await h.tell('intake', 'CaseCured', ANN, { ...caseRef(), curedBy: 'b', unpaidMinimum: 0, dpd: 3 });
    expect(deniedBy(await ask('c-2'))).toEqual([PERMIT_REVOKED]);
  });

  test('judges the hours where the bank says that the debtor lives, and lets in at a time agreed with him', async () => {
    h.now = sh('2026-11-04T22:30:00.000');
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-HOURS']);
    await h.tell('intake', 'DebtorRecorded', ANN, debtor({ timeZone: 'Asia/Bangkok' }));
    expect((await ask('c-2')).result).toBe('allowed');
    const agreedWindows = [{ from: '22:00', to: '23:00', channel: 'call', expiresOn: null }];
    await h.tell('intake', 'DebtorRecorded', ANN, debtor({ agreedWindows }));
    expect((await ask('c-3')).result).toBe('allowed');
    expect(deniedBy(await ask('s-1', { channel: 'sms' }))).toEqual(['SMALL-HOURS']);
  });

  test('throws when the contact was judged for another number', async () => {
    await ask('c-1');
    await expect(ask('c-1', { phoneRef: 'ann-phone-9' })).rejects.toMatchObject({ code: 'PERMIT_FOR_OTHER' });
  });

  test('denies as stale while a required source is ahead of what the guard took in, and a parked debtor', async () => {
    h.head.set('dialer', 1);
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-STALE']);
    h.head.clear();
    h.parked.add(ANN);
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-PARKED']);
  });

  test('throws and permits nothing when the request is no request', async () => {
    await expect(h.guard.authorize({ contactId: 'c-1' } as AuthorizeRequest)).rejects.toThrow();
    expect(h.events.filter((e) => e.stream === `contacts-${ANN}` && e.type.startsWith('Contact'))).toEqual([]);
  });

  test('two at once cannot share the last place', async () => {
    for (const id of ['c-1', 'c-2']) {
      await ask(id);
      await h.tell('telephony', 'LegEnded', ANN, legEnded(id, answered));
    }
    const replies = await Promise.all([ask('c-3'), ask('c-4')]);
    expect(replies.map((r) => r.result).sort()).toEqual(['allowed', 'denied']);
    expect(replies.flatMap(deniedBy)).toEqual(['SMALL-CONNECTED']);
  });

  test('forgets nothing by a restart', async () => {
    const first = await ask('c-1');
    h = await new Harness(h.store).open();
    expect(await ask('c-1')).toEqual(first);
  });
});

describe('counters', () => {
  const connect = async (...ids: string[]) => {
    for (const id of ids) {
      expect((await ask(id)).result).toBe('allowed');
      await h.tell('telephony', 'LegEnded', ANN, legEnded(id, answered));
    }
  };

  test('an answered, a doubtful and a lost call each use the connected place', async () => {
    await connect('c-1');
    await ask('c-2');
    await h.tell('telephony', 'LegEnded', ANN, legEnded('c-2', { ...answered, connected: 'doubt' }));
    await ask('c-3');
    await h.tell('telephony', 'LegLost', ANN, {
      ...leg('c-3'),
      context: context(),
      phoneRef: 'ann-phone-1',
      lastTurn: null,
      incarnation: 'i',
    });
    expect(deniedBy(await ask('c-4'))).toEqual(['SMALL-CONNECTED']);
  });

  test('an unanswered call gives the connected place back and keeps the attempt: six of them, then no more', async () => {
    for (const n of [1, 2, 3, 4, 5, 6]) {
      expect((await ask(`c-${n}`)).result).toBe('allowed');
      await h.tell('telephony', 'LegEnded', ANN, legEnded(`c-${n}`));
    }
    expect(deniedBy(await ask('c-7'))).toEqual(['SMALL-ATTEMPTS']);
  });

  test('a tombstone and a fault before ringing give both places back, a cancelled leg does not', async () => {
    for (let n = 0; n < 8; n++) {
      expect((await ask(`c-${n}`)).result).toBe('allowed');
      if (n % 2) await h.tell('telephony', 'LegRefused', ANN, { ...leg(`c-${n}`), because: 'settled' });
      else await h.tell('telephony', 'LegEnded', ANN, legEnded(`c-${n}`, { ringAt: null, sipCode: 503 }));
    }
    expect(h.ofType('ReservationConfirmed')).toEqual([]);
    await ask('c-9');
    await h.tell('telephony', 'LegEnded', ANN, legEnded('c-9', { ringAt: null, sipCode: 487, hungUpBy: 'revoked' }));
    expect(h.ofType('ReservationConfirmed')).toHaveLength(1);
  });

  test('an outcome counts once: later words about the same contact change nothing', async () => {
    await connect('c-1');
    const before = h.events.length;
    await h.tell('telephony', 'LegEnded', ANN, legEnded('c-1'));
    await h.tell('telephony', 'LegRefused', ANN, { ...leg('c-1'), because: 'late' });
    await h.tell('dialer', 'CallEnded', ANN, callEnded('c-1', dialogue()));
    expect(h.events).toHaveLength(before);
  });

  test('a permit that expired unused keeps its places', async () => {
    for (const id of ['c-1', 'c-2', 'c-3']) await ask(id);
    h.wall += 60_000;
    expect(deniedBy(await ask('c-4'))).toEqual(['SMALL-CONNECTED']);
  });

  test('tries of one number count over both debtors who share it', async () => {
    const bob = (id: string) => ask(id, { debtorId: BOB, phoneRef: 'bob-phone-1' });
    for (const n of [1, 2, 3]) {
      await ask(`a-${n}`);
      await h.tell('telephony', 'LegEnded', ANN, legEnded(`a-${n}`));
      expect((await bob(`b-${n}`)).result).toBe('allowed');
      await h.tell('telephony', 'LegEnded', BOB, legEnded(`b-${n}`, {}, BOB));
    }
    expect(deniedBy(await bob('b-4'))).toEqual(['SMALL-ATTEMPTS']);
    expect(deniedBy(await ask('a-4'))).toEqual(['SMALL-ATTEMPTS']);
    expect((await ask('a-5', { phoneRef: 'ann-phone-2' })).result).toBe('allowed');
    expect(JSON.stringify(h.events)).not.toContain('key-1');
  });

  test('one unsolicited SMS a day; a rejected or withdrawn one gives its place back', async () => {
    const sms = (id: string, solicitedBy: string | null = null) => ask(id, { channel: 'sms', solicitedBy });
    const data = (id: string) => ({
      smsId: id,
      contactId: id,
      debtorId: ANN,
      context: context({ channel: 'sms' }),
      trigger: 'a',
    });
    await sms('s-1');
    await h.tell('sms', 'SmsRejected', ANN, { ...data('s-1'), error: 'x' });
    await sms('s-2');
    await h.tell('sms', 'SmsWithdrawn', ANN, { ...data('s-2'), because: 'x' });
    expect((await sms('s-3')).result).toBe('allowed');
    await h.tell('sms', 'SmsUnknown', ANN, data('s-3'));
    expect(deniedBy(await sms('s-4', 'dialer/1/0/1'))).toEqual(['SMALL-SMS']);
    await h.tell('dialer', 'CallEnded', ANN, callEnded('c-1', dialogue({ smsAsked: ['ways'] })));
    expect((await sms('s-5', 'dialer/1/0/1')).result).toBe('allowed');
    expect(deniedBy(await sms('s-6'))).toEqual(['SMALL-SMS']);
  });
});

describe('stops', () => {
  const say = (kind: string, scope: string) =>
    h.tell('dialer', 'CallEnded', ANN, callEnded('c-0', dialogue({ stops: [{ kind, scope, turn: 1 }] })));

  test('a complaint takes every open permit back at once and denies what comes', async () => {
    await ask('c-1');
    await ask('s-1', { channel: 'sms' });
    await say('complaint', 'debtor');
    expect(h.ofType('PermitRevoked').map((d) => [d['contactId'], d['why']])).toEqual([
      ['c-1', 'complaint'],
      ['s-1', 'complaint'],
    ]);
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-COMPLAINT']);
    await say('complaint', 'debtor');
    expect(h.ofType('StopPlaced')).toHaveLength(1);
  });

  test('a wrong person bars the number for this debtor alone', async () => {
    await say('wrong-person', 'number');
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-BARRED']);
    expect(deniedBy(await ask('s-1', { channel: 'sms' }))).toEqual(['SMALL-BARRED']);
    expect((await ask('c-2', { phoneRef: 'ann-phone-2' })).result).toBe('allowed');
    expect((await ask('b-1', { debtorId: BOB, phoneRef: 'bob-phone-1' })).result).toBe('allowed');
  });

  test('a third party who asks to stop bars the number for everybody, also after the 48 hours of usage', async () => {
    await say('third-party-stop', 'number-everywhere');
    await h.activity.quiet();
    expect(h.ofType('NumberBarKept')).toHaveLength(1);
    expect(deniedBy(await ask('b-1', { debtorId: BOB, phoneRef: 'bob-phone-1' }))).toEqual(['SMALL-BARRED']);
    expect(await h.store.timersNamed('number-bars')).toEqual([]);
  });

  test('asking to stop before identity ends calls to that number, SMS goes on', async () => {
    await say('stop-asked', 'number');
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-BARRED']);
    expect((await ask('s-1', { channel: 'sms' })).result).toBe('allowed');
  });

  test.each([
    ['N', ['SMALL-BARRED'], ['SMALL-BARRED']],
    ['T', [], ['SMALL-BARRED']],
    ['1', [], []],
  ])('an SMS reply %s denies calls by %j and SMS by %j', async (reply, calls, texts) => {
    await h.tell('sms', 'SmsReplied', ANN, {
      smsId: 's-0',
      contactId: 's-0',
      debtorId: ANN,
      reply,
      text: 'enc:1:k:AAAA',
      phoneRef: 'ann-phone-1',
      at: h.now,
    });
    expect(deniedBy(await ask('c-1'))).toEqual(calls);
    expect(deniedBy(await ask('s-1', { channel: 'sms' }))).toEqual(texts);
  });

  test('a claim of payment holds until the postings do not show it', async () => {
    const treatment = {
      caseId: 'case-1',
      debtorId: ANN,
      accountId: 'acc-1',
      strategyHash: 's',
      claimedOn: '2026-11-03',
    };
    await say('claims-paid', 'account');
    await h.tell('tiering', 'PaymentClaimed', ANN, { ...treatment, attemptId: 'c-0', checkAfter: h.now });
    expect(h.ofType('StopPlaced')).toHaveLength(1);
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-CLAIMS-PAID']);
    await h.tell('tiering', 'PaymentClaimUnmet', ANN, { ...treatment, watermark: h.now });
    expect((await ask('c-2')).result).toBe('allowed');
  });

  test('a handed-over account is silent until a human returns it, which also ends what he was asked to look at', async () => {
    const treatment = { caseId: 'case-1', debtorId: ANN, accountId: 'acc-1', strategyHash: 's' };
    await say('disputed', 'debtor');
    await h.tell('tiering', 'HandedOver', ANN, {
      ...treatment,
      reason: 'dispute',
      queue: 'disputes',
      firstActionDue: h.now,
      dpd: 3,
      tier: 'L',
      score: null,
      suggestedNextStep: '',
      trigger: 't',
    });
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-DISPUTED', 'SMALL-HANDED-OVER']);
    await h.tell('tiering', 'ReturnedToRobot', ANN, { ...treatment, reason: 'r', by: 'h' });
    expect((await ask('c-2')).result).toBe('allowed');
  });

  test('flags of the bank are stops until a later record no longer carries them', async () => {
    const flag = { kind: 'plan', source: 'bank', since: '2026-11-01', until: null };
    await ask('c-1');
    await h.tell('intake', 'AccountReported', ANN, opened(ANN, { facts: facts([flag]) }));
    expect(h.ofType('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'plan' }]);
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-PLAN']);
    await h.tell('intake', 'AccountReported', ANN, opened(ANN, { provenance: provenance('2026-11-03') }));
    expect(deniedBy(await ask('c-3'))).toEqual(['SMALL-PLAN']);
    await h.tell('intake', 'AccountReported', ANN, opened(ANN, { provenance: provenance('2026-11-05') }));
    expect((await ask('c-4')).result).toBe('allowed');
  });
});

describe('payments', () => {
  test('a cure takes open permits back; a reversal lets the account be contacted again', async () => {
    await ask('c-1');
    await h.tell('intake', 'CaseCured', ANN, { ...caseRef(), curedBy: 'b', unpaidMinimum: 0, dpd: 3 });
    expect(h.ofType('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'cured' }]);
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-PAID']);
    await h.tell('intake', 'CaseReopened', ANN, { ...caseRef(), unpaidMinimum: 10_000, because: 'b' });
    expect((await ask('c-3')).result).toBe('allowed');
  });

  test('within the tolerance nobody is contacted, until more is due', async () => {
    await h.tell('intake', 'WithinTolerance', ANN, { ...caseRef(), unpaidMinimum: 900, tolerance: 1_000 });
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-PAID']);
    await h.tell('intake', 'AccountReported', ANN, opened(ANN, { unpaidMinimum: 1_000 }));
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-PAID']);
    await h.tell('intake', 'AccountReported', ANN, opened(ANN, { unpaidMinimum: 1_001 }));
    expect((await ask('c-3')).result).toBe('allowed');
  });

  test('late facts of an earlier episode do not touch the present one', async () => {
    await h.tell('intake', 'CaseOpened', ANN, opened(ANN, { caseId: 'case-2' }));
    await h.tell('intake', 'CaseCured', ANN, { ...caseRef(), curedBy: 'b', unpaidMinimum: 0, dpd: 3 });
    expect((await ask('c-1')).result).toBe('allowed');
  });
});

describe('a halt', () => {
  const everyShard = async (type: string, data: object) => {
    for (let shard = 0; shard < SHARDS; shard++) await h.tell('tiering', type, `control-shard-${shard}`, data);
  };

  test('takes every open permit of the shard back, denies, survives a restart and ends', async () => {
    await ask('c-1');
    await ask('b-1', { debtorId: BOB, phoneRef: 'bob-phone-7' });
    await everyShard('ContactsHalted', halt);
    expect(
      h
        .ofType('PermitRevoked')
        .map((d) => d['contactId'])
        .sort(),
    ).toEqual(['b-1', 'c-1']);
    const told = h.taken;
    h = await new Harness(h.store).open();
    h.taken = told;
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-HALT']);
    await everyShard('ContactsResumed', { haltId: 'h-1', reason: 'r', by: 'op' });
    expect((await ask('c-3')).result).toBe('allowed');
  });

  test('finds open permits again after a restart', async () => {
    await ask('c-1');
    const told = h.taken;
    h = await new Harness(h.store).open();
    h.taken = told;
    await h.parts.recover!();
    await everyShard('ContactsHalted', halt);
    expect(h.ofType('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'halted' }]);
  });

  test('of one tier leaves the others', async () => {
    await everyShard('ContactsHalted', { ...halt, scope: { ...halt.scope, tier: 'H' } });
    expect((await ask('c-1')).result).toBe('allowed');
  });
});
