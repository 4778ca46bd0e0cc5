import { describe, expect, it, test } from '@jest/globals';
import { KNOWN_FIELDS } from '../../bank-record/columns.js';
import type { RawRecord } from '../../bank-record/record.js';
import { cutProblems, keptOf, stillCut } from '../kept-record.js';
import type { CsvRow } from './csv-records.js';
import { IdColumns } from './id-columns.js';
import { mendOf } from './mend.js';
import { inboundOf } from './row-inbound.js';

const SOURCE = { file: 'book.csv', detected: { encoding: 'utf-8', bom: 0 }, separator: ',' } as const;
const HEADER = { columns: ['bank_event_id', 'name', null, 'amount'], ignored: ['sex'], unused: [] };
const row = (...fields: readonly string[]): CsvRow => ({ ok: true, line: 7, fields });

describe('a row', () => {
  it('becomes a record without what is not known', () => {
    expect(inboundOf(SOURCE, HEADER, row('E1', '王小明', 'f', '1.00'))).toEqual({
      channel: { kind: 'file', name: 'book.csv', offset: 7 },
      raw: { bank_event_id: 'E1', name: '王小明', amount: '1.00' },
    });
  });

  test.each([
    ['of too few fields', row('E1', '王小明')],
    ['that is not in the encoding of the file', row('E1', '王小\ufffd', '', '1.00')],
    ['with a broken quote', { ok: false, line: 7, field: 2, reason: 'has a quote', text: 'E1,"王小明,1.00' } as const],
  ])('%s keeps its id beside its text, and says nothing of a person', (_, broken) => {
    const inbound = inboundOf(SOURCE, HEADER, broken);
    expect(inbound.raw).toMatchObject({ bank_event_id: 'E1', row: expect.stringContaining('王小') });
    expect(inbound.broken).toHaveLength(1);
    expect(JSON.stringify(inbound.broken)).not.toMatch(/王|小明/);
  });
});

describe('what is kept of a record', () => {
  it('is all of it, up to a size', () => {
    const raw = { name: '王小明', offers: 'x'.repeat(2_000) };
    expect(keptOf(raw)).toEqual({ fields: raw, cut: [] });
  });

  test.each<[string, RawRecord]>([
    ['one giant field', { bank_event_id: 'E1', name: '😀'.repeat(1_000_000) }],
    ['many long fields', Object.fromEntries([...KNOWN_FIELDS].map((name) => [name, 'x'.repeat(60_000)]))],
    ['a row that was never read', { row: '王'.repeat(500_000) }],
  ])('is cut where there is %s, and that is said', (_, raw) => {
    const kept = keptOf(raw);
    expect(JSON.stringify(kept.fields).length).toBeLessThan(64_000);
    expect(kept.cut.length).toBeGreaterThan(0);
    expect(JSON.stringify(kept.fields).isWellFormed()).toBe(true);
    const [first] = cutProblems(raw, kept);
    expect(first).toMatchObject({
      field: kept.cut[0],
      reason: expect.stringMatching(/of \d+ characters the first \d+/),
    });
  });

  it('leaves out what the door knows nothing of', () => {
    const strangers = Object.fromEntries(Array.from({ length: 9_999 }, (_, i) => [`f${i}`, 'xyz']));
    expect(keptOf({ ...strangers, name: 'Wang' })).toEqual({ fields: { name: 'Wang' }, cut: [] });
  });

  it('is never driven again without what it lost', () => {
    const kept = keptOf({ bank_event_id: 'E1', name: 'x'.repeat(99_999) });
    expect(stillCut(kept, {})).toMatchObject([{ field: 'name' }]);
    expect(stillCut(kept, { name: 'Wang' })).toEqual([]);
  });
});

describe('a column of ids', () => {
  const columnOf = (values: readonly string[]) => {
    const ids = new IdColumns(['name', 'account_id']);
    for (const value of values) ids.add(['6228480402564890000', value]);
    return ids.rounded();
  };
  const twenty = (last: string) => Array.from({ length: 20 }, (_, i) => `62284804025${10 + i}00${last}`);

  it('in which a spreadsheet rounded every value is found in a file of twenty rows', () => {
    expect(columnOf(twenty('0000'))).toEqual([{ field: 'account_id', count: 20 }]);
    expect(columnOf(twenty('0'))).toEqual([{ field: 'account_id', count: 20 }]);
  });

  it('is right with one exact value, with fewer rows, or with fewer digits', () => {
    expect(columnOf([...twenty('0000'), '6228480402564890018'])).toEqual([]);
    expect(columnOf(twenty('0000').slice(1))).toEqual([]);
    expect(columnOf(twenty(''))).toEqual([]);
  });
});

test('every problem comes with what a person can do about it', () => {
  expect(mendOf({ reason: 'is missing' })).toBe('fill in the field');
  expect(mendOf({ reason: 'some reason of next year' })).toMatch(/correct the field/);
});
