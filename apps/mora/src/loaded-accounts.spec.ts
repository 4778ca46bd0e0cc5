import { describe, expect, it } from '@jest/globals';
import { keyIdFor, sealField, seededSecrets } from '@mora/keys';
import { type CarrierRecord, checkSafety } from '@mora/simulation';
import { Found, joined } from './loaded-accounts.js';

const secrets = seededSecrets('1');
const NUMBER = '+999100003021';
const sealed = (debtorId: string) => {
  const key = secrets.newKey(debtorId);
  const place = { debtorId, stream: `debtor-${debtorId}`, field: 'phone/ref-1' };
  return sealField({ keyId: keyIdFor(key), key }, place, NUMBER);
};
const row = (type: string, data: object) => ({ type, at: '2026-11-03T02:00:00.000Z', data: JSON.stringify(data) });
const posted = { debtorId: 'D1', accountId: 'X1', paymentId: 'P1', amount: 50_000, currency: 'CNY', unpaidMinimum: 0 };

const foundOf = (...rows: readonly ReturnType<typeof row>[]) => {
  const found = new Found(secrets, (accountId) => accountId === 'BOOK');
  for (const each of rows) found.note(each);
  return found.register();
};

describe('an account that was loaded from a file', () => {
  const loaded = foundOf(
    row('DebtorRecorded', { debtorId: 'D1', phones: [{ phoneRef: 'ref-1', number: sealed('D1') }] }),
    row('CaseOpened', { debtorId: 'D1', accountId: 'X1' }),
    row('CaseOpened', { debtorId: 'D1', accountId: 'X1' }),
    row('PaymentPosted', { ...posted, valueDate: '2026-11-03' }),
    row('PaymentPosted', { ...posted, accountId: 'BOOK' }),
  );

  it('is known by its numbers, its debtor and what was paid; of the book’s the bank itself tells', () => {
    expect(loaded).toMatchObject({ owners: { [NUMBER]: ['D1'] }, accounts: { D1: ['X1'] } });
    expect(loaded.postings).toMatchObject([{ kind: 'payment', accountId: 'X1', remainingMinimumDue: 0 }]);
  });

  it('joins the register of the book, nobody twice', () => {
    expect(joined({ D1: ['B1'], D2: ['B2'] }, { D1: ['B1', 'X1'] })).toEqual({ D1: ['B1', 'X1'], D2: ['B2'] });
  });

  it('is nobody’s wrong number to the oracle', () => {
    const at = { businessAt: '2026-11-03T02:00:00.000Z', wallAt: '2026-11-27T00:00:00.000Z' };
    const invite: CarrierRecord = { kind: 'invite', attemptId: 'a1', debtorId: 'D1', number: NUMBER, ...at };
    const nothing = { smsc: [], bankLog: [], verdicts: [], facts: [] };
    const kinds = (owners: Record<string, string[]>) =>
      checkSafety({ carrier: [invite], ...nothing, owners }).violations.map(({ kind }) => kind);
    expect(kinds({})).toContain('wrong-number');
    expect(kinds(joined({}, loaded.owners))).not.toContain('wrong-number');
  });
});
