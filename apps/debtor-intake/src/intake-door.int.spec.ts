import {
  type ClientHttp2Session,
  connect as http2,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as tcp } from 'node:net';
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { EVENT_STORE_MIGRATION } from '@mora/event-store-postgres';
import { intakeV1 } from '@mora/grpc';
import { type TestDatabase, testDatabase } from '@mora/test-kit';
import type { RawRecord } from './bank-record/record.js';
import { IntakeInbound } from './inbound/intake-inbound.js';
import { migrations } from './migrations/index.js';
import { startIntake } from './testing/intake-on-postgres.js';
import { rawAccount, rawPayment } from './testing/samples.js';

const STATUS = { ok: 0, invalid: 3, deadline: 4, exhausted: 8, unimplemented: 12, internal: 13 };
const SERVICE = '/mora.intake.v1.IntakeService';

interface Answer {
  readonly status: number | null;
  readonly message: string;
  readonly body: Buffer;
}

/** A message as its bytes are framed on the wire. */
const framed = (bytes: Uint8Array, flag = 0, length = bytes.length): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
};

const send = (
  session: ClientHttp2Session,
  method: string,
  body: Buffer,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> =>
  new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': `${SERVICE}/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let last: IncomingHttpHeaders = {};
    const parts: Buffer[] = [];
    stream.on('response', (h) => {
      last = { ...last, ...h };
    });
    stream.on('trailers', (h) => {
      last = { ...last, ...h };
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', () => undefined);
    stream.on('close', () =>
      resolve({
        status: last['grpc-status'] === undefined ? null : Number(last['grpc-status']),
        message: decodeURIComponent(String(last['grpc-message'] ?? '')),
        body: Buffer.concat(parts),
      }),
    );
    stream.end(body);
  });

const messageIn = <S extends DescMessage>(schema: S, body: Buffer): MessageShape<S> =>
  fromBinary(schema, body.subarray(5));

const camel = (raw: RawRecord): Record<string, string> =>
  Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [name.replace(/_[a-z]/g, (c) => c[1]!.toUpperCase()), value ?? '']),
  );
const account = (id: string, change: RawRecord = {}): RawRecord =>
  rawAccount({ bank_event_id: `e-${id}`, account_id: id, customer_no: `C-${id}`, dpd: '', ...change });
const accountMessage = (raw: RawRecord) => create(intakeV1.RecordAccountRequestSchema, camel(raw));
const accountBytes = (id: string, change: RawRecord = {}): Uint8Array =>
  toBinary(intakeV1.RecordAccountRequestSchema, accountMessage(account(id, change)));
const factOf = (raw: RawRecord) => ({ fact: { case: 'account' as const, value: accountMessage(raw) } });
const batchBytes = (facts: readonly object[]): Uint8Array =>
  toBinary(intakeV1.SubmitBatchRequestSchema, create(intakeV1.SubmitBatchRequestSchema, { facts: facts as never[] }));
/** One field by hand: number, wire type, raw bytes after the tag. */
const field = (number: number, wire: number, ...bytes: readonly number[]): Buffer => {
  const tag = number * 8 + wire;
  return Buffer.from(tag < 128 ? [tag, ...bytes] : [(tag & 0x7f) | 0x80, tag >> 7, ...bytes]);
};

describe('the door of intake.v1', () => {
  let database: TestDatabase;
  let port: number;
  let session: ClientHttp2Session;
  let api: IntakeInbound;
  let stop: () => Promise<void>;
  const failures: unknown[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    await database.install('debtor-intake', [EVENT_STORE_MIGRATION, ...migrations]);
    const silent = () => undefined;
    const log = { info: silent, warn: silent, error: (...said: readonly unknown[]) => void failures.push(said) };
    const intake = await startIntake((name) => database.pool(name, 4), log);
    api = intake.get(IntakeInbound);
    port = intake.port;
    session = newSession();
    stop = async () => {
      session.destroy();
      await intake.stop();
    };
  });
  afterAll(async () => {
    await stop();
    await database.close();
  });

  /** Room for what is too large for the server. */
  const newSession = (): ClientHttp2Session =>
    http2(`http://127.0.0.1:${port}`, { maxSessionMemory: 100 }).on('error', () => undefined);
  /** As every client does: a connection that was shut is opened again. */
  const connected = (): ClientHttp2Session => {
    if (session.closed || session.destroyed) session = newSession();
    return session;
  };
  const call = (method: string, bytes: Uint8Array, headers: OutgoingHttpHeaders = {}) =>
    send(connected(), method, framed(bytes), headers);
  const opened = async (id: string): Promise<number> =>
    (
      await database
        .pool('debtor-intake', 1)
        .query(`select count(*)::int as n from events where type = 'CaseOpened' and data like $1`, [`%"${id}"%`])
    ).rows[0].n;
  let made = 0;
  /** The server goes on: a good record after the bad one is taken. */
  const goesOn = async () => {
    made += 1;
    const id = `after${made}`;
    expect((await call('RecordAccount', accountBytes(id))).status).toBe(STATUS.ok);
    expect(await opened(id)).toBe(1);
  };
  const good = () => accountBytes('never');

  describe('refuses bytes that are no message, and says which field', () => {
    const account1 = field(1, 2, 1, 0x61);
    const cases: readonly (readonly [what: string, method: string, bytes: () => Uint8Array, message: RegExp])[] = [
      ['garbage', 'RecordAccount', () => Buffer.from([0xff, 0xff, 0xff]), /RecordAccountRequest: message: is cut off/],
      [
        'a string cut off',
        'RecordAccount',
        () => good().subarray(0, good().length - 2),
        /card_tail: is cut off: 2 of 4 bytes/,
      ],
      ['a number for a string', 'RecordAccount', () => field(18, 0, 7), /minimum_due: has wire type 0, not 2/],
      ['fixed bytes for a string', 'PostPayment', () => field(6, 5, 1, 2, 3, 4), /amount: has wire type 5, not 2/],
      ['a group', 'PostPayment', () => field(99, 3, 0), /field 99: has wire type 3, which no message uses/],
      ['a field 0', 'PostPayment', () => Buffer.from([0x02, 0x00]), /has a tag of no field \(0\)/],
      ['an endless number', 'PostPayment', () => field(90, 0, ...new Array(11).fill(0xff)), /field 90: .* 64 bits/],
      [
        'a broken field in the second of two facts',
        'SubmitBatch',
        () => Buffer.concat([field(1, 2, 5, 0x0a, 3, ...account1), field(1, 2, 4, 0x0a, 2, 0x08, 1)]),
        /facts\[1\]\.account\.bank_event_id: has wire type 0/,
      ],
      [
        'a fact longer than the message',
        'SubmitBatch',
        () => field(1, 2, 100, 0x0a),
        /facts\[0\]: is cut off: 1 of 100 bytes/,
      ],
      [
        'a text in Latin-1',
        'RecordAccount',
        () => Buffer.concat([good(), field(5, 2, 3, 0x4d, 0xfc, 0x6c)]),
        /name: is not UTF-8/,
      ],
      ['facts that are numbers', 'SubmitBatch', () => field(1, 0, 1), /facts\[0\]: has wire type 0, not 2/],
      ['a batch of nothing', 'SubmitBatch', () => Buffer.alloc(0), /1 to 10000 facts, this one has 0/],
    ];
    test.each(cases)('%s', async (_what, method, bytes, message) => {
      const before = (await api.listParked({ limit: 10_000 })).length;
      const answer = await call(method, bytes());
      expect(answer.message).toMatch(message);
      expect(answer.status).toBe(STATUS.invalid);
      expect((await api.listParked({ limit: 10_000 })).length).toBe(before);
      expect(await opened('never')).toBe(0);
      await goesOn();
    });
  });

  const resultOf = ({ body }: Answer) => messageIn(intakeV1.FactResultSchema, body);

  it('parks what is missing, unreadable or impossible in a well-formed message, with the field', async () => {
    const parkedOf = async (bytes: Uint8Array) => {
      const answer = await call('RecordAccount', bytes);
      expect(answer.status).toBe(STATUS.ok);
      const result = resultOf(answer);
      expect(result.result).toBe('parked');
      const listed = await api.listParked({ limit: 10_000 });
      const found = listed.find((p) => p.id === result.parkedId);
      expect(found).toMatchObject({ state: 'parked', channel: { kind: 'grpc', name: 'intake.v1' } });
      expect(found!.problems.map((p) => p.field)).toEqual(result.problems.map((p) => p.field));
      return result.problems.map((p) => `${p.field} ${p.reason}`);
    };
    expect(await parkedOf(accountBytes('bad1', { customer_no: '' }))).toEqual(['customer_no is missing']);
    expect(await parkedOf(Buffer.alloc(0))).toContain('bank_event_id is missing');
    expect(await parkedOf(accountBytes('bad2', { minimum_due: '1e309', due_date: '31 Feb' }))).toEqual([
      expect.stringMatching(/^minimum_due /),
      expect.stringMatching(/^due_date /),
    ]);
    expect(await parkedOf(accountBytes('bad4', { name: 'a\u0000b' }))).toEqual(['name contains NUL']);
    await goesOn();
  });

  it('ignores fields that a newer bank may send', async () => {
    const newer = Buffer.concat([accountBytes('newer'), field(900, 2, 2, 0x68, 0x69), field(901, 0, 1)]);
    expect(resultOf(await call('RecordAccount', newer)).result).toBe('recorded');
    expect(await opened('newer')).toBe(1);
  });

  it('records a repeated message once, also when both are under way', async () => {
    const both = await Promise.all([1, 2, 3].map(() => call('RecordAccount', accountBytes('twin'))));
    expect(both.map((a) => resultOf(a).result).toSorted()).toEqual(['duplicate', 'duplicate', 'recorded']);
    expect(await opened('twin')).toBe(1);
    const other = resultOf(await call('RecordAccount', accountBytes('twin', { minimum_due: '2.00' })));
    expect(other).toMatchObject({ result: 'parked', problems: [{ field: 'bank_event_id' }] });
  });

  it('takes a batch of 10,000 with bad ones among them: those are parked, no other is lost', async () => {
    const facts = Array.from({ length: 10_000 }, (_, i) => {
      if (i % 1_000 === 999) return factOf(account(`many${i}`, { minimum_due: 'NaN' }));
      if (i === 500) return { fact: { case: undefined } };
      if (i === 501) return { fact: { case: 'payment', value: camel(rawPayment({ account_id: 'nobody' })) } };
      if (i === 502) return factOf(account('many0'));
      return factOf(account(`many${i}`));
    });
    const answer = await call('SubmitBatch', batchBytes(facts));
    expect([answer.status, answer.message]).toEqual([STATUS.ok, 'OK']);
    const results = messageIn(intakeV1.SubmitBatchResponseSchema, answer.body).results;
    const at = (result: string) => results.flatMap((r, i) => (r.result === result ? [i] : []));
    expect(results).toHaveLength(10_000);
    expect(at('parked')).toEqual([500, 501, ...Array.from({ length: 10 }, (_, i) => i * 1_000 + 999)]);
    expect(at('duplicate')).toEqual([502]);
    expect(results[500]!.problems[0]).toMatchObject({ field: 'fact' });
    expect(results[501]!.problems[0]).toMatchObject({ field: 'account_id' });
    expect(results[999]!.problems[0]).toMatchObject({ field: 'minimum_due' });
    const listed = new Set((await api.listParked({ limit: 10_000 })).map((p) => p.id));
    expect(at('parked').filter((i) => !listed.has(results[i]!.parkedId))).toEqual([]);
    const { rows } = await database
      .pool('debtor-intake', 1)
      .query(`select count(*)::int as n from events where type = 'CaseOpened' and data like '%"many%'`);
    expect(rows).toEqual([{ n: 10_000 - 13 }]);
    const tooMany = await call('SubmitBatch', batchBytes(Array.from({ length: 10_001 }, () => ({ fact: {} }))));
    expect([tooMany.status, tooMany.message]).toEqual([STATUS.invalid, expect.stringContaining('facts[10000]')]);
    // Decoded, two million facts of two bytes are half a gigabyte.
    const empty = await call('SubmitBatch', Buffer.alloc(4_000_000).fill(Buffer.from([10, 0])));
    expect([empty.status, empty.message]).toEqual([STATUS.invalid, expect.stringContaining('facts[10000]')]);
    await goesOn();
  }, 120_000);

  it('names a method that does not exist, a message too large and one that is not framed', async () => {
    const unknown = await call('DropEverything', good());
    expect([unknown.status, unknown.message]).toEqual([
      STATUS.unimplemented,
      expect.stringContaining('DropEverything'),
    ]);
    const large = await call('RecordAccount', Buffer.alloc(17 * 1024 * 1024, 0x61));
    expect([large.status, large.message]).toEqual([STATUS.exhausted, expect.stringContaining('larger than max')]);
    const announced = await send(connected(), 'RecordAccount', framed(good(), 0, 0xffff_ffff));
    expect(announced.status).toBe(STATUS.exhausted);
    for (const body of [Buffer.alloc(0), Buffer.from([0, 0]), framed(good()).subarray(0, 40)]) {
      const answer = await send(connected(), 'RecordAccount', body);
      expect(answer.status).not.toBe(STATUS.ok);
      expect([body.length, answer.message]).toEqual([body.length, expect.stringMatching(/\w+ \w+/)]);
    }
    expect(await opened('never')).toBe(0);
    await goesOn();
  });

  it('ends a call at its deadline and needs none; what was sent again is recorded once', async () => {
    const expired = await call('RecordAccount', accountBytes('late'), { 'grpc-timeout': '1m' });
    expect(expired.status).toBe(STATUS.deadline);
    const again = await call('RecordAccount', accountBytes('late'), { 'grpc-timeout': '20S' });
    expect(again.status).toBe(STATUS.ok);
    expect(await opened('late')).toBe(1);
    const senseless = await call('RecordAccount', good(), { 'grpc-timeout': 'soon' });
    expect(senseless.status).not.toBe(STATUS.ok);
    expect(await opened('never')).toBe(0);
    await goesOn();
  });

  it('is not harmed by metadata of the wrong kind or size', async () => {
    const wrong = await call('RecordAccount', accountBytes('meta'), {
      traceparent: 'no trace',
      'thing-bin': '***',
      'mora-code': 'OK',
    });
    expect([STATUS.ok, STATUS.invalid, STATUS.internal]).toContain(wrong.status);
    const html = await call('RecordAccount', good(), { 'content-type': 'text/html' });
    expect(html.status).not.toBe(STATUS.ok);
    const own = newSession();
    const huge = await send(own, 'RecordAccount', framed(good()), { 'x-huge': 'h'.repeat(200_000) });
    own.destroy();
    expect(huge.status).not.toBe(STATUS.ok);
    expect(await opened('never')).toBe(0);
    await goesOn();
  });

  it('shuts the door to whoever speaks another language', async () => {
    for (const words of [
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      '\u0016\u0003\u0001\u0002',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense!',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = tcp(port, '127.0.0.1', () => socket.write(words));
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.on('data', () => undefined).on('end', () => socket.end());
        if (words.startsWith('\u0016')) socket.setTimeout(500, () => socket.destroy());
      });
    }
    await goesOn();
    expect(failures).toEqual([]);
  });
});
