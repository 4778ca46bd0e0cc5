/** Ids made of the bank's own numbers with the pepper or a debtor's key, so that they tell nothing. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { type DebtorId, uuidFromBytes } from '@mora/contracts';

/** Made once: a key object costs several times the HMAC itself. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

const keyObjectOf = (key: Uint8Array): KeyObject => {
  const object = keyObjects.get(key) ?? createSecretKey(key);
  keyObjects.set(key, object);
  return object;
};

const hmac = (key: Uint8Array | KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text, 'utf8').digest();

export const debtorIdOf = (pepper: Uint8Array, customerNo: string): DebtorId =>
  uuidFromBytes(hmac(keyObjectOf(pepper), customerNo)) as DebtorId;

/** Names a key without telling it. */
export const keyIdFor = (key: Uint8Array): string => hmac(key, 'key id').toString('hex').slice(0, 12);

export const phoneRefOf = (debtorKey: Uint8Array, number: string): string =>
  hmac(debtorKey, number).toString('base64url').slice(0, 27);

/** Whether a number is the one that a reference names. */
export const isNumberOf = (debtorKey: Uint8Array, number: string, phoneRef: string): boolean =>
  phoneRefOf(debtorKey, number) === phoneRef;

/** The same number has the same key for every debtor of the installation. */
export const numberKeyOf = (pepper: Uint8Array, number: string): string =>
  hmac(keyObjectOf(pepper), `number|${number}`).toString('hex');

export const contentHashOf = (debtorKey: Uint8Array, content: unknown): string =>
  hmac(debtorKey, `content|${JSON.stringify(content)}`).toString('hex');

/** Of a bank record's clear text: from a plain hash customers could be found by guessing. */
export const recordHashOf = (intakeKey: Uint8Array, text: string): string =>
  hmac(keyObjectOf(intakeKey), `record|${text}`).toString('hex');
