import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ciphertext } from '@mora/contracts';
import { FieldNotOpened, keyIdOf, openField, repeatableIv, sealField } from './field-cipher.js';

const key = { keyId: 'k1', key: randomBytes(32) };
const place = { debtorId: 'd', stream: 'debtor-d', field: 'name' };

describe('a sealed field', () => {
  it('opens at its place with its key', () => {
    for (const text of ['', '王小明', 'a'.repeat(10_000), '\u0000']) {
      const sealed = sealField(key, place, text);
      expect(ciphertext.safeParse(sealed).success).toBe(true);
      expect(keyIdOf(sealed)).toBe('k1');
      expect(openField(key, place, sealed)).toBe(text);
    }
  });

  it('does not open in another field, stream or debtor, nor with another key', () => {
    const sealed = sealField(key, place, 'x');
    for (const other of [{ field: 'surname' }, { stream: 'debtor-e' }, { debtorId: 'e' }])
      expect(() => openField(key, { ...place, ...other }, sealed)).toThrow(FieldNotOpened);
    expect(() => openField({ key: randomBytes(32) }, place, sealed)).toThrow(FieldNotOpened);
  });

  it('does not open when a bit was changed, or when it is no ciphertext', () => {
    const sealed = sealField(key, place, 'x');
    const bytes = Buffer.from(sealed.split(':')[3]!, 'base64');
    bytes[bytes.length - 1]! ^= 1;
    expect(() => openField(key, place, `enc:1:k1:${bytes.toString('base64')}`)).toThrow(FieldNotOpened);
    for (const text of ['', 'x', 'enc:1:k1:', 'enc:1:k1:AAAA']) {
      expect(() => openField(key, place, text)).toThrow(FieldNotOpened);
    }
  });

  it('never seals the same text twice alike, unless the IV is repeatable', () => {
    expect(sealField(key, place, 'x')).not.toBe(sealField(key, place, 'x'));
    const again = () => sealField(key, place, 'x', repeatableIv(key, place, 'x'));
    expect(again()).toBe(again());
    expect(openField(key, place, again())).toBe('x');
  });
});
