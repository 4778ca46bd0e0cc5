import { describe, expect, it } from '@jest/globals';
import { comparisonShown } from './show-comparison.js';

const counts = { a: { calls: 98, sms: 30 }, b: { calls: 97, sms: 30 } };
const where = { number: '+9991', businessAt: '2026-11-02T06:51:30.000Z' };

describe('a comparison of logs, shown', () => {
  it('is one line when the contacts are the same', () => {
    expect(comparisonShown({ ...counts, same: true, differences: [], more: 0 })).toBe(
      'the same: 98 calls lines, 30 sms lines',
    );
  });

  it('tells which side has what, field by field, and how many differences there are more', () => {
    const fields = [
      { field: 'sipCode', a: 200, b: 486 },
      { field: 'who', a: 'debtor' },
    ];
    const shown = comparisonShown({
      ...counts,
      same: false,
      differences: [
        { ...where, kind: 'end', onlyIn: null, fields },
        { ...where, kind: 'invite', onlyIn: 'a', fields: [] },
      ],
      more: 3,
    });
    expect(shown.split('\n')).toEqual([
      'different: 98 calls lines, 30 sms lines in A, 97 calls lines, 30 sms lines in B',
      '+9991 2026-11-02T06:51:30.000Z end: sipCode 200 in A, 486 in B; who "debtor" in A, nothing in B',
      '+9991 2026-11-02T06:51:30.000Z invite: only in A',
      'and 3 more',
    ]);
  });
});
