import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeRecord,
  encodeEvent,
  encodeWatermark,
  type KafkaRecord,
  type OutgoingRecord,
  sizeOf,
} from './cloud-event.js';
import { BINARY, STRUCTURED } from './testing/cloudevents-vectors.js';
import { eventAt } from './testing/events.js';

/** As a broker hands it back. */
const delivered = (
  { key, value, headers }: OutgoingRecord,
  more: Record<string, string | undefined> = {},
): KafkaRecord => ({
  key: Buffer.from(key),
  value,
  headers: Object.fromEntries(
    Object.entries({ ...headers, ...more })
      .filter(([, header]) => header !== undefined)
      .map(([name, header]) => [name, Buffer.from(header!)]),
  ),
});
const decoded = (record: KafkaRecord) => decodeRecord(record, 'dialer', 0);
const reasonOf = (record: KafkaRecord) => {
  const result = decoded(record);
  return result.kind === 'bad' ? result.reason : result.kind;
};
const good = encodeEvent(eventAt(5));

describe('an event as a record', () => {
  it('is CloudEvents 1.0 in binary mode, keyed by its subject', () => {
    const event = eventAt(5, { meta: { ...eventAt(5).meta, traceparent: '00-1-2-01' } });
    const { key, value, headers } = encodeEvent(event);
    expect(key).toBe('a');
    expect(value.toString()).toBe('{"of":"5"}');
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: 'mora.dialer.Counted',
      ce_source: 'mora/dialer',
      ce_subject: 'a',
      ce_time: '2026-11-02T04:00:00.000Z',
      'content-type': 'application/json',
      mora_epoch: '1',
      mora_position: '5',
      mora_stream: 'counter-a',
      mora_version: '5',
      mora_recorded_at: event.recordedAt,
      mora_meta: JSON.stringify(event.meta),
      traceparent: '00-1-2-01',
    });
  });

  it('comes back as it was', () => {
    const event = eventAt(5, {
      subject: '债务人',
      stream: 'counter-债务人',
      data: { text: '\u0000\ud800 "é"', n: -1.5e-9 },
    });
    expect(decoded(delivered(encodeEvent(event)))).toEqual({ kind: 'event', event });
  });

  it('keeps the bytes of any data that JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const stored = JSON.stringify(data);
        const { value } = encodeEvent(eventAt(1, { data: JSON.parse(stored) }));
        expect(value.toString()).toBe(stored);
        const back = decoded(delivered(encodeEvent(eventAt(1, { data: JSON.parse(stored) }))));
        expect(back.kind === 'event' && JSON.stringify(back.event.data)).toBe(stored);
      }),
    );
  });

  it('takes `__proto__` for a name like any other', () => {
    const data: unknown = JSON.parse('{"__proto__":{"admin":true},"a":1}');
    const back = decoded(delivered(encodeEvent(eventAt(1, { data }))));
    expect(back.kind === 'event' && JSON.stringify(back.event.data)).toBe('{"__proto__":{"admin":true},"a":1}');
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });

  it('is never counted smaller than its parts', () => {
    const parts = Object.entries(good.headers).flat().join('').length + good.value.length + good.key.length;
    expect(sizeOf(good)).toBeGreaterThan(parts);
  });
});

describe('a watermark as a record', () => {
  const mark = { epoch: 2, position: 9, at: '2026-11-02T04:00:05.000Z' };

  it('comes back as it was, with the id of the event it stands at', () => {
    const { headers } = encodeWatermark('dialer', 3, mark, 'x');
    expect(headers).toMatchObject({ ce_type: 'mora.watermark', ce_id: 'dialer/2/3/9@2026-11-02T04:00:05.000Z' });
    expect(decoded(delivered(encodeWatermark('dialer', 0, mark, 'x')))).toEqual({
      kind: 'watermark',
      mark,
      lastId: 'x',
    });
    expect(decoded(delivered(encodeWatermark('dialer', 0, mark, null)))).toEqual({
      kind: 'watermark',
      mark,
      lastId: null,
    });
  });

  it('may stand at the beginning', () => {
    expect(reasonOf(delivered(encodeWatermark('dialer', 0, { ...mark, position: 0 }, null)))).toBe('watermark');
  });
});

describe('a bad record', () => {
  it.each([
    ['other-spec-version', { ce_specversion: '0.3' }],
    ['missing-header', { ce_specversion: undefined }],
    ['missing-header', { ce_id: undefined }],
    ['missing-header', { ce_id: '' }],
    ['missing-header', { 'content-type': undefined }],
    ['not-json', { 'content-type': 'application/avro' }],
    ['not-json', { 'content-type': 'application/jsonx' }],
    ['event', { 'content-type': 'Application/JSON; charset=utf-8' }],
    ['structured-mode', { 'content-type': 'APPLICATION/cloudevents+json; charset=UTF-8' }],
    ['wrong-source', { ce_source: 'mora/guard' }],
    ['wrong-source', { ce_type: 'mora.guard.Counted' }],
    ['wrong-source', { ce_type: 'mora.dialer.' }],
    ['key-differs', { ce_subject: 'b' }],
    ['bad-header', { mora_position: '0' }],
    ['bad-header', { mora_position: '1.5' }],
    ['bad-header', { mora_position: '9007199254740993' }],
    ['bad-header', { mora_epoch: '-1' }],
    ['bad-header', { mora_recorded_at: '1970-01-01' }],
    ['bad-header', { mora_recorded_at: '2026-13-01T00:00:00.000Z' }],
    ['bad-header', { mora_meta: '[]' }],
    ['bad-header', { mora_meta: '{"at":' }],
    ['event', { 'x-unknown': 'z' }],
  ])('%s: %j', (reason, change) => {
    expect(reasonOf(delivered(good, change))).toBe(reason);
  });

  it.each([
    ['no-value', { value: null }],
    ['bad-json', { value: Buffer.of() }],
    ['bad-json', { value: Buffer.from('{') }],
    ['bad-json', { value: Buffer.from('\ufeff{}') }],
    ['bad-utf8', { value: Buffer.of(0x22, 0xff, 0x22) }],
    ['key-differs', { key: null }],
    ['missing-header', { headers: {} }],
  ])('%s: %j', (reason, change) => {
    expect(reasonOf({ ...delivered(good), ...change })).toBe(reason);
  });

  it('names a header that is given twice or is not UTF-8, but never one of somebody else’s', () => {
    const record = delivered(good);
    const twice = { ...record, headers: { ...record.headers, ce_id: [Buffer.from('a'), Buffer.from('a')] } };
    expect(decoded(twice)).toEqual({ kind: 'bad', reason: 'duplicate-header', header: 'ce_id' });
    const binary = { ...record, headers: { ...record.headers, '+8613800000000': Buffer.of(0xff) } };
    expect(decoded(binary)).toEqual({ kind: 'bad', reason: 'bad-header', header: 'other' });
  });

  it('is no matter of nesting', () => {
    const deep = { ...delivered(good), value: Buffer.from('['.repeat(10_000) + ']'.repeat(10_000)) };
    expect(reasonOf(deep)).toBe('event');
  });
});

describe('the CloudEvents project’s own vectors', () => {
  it('name the headers of the binary mode as ours are named', () => {
    const own = new Map(Object.entries(good.headers));
    for (const name of BINARY.headers.keys()) expect(own.has(name)).toBe(true);
  });

  it('are read in binary mode: each attribute from its header, the data as it is', () => {
    // The vector's attributes and data with what Mora's topics ask for besides.
    const headers = { ...good.headers, ...Object.fromEntries(BINARY.headers) };
    const type = headers['ce_type'];
    const record = delivered(
      { ...good, value: Buffer.from(BINARY.payload), headers },
      { ce_source: 'mora/dialer', ce_type: `mora.dialer.${type}` },
    );
    const result = decoded(record);
    expect(result).toMatchObject({
      kind: 'event',
      event: { id: BINARY.attributes.id, type: BINARY.attributes.type, data: JSON.parse(BINARY.data) },
    });
  });

  it('belong to nobody’s topic of ours as they stand', () => {
    expect(
      reasonOf(
        delivered({ key: 'mykey', value: Buffer.from(BINARY.payload), headers: Object.fromEntries(BINARY.headers) }),
      ),
    ).toBe('wrong-source');
  });

  it.each(STRUCTURED.contentTypes)(
    'are recognised as structured mode by %s, and refused on our topics',
    (contentType) => {
      expect(
        reasonOf(
          delivered({ key: 'mykey', value: Buffer.from(STRUCTURED.payload), headers: { 'content-type': contentType } }),
        ),
      ).toBe('structured-mode');
    },
  );
});
