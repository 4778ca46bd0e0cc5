import { create } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from '@jest/globals';
import { schemaOf } from '@mora/contracts';
import { intakeV1 } from '@mora/grpc';
import type { RawRecord } from '../bank-record/record.js';
import { intakeWorld, stopWorlds } from '../testing/intake-world.fixture.js';
import { rawAccount, rawPayment, rawReversal } from '../testing/samples.js';
import { IntakeController } from './intake.grpc.js';
import type { Inbound, Outcome } from './outcome.js';

const at = (raw: RawRecord, offset: number): Inbound => ({ raw, channel: { kind: 'file', name: 'book.csv', offset } });
const results = (outcomes: readonly Outcome[]) => outcomes.map((o) => o.result);
const sharing = rawAccount({ bank_event_id: 'a2', account_id: 'A2', customer_no: 'C2' });
const second = { ...sharing, phones: '' };
const watermark = {
  bank_event_id: 'through-1',
  business_date: '2026-11-02',
  as_of: '2026-11-02T01:00:00.000Z',
} satisfies RawRecord;

afterEach(stopWorlds);

describe('records at the door', () => {
  it('are taken once, in their order, also a payment right behind its account', async () => {
    const { intake, types } = await intakeWorld();
    const book = [rawAccount(), rawPayment({ amount: '1000.00' }), rawReversal({ amount: '1000.00' }), second].map(at);
    expect(results(await intake.submit(book))).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect(
      types()
        .filter((t) => t !== 'DebtorRecorded')
        .sort(),
    ).toEqual(['CaseOpened', 'CaseOpened', 'PaymentPosted', 'CaseCured', 'PaymentReversed', 'CaseReopened'].sort());
    const count = types().length;
    expect(results(await intake.submit(book))).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate']);
    expect(types()).toHaveLength(count);
  });

  it('are followed in the bank’s trace, each in its own', async () => {
    const { intake, events } = await intakeWorld();
    const traces = ['b7ad6b7169203331', '00f067aa0ba902b7'].map((s) => `00-0af7651916cd43dd8448eb211c80319c-${s}-01`);
    await intake.submit([rawAccount(), second].map((raw, i) => ({ ...at(raw, i), traceparent: traces[i]! })));
    const opened = events.filter(({ type }) => type === 'CaseOpened').map(({ meta }) => meta.traceparent);
    expect(opened.sort()).toEqual([...traces].sort());
  });

  it('twice in one submission are one record', async () => {
    const { intake, types } = await intakeWorld();
    expect(results(await intake.submit([at(rawAccount(), 1), at(rawAccount(), 2)]))).toEqual(['accepted', 'duplicate']);
    expect(types()).toEqual(['DebtorRecorded', 'CaseOpened']);
  });

  it('under a used id with another body are parked, also for another customer', async () => {
    const { intake } = await intakeWorld();
    const stranger = { ...second, bank_event_id: rawAccount()['bank_event_id']! };
    const [, outcome] = await intake.submit([at(rawAccount(), 1), at(stranger, 2)]);
    expect(outcome).toMatchObject({ result: 'parked', problems: [{ field: 'bank_event_id' }] });
  });

  it('that are bad are parked and stop no other', async () => {
    const { intake, parked } = await intakeWorld();
    const book = [rawAccount({ due_date: '31 Feb' }), second, rawPayment({ account_id: 'nobody' })].map(at);
    expect(results(await intake.submit(book))).toEqual(['parked', 'accepted', 'parked']);
    const listed = await parked.list();
    expect(listed.map((p) => [p.channel.offset, p.problems[0]!.field])).toEqual([
      [0, 'due_date'],
      [2, 'account_id'],
    ]);
    await intake.submit(book);
    expect(await parked.list()).toHaveLength(2);
  });

  it('that were parked are driven again, as they are or corrected', async () => {
    const { intake, parked } = await intakeWorld();
    const submit = (inputs: readonly Inbound[], park: boolean) => intake.submit(inputs, park);
    await intake.submit([at(rawPayment(), 1), at(rawAccount({ due_date: '31 Feb' }), 2)]);
    const [early, wrong] = await parked.list();
    expect((await parked.redrive(early!.id, {}, submit)).result).toBe('parked');
    expect((await parked.redrive(wrong!.id, { due_date: '2026-11-01' }, submit)).result).toBe('accepted');
    expect((await parked.redrive(early!.id, {}, submit)).result).toBe('accepted');
    expect(await parked.list({ state: 'parked' })).toEqual([]);
    expect((await parked.show(wrong!.id)).raw).toMatchObject({ name: '王小明' });
  });

  it('name the debtor only when there is something new', async () => {
    const { intake, events, world } = await intakeWorld();
    await world.moveTo('2026-11-05T02:00:00.000Z');
    const day = (n: number, change: RawRecord = {}) =>
      at(rawAccount({ bank_event_id: `d${n}`, business_date: `2026-11-0${n}`, dpd: '', ...change }), n);
    await intake.submit([day(2), day(3), day(4, { phones: '+999100200309|registered|1' })]);
    const published = events.flatMap(({ type }) => (schemaOf('intake', type) ? [type] : []));
    expect(published).toEqual(['DebtorRecorded', 'CaseOpened', 'AccountReported', 'DebtorRecorded', 'AccountReported']);
  });

  it('of two doors that know different things of a debtor still tell what is new', async () => {
    const { intake, secondDoor, types, world } = await intakeWorld();
    await world.moveTo('2026-11-05T02:00:00.000Z');
    const day = (n: number, phone: string) => {
      const phones = `+99910020030${phone}|registered|1`;
      return [at(rawAccount({ bank_event_id: `d${n}`, business_date: `2026-11-0${n}`, dpd: '', phones }), n)];
    };
    await intake.submit(day(2, '1'));
    await (await secondDoor()).submit(day(3, '2'));
    await intake.submit(day(4, '1'));
    await intake.submit(day(5, '1'));
    expect(types().filter((t) => t === 'DebtorRecorded')).toHaveLength(3);
  });

  it('say where each number leads, and never the number', async () => {
    const { intake, events } = await intakeWorld();
    const phones = '+8613800138000|registered|1;+8613491234567|other-own|2;+3727001234|other-own|3';
    await intake.submit([at(rawAccount({ phones }), 1)]);
    const { data } = events.find((e) => e.type === 'DebtorRecorded')!;
    expect((data as { phones: { destination: unknown }[] }).phones.map((phone) => phone.destination)).toEqual([
      { country: 'CN', kind: 'mobile' },
      { country: 'CN', kind: 'satellite' },
      { country: 'unknown', kind: 'unknown' },
    ]);
    expect(JSON.stringify(events)).not.toContain('13800138000');
  });

  it('hold nothing personal in the clear', async () => {
    const { intake, events } = await intakeWorld();
    await intake.submit([at(rawAccount(), 1)]);
    const stored = JSON.stringify(events);
    for (const secret of ['王小明', '999100200300', 'C1"']) expect(stored).not.toContain(secret);
  });

  it('of a corrected customer close the case there and open it here; older news do not', async () => {
    const { intake, events } = await intakeWorld();
    const corrected = rawAccount({ bank_event_id: 'c', business_date: '2026-11-03', dpd: '', customer_no: 'C9' });
    const stale = rawAccount({ bank_event_id: 's', bank_sequence: '2', dpd: '' });
    const outcomes = await intake.submit([rawAccount(), corrected, stale].map(at));
    expect(results(outcomes)).toEqual(['accepted', 'accepted', 'superseded']);
    const closed = events.find((e) => e.type === 'CaseClosed')!.data as { reason: string; successor: unknown };
    const opened = events.filter((e) => e.type === 'CaseOpened').at(-1)!;
    const { debtorId, caseId } = opened.data as { debtorId: string; caseId: string };
    expect(closed).toMatchObject({ reason: 'debtor-corrected', successor: { debtorId, caseId } });
    expect(opened.data).toHaveProperty('predecessor');
    const paid = await intake.submit([at(rawPayment(), 9)]);
    expect(paid[0]).toMatchObject({ debtorId });
  });

  it('with a new due date withdraw the older episode of the account', async () => {
    const { intake, types, world } = await intakeWorld();
    const next = rawAccount({ bank_event_id: 'n', business_date: '2026-12-02', due_date: '2026-12-01' });
    await intake.submit([at(rawAccount(), 1)]);
    await world.moveTo('2026-12-02T02:00:00.000Z');
    await intake.submit([at(next, 2)]);
    expect(types()).toEqual(['DebtorRecorded', 'CaseOpened', 'CaseClosed', 'CaseOpened']);
  });

  it('let the payments watermark into every shard, never behind itself and never into the future', async () => {
    const { intake, events } = await intakeWorld();
    const older = { ...watermark, bank_event_id: 'through-0', as_of: '2026-11-02T00:00:00.000Z' };
    const ahead = { ...watermark, bank_event_id: 'through-9', as_of: '2026-11-02T03:00:00.000Z' };
    const outcomes = await intake.submit([watermark, watermark, older, ahead].map(at));
    expect(results(outcomes)).toEqual(['accepted', 'duplicate', 'superseded', 'parked']);
    const through = events.filter((e) => e.type === 'PaymentsPostedThrough');
    expect(through.map((e) => e.shard).sort()).toEqual([0, 1, 2]);
    expect(through.map((e) => [e.stream, e.subject])).toContainEqual(['bank-1', 'bank-1']);
  });

  it('are done when the submission is: nothing is left under way', async () => {
    const { intake, world } = await intakeWorld();
    const submitted = intake.submit([at(rawAccount(), 1)]);
    expect(world.activity.busy).toBeGreaterThan(0);
    await submitted;
    await world.activity.quiet();
    expect(world.activity.busy).toBe(0);
  });

  it('wait for a database that is away, and give up after a while without losing what was taken', async () => {
    const { intake, tables } = await intakeWorld();
    tables.breakDown(2);
    expect(results(await intake.submit([at(rawAccount(), 1)]))).toEqual(['accepted']);
    tables.breakDown(99);
    await expect(intake.submit([at(second, 2)])).rejects.toThrow('ECONNREFUSED');
    tables.breakDown(0);
    expect(results(await intake.submit([at(rawAccount(), 1), at(second, 2)]))).toEqual(['duplicate', 'accepted']);
  });

  it('rehearsed write nothing', async () => {
    const { intake, types } = await intakeWorld();
    const outcomes = await intake.rehearse(
      [rawAccount(), rawAccount(), rawAccount({ minimum_due: '7' }), { x: '1' }].map(at),
    );
    expect(results(outcomes)).toEqual(['accepted', 'duplicate', 'parked', 'parked']);
    expect(types()).toEqual([]);
  });

  it('give the same events in every run of a seed', async () => {
    const run = async () => {
      const { intake, events } = await intakeWorld();
      await intake.submit([rawAccount(), second, rawPayment()].map(at));
      return events.map((e) => JSON.stringify([e.stream, e.type, e.data])).sort();
    };
    expect(await run()).toEqual(await run());
  });
});

describe('as time passes', () => {
  it('a case within the tolerance is closed at DPD 9', async () => {
    const { intake, world, types } = await intakeWorld();
    await intake.submit([
      at(rawAccount({ minimum_due: '1000.00', paid_since_statement: '999.00', tolerance: '1.00' }), 1),
    ]);
    const before = types().length;
    await world.moveTo('2026-11-09T15:59:00.000Z');
    expect(types()).toHaveLength(before);
    await world.moveTo('2026-11-09T16:00:00.000Z');
    expect(types().slice(before)).toEqual(['CaseClosed']);
  });

  it('what was parked is dropped after 30 days', async () => {
    const { intake, world, parked } = await intakeWorld();
    await intake.submit([at(rawAccount({ due_date: '31 Feb' }), 1)]);
    world.passWall(30 * 86_400_000 - 1);
    await (await world.restarted()).stop();
    expect(await parked.list()).toHaveLength(1);
    world.passWall(1);
    await (await world.restarted()).stop();
    expect(await parked.list()).toEqual([]);
  });
});

describe('a number', () => {
  const permitFor = (debtorId: string, phoneRef: string) => ({
    contactId: 'c',
    debtorId,
    phoneRef,
    channel: 'call' as const,
    gatewayId: 'g',
    startNotAfter: '2026-11-02T02:00:10.000Z',
    ringMaxSeconds: 30,
    endBy: '2026-11-02T13:50:00.000Z',
    keyId: 'k',
    signature: 's',
  });
  const recorded = async (verify?: () => string | null) => {
    const made = await intakeWorld(verify);
    await made.intake.submit([at(rawAccount(), 1)]);
    const { data, subject } = made.events[0]!;
    return { ...made, debtorId: subject, phones: (data as { phones: { phoneRef: string }[] }).phones };
  };

  it('is revealed against a permit that holds, to its last instant', async () => {
    const { api, world, debtorId, phones } = await recorded();
    const permit = permitFor(debtorId, phones[0]!.phoneRef);
    expect(await api.reveal(permit)).toBe('+999100200300');
    world.passWall(10_000);
    expect(await api.reveal(permit)).toBe('+999100200300');
    world.passWall(1);
    await expect(api.reveal(permit)).rejects.toThrow('expired');
  });

  it('is not revealed by a clock that is off, which cannot tell whether the permit holds', async () => {
    const { api, world, debtorId, phones } = await recorded();
    Object.defineProperty(world.core, 'isClockOff', { value: true });
    await expect(api.reveal(permitFor(debtorId, phones[0]!.phoneRef))).rejects.toThrow('clock is off');
  });

  it('is not revealed against a permit whose signature does not hold, nor for another debtor', async () => {
    const { api, debtorId, phones } = await recorded(() => 'bad-signature');
    await expect(api.reveal(permitFor(debtorId, phones[0]!.phoneRef))).rejects.toThrow('bad-signature');
    const good = await recorded();
    await expect(good.api.reveal(permitFor(debtorId, 'unknown-ref'))).rejects.toThrow('no such number');
  });

  it('has one key for all debtors who share it, and none when it is unknown', async () => {
    const { api, intake, events, debtorId, phones } = await recorded();
    await intake.submit([at(sharing, 2)]);
    const other = events.filter((e) => e.type === 'DebtorRecorded')[1]!;
    const theirs = (other.data as { phones: { phoneRef: string }[] }).phones;
    expect(theirs[0]!.phoneRef).not.toBe(phones[0]!.phoneRef);
    const key = await api.numberKey(debtorId, phones[0]!.phoneRef);
    expect(key).not.toBeNull();
    expect(await api.numberKey(other.subject, theirs[0]!.phoneRef)).toBe(key);
    expect(await api.numberKey(debtorId, 'unknown')).toBeNull();
    expect(await api.unwrap('00000000-0000-8000-8000-000000000000')).toBeNull();
    expect((await api.unwrap(debtorId))!.key).toHaveLength(32);
  });
});

describe('intake.v1', () => {
  it('takes the same record as the file, and tells of each item in a batch', async () => {
    const { intake, world } = await intakeWorld();
    const door = world.get(IntakeController);
    const camel = Object.fromEntries(
      Object.entries(rawAccount()).map(([k, v]) => [k.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()), v]),
    );
    const account = create(intakeV1.RecordAccountRequestSchema, camel);
    expect(await door.recordAccount(account)).toEqual({ result: 'recorded' });
    expect(results(await intake.submit([at(rawAccount(), 1)]))).toEqual(['duplicate']);
    const batch = create(intakeV1.SubmitBatchRequestSchema, {
      facts: [
        { fact: { case: 'account', value: account } },
        {},
        { fact: { case: 'payment', value: { bankEventId: 'x', amount: '1e309' } } },
      ],
    });
    const { results: answers } = await door.submitBatch(batch);
    expect(answers.map((r) => r.result)).toEqual(['duplicate', 'parked', 'parked']);
    expect(answers![2]!.problems!.map((p) => p.field)).toContain('currency');
    await expect(door.submitBatch(create(intakeV1.SubmitBatchRequestSchema, {}))).rejects.toThrow('1 to');
  });
});
