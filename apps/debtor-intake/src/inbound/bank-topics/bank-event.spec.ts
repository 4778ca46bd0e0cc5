import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { validate } from '../../bank-record/validate.js';
import { badRecords, binary, cloudEvent, type Sent, structured, withText } from '../../testing/bank-events.js';
import { FRAME, rawAccount, rawPayment, rawReversal } from '../../testing/samples.js';
import { type BankEvent, MOST_BYTES, readBankEvent } from './bank-event.js';

const read = ({ key, value, headers }: Sent): BankEvent =>
  readBankEvent({ key: typeof key === 'string' ? Buffer.from(key) : key, value, headers });
const account = (id: string, change = {}) => rawAccount({ bank_event_id: id, ...change });

describe('a record of the bank', () => {
  it('is the same in structured and in binary mode', () => {
    const expected = { ok: true, raw: { record: 'account', ...account('e1') } };
    expect(read(structured('account', account('e1')))).toMatchObject(expected);
    expect(read(binary('account', account('e1')))).toMatchObject(expected);
  });

  it('is taken in each of its types', () => {
    const through = { bank_event_id: 't1', business_date: '2026-11-03', as_of: '2026-11-03T01:00:00Z' };
    for (const [kind, data] of [
      ['payment', rawPayment()],
      ['reversal', rawReversal()],
      ['payments-posted-through', through],
    ] as const) {
      const event = read(structured(kind, data));
      expect(event).toMatchObject({ ok: true, raw: { record: kind, ...data } });
      expect(validate(event.raw, FRAME).ok).toBe(true);
    }
  });

  it('may have any key, none, and headers of its own', () => {
    const headers = { traceparent: '00-1-2-01', 'x-team': ['a', 'b'], __proto__: 'x' };
    for (const key of [null, '', Buffer.from([0]), Buffer.from([0, 0, 0, 0])]) {
      expect(read({ ...structured('account', account('e1'), {}, headers), key }).ok).toBe(true);
    }
  });

  it('goes on in the bank’s trace: by Kafka’s header, else by the attribute, and none that cannot be read', () => {
    const trace = (span: string) => `00-0af7651916cd43dd8448eb211c80319c-${span}-01`;
    const [header, attribute] = [trace('b7ad6b7169203331'), trace('00f067aa0ba902b7')];
    const bytes = Buffer.from(header);
    const prefixed = ({ traceparent: said }: { readonly traceparent?: string }) =>
      said === undefined ? {} : { ce_traceparent: Buffer.from(said) };
    const of = (attributes: { readonly traceparent?: string }, headers: object) => ({
      structured: read(structured('account', account('e1'), { ...attributes }, { ...headers })),
      binary: read(binary('account', account('e1'), { ...prefixed(attributes), ...headers })),
    });
    const both = (traceparent: string | null) => ({
      structured: expect.objectContaining({ ok: true, traceparent }),
      binary: expect.objectContaining({ ok: true, traceparent }),
    });
    expect(of({}, {})).toEqual(both(null));
    expect(of({ traceparent: attribute }, {})).toEqual(both(attribute));
    expect(of({ traceparent: attribute }, { traceparent: bytes })).toEqual(both(header));
    expect(of({ traceparent: 'junk' }, { traceparent: [bytes, bytes] })).toEqual(both(null));
  });

  it('has the id of its event where the data says the same, else source and id', () => {
    const { bank_event_id: _, ...unnamed } = account('e1');
    expect(read(structured('account', unnamed, { id: 'e1' })).raw['bank_event_id']).toMatch(/^[0-9a-f]{12}:e1$/);
    expect(read(structured('account', account('e1'))).raw['bank_event_id']).toBe('e1');
  });

  it('keeps every digit of a whole number and takes null for not said', () => {
    const text = JSON.stringify(cloudEvent('account', account('e1', { dpd: undefined, cycle: null }))).replace(
      '"minimum_due":"1000.00"',
      '"minimum_due":12345678901234567890123',
    );
    const { raw } = read(withText(text));
    expect(raw['minimum_due']).toBe('12345678901234567890123');
    expect(raw).not.toHaveProperty('cycle');
  });

  it('leaves fields outside that a record of its type does not have', () => {
    expect(read(structured('account', { ...account('e1'), religion: 'x', constructor: 'y' })).raw).toEqual({
      record: 'account',
      ...account('e1'),
    });
  });

  it('is unpacked up to the size that is taken, and refused one byte above', () => {
    const zipped = (bytes: number): Sent => {
      const text = JSON.stringify(cloudEvent('account', account('e1')));
      return {
        ...withText(gzipSync(text + ' '.repeat(bytes - Buffer.byteLength(text))), { 'content-encoding': 'gzip' }),
      };
    };
    expect(read(zipped(MOST_BYTES)).ok).toBe(true);
    expect(read(zipped(MOST_BYTES + 1))).toMatchObject({ ok: false, problems: [{ field: 'value' }] });
  });

  it('may be eight levels deep in what nobody reads, not nine', () => {
    const nested = (levels: number) =>
      structured('account', account('e1'), { x: JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) });
    expect(read(nested(7)).ok).toBe(true);
    expect(read(nested(8))).toMatchObject({ ok: false, problems: [{ reason: 'is nested deeper than 8 levels' }] });
  });

  it('may have a hundred headers, not one more', () => {
    const extra = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, 'x']));
    expect(read(structured('account', account('e1'), {}, extra(99))).ok).toBe(true);
    expect(read(structured('account', account('e1'), {}, extra(100)))).toMatchObject({
      problems: [{ field: 'headers' }],
    });
  });

  it('of the years 2000 and 2199 is taken, of 1999 and 2200 is not', () => {
    const at = (time: string) => read(structured('account', account('e1'), { time })).ok;
    expect(['1999', '2000', '2199', '2200'].map((year) => at(`${year}-06-01T00:00:00.123456+08:00`))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('that is bad in one field keeps the others, so that it can be mended and driven again', () => {
    const event = read(structured('account', { ...account('e1'), minimum_due: 1000.5 }));
    expect(event).toMatchObject({ ok: false, raw: { record: 'account', bank_event_id: 'e1', minimum_due: '1000.5' } });
  });

  it('that cannot be read is kept as it came, with key and headers', () => {
    const { raw } = read({ key: 'k', value: Buffer.from([0xff, 0xfe]), headers: { ce_id: 'e1' } });
    expect(raw).toEqual({ row: 'base64://4=', kafka_key: 'k', kafka_headers: '[["ce_id","e1"]]' });
  });
});

describe('a bad record of the bank', () => {
  it.each(badRecords((id) => account(id)).map((bad) => [bad.what, bad] as const))(
    '%s is refused with its reason',
    (_, bad) => {
      const event = read(bad.sent);
      const result = event.ok ? validate(event.raw, FRAME) : event;
      if (result.ok) throw new TypeError('it was taken');
      expect(result.problems).toContainEqual(
        expect.objectContaining({ field: bad.field, reason: expect.stringMatching(bad.reason) }),
      );
    },
  );

  it('never shows a name or number in its problems', () => {
    for (const { sent } of badRecords((id) => account(id))) {
      const event = read(sent);
      if (!event.ok) expect(JSON.stringify(event.problems)).not.toMatch(/王小明|999100200300/);
    }
  });
});

describe('whatever bytes come', () => {
  const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)));
  const headerValue = fc.oneof(bytes, fc.string(), fc.constant(undefined), fc.array(fc.string(), { maxLength: 3 }));
  const headerName = fc.oneof(
    fc.constantFrom(
      'ce_id',
      'ce_type',
      'ce_specversion',
      'ce_source',
      'content-type',
      'content-encoding',
      '__proto__',
      'constructor',
    ),
    fc.string(),
  );
  const headers = fc.array(fc.tuple(headerName, headerValue), { maxLength: 8 }).map((h) => Object.fromEntries(h));

  it('are read or refused with a field and a reason', () => {
    fc.assert(
      fc.property(bytes, bytes, headers, (key, value, said) => {
        const event = readBankEvent({ key, value, headers: said });
        expect(
          event.ok || event.problems.every(({ field, reason }) => field !== '' && reason !== 'could not be read'),
        ).toBe(true);
        JSON.stringify(event);
      }),
      { numRuns: 500 },
    );
  });

  it('are read or refused where a good event has one byte changed', () => {
    const good = structured('account', account('e1')).value!;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const value = Buffer.from(good);
        value[at] = byte;
        const event = read({ ...withText(''), value });
        expect(event.ok || event.problems[0]!.reason !== 'could not be read').toBe(true);
        validate(event.raw, FRAME);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are read or refused where the event is any JSON', () => {
    const any = fc.jsonValue({ maxDepth: 5 });
    const event = fc.record({
      specversion: fc.oneof(fc.constant('1.0'), any),
      id: fc.oneof(fc.string(), any),
      source: fc.oneof(fc.constant('/bank'), any),
      type: fc.oneof(fc.constant('bank.payment.posted.v1'), any),
      time: fc.oneof(fc.constant('2026-01-01T00:00:00Z'), any),
      data: fc.oneof(fc.dictionary(fc.constantFrom('amount', 'currency', 'bank_event_id', 'record', 'x'), any), any),
    });
    fc.assert(
      fc.property(event, (said) => {
        const result = read(withText(JSON.stringify(said)));
        expect(result.ok || result.problems[0]!.reason !== 'could not be read').toBe(true);
        validate(result.raw, FRAME);
      }),
      { numRuns: 500 },
    );
  });
});
