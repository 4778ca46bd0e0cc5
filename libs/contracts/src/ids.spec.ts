import { describe, expect, it } from '@jest/globals';
import { attemptIdOf, caseIdOf, type DebtorId, smsIdOf, uuidFromBytes, uuidv5 } from './ids.js';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const debtor = '9f8d9f3a-8c2e-8b1a-9c55-0123456789ab' as DebtorId;

describe('an id', () => {
  it('is the UUID version 5 that RFC 9562 gives as its example', () => {
    expect(uuidv5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('is the same whenever it is made of the same parts, and another for any other part', () => {
    const attempt = attemptIdOf(debtor, 'remind', 1);
    expect(attemptIdOf(debtor, 'remind', 1)).toBe(attempt);
    const others = [attemptIdOf(debtor, 'remind', 2), attemptIdOf(debtor, 'offer', 1), smsIdOf(debtor, 'remind', 1)];
    const all = [attempt, ...others, caseIdOf(debtor, 'acc', '2026-11-01'), caseIdOf(debtor, 'acc', '2026-12-01')];
    expect(new Set<string>(all).size).toBe(all.length);
  });

  it('made of key material carries version 8 and the RFC’s variant', () => {
    expect(uuidFromBytes(new Uint8Array(32).fill(0xff))).toBe('ffffffff-ffff-8fff-bfff-ffffffffffff');
    expect(uuidFromBytes(new Uint8Array(16))).toBe('00000000-0000-8000-8000-000000000000');
  });
});
