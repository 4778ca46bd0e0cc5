import { describe, expect, it, test } from '@jest/globals';
import { FRAME, rawAccount, rawPayment, rawReversal } from '../testing/samples.js';
import { type IdTrust, identifierProblem } from './identifier.js';
import type { RawRecord } from './record.js';
import { validate } from './validate.js';

const DOUBTED: IdTrust = { exact: false, asIs: false };
const problemsOf = (raw: RawRecord, frame = FRAME) => {
  const result = validate(raw, frame);
  return result.ok ? [] : result.problems;
};

describe('an identifier', () => {
  test.each(['A1', 'account-2026-11-02-A1', '6228480402564890018', 'a.b_c:d/e-f', '00004711', 'x'.repeat(64), '1E'])(
    '%s is one',
    (text) => expect(identifierProblem(text, DOUBTED)).toBeNull(),
  );

  test.each([
    ['6.22848E+18', 'shortened'],
    ['6E18', 'shortened'],
    ['6,22848e+18', 'shortened'],
    ['6228480402564890000', 'shortened'],
    ['12345678901234500', 'shortened'],
    ['="0000998877"', 'quoted'],
    ["'00004711", 'quoted'],
    ['"4711"', 'quoted'],
    ['x'.repeat(65), 'longer than 64'],
    ['A 1', 'position 2'],
    ['A|1', 'position 2'],
    ['', ''],
  ])('%s is none', (text, reason) => {
    if (text !== '') expect(identifierProblem(text, DOUBTED)).toContain(reason);
  });

  test.each([
    '\u200b',
    '\u202a',
    '\u202e',
    '\u2066',
    '\u2069',
    '\u00ad',
    '\ufeff',
    '\u2028',
    '\u2029',
    '\u00a0',
    '\u3000',
  ])('never ends in or holds U+%s', (character) => {
    for (const id of [`Y3${character}`, `Y${character}3`, `${character}Y3`]) {
      expect(problemsOf(rawAccount({ account_id: id })).map((p) => p.field)).toEqual(['account_id']);
    }
  });

  test.each(['Ｙ３', 'А1', 'Y٣'])('of look-alike letters, %s, is none', (id) => {
    expect(problemsOf(rawAccount({ account_id: id })).map((p) => p.field)).toEqual(['account_id']);
  });

  it('of 16 digits may end in a zero, and one of 17 in one', () => {
    expect(identifierProblem('1234567890123450', DOUBTED)).toBeNull();
    expect(identifierProblem('12345678901234560', DOUBTED)).toBeNull();
  });

  it('that looks rounded is taken when confirmed or from an exact source; the other forms never', () => {
    for (const trust of [
      { exact: true, asIs: false },
      { exact: false, asIs: true },
    ]) {
      expect(identifierProblem('6228480402564890000', trust)).toBeNull();
      expect(identifierProblem('6.22848E+18', trust)).toContain('shortened');
      expect(identifierProblem("'1", trust)).toContain('quoted');
    }
  });

  test.each<[string, RawRecord]>([
    ['account_id', rawAccount({ account_id: '6.22848E+18' })],
    ['customer_no', rawAccount({ customer_no: "'00004711" })],
    ['bank_event_id', rawAccount({ bank_event_id: '6.22848E+18' })],
    ['agency_notice', rawAccount({ agency_notice: '6.22848E+18|2026-10-01' })],
    ['account_id', rawPayment({ account_id: '6228480402564890000' })],
    ['payment_id', rawPayment({ payment_id: '6228480402564890000' })],
    ['reversal_of', rawReversal({ reversal_of: '6228480402564890000' })],
  ])('is looked at in %s', (field, raw) => {
    expect(problemsOf(raw)).toMatchObject([{ field, reason: expect.stringMatching(/shortened|quoted/) }]);
  });

  it('confirmed passes the whole record', () => {
    const raw = rawAccount({ account_id: '6228480402564890000' });
    expect(problemsOf(raw, { ...FRAME, ids: { exact: false, asIs: true } })).toEqual([]);
  });
});
