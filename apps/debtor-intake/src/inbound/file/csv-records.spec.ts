import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CsvRecords, type CsvRow } from './csv-records.js';

const parse = (text: string, piece = text.length || 1): readonly CsvRow[] => {
  const rows = new CsvRecords(',', { row: 2_000, field: 500 });
  const out: CsvRow[] = [];
  for (let i = 0; i < text.length; i += piece) out.push(...rows.add(text.slice(i, i + piece)));
  return [...out, ...rows.end()];
};
const fieldsOf = (rows: readonly CsvRow[]) =>
  rows.map((row) => (row.ok ? row.fields : `line ${row.line}: ${row.reason}`));

describe('rows', () => {
  it('end at LF, CRLF, CR and any mixture of them, with or without a last one', () => {
    for (const text of ['a,b\nc,d\n', 'a,b\r\nc,d\r\n', 'a,b\rc,d\r', 'a,b\r\nc,d', 'a,b\rc,d\n', 'a,b\n\r\n\rc,d']) {
      expect(fieldsOf(parse(text))).toEqual([
        ['a', 'b'],
        ['c', 'd'],
      ]);
    }
  });

  it('may hold quotes, commas and line ends inside quotes, and know their line', () => {
    const rows = parse('a,"b ""x"", y"\r\n"p\r\nq",r\ns,t\n');
    expect(fieldsOf(rows)).toEqual([
      ['a', 'b "x", y'],
      ['p\r\nq', 'r'],
      ['s', 't'],
    ]);
    expect(rows.map((row) => row.line)).toEqual([1, 2, 4]);
  });

  it('are the same however the text is cut', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '王', ' ') });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n', '\r'), fc.integer({ min: 1, max: 7 }), (rows, end, piece) => {
        const text = rows.map((r) => r.map((f) => `"${f.replaceAll('"', '""')}"`).join(',') + end).join('');
        expect(fieldsOf(parse(text, piece))).toEqual(rows);
      }),
    );
  });

  it('that are broken are found alike however the text is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 5 }), (t, piece) => {
        const known = (rows: readonly CsvRow[]) => rows.map((r) => (r.ok ? r : { line: r.line, field: r.field }));
        expect(known(parse(t, piece))).toEqual(known(parse(t)));
      }),
    );
  });
});

describe('another separator', () => {
  it.each([';', '\t', '|'] as const)('%j stands where the comma stood, also after quotes', (separator) => {
    const rows = new CsvRecords(separator);
    const text = ['a,b', '"c""d"', 'e'].join(separator);
    expect(fieldsOf([...rows.add(`${text}\n`), ...rows.end()])).toEqual([['a,b', 'c"d', 'e']]);
  });
});

describe('a broken row', () => {
  it('with an unclosed quote costs its own line only', () => {
    expect(fieldsOf(parse('a,"b\nc,d\ne,f\n'))).toEqual([
      'line 1: has a quote that never closes',
      ['c', 'd'],
      ['e', 'f'],
    ]);
    expect(fieldsOf(parse('a,"b\nc,"d"\ne,f\n'))).toEqual([
      'line 1: has a quote that is not closed properly',
      ['c', 'd'],
      ['e', 'f'],
    ]);
  });

  it('with text around quotes names its field', () => {
    expect(parse('a,"b"x\nc,d\n')[0]).toMatchObject({ ok: false, line: 1, field: 2 });
    expect(parse('a,b"x"\nc,d\n')[0]).toMatchObject({ ok: false, line: 1, field: 2 });
  });

  it('with a field beyond the limit is dropped to its end, however long, and the next is read', () => {
    const rows = new CsvRecords(',', { row: 2_000, field: 500 });
    const out: CsvRow[] = [...rows.add('a,')];
    for (let i = 0; i < 10_000; i++) out.push(...rows.add('x'.repeat(1_000)));
    out.push(...rows.add(',c\nd,e\n'), ...rows.end());
    expect(fieldsOf(out)).toEqual(['line 1: is longer than 500 characters', ['d', 'e']]);
    expect(fieldsOf(parse(`"${'y'.repeat(3_000)}",b\nc,d\n`, 100))[1]).toEqual(['c', 'd']);
  });
});
