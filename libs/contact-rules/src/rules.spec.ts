import { describe, expect, test } from '@jest/globals';
import { type AuthorizeRequest, verdict as verdictSchema } from '@mora/contracts';
import fc from 'fast-check';
import { type RuleInputs, type UsedContact, verdictOf } from './index.js';
import {
  call,
  DEBTOR,
  deniedBy,
  HOUR,
  inputs,
  judge,
  PHONE,
  profile,
  request,
  ruleOf,
  sh,
  sms,
  stop,
  unanswered,
} from './rules.fixture.js';

describe('an account that a human has', () => {
  const ask = { at: sh('2026-11-04T09:00:00.000'), fact: 'dialer/1/0/9' };
  const handed = (over: Partial<AuthorizeRequest>, asks = [ask]) =>
    inputs({
      request: request({ channel: 'sms', ...over }),
      stops: [stop({ kind: 'handed-over', scope: 'account', accountId: 'acc-1' })],
      smsAsks: asks,
    });
  test('still gets the SMS that the debtor agreed to in a conversation of that day, by the event of it', () => {
    expect(deniedBy(handed({ solicitedBy: ask.fact }))).toEqual([]);
    expect(ruleOf(handed({ solicitedBy: ask.fact }), 'CN-STOP-HANDED-OVER')).toMatchObject({
      exception: `solicited:${ask.fact}`,
      facts: ['dialer/1/0/9', ask.fact],
    });
  });
  test.each([
    ['one that nobody asked for', { solicitedBy: null }, [ask]],
    ['one by another event than the guard knows', { solicitedBy: 'dialer/1/0/8' }, [ask]],
    ['one of yesterday', { solicitedBy: ask.fact }, [{ ...ask, at: sh('2026-11-03T09:00:00.000') }]],
    ['a call', { channel: 'call' as const, solicitedBy: ask.fact }, [ask]],
  ])('gets no %s', (_what, over, asks) => {
    expect(deniedBy(handed(over, asks))).toContain('CN-STOP-HANDED-OVER');
  });
  test('gets none of it while another stop holds', () => {
    const i = handed({ solicitedBy: ask.fact });
    expect(deniedBy({ ...i, stops: [...i.stops, stop({ kind: 'complaint' })] })).toEqual(['CN-COMPLAINT']);
  });
});

describe('an acknowledgement of a reply', () => {
  const fact = 'sms/1/0/9';
  const t = { at: sh('2026-11-04T09:00:00.000'), fact, phoneRef: PHONE, reply: 'T' as const };
  const stopOfT = stop({ kind: 'stop-asked', channels: ['sms'], source: 'sms', evidence: fact });
  const barOfN = { phoneRef: PHONE, everywhere: false, evidence: fact };
  const ack = (over: Partial<AuthorizeRequest> = {}) => {
    const asked = request({ channel: 'sms', solicitedBy: fact, ...over });
    return { ...asked, context: { ...asked.context, stage: 'sms.ack' } };
  };
  const afterT = (over: Partial<RuleInputs> = {}) =>
    inputs({
      request: ack(),
      stops: [stopOfT],
      smsReplies: [t],
      contacts: [sms(sh('2026-11-04T08:30:00.000'))],
      ...over,
    });
  const afterN = (over: Partial<RuleInputs> = {}) =>
    afterT({ stops: [], bars: [barOfN], smsReplies: [{ ...t, reply: 'N' }], ...over });

  test.each([
    ['T', afterT()],
    ['N', afterN()],
  ])('goes after %s although that ended SMS and another SMS went that day; the verdict says why', (_reply, i) => {
    expect(deniedBy(i)).toEqual([]);
    for (const id of ['CN-SMS', 'CN-BARRED'])
      expect(ruleOf(i, id)).toMatchObject({
        exception: `acknowledgement:${fact}`,
        facts: expect.arrayContaining([fact]),
      });
    expect(judge(i).unsolicited).toBe(false);
    verdictSchema.parse(judge(i));
  });
  test.each<[string, RuleInputs]>([
    ['by another event than the guard knows', afterT({ smsReplies: [] })],
    ['by no event', afterT({ request: ack({ solicitedBy: null }) })],
    ['to another number than it came from', afterT({ request: ack({ phoneRef: 'phone-ref-2' }) })],
    ['of a reply of yesterday', afterT({ smsReplies: [{ ...t, at: sh('2026-11-03T09:00:00.000') }] })],
    ['of a reply to come', afterT({ smsReplies: [{ ...t, at: sh('2026-11-04T11:00:00.000') }] })],
    ['a second time', afterT({ contacts: [sms(sh('2026-11-04T09:01:00.000'), { acknowledges: fact })] })],
    ['of a reply of which no stop holds and that is not known', afterT({ stops: [], smsReplies: [] })],
    ['while the stop is of another event', afterT({ stops: [{ ...stopOfT, evidence: 'sms/1/0/8' }] })],
    ['while he is dead by the same event', afterT({ stops: [stopOfT, { ...stopOfT, kind: 'deceased' }] })],
    ['while the number is barred besides', afterT({ bars: [{ ...barOfN, evidence: 'dialer/1/0/3' }] })],
    ['while it is barred for everybody', afterN({ bars: [{ ...barOfN, everywhere: true }] })],
    [
      'while another debtor barred the number',
      afterN({ number: { othersAttempts: [], othersCalls: [], barred: true } }),
    ],
  ])('does not go %s', (_what, i) => {
    expect(deniedBy(i)).toContain('CN-BARRED');
  });
  test('is excepted from nothing else', () => {
    const other = (over: Partial<RuleInputs>) => deniedBy(afterT(over));
    expect(other({ at: sh('2026-11-04T22:30:00.000') })).toEqual(['CN-HOURS']);
    expect(other({ parked: true })).toEqual(['OP-PARKED']);
    expect(other({ stops: [stopOfT, stop({ evidence: fact })] })).toEqual(['CN-COMPLAINT']);
    expect(other({ stops: [stopOfT, stop({ kind: 'distress', evidence: fact })] })).toEqual(['CN-STOP-DISTRESS']);
    expect(other({ stops: [stopOfT, stop({ kind: 'handed-over', evidence: fact })] })).toEqual(['CN-STOP-HANDED-OVER']);
    expect(other({ skewMs: 5_000 })).toEqual(['OP-CLOCK']);
    expect(other({ watermarks: {} })).toEqual(['OP-STALE']);
  });
  test('is the only SMS that its reply excepts', () => {
    const plain = request({ channel: 'sms', solicitedBy: fact });
    expect(deniedBy(afterT({ request: plain }))).toEqual(['CN-SMS', 'CN-BARRED']);
  });
  test('is no SMS that was asked for in a call of that day', () => {
    const smsAsks = [{ at: sh('2026-11-04T09:00:00.000'), fact: 'dialer/1/0/9' }];
    expect(deniedBy(afterT({ smsAsks, smsReplies: [] }))).toEqual(['CN-SMS', 'CN-BARRED']);
  });
});

describe('a verdict', () => {
  test('allows a contact that no rule denies, and names every rule with its profile', () => {
    const v = judge(inputs());
    expect(v.deniedBy).toEqual([]);
    expect(v.result).toBe('allowed');
    expect(v.rules.map((r) => r.ruleId)).toEqual(profile.content.rules.map((r) => r.id));
    expect(v.endBy).toBe(sh('2026-11-04T22:00:00.000'));
    expect(v.startNotAfter).toBe('2026-01-01T00:00:25.000Z');
    expect(v.ringMaxSeconds).toBe(35);
    expect(v.reservations).toEqual(['attempt', 'connected', 'number-attempt']);
    verdictSchema.parse(v);
  });

  test('evaluates every rule also when the first one denies', () => {
    const at = sh('2026-11-04T23:00:00.000');
    const v = judge(inputs({ at, stops: [stop({})], parked: true }));
    expect(v.deniedBy).toEqual(['CN-HOURS', 'CN-COMPLAINT', 'OP-PARKED']);
    expect(v.rules.map((r) => r.ruleId)).toEqual(profile.content.rules.map((r) => r.id));
    expect(v.startNotAfter).toBeNull();
    expect(v.reservations).toEqual([]);
    verdictSchema.parse(v);
  });

  test('without any profile denies', () => {
    expect(verdictOf([], inputs(), [])).toMatchObject({ result: 'denied', deniedBy: ['NO-PROFILE'] });
  });

  test('waits for the latest of the finite retries', () => {
    const at = sh('2026-11-04T23:00:00.000');
    const calls = ['T20:00', 'T20:30', 'T21:00'].map((t) => call(sh(`2026-11-04${t}:00.000`)));
    const v = judge(inputs({ at, contacts: calls, stops: [stop({})] }));
    expect(v.deniedBy).toEqual(['CN-HOURS', 'CN-CONNECTED', 'CN-COMPLAINT']);
    expect(v.rules.find((r) => r.ruleId === 'CN-HOURS')?.retryNotBefore).toBe(sh('2026-11-05T08:00:00.000'));
    expect(v.retryNotBefore).toBe(sh('2026-11-05T20:00:00.000'));
  });
});

describe('CN-HOURS', () => {
  test.each([
    ['07:59:59.999', true],
    ['08:00:00.000', false],
    ['21:49:59.999', false],
    ['21:50:00.000', true],
  ])('a call at %s: denied %s', (time, denied) => {
    expect(deniedBy(inputs({ at: sh(`2026-11-04T${time}`) })).includes('CN-HOURS')).toBe(denied);
  });

  test('denies a call at 21:50:00 and permits one at 21:49:59', () => {
    expect(deniedBy(inputs({ at: sh('2026-11-04T21:50:00.000') }))).toEqual(['CN-HOURS']);
    expect(deniedBy(inputs({ at: sh('2026-11-04T21:49:59.000') }))).toEqual([]);
  });

  test('denies an SMS at 22:00:00 and permits one at 21:59:59', () => {
    const at = (t: string) => inputs({ at: sh(`2026-11-04T${t}.000`), request: request({ channel: 'sms' }) });
    expect(deniedBy(at('22:00:00'))).toEqual(['CN-HOURS']);
    expect(deniedBy(at('21:59:59'))).toEqual([]);
  });

  test('must hold in every candidate zone when the zone is assumed, in the own one when the bank knows it', () => {
    const at = sh('2026-11-04T08:30:00.000');
    const tokyo = (basis: 'bank' | 'assumed', name: string) => inputs({ at, zone: { name, basis } });
    expect(deniedBy(tokyo('bank', 'Asia/Tokyo'))).toEqual([]);
    expect(deniedBy(tokyo('assumed', 'Asia/Bangkok'))).toEqual(['CN-HOURS']);
    expect(deniedBy(tokyo('bank', 'Asia/Bangkok'))).toEqual(['CN-HOURS']);
    expect(judge(tokyo('assumed', 'Asia/Bangkok')).localTimes).toHaveLength(2);
    expect(judge(tokyo('assumed', 'Asia/Bangkok')).retryNotBefore).toBe(sh('2026-11-04T09:00:00.000'));
  });

  test('a window agreed with the debtor lets in outside the hours, until its end and its expiry', () => {
    const agreed = (from: string, to: string, expiresOn: string | null = null) =>
      [{ from, to, channel: 'call', expiresOn }] as const;
    const late = sh('2026-11-04T22:30:00.000');
    const i = inputs({ at: late, agreedWindows: agreed('22:00', '23:00') });
    expect(judge(i).endBy).toBe(sh('2026-11-04T23:00:00.000'));
    expect(ruleOf(i, 'CN-HOURS').exception).toBe('agreed-window');
    expect(deniedBy(inputs({ at: sh('2026-11-04T23:00:00.000'), agreedWindows: agreed('22:00', '23:00') }))).toEqual([
      'CN-HOURS',
    ]);
    expect(deniedBy(inputs({ at: late, agreedWindows: agreed('22:00', '23:00', '2026-11-03') }))).toEqual(['CN-HOURS']);
    expect(deniedBy(inputs({ at: late, agreedWindows: agreed('22:00', '23:00', '2026-11-04') }))).toEqual([]);
    const night = inputs({ at: sh('2026-11-04T00:30:00.000'), agreedWindows: agreed('22:00', '01:00') });
    expect(deniedBy(night)).toEqual([]);
    expect(judge(night).endBy).toBe(sh('2026-11-04T01:00:00.000'));
    const smsLate = inputs({ at: late, agreedWindows: agreed('22:00', '23:00'), request: request({ channel: 'sms' }) });
    expect(deniedBy(smsLate)).toEqual(['CN-HOURS']);
  });
});

describe('CN-CONNECTED', () => {
  const three = ['T08:00', 'T08:30', 'T09:00'].map((t) => call(sh(`2026-11-04${t}:00.000`)));

  test('permits a third connected call of a day and denies a fourth', () => {
    expect(deniedBy(inputs({ contacts: three.slice(1) }))).toEqual([]);
    expect(deniedBy(inputs({ contacts: three }))).toEqual(['CN-CONNECTED']);
  });

  test('a reservation takes a place like a use, a released one gives it back', () => {
    const open = call(three[2]!.at, { connected: 'reserved', attempt: 'reserved' });
    const i = inputs({ contacts: [three[0]!, three[1]!, open] });
    expect(ruleOf(i, 'CN-CONNECTED')).toMatchObject({
      result: 'deny',
      counter: { confirmed: 2, reserved: 1 },
      limit: 3,
    });
    expect(deniedBy(inputs({ contacts: [three[0]!, three[1]!, unanswered(three[2]!.at)] }))).toEqual([]);
  });

  test('also counts the last 24 hours: denies until a day after the third newest, to the millisecond', () => {
    const yesterday = ['T18:00', 'T18:30', 'T19:00'].map((t) => call(sh(`2026-11-03${t}:00.000`)));
    const at = (t: string) => inputs({ at: sh(`2026-11-04T${t}`), contacts: yesterday });
    expect(deniedBy(at('17:59:59.999'))).toEqual(['CN-CONNECTED']);
    expect(judge(at('17:59:59.999')).retryNotBefore).toBe(sh('2026-11-04T18:00:00.000'));
    expect(deniedBy(at('18:00:00.000'))).toEqual([]);
  });

  test('counts calls to every number of the debtor, and no SMS', () => {
    expect(deniedBy(inputs({ contacts: three.map((c, n) => ({ ...c, phoneRef: `other-${n}` })) }))).toEqual([
      'CN-CONNECTED',
    ]);
    expect(deniedBy(inputs({ contacts: three.map((c) => sms(c.at)) }))).toEqual([]);
  });
});

describe('CN-ATTEMPTS', () => {
  const tries = (n: number, over: Partial<UsedContact> = {}) =>
    Array.from({ length: n }, (_, k) => unanswered(sh(`2026-11-04T08:${10 + k}:00.000`), over));

  test('permits a sixth unanswered try of a number and denies a seventh', () => {
    expect(deniedBy(inputs({ contacts: tries(5) }))).toEqual([]);
    expect(deniedBy(inputs({ contacts: tries(6) }))).toEqual(['CN-ATTEMPTS']);
  });

  test('counts by number: other numbers of the debtor do not count, other debtors of the number do', () => {
    expect(deniedBy(inputs({ contacts: tries(6, { phoneRef: 'other-ref' }) }))).toEqual([]);
    const othersAttempts = tries(3).map((c) => c.at);
    const number = { othersAttempts, othersCalls: othersAttempts, barred: false };
    expect(ruleOf(inputs({ contacts: tries(3), number }), 'CN-ATTEMPTS').result).toBe('deny');
    expect(ruleOf(inputs({ contacts: tries(2), number }), 'CN-ATTEMPTS').result).toBe('allow');
  });

  test('an answered call is no unanswered try', () => {
    expect(deniedBy(inputs({ contacts: [...tries(5), call(sh('2026-11-04T08:40:00.000'))] }))).toEqual([]);
  });
});

describe('CN-SMS', () => {
  const ask = (over: Partial<RuleInputs> = {}, solicitedBy: string | null = null) =>
    inputs({ at: sh('2026-11-04T20:00:00.000'), request: request({ channel: 'sms', solicitedBy }), ...over });
  const first = sms(sh('2026-11-04T10:00:00.000'));

  test('permits one unsolicited SMS a calendar day, and again after midnight', () => {
    expect(deniedBy(ask())).toEqual([]);
    expect(deniedBy(ask({ contacts: [first] }))).toEqual(['CN-SMS']);
    expect(judge(ask({ contacts: [first] })).retryNotBefore).toBe(sh('2026-11-05T08:00:00.000'));
    expect(deniedBy(ask({ contacts: [sms(sh('2026-11-03T23:59:59.999'))] }))).toEqual([]);
    expect(deniedBy(ask({ contacts: [sms(sh('2026-11-04T00:00:00.000'))] }))).toEqual(['CN-SMS']);
  });

  test('lets a second one through that was asked for in a conversation of that day, known to the guard', () => {
    const today = [{ at: sh('2026-11-04T19:00:00.000'), fact: 'dialer/1/0/7' }];
    const yesterday = [{ at: sh('2026-11-03T19:00:00.000'), fact: 'dialer/1/0/7' }];
    const i = ask({ contacts: [first], smsAsks: today }, 'telephony/1/0/3');
    expect(deniedBy(i)).toEqual([]);
    expect(ruleOf(i, 'CN-SMS').exception).toBe('solicited:dialer/1/0/7');
    expect(judge(i).unsolicited).toBe(false);
    expect(deniedBy(ask({ contacts: [first], smsAsks: yesterday }, 'telephony/1/0/3'))).toEqual(['CN-SMS']);
    expect(deniedBy(ask({ contacts: [first] }, 'telephony/1/0/3'))).toEqual(['CN-SMS']);
    expect(deniedBy(ask({ contacts: [first], smsAsks: today }))).toEqual(['CN-SMS']);
  });

  test('an asked-for SMS does not use up the unsolicited one', () => {
    expect(deniedBy(ask({ contacts: [{ ...first, unsolicited: false }] }))).toEqual([]);
  });
});

describe('facts of the bank', () => {
  const account = inputs().accounts['acc-1']!;

  test('CN-PAID denies once nothing is missing, and an account nobody reported', () => {
    const owing = (unpaidMinimum: number | null) => inputs({ accounts: { 'acc-1': { ...account, unpaidMinimum } } });
    expect(deniedBy(owing(1))).toEqual([]);
    expect(deniedBy(owing(0))).toEqual(['CN-PAID']);
    expect(deniedBy(owing(null))).toEqual(['CN-PAID']);
    expect(deniedBy(inputs({ accounts: {} }))).toEqual(['CN-PAID', 'CN-RECORD-FRESH']);
    for (const status of ['cured', 'tolerance', 'closed'] as const)
      expect(deniedBy(inputs({ accounts: { 'acc-1': { ...account, status } } }))).toEqual(['CN-PAID']);
  });

  test('CN-PAID denies when any account that would be spoken of is paid', () => {
    const accounts = { 'acc-1': account, 'acc-2': { ...account, unpaidMinimum: 0 } };
    expect(deniedBy(inputs({ accounts, request: request({ accountIds: ['acc-1', 'acc-2'] }) }))).toEqual(['CN-PAID']);
    expect(deniedBy(inputs({ accounts }))).toEqual([]);
  });

  test('CN-FRESH allows postings 26 hours old and denies them a millisecond older, or absent', () => {
    const at = Date.parse(inputs().at);
    const old = (ms: number) => inputs({ postings: { asOf: new Date(at - ms).toISOString(), fact: 'f' } });
    expect(deniedBy(old(26 * HOUR))).toEqual([]);
    expect(deniedBy(old(26 * HOUR + 1))).toEqual(['CN-FRESH']);
    expect(deniedBy(inputs({ postings: null }))).toEqual(['CN-FRESH']);
  });

  test.each([
    ['a Monday record on Wednesday', '2026-11-02', []],
    ['a Friday record on Wednesday', '2026-10-30', ['CN-RECORD-FRESH']],
    ['a Sunday record on Wednesday', '2026-11-01', ['CN-RECORD-FRESH']],
  ])('CN-RECORD-FRESH: %s', (_, reportedOn, expected) => {
    expect(deniedBy(inputs({ accounts: { 'acc-1': { ...account, reportedOn } } }))).toEqual(expected);
  });

  test('CN-RECORD-FRESH does not count weekends and holidays', () => {
    const i = (date: string, reportedOn: string) =>
      inputs({
        at: sh(`${date}T10:00:00.000`),
        postings: { asOf: sh(`${date}T06:00:00.000`), fact: 'f' },
        request: request({ context: { ...request().context, businessDate: date } }),
        accounts: { 'acc-1': { ...account, reportedOn } },
      });
    expect(deniedBy(i('2026-11-10', '2026-11-06'))).toEqual([]);
    expect(deniedBy(i('2026-11-11', '2026-11-06'))).toEqual(['CN-RECORD-FRESH']);
    expect(deniedBy(i('2026-10-09', '2026-09-30'))).toEqual([]);
    expect(deniedBy(i('2026-10-10', '2026-09-30'))).toEqual(['CN-RECORD-FRESH']);
  });
});

describe('stops', () => {
  test.each([
    ['plan', 'CN-PLAN'],
    ['disputed', 'CN-DISPUTED'],
    ['fraud', 'CN-DISPUTED'],
    ['complaint', 'CN-COMPLAINT'],
    ['deceased', 'CN-BARRED'],
    ['incapable', 'CN-BARRED'],
    ['stop-asked', 'CN-BARRED'],
    ['barred', 'CN-BARRED'],
    ['wrong-person', 'CN-BARRED'],
    ['third-party-stop', 'CN-BARRED'],
    ['claims-paid', 'CN-STOP-CLAIMS-PAID'],
    ['hardship', 'CN-STOP-HARDSHIP'],
    ['distress', 'CN-STOP-DISTRESS'],
    ['legal', 'CN-STOP-LEGAL'],
    ['represented', 'CN-STOP-REPRESENTED'],
    ['disaster', 'CN-STOP-DISASTER'],
    ['handed-over', 'CN-STOP-HANDED-OVER'],
    ['cured', 'CN-STOP-CLOSED'],
    ['tolerance', 'CN-STOP-CLOSED'],
  ] as const)('%s is denied by %s', (kind, ruleId) => {
    expect(deniedBy(inputs({ stops: [stop({ kind })] }))).toEqual([ruleId]);
  });

  test('a stop on an account or number holds only there, one for a channel only for it', () => {
    expect(deniedBy(inputs({ stops: [stop({ scope: 'account', accountId: 'acc-1' })] }))).toEqual(['CN-COMPLAINT']);
    expect(deniedBy(inputs({ stops: [stop({ scope: 'account', accountId: 'acc-2' })] }))).toEqual([]);
    expect(deniedBy(inputs({ stops: [stop({ scope: 'number', phoneRef: PHONE })] }))).toEqual(['CN-COMPLAINT']);
    expect(deniedBy(inputs({ stops: [stop({ scope: 'number', phoneRef: 'other-ref' })] }))).toEqual([]);
    expect(deniedBy(inputs({ stops: [stop({ channels: ['sms'] })] }))).toEqual([]);
  });

  test('a stop with an end holds until then, and says so', () => {
    const until = inputs().at;
    expect(deniedBy(inputs({ stops: [stop({ until })] }))).toEqual([]);
    const held = inputs({ at: new Date(Date.parse(until) - 1).toISOString(), stops: [stop({ until })] });
    expect(judge(held)).toMatchObject({ deniedBy: ['CN-COMPLAINT'], retryNotBefore: until });
  });

  test("CN-BARRED denies a barred number, the debtor's own bar or one of everybody", () => {
    const bar = { phoneRef: PHONE, everywhere: false, evidence: 'dialer/1/0/4' };
    expect(deniedBy(inputs({ bars: [bar] }))).toEqual(['CN-BARRED']);
    expect(deniedBy(inputs({ bars: [{ ...bar, phoneRef: 'other-ref' }] }))).toEqual([]);
    expect(deniedBy(inputs({ number: { othersAttempts: [], othersCalls: [], barred: true } }))).toEqual(['CN-BARRED']);
  });
});

describe('operation', () => {
  const scope = { strategyHash: null, tier: null, channel: null, debtorId: null };
  const halted = (over: object) =>
    inputs({ halts: [{ haltId: 'h', scope: { ...scope, ...over }, fact: 'tiering/1/0/1' }] });

  test('OP-HALT covers what its scope does not narrow away', () => {
    expect(deniedBy(halted({}))).toEqual(['OP-HALT']);
    expect(deniedBy(halted({ tier: 'L', channel: 'call', debtorId: DEBTOR, strategyHash: 'strategy-1' }))).toEqual([
      'OP-HALT',
    ]);
    for (const other of [{ tier: 'M' }, { channel: 'sms' }, { debtorId: 'x' }, { strategyHash: 'x' }])
      expect(deniedBy(halted(other))).toEqual([]);
  });

  test('OP-STALE allows a watermark 30 seconds old; denies an older, an unconsumed and none', () => {
    const mark = (secondsAgo: number, consumed = true) =>
      inputs({
        watermarks: {
          intake: {
            epoch: 1,
            position: 1,
            at: new Date(Date.parse(inputs().wall) - secondsAgo * 1000).toISOString(),
            consumed,
          },
        },
      });
    expect(deniedBy(mark(30))).toEqual([]);
    expect(deniedBy(mark(30.001))).toEqual(['OP-STALE']);
    expect(deniedBy(mark(0, false))).toEqual(['OP-STALE']);
    expect(deniedBy(inputs({ watermarks: {} }))).toEqual(['OP-STALE']);
    expect(deniedBy(mark(-2))).toEqual([]);
    expect(deniedBy(mark(-2.001))).toEqual(['OP-STALE']);
    expect(judge(mark(31)).retryNotBefore).toBe(sh('2026-11-04T10:00:30.000'));
  });

  test('OP-CLOCK denies by a clock that is off by more than 2 seconds, either way, and shows by how much', () => {
    for (const skewMs of [0, 2_000, -2_000]) expect(deniedBy(inputs({ skewMs }))).toEqual([]);
    for (const skewMs of [2_001, -2_001, Number.NaN]) expect(deniedBy(inputs({ skewMs }))).toEqual(['OP-CLOCK']);
    const verdict = judge(inputs({ skewMs: 43_200_000 }));
    expect(verdict.guardClock.skewMs).toBe(43_200_000);
    expect(verdict.rules.find((r) => r.ruleId === 'OP-CLOCK')?.inputs).toEqual({ skewMs: 43_200_000 });
  });

  test('OP-OLD-INTENT denies an intent of three days ago', () => {
    const intended = (businessDate: string) =>
      inputs({ request: request({ context: { ...request().context, businessDate } }) });
    expect(deniedBy(intended('2026-11-02'))).toEqual([]);
    expect(deniedBy(intended('2026-11-01'))).toEqual(['OP-OLD-INTENT']);
  });

  test('denies a parked debtor, and anybody but the debtor', () => {
    expect(deniedBy(inputs({ parked: true }))).toEqual(['OP-PARKED']);
    expect(deniedBy(inputs({ request: request({ party: 'third-party' }) }))).toEqual(['CN-THIRD-PARTY']);
  });
});

describe('against a naive oracle', () => {
  const minute = fc.integer({ min: 0, max: 3 * 24 * 60 });
  const start = Date.parse(sh('2026-11-02T00:00:00.000'));
  const instant = (m: number) => new Date(start + m * 60_000).toISOString();
  const place = fc.constantFrom('reserved', 'confirmed', 'released') as fc.Arbitrary<
    'reserved' | 'confirmed' | 'released'
  >;
  const contact = fc
    .record({
      m: minute,
      kind: fc.constantFrom('call', 'sms'),
      a: place,
      c: place,
      p: fc.constantFrom(PHONE, 'other-ref'),
      u: fc.boolean(),
    })
    .map(({ m, kind, a, c, p, u }) =>
      kind === 'call'
        ? call(instant(m), {
            contactId: `c-${m}`,
            attempt: a,
            connected: a === 'released' ? 'released' : c,
            phoneRef: p,
          })
        : sms(instant(m), { contactId: `s-${m}`, sms: a, unsolicited: u }),
    );
  const dayStart = (at: string) => Math.floor((Date.parse(at) + 8 * HOUR) / (24 * HOUR)) * 24 * HOUR - 8 * HOUR;

  test('hours and counters deny exactly when counting by hand does', () => {
    fc.assert(
      fc.property(fc.array(contact, { maxLength: 14 }), minute, fc.constantFrom('call', 'sms'), (all, m, kind) => {
        const at = instant(m);
        const now = Date.parse(at);
        const contacts = all.filter((c) => Date.parse(c.at) <= now);
        const ch = kind as 'call' | 'sms';
        const base = inputs();
        const got = new Set(
          deniedBy({ ...base, at, contacts, postings: { asOf: at, fact: 'f' }, request: request({ channel: ch }) }),
        );
        const used = (p: string) => p === 'reserved' || p === 'confirmed';
        const today = (c: UsedContact) => Date.parse(c.at) >= dayStart(at);
        const last24 = (c: UsedContact) => now - Date.parse(c.at) < 24 * HOUR;
        const most = (list: UsedContact[]) => Math.max(list.filter(today).length, list.filter(last24).length);
        const connected = contacts.filter((c) => c.channel === 'call' && used(c.connected));
        const tries = contacts.filter(
          (c) => c.channel === 'call' && used(c.attempt) && c.connected !== 'confirmed' && c.phoneRef === PHONE,
        );
        const texts = contacts.filter((c) => c.channel === 'sms' && c.unsolicited && used(c.sms)).filter(today);
        const minuteOfDay = (now - dayStart(at)) / 60_000;
        const end = ch === 'call' ? 21 * 60 + 50 : 22 * 60;
        expect(got.has('CN-HOURS')).toBe(!(minuteOfDay >= 480 && minuteOfDay < end));
        expect(got.has('CN-CONNECTED')).toBe(ch === 'call' && most(connected) >= 3);
        expect(got.has('CN-ATTEMPTS')).toBe(ch === 'call' && most(tries) >= 6);
        expect(got.has('CN-SMS')).toBe(ch === 'sms' && texts.length >= 1);
      }),
      { numRuns: 500 },
    );
  });

  test('what a denial says to wait for is enough when nothing else happens, and one tick less is not', () => {
    fc.assert(
      fc.property(fc.array(contact, { maxLength: 14 }), minute, (all, m) => {
        const i = { ...inputs({ contacts: all.filter((c) => c.at <= instant(m)) }), at: instant(m) };
        const only = (x: RuleInputs) => deniedBy(x).filter((id) => id === 'CN-HOURS' || id === 'CN-CONNECTED');
        if (only(i).length === 0) return;
        const retry = judge(i)
          .rules.filter((r) => only(i).some((id) => id === r.ruleId))
          .map((r) => r.retryNotBefore!)
          .sort()
          .at(-1)!;
        expect(only({ ...i, at: retry })).toEqual([]);
        expect(only({ ...i, at: new Date(Date.parse(retry) - 1).toISOString() })).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('the same inputs give the same verdict', () => {
    expect(judge(inputs({ contacts: [call(inputs().at)] }))).toEqual(judge(inputs({ contacts: [call(inputs().at)] })));
  });
});
