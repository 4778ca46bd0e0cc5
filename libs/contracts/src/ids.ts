import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Ids are branded strings: an account number cannot be passed where a debtor is meant. */
export const debtorId = z.uuid().brand<'DebtorId'>();
export const caseId = z.uuid().brand<'CaseId'>();
export const attemptId = z.uuid().brand<'AttemptId'>();
export const smsId = z.uuid().brand<'SmsId'>();
/** One contact = one attempt or one SMS; the same value as its attemptId or smsId. */
export const contactId = z.uuid().brand<'ContactId'>();
export const eventId = z.uuid().brand<'EventId'>();

export type DebtorId = z.infer<typeof debtorId>;
export type CaseId = z.infer<typeof caseId>;
export type AttemptId = z.infer<typeof attemptId>;
export type SmsId = z.infer<typeof smsId>;
export type ContactId = z.infer<typeof contactId>;
export type EventId = z.infer<typeof eventId>;

const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

const formatUuid = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};

/**
 * Name-based UUID (RFC 9562 version 5). The same namespace and name give the same id for ever, so that a decision taken
 * twice collides instead of doubling.
 */
export const uuidv5 = (namespace: string, name: string): string => {
  const hash = createHash('sha1').update(uuidBytes(namespace)).update(name, 'utf8').digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return formatUuid(hash);
};

/** A UUID (version 8, custom) made of 16 bytes of key material, such as an HMAC. */
export const uuidFromBytes = (bytes: Uint8Array): string => {
  const copy = Uint8Array.from(bytes.subarray(0, 16));
  copy[6] = (copy[6]! & 0x0f) | 0x80;
  copy[8] = (copy[8]! & 0x3f) | 0x80;
  return formatUuid(copy);
};

/** One delinquency episode: one account and one missed due date of a debtor. */
export const caseIdOf = (debtor: DebtorId, accountId: string, dueDate: string): CaseId =>
  uuidv5(debtor, `case|${accountId}|${dueDate}`) as CaseId;

/** @param ordinal lifelong per debtor, from 1; never re-used, also when the intent is denied or expires. */
export const attemptIdOf = (debtor: DebtorId, purpose: string, ordinal: number): AttemptId =>
  uuidv5(debtor, `call|${purpose}|${ordinal}`) as AttemptId;

export const smsIdOf = (debtor: DebtorId, purpose: string, ordinal: number): SmsId =>
  uuidv5(debtor, `sms|${purpose}|${ordinal}`) as SmsId;
