import { describe, expect, it } from '@jest/globals';
import type { CarrierRecord, SmscRecord } from '../log-records.js';
import { checkSafety } from './check-safety.js';
import type { Evidence, OracleLimits, StopFact, StoredVerdict, ViolationKind } from './evidence.js';

const D = 'debtor-1';
const N = '+999100000001';
const WALL = Date.parse('2026-11-23T10:00:00.000Z');

/** Local time of Shanghai as a UTC instant. */
const local = (time: string, date = '2026-11-03'): string => new Date(`${date}T${time}+08:00`).toISOString();
const wall = (ms: number): string => new Date(WALL + ms).toISOString();

interface CallSpec {
  readonly id: string;
  readonly at: string;
  readonly wallMs?: number;
  readonly answered?: boolean;
  readonly debtorId?: string;
  readonly number?: string;
}

const call = ({ id, at, wallMs = 0, answered = false, debtorId = D, number = N }: CallSpec): CarrierRecord[] => {
  const record = (kind: CarrierRecord['kind'], more: Partial<CarrierRecord> = {}): CarrierRecord => ({
    kind,
    attemptId: id,
    debtorId,
    number,
    businessAt: at,
    wallAt: wall(wallMs),
    ...more,
  });
  const rest = answered ? [record('answer', { who: 'debtor' })] : [];
  return [record('invite'), record('ringing'), ...rest, record('end', { sipCode: answered ? 200 : 480 })];
};

const sms = (id: string, at: string, trigger = 'a', more: Partial<SmscRecord> = {}): SmscRecord => ({
  kind: 'submit',
  smsId: id,
  debtorId: D,
  number: N,
  businessAt: at,
  wallAt: wall(0),
  segments: 1,
  trigger,
  ...more,
});

const permitted = (carrier: readonly CarrierRecord[], smsc: readonly SmscRecord[]): StoredVerdict[] =>
  [
    ...carrier.map(({ attemptId: contactId, debtorId, businessAt }) => ({ contactId, debtorId, judgedAt: businessAt })),
    ...smsc.map(({ smsId: contactId, debtorId, businessAt }) => ({ contactId, debtorId, judgedAt: businessAt })),
  ].map((verdict) => ({ ...verdict, accountId: 'A1', result: 'allowed' as const }));

const judge = (carrier: readonly CarrierRecord[], smsc: readonly SmscRecord[] = [], more: Partial<Evidence> = {}) =>
  checkSafety({ carrier, smsc, bankLog: [], verdicts: permitted(carrier, smsc), facts: [], ...more });

const found = (...evidence: Parameters<typeof judge>): readonly ViolationKind[] =>
  judge(...evidence).violations.map(({ kind }) => kind);

const stop = (kind: StopFact['kind'], more: Partial<StopFact> = {}): StopFact => ({
  kind,
  scope: 'debtor',
  debtorId: D,
  committedWallAt: wall(0),
  ...more,
});

describe('the safety oracle', () => {
  it('finds a run clean in which everything was allowed, inside hours and caps', () => {
    const carrier = [
      ...call({ id: 'c1', at: local('09:30:00'), answered: true }),
      ...call({ id: 'c2', at: local('14:00:00') }),
    ];
    const report = judge(carrier, [sms('s1', local('12:00:00'))]);
    expect(report.violations).toEqual([]);
    expect(report.clean).toBe(true);
    expect(report.counts).toMatchObject({
      calls: 2,
      answered: 1,
      sms: 1,
      debtorsCalled: 1,
      allowedNeverLeft: 0,
      callsWithoutEnd: 0,
    });
  });

  it('finds a run without any contact clean', () => {
    expect(judge([]).clean).toBe(true);
  });

  it.each([
    ['07:59:59.999', ['call-outside-hours']],
    ['08:00:00.000', []],
    ['21:49:59.999', []],
    ['21:50:00.000', ['call-outside-hours']],
  ])('judges a call that starts at %s local time', (time, expected) => {
    expect(found(call({ id: 'c1', at: local(time) }))).toEqual(expected);
  });

  it.each([
    ['07:59:59.999', ['sms-outside-hours']],
    ['08:00:00.000', []],
    ['21:59:59.999', []],
    ['22:00:00.000', ['sms-outside-hours']],
  ])('judges an SMS submitted at %s local time', (time, expected) => {
    expect(found([], [sms('s1', local(time))])).toEqual(expected);
  });

  const answeredAt = (times: readonly string[]) =>
    times.flatMap((at, index) => call({ id: `c${index}`, at, answered: true }));

  it('permits three connected calls of one debtor in a day and finds the fourth', () => {
    const times = [local('09:00:00'), local('11:00:00'), local('15:00:00')];
    expect(found(answeredAt(times))).toEqual([]);
    expect(found(answeredAt([...times, local('19:00:00')]))).toEqual(['connected-per-day', 'connected-per-24h']);
  });

  it('finds the fourth connected call inside 24 hours across midnight and permits it at 24 hours exactly', () => {
    const evening = [local('19:00:00'), local('20:00:00'), local('21:00:00')];
    expect(found(answeredAt([...evening, local('18:59:59.999', '2026-11-04')]))).toEqual(['connected-per-24h']);
    expect(found(answeredAt([...evening, local('19:00:00', '2026-11-04')]))).toEqual([]);
  });

  it('counts connected calls by debtor, whatever the number', () => {
    const carrier = answeredAt([local('09:00:00'), local('11:00:00'), local('15:00:00')]);
    const other = call({ id: 'x', at: local('19:00:00'), answered: true, number: '+999200000001' });
    expect(found([...carrier, ...other])).toContain('connected-per-day');
    const stranger = call({ id: 'x', at: local('19:00:00'), answered: true, debtorId: 'debtor-2' });
    expect(found([...carrier, ...stranger])).toEqual([]);
  });

  it('permits six unanswered calls to a number in a day and finds the seventh, across debtors', () => {
    const tries = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        call({ id: `c${index}`, at: local(`1${index}:00:00`), debtorId: `debtor-${index % 2}` }),
      ).flat();
    expect(found(tries(6))).toEqual([]);
    expect(found(tries(7))).toEqual(['unanswered-per-number']);
  });

  it('does not count a trunk fault before ringing as an unanswered call, and counts one after it', () => {
    const tries = Array.from({ length: 7 }, (_, index) => call({ id: `c${index}`, at: local(`1${index}:00:00`) }));
    const rang = tries[0]!.map((record) => ({ ...record, sipCode: 503 }));
    const fault = rang.filter(({ kind }) => kind !== 'ringing');
    expect(found([...fault, ...tries.slice(1).flat()])).toEqual([]);
    expect(found([...rang, ...tries.slice(1).flat()])).toEqual(['unanswered-per-number']);
  });

  it('permits one unsolicited SMS of a day and finds the second', () => {
    expect(found([], [sms('s1', local('09:00:00')), sms('s2', local('12:00:00', '2026-11-04'))])).toEqual([]);
    expect(found([], [sms('s1', local('09:00:00')), sms('s2', local('20:00:00'), 'b')])).toEqual(['unsolicited-sms']);
  });

  it('believes an SMS to be asked for only after an answered call of the same day', () => {
    const pair = [sms('s1', local('09:00:00')), sms('s2', local('12:00:00'), 'q')];
    expect(found(call({ id: 'c1', at: local('11:59:00'), answered: true }), pair)).toEqual([]);
    expect(found(call({ id: 'c1', at: local('11:59:00') }), pair)).toEqual(['unsolicited-sms']);
    expect(found(call({ id: 'c1', at: local('12:01:00'), answered: true }), pair)).toEqual(['unsolicited-sms']);
    const yesterday = call({ id: 'c1', at: local('20:00:00', '2026-11-02'), answered: true });
    expect(found(yesterday, pair)).toEqual(['unsolicited-sms']);
  });

  it('counts q.remind as unsolicited', () => {
    const talk = call({ id: 'c1', at: local('09:30:00'), answered: true });
    expect(found(talk, [sms('s1', local('10:00:00'), 'q.remind'), sms('s2', local('12:00:00'), 'b')])).toEqual([
      'unsolicited-sms',
    ]);
  });

  it.each([
    ['cure', 'after-cure'],
    ['stop', 'after-stop'],
    ['complaint', 'after-complaint'],
    ['halt', 'after-halt'],
  ] as const)('finds a call begun after a %s but for the life of a permit', (kind, violation) => {
    const facts = [kind === 'halt' ? stop(kind, { scope: 'all', debtorId: null }) : stop(kind)];
    const at = (wallMs: number) => found(call({ id: 'c1', at: local('10:00:00'), wallMs }), [], { facts });
    expect(at(-1)).toEqual([]);
    expect(at(15_000)).toEqual([]);
    expect(at(15_001)).toEqual([violation]);
  });

  it('counts what began inside the life of a permit, with the longest', () => {
    const carrier = [3, 9_000].flatMap((wallMs, index) =>
      call({ id: `c${index}`, at: local(`1${index}:00:00`), wallMs }),
    );
    expect(judge(carrier, [], { facts: [stop('cure')] }).counts).toMatchObject({
      insidePermitLife: 2,
      longestAfterStopMs: 9_000,
    });
  });

  it('permits a call again once the stop was lifted', () => {
    const facts = [stop('stop', { liftedWallAt: wall(60_000) })];
    expect(found(call({ id: 'c1', at: local('10:00:00'), wallMs: 59_999 }), [], { facts })).toEqual(['after-stop']);
    expect(found(call({ id: 'c1', at: local('10:00:00'), wallMs: 60_000 }), [], { facts })).toEqual([]);
  });

  it('keeps a stop to its debtor, account, number and channel', () => {
    const late = call({ id: 'c1', at: local('10:00:00'), wallMs: 60_000 });
    const against = (fact: Partial<StopFact>) => found(late, [], { facts: [stop('stop', fact)] });
    expect(against({ debtorId: 'debtor-2' })).toEqual([]);
    expect(against({ scope: 'account', accountId: 'A1' })).toEqual(['after-stop']);
    expect(against({ scope: 'account', accountId: 'A2' })).toEqual([]);
    expect(against({ scope: 'number', number: N })).toEqual(['after-stop']);
    expect(against({ scope: 'number', number: N, debtorId: null })).toEqual(['after-stop']);
    expect(against({ scope: 'number', number: '+999200000001' })).toEqual([]);
    expect(against({ channels: ['sms'] })).toEqual([]);
    expect(against({ channels: ['call'] })).toEqual(['after-stop']);
  });

  it('finds an SMS after a stop too', () => {
    const late = sms('s1', local('10:00:00'), 'a', { wallAt: wall(15_001) });
    expect(found([], [late], { facts: [stop('complaint')] })).toEqual(['after-complaint']);
  });

  it('finds two INVITEs of one attempt and two submits of one SMS', () => {
    const once = call({ id: 'c1', at: local('10:00:00') });
    expect(found([...once, ...once])).toEqual(['twice']);
    const one = sms('s1', local('10:00:00'), 'q');
    const talk = call({ id: 'c1', at: local('09:00:00'), answered: true });
    expect(found(talk, [one, one])).toEqual(['twice']);
  });

  it('finds a contact without an allowed verdict of its own, stored before it began', () => {
    const carrier = call({ id: 'c1', at: local('10:00:00') });
    const [verdict] = permitted(carrier, []) as [StoredVerdict];
    expect(found(carrier, [], { verdicts: [] })).toEqual(['no-verdict']);
    expect(found(carrier, [], { verdicts: [{ ...verdict, result: 'denied' }] })).toEqual(['no-verdict']);
    expect(found(carrier, [], { verdicts: [{ ...verdict, contactId: 'c2' }] })).toEqual(['no-verdict']);
    expect(found(carrier, [], { verdicts: [{ ...verdict, debtorId: 'debtor-2' }] })).toEqual(['no-verdict']);
    expect(found(carrier, [], { verdicts: [{ ...verdict, channel: 'sms' }] })).toEqual(['no-verdict']);
    expect(found(carrier, [], { verdicts: [{ ...verdict, judgedAt: local('10:00:00.001') }] })).toEqual(['no-verdict']);
  });

  it('finds a call to a number that is not the debtor’s', () => {
    const carrier = call({ id: 'c1', at: local('10:00:00') });
    expect(found(carrier, [], { owners: { [N]: [D] } })).toEqual([]);
    expect(found(carrier, [], { owners: { [N]: ['debtor-2'] } })).toEqual(['wrong-number']);
    expect(found(carrier, [], { owners: {} })).toEqual(['wrong-number']);
  });

  it('finds records without a beginning, and without a readable time', () => {
    const carrier = call({ id: 'c1', at: local('10:00:00'), answered: true });
    expect(found(carrier.slice(2))).toEqual(['unreadable', 'unreadable']);
    expect(found(carrier.map((record) => ({ ...record, wallAt: 'yesterday' })))).toEqual(['unreadable']);
  });

  it('judges an attempt by its whole log, whatever the order of its lines', () => {
    const talks = ['09:00:00', '10:00:00', '11:00:00', '12:00:00'].map((time, i) =>
      call({ id: `c${i}`, at: local(time), answered: true }),
    );
    const backwards = talks.flatMap((records) => [...records].reverse());
    expect(judge(backwards)).toEqual(judge(talks.flat()));
    expect(found(backwards)).toEqual(['connected-per-day', 'connected-per-24h']);
  });

  describe('with the bank’s own postings', () => {
    const cure = (remainingMinimumDue: number, at = local('10:04:15'), accountId = 'A1') => ({
      kind: 'payment' as const,
      bankEventId: `p-${accountId}-${at}`,
      bankSequence: 1,
      businessDate: '2026-11-03',
      postedAt: at,
      accountId,
      customerNo: 'C1',
      paymentId: 'p',
      amount: 1,
      currency: 'TWD',
      valueDate: '2026-11-03',
      remainingMinimumDue,
    });
    const limits: Partial<OracleLimits> = { bankCureKnownWithinMs: 60_000 };
    const accounts = { [D]: ['A1'] };

    it('finds a call that began later than the bank’s cure can have been unknown', () => {
      const at = (time: string) =>
        found(call({ id: 'c1', at: local(time) }), [], { bankLog: [cure(0)], accounts, limits });
      expect(at('10:04:14.999')).toEqual([]);
      expect(at('10:05:15.000')).toEqual([]);
      expect(at('10:05:15.001')).toEqual(['after-cure']);
    });

    it('permits a call while a cent is owed on any account, or again after a reversal', () => {
      const late = call({ id: 'c1', at: local('14:00:00') });
      expect(found(late, [], { bankLog: [cure(1)], accounts, limits })).toEqual([]);
      expect(found(late, [], { bankLog: [cure(0)], accounts: { [D]: ['A1', 'A2'] }, limits })).toEqual([]);
      expect(found(late, [], { bankLog: [cure(0), cure(500, local('11:04:15'))], accounts, limits })).toEqual([]);
    });

    it('only counts such calls when no limit is given', () => {
      const report = judge(call({ id: 'c1', at: local('14:00:00') }), [], { bankLog: [cure(0)], accounts });
      expect(report.clean).toBe(true);
      expect(report.counts.afterBankCure).toBe(1);
    });
  });
});

describe('an acknowledgement', () => {
  const [asked, replied, acked] = [local('10:00:00'), local('10:05:00'), local('10:06:00')];
  const reply = (text: string, at = replied, more: Partial<SmscRecord> = {}) =>
    sms('s1', at, 'a', { kind: 'reply', text, wallAt: wall(1_000), ...more });
  const ack = (id: string, at = acked, more: Partial<SmscRecord> = {}) =>
    sms(id, at, 'ack', { wallAt: wall(60_000), ...more });
  const ofT = stop('stop', { channels: ['sms'], committedWallAt: wall(2_000) });
  const ofN = stop('stop', { scope: 'number', number: N, committedWallAt: wall(2_000) });
  const foundAfter = (facts: readonly StopFact[], ...more: SmscRecord[]) => {
    const lines = [sms('s1', asked), ...more];
    const submits = lines.filter(({ kind }) => kind === 'submit');
    return found([], lines, { facts, verdicts: permitted([], submits) });
  };

  it.each([
    ['T', ofT],
    [' t', ofT],
    ['退订', ofT],
    ['Ｎ', ofN],
    ['n。', ofN],
  ])('of %j goes once after the stop that this reply placed, beside the SMS of that day', (text, fact) => {
    expect(foundAfter([fact], reply(text), ack('s2'))).toEqual([]);
  });
  it('that is a second one is a violation, also after the reply was repeated', () => {
    const again = reply('T', local('10:07:00'), { wallAt: wall(61_000) });
    const second = ack('s3', local('10:08:00'), { wallAt: wall(90_000) });
    expect(foundAfter([ofT], reply('T'), ack('s2'), second)).toContain('acknowledgement');
    expect(foundAfter([ofT], reply('T'), ack('s2'), again, second)).toEqual(
      expect.arrayContaining(['acknowledgement', 'after-stop', 'unsolicited-sms']),
    );
  });
  it.each([
    ['of nothing', [ack('s2')]],
    ['of words that are neither N nor T', [reply('好的'), ack('s2')]],
    ['before the reply', [ack('s2', local('10:04:00')), reply('T')]],
    ['of the day before', [reply('T', local('10:05:00', '2026-11-02')), ack('s2')]],
    ['to another number', [reply('T'), ack('s2', acked, { number: '+999100000002' })]],
  ])('%s is a violation', (_what, lines) => {
    expect(foundAfter([], ...lines)).toContain('acknowledgement');
  });
  it.each([
    ['a complaint', stop('complaint', { committedWallAt: wall(2_000) }), 'after-complaint'],
    ['a halt', stop('halt', { scope: 'all', debtorId: null, committedWallAt: wall(2_000) }), 'after-halt'],
    ['a stop of every channel', stop('stop', { committedWallAt: wall(2_000) }), 'after-stop'],
    ['a stop from before the reply', stop('stop', { channels: ['sms'], committedWallAt: wall(0) }), 'after-stop'],
  ])('excuses nothing after %s', (_what, fact, kind) => {
    expect(foundAfter([ofT, fact], reply('T'), ack('s2'))).toEqual([kind]);
  });
  it('excuses no other SMS, and not the night', () => {
    const other = sms('s2', acked, 'q', { wallAt: wall(60_000) });
    expect(foundAfter([ofT], reply('T'), other)).toContain('after-stop');
    expect(foundAfter([ofT], reply('T'), ack('s2', local('22:30:00')))).toEqual(['sms-outside-hours']);
  });
});
