import { describe, expect, test } from '@jest/globals';
import { createPermitSigner, permitBytes, permitHash, permitKeyOfSecret, verifyPermit } from './permit.js';

const signer = createPermitSigner(permitKeyOfSecret(Buffer.alloc(32, 7)));
const other = createPermitSigner(permitKeyOfSecret(Buffer.alloc(32, 8)));
const START = Date.parse('2026-01-01T00:00:15.000Z');
const unsigned = {
  contactId: 'c-1',
  debtorId: 'd-1',
  phoneRef: 'phone-ref-1',
  channel: 'call',
  gatewayId: 'gw-1',
  startNotAfter: new Date(START).toISOString(),
  ringMaxSeconds: 35,
  endBy: '2026-11-04T14:00:00.000Z',
} as const;
const permit = signer.sign(unsigned);
const check = (p = permit, wall = START, use = {}) => {
  const result = verifyPermit(p, signer.publicKey, wall, use);
  return result.ok ? 'ok' : result.problem;
};

describe('a permit', () => {
  test('is accepted until its last millisecond and not after', () => {
    expect(check()).toBe('ok');
    expect(check(permit, START + 1)).toBe('expired');
  });

  test('is refused when any signed field was changed, or another guard signed it', () => {
    const forged: Record<string, unknown> = { ringMaxSeconds: 36, channel: 'sms' };
    for (const field of ['contactId', 'debtorId', 'phoneRef', 'gatewayId']) forged[field] = 'something-else';
    forged['startNotAfter'] = new Date(START + 1000).toISOString();
    forged['endBy'] = '2026-11-04T15:00:00.000Z';
    for (const [field, value] of Object.entries(forged))
      expect(check({ ...permit, [field]: value })).toBe('bad-signature');
    expect(check(other.sign(unsigned))).toBe('unknown-key');
    expect(check({ ...other.sign(unsigned), keyId: signer.keyId })).toBe('bad-signature');
    expect(check({ ...permit, signature: '' })).toBe('bad-signature');
  });

  test('is refused for another use than it was given for, past its end, and when it lives too long', () => {
    expect(
      check(permit, START, {
        contactId: 'c-1',
        debtorId: 'd-1',
        phoneRef: 'phone-ref-1',
        channel: 'call',
        gatewayId: 'gw-1',
      }),
    ).toBe('ok');
    expect(check(permit, START, { contactId: 'c-2' })).toBe('other-contact');
    expect(check(permit, START, { debtorId: 'd-2' })).toBe('other-debtor');
    expect(check(permit, START, { phoneRef: 'phone-ref-2' })).toBe('other-number');
    expect(check(permit, START, { channel: 'sms' })).toBe('other-channel');
    expect(check(permit, START, { gatewayId: 'gw-2' })).toBe('other-gateway');
    expect(check(permit, START, { businessNow: '2026-11-04T13:59:59.999Z' })).toBe('ok');
    expect(check(permit, START, { businessNow: '2026-11-04T14:00:00.000Z' })).toBe('past-end');
    expect(check(permit, START - 20_001)).toBe('too-long');
  });

  test('malformed or from the wire with nothing in it is refused without throwing', () => {
    expect(check({ ...permit, startNotAfter: 'soon' })).toBe('malformed');
    expect(check({} as typeof permit)).toBe('malformed');
  });

  test('is the same bytes in any order of fields, and the same signature each time', () => {
    const reversed = Object.fromEntries(Object.entries(permit).reverse()) as typeof permit;
    expect(Buffer.from(permitBytes(reversed)).equals(permitBytes(permit))).toBe(true);
    expect(signer.sign(unsigned)).toEqual(permit);
    expect(permitHash(reversed)).toBe(permitHash(permit));
  });

  test('needs a secret of 32 bytes', () => {
    expect(() => permitKeyOfSecret(Buffer.alloc(31))).toThrow(RangeError);
  });
});
