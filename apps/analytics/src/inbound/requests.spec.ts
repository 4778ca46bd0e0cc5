import { describe, expect, it, test } from '@jest/globals';
import {
  callsQuery,
  casesQuery,
  decodeQuery,
  denialsQuery,
  figuresQuery,
  idOf,
  lineageQuery,
  noQuery,
  whyQuery,
} from './requests.js';

const ALL = { figuresQuery, denialsQuery, casesQuery, callsQuery, lineageQuery, whyQuery, noQuery };
const badField = (ask: () => unknown): string => {
  try {
    ask();
  } catch (error) {
    expect(error).toMatchObject({ code: 'BAD_REQUEST' });
    return (error as { field: string }).field;
  }
  return 'taken';
};

describe('a question', () => {
  test.each(Object.entries(ALL))(
    '%s with a filter that there is not is refused: it would be answered as if it held',
    (_, schema) => {
      const asked = { day: '2026-11-02', counter: 'dialed', dbtorId: 'd' };
      expect(badField(() => decodeQuery<unknown>(schema, asked))).not.toBe('taken');
    },
  );

  test.each([
    '0000-01-01',
    '1999-12-31',
    '2200-01-01',
    '2026-02-30',
    '2026-13-01',
    '10000-01-01',
    '',
    '2026-11-02\u0000',
  ])('about the day %j is refused', (day) => {
    expect(badField(() => decodeQuery(figuresQuery, { day }))).toBe('day');
    expect(badField(() => decodeQuery(casesQuery, { openedOn: day }))).toBe('openedOn');
    expect(badField(() => decodeQuery(callsQuery, { day }))).toBe('day');
    expect(badField(() => decodeQuery(denialsQuery, { day }))).toBe('day');
    expect(badField(() => decodeQuery(lineageQuery, { counter: 'dialed', day }))).toBe('day');
  });

  test.each([
    '0000-01-01T00:00:00Z',
    '0000-12-31T23:59:59-14:00',
    '9999-12-31T23:59:59Z',
    '2026-11-02',
    '2199-12-31T23:59:59-23:59',
  ])('about the instant %j is refused', (at) => {
    expect(badField(() => decodeQuery(whyQuery, { at }))).toBe('at');
  });

  test.each(['0', '1001', '1e2', '0x10', ' 5', '5.0', '-1', '9'.repeat(400), '', 'NaN'])(
    'for %j rows is refused',
    (limit) => {
      expect(badField(() => decodeQuery(casesQuery, { limit }))).toBe('limit');
    },
  );

  it('that names a thing twice, or in a text of any length, or in half characters, is refused', () => {
    expect(badField(() => decodeQuery(casesQuery, { tier: ['L', 'M'] }))).toBe('tier');
    for (const text of ['x'.repeat(201), '', '\ud800', 'a\u0000'])
      for (const field of ['label', 'debtorId', 'accountId', 'after'])
        expect(badField(() => decodeQuery(casesQuery, { [field]: text }))).toBe(field);
  });

  it('of the last and the first day that there are is answered', () => {
    expect(decodeQuery(figuresQuery, { from: '2000-01-01', to: '2199-12-31' })).toMatchObject({ from: '2000-01-01' });
    expect(decodeQuery(whyQuery, { at: '2026-11-02T10:00:00+08:00' })).toEqual({ at: '2026-11-02T10:00:00+08:00' });
    expect(decodeQuery(casesQuery, { limit: '1000' })).toEqual({ limit: 1_000 });
  });

  it('about a day and a period at once is refused, and denials know no cut', () => {
    expect(badField(() => decodeQuery(figuresQuery, { day: '2026-11-02', to: '2026-11-03' }))).toBe('day');
    expect(badField(() => decodeQuery(denialsQuery, { day: '2026-11-02', cut: 'tier' }))).toBe('cut');
  });

  it('about a thing by no id is refused', () => {
    expect(badField(() => idOf('caseId', 'a\u0000b'))).toBe('caseId');
    expect(badField(() => idOf('caseId', 'x'.repeat(201)))).toBe('caseId');
    expect(idOf('caseId', 'nobody')).toBe('nobody');
  });
});
