/** Records of the bank's topics for tests: a good one in either mode, and every way in which one can be bad. */
import { gzipSync } from 'node:zlib';
import { BANK_EVENT_TYPES, typeNameOf } from '@mora/contracts';
import type { RecordKind } from '../bank-record/record.js';
import { MOST_BYTES } from '../inbound/bank-topics/bank-event.js';

export interface Sent {
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | string | (Buffer | string)[]>;
}

type Fields = Readonly<Record<string, unknown>>;

const typeOf = (kind: RecordKind): string => typeNameOf(BANK_EVENT_TYPES.find((type) => type.kind === kind)!);

export const cloudEvent = (kind: RecordKind, data: Fields, change: Fields = {}): Fields => ({
  specversion: '1.0',
  id: data['bank_event_id'],
  source: '/bank/core',
  type: typeOf(kind),
  time: '2026-11-02T01:30:00Z',
  data,
  ...change,
});

const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' };

export const structured = (kind: RecordKind, data: Fields, change: Fields = {}, headers: Sent['headers'] = {}): Sent =>
  withText(JSON.stringify(cloudEvent(kind, data, change)), headers);

export const withText = (text: string | Buffer, headers: Sent['headers'] = {}): Sent => ({
  key: 'some-key',
  value: Buffer.from(text as string),
  headers: { ...STRUCTURED, ...headers },
});

export const binary = (kind: RecordKind, data: Fields, headers: Sent['headers'] = {}): Sent => ({
  key: Buffer.from([0, 0, 0, 0]),
  value: Buffer.from(JSON.stringify(data)),
  headers: {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: String(data['bank_event_id']),
    ce_source: '/bank/core',
    ce_type: typeOf(kind),
    ...headers,
  },
});

const without = (sent: Sent, ...names: readonly string[]): Sent => ({
  ...sent,
  headers: Object.fromEntries(Object.entries(sent.headers).filter(([name]) => !names.includes(name))),
});

export interface BadRecord {
  readonly what: string;
  readonly sent: Sent;
  readonly field: string;
  readonly reason: RegExp;
}

/** @param account fields of a good account record; each bad one has an id of its own. */
export const badRecords = (account: (id: string) => Fields): readonly BadRecord[] => {
  const good = (id: string) => structured('account', account(id));
  const text = (id: string) => good(id).value!.toString();
  const bytes = (id: string, change: (text: string) => string) => withText(change(text(id)));
  const event = (id: string, change: Fields) => structured('account', account(id), change);
  const field = (id: string, change: Fields) => structured('account', { ...account(id), ...change });
  const bad = (what: string, field: string, reason: RegExp, sent: Sent): BadRecord => ({ what, field, reason, sent });
  return [
    bad('a null value', 'value', /is null/, { ...good('b1'), value: null }),
    bad('an empty value', 'value', /is empty/, withText('')),
    bad('one byte', 'value', /is not JSON/, withText('x')),
    bad('one byte that is JSON', 'value', /is not an object/, withText('7')),
    bad(
      'bad JSON',
      'value',
      /is not JSON/,
      bytes('b2', (t) => t.slice(0, -1)),
    ),
    bad('bad UTF-8', 'value', /is not UTF-8/, withText(Buffer.concat([good('b3').value!, Buffer.from([0xff])]))),
    bad(
      'a byte order mark',
      'value',
      /byte order mark/,
      bytes('b4', (t) => `\ufeff${t}`),
    ),
    bad(
      'an unknown type',
      'type',
      /is none of bank\.account\.overdue\.v1/,
      event('b5', { type: 'bank.loan.granted.v1' }),
    ),
    bad(
      'a future version',
      'type',
      /is version 2; known is version 1/,
      event('b6', { type: 'bank.account.overdue.v2' }),
    ),
    bad('a future CloudEvents', 'specversion', /is not 1\.0/, event('b7', { specversion: '2.0' })),
    bad('no headers', 'header content-type', /is missing.*neither mode/, without(good('b8'), 'content-type')),
    bad('no type header', 'type', /is missing/, without(binary('account', account('b9')), 'ce_type')),
    bad('no id header', 'id', /is missing/, without(binary('account', account('b10')), 'ce_id')),
    bad('no source', 'source', /is missing/, event('b11', { source: undefined })),
    bad(
      'a header twice',
      'header ce_id',
      /more than once/,
      binary('account', account('b12'), { ce_id: ['b12', 'b12'] }),
    ),
    bad(
      'a header in two spellings',
      'header ce_id',
      /more than once/,
      binary('account', account('b13'), { Ce_Id: 'b13' }),
    ),
    bad('a header id that is not the body id', 'header ce_id', /differs from id in the body/, {
      ...good('b14'),
      headers: { ...STRUCTURED, ce_id: 'b15' },
    }),
    bad(
      'an id that is not the bank_event_id',
      'bank_event_id',
      /differs from the event's id/,
      event('b16', { id: 'b17' }),
    ),
    bad(
      'a header that is not UTF-8',
      'header ce_id',
      /is not UTF-8/,
      binary('account', account('b18'), { ce_id: Buffer.from([0xc3]) }),
    ),
    bad('a batch of events', 'header content-type', /is not application\/cloudevents\+json/, {
      ...good('b19'),
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    }),
    bad(
      'Avro',
      'header content-type',
      /is not a JSON type/,
      binary('account', account('b20'), { 'content-type': 'application/avro' }),
    ),
    bad('another charset', 'header content-type', /another charset/, {
      ...good('b21'),
      headers: { 'content-type': 'application/cloudevents+json; charset=gbk' },
    }),
    bad('data that is no object', 'data', /is not an object/, event('b22', { data: ['b22'] })),
    bad('no data', 'data', /is missing/, event('b23', { data: undefined })),
    bad('data in base64', 'data_base64', /is not taken/, event('b24', { data: undefined, data_base64: 'e30=' })),
    bad('a mandatory field that is missing', 'minimum_due', /is missing/, field('b25', { minimum_due: undefined })),
    bad(
      'a fact of another schema',
      'business_date',
      /is missing/,
      event('b26', { data: { bank_event_id: 'b26', loan: 'L1' } }),
    ),
    bad('money as a fraction', 'minimum_due', /JSON number with a fraction/, field('b27', { minimum_due: 1000.5 })),
    bad(
      'money with an exponent',
      'minimum_due',
      /with a fraction or exponent/,
      bytes('b28', (t) => t.replace('"minimum_due":"1000.00"', '"minimum_due":1e3')),
    ),
    bad(
      'money as an object',
      'minimum_due',
      /neither a text nor a whole number/,
      field('b29', { minimum_due: { amount: 1 } }),
    ),
    bad(
      'a list as an array',
      'phones',
      /neither a text nor a whole number/,
      field('b30', { phones: ['+999100200300'] }),
    ),
    bad('more than is taken', 'value', /has \d+ bytes/, field('b31', { benefits_text: 'x'.repeat(MOST_BYTES) })),
    bad('a zip bomb', 'value', /unpacks to more than/, {
      ...good('b32'),
      value: gzipSync(Buffer.alloc(60_000_000, '{')),
      headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    }),
    bad('gzip that is none', 'value', /is not gzip/, {
      ...good('b33'),
      headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    }),
    bad('an unknown encoding', 'header content-encoding', /is not gzip or identity/, {
      ...good('b34'),
      headers: { ...STRUCTURED, 'content-encoding': 'br' },
    }),
    bad('a time of 1970', 'time', /between 2000 and 2199/, event('b35', { time: '1970-01-01T00:00:00Z' })),
    bad('a time of 9999', 'time', /between 2000 and 2199/, event('b36', { time: '9999-12-31T23:59:59Z' })),
    bad(
      'a business date of 1970',
      'business_date',
      /before the year 2000/,
      field('b37', { business_date: '1970-01-01' }),
    ),
    bad('a business date of 9999', 'business_date', /is not a day/, field('b38', { business_date: '9999-12-31' })),
    bad(
      '__proto__',
      'value',
      /named __proto__/,
      bytes('b39', (t) => t.replace('{', '{"__proto__":{"id":"b40"},')),
    ),
    bad(
      '__proto__ in escapes',
      'value',
      /named __proto__/,
      bytes('b41', (t) => t.replace('"data":{', '"data":{"\\u005f_proto__":1,')),
    ),
    bad(
      'a field twice',
      'value',
      /has a field twice/,
      bytes('b42', (t) => t.replace('"data":{', '"data":{"dpd":"2",')),
    ),
    bad('20,000 headers', 'headers', /are more than 100/, {
      ...good('b46'),
      headers: { ...STRUCTURED, ...Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`h${i}`, ''])) },
    }),
    bad(
      '10,000 levels of nesting',
      'value',
      /nested deeper/,
      bytes('b43', (t) => t.replace('"data":', `"data":${'['.repeat(10_000)}`)),
    ),
    bad(
      '10,000 levels that are closed',
      'value',
      /nested deeper/,
      withText(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    ),
    bad('NUL in a field', 'name', /contains NUL/, field('b44', { name: 'a\u0000b' })),
    bad(
      'a lone surrogate',
      'name',
      /undecodable/,
      bytes('b45', (t) => t.replace(/"name":"[^"]*"/, '"name":"\\ud800"')),
    ),
  ];
};
