/** Wraps the debtors' keys; the master key never leaves it. A deployment puts the bank's own KMS here. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Kms {
  /** @param owner bound to the wrapped key, so that it cannot be moved to somebody else's row */
  wrap(owner: string, key: Uint8Array): Promise<string>;
  /** @throws KeyNotUnwrapped */
  unwrap(owner: string, wrapped: string): Promise<Uint8Array>;
}

export class KeyNotUnwrapped extends Error {
  readonly code = 'KEY_NOT_UNWRAPPED';
  constructor(
    readonly owner: string,
    readonly masterKeyId: string,
    options?: ErrorOptions,
  ) {
    super(`the key of ${owner} was not wrapped by the master key ${masterKeyId}, or was changed`, options);
    this.name = 'KeyNotUnwrapped';
  }
}

/** A master key in this process's memory: `kms:<masterKeyId>:<base64 of iv, tag, key>`. */
export const localKms = (masterKeyId: string, masterKey: Uint8Array): Kms => ({
  wrap: async (owner, key) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', masterKey, iv);
    cipher.setAAD(Buffer.from(owner, 'utf8'));
    const wrapped = Buffer.concat([cipher.update(key), cipher.final()]);
    return `kms:${masterKeyId}:${Buffer.concat([iv, cipher.getAuthTag(), wrapped]).toString('base64')}`;
  },
  unwrap: async (owner, wrapped) => {
    const [, wrappedBy, text = ''] = wrapped.split(':');
    const bytes = Buffer.from(text, 'base64');
    try {
      if (wrappedBy !== masterKeyId) throw new RangeError('another master key');
      const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, 12));
      decipher.setAAD(Buffer.from(owner, 'utf8'));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    } catch (cause) {
      throw new KeyNotUnwrapped(owner, masterKeyId, { cause });
    }
  },
});
