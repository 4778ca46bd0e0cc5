/**
 * Seals single fields of events with a debtor's key: AES-256-GCM, `enc:1:<keyId>:<base64 of iv, tag, text>`. The additional
 * data `debtorId|stream|field` nails a ciphertext to its place: copied elsewhere it does not open.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^enc:1:([^:]+):([A-Za-z0-9+/]+={0,2})$/;

export interface FieldPlace {
  readonly debtorId: string;
  readonly stream: string;
  readonly field: string;
}

export interface FieldKey {
  readonly keyId: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** The text is not sealed, was sealed elsewhere or with another key, or was changed. */
export class FieldNotOpened extends Error {
  readonly code = 'FIELD_NOT_OPENED';
  constructor(
    readonly place: FieldPlace,
    options?: ErrorOptions,
  ) {
    super(`field ${place.field} of ${place.stream} cannot be opened`, options);
    this.name = 'FieldNotOpened';
  }
}

const additional = ({ debtorId, stream, field }: FieldPlace): Buffer =>
  Buffer.from(`${debtorId}|${stream}|${field}`, 'utf8');

/** An IV that depends on nothing but key, place and text, so that a repeated run writes the same bytes. */
export const repeatableIv = ({ key }: FieldKey, place: FieldPlace, text: string): Uint8Array =>
  createHmac('sha256', key)
    .update('iv|')
    .update(additional(place))
    .update('|')
    .update(text, 'utf8')
    .digest()
    .subarray(0, IV_BYTES);

export const sealField = (
  { keyId, key }: FieldKey,
  place: FieldPlace,
  text: string,
  iv: Uint8Array = randomBytes(IV_BYTES),
): string => {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(additional(place));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `enc:1:${keyId}:${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`;
};

/** @throws FieldNotOpened */
export const openField = ({ key }: Pick<FieldKey, 'key'>, place: FieldPlace, sealed: string): string => {
  const bytes = Buffer.from(SEALED.exec(sealed)?.[2] ?? '', 'base64');
  if (bytes.length < IV_BYTES + TAG_BYTES) throw new FieldNotOpened(place);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
    decipher.setAAD(additional(place));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return text.toString('utf8');
  } catch (cause) {
    throw new FieldNotOpened(place, { cause });
  }
};

/** Id of the key under which a field is sealed; null: not sealed. */
export const keyIdOf = (sealed: string): string | null => SEALED.exec(sealed)?.[1] ?? null;
