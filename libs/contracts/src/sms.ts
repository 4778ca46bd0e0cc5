import { z } from 'zod';
import { defineEvents } from './define.js';
import { handOverReason } from './labels.js';
import { ciphertext, contactContext, decision, isoInstant, phoneRef } from './values.js';

const smsRef = { smsId: z.string(), contactId: z.string(), debtorId: z.string() };

export const smsTrigger = z.enum(['a', 'b', 'c', 'q', 'q.remind', 'n', 'bulk']);
export type SmsTrigger = z.infer<typeof smsTrigger>;

export const smsEvents = defineEvents('sms', {
  /** A trigger became due at a time. */
  SmsPlanned: z.object({
    debtorId: z.string(),
    caseId: z.string(),
    accountId: z.string(),
    trigger: smsTrigger,
    variant: z.string(),
    dueAt: isoInstant,
    kind: z.enum(['conversation', 'bulk']),
    decision,
  }),
  /** A trigger that is due waits, and when it is looked at again. */
  SmsHeld: z.object({
    debtorId: z.string(),
    caseId: z.string(),
    trigger: smsTrigger,
    reason: z.string(),
    nextReviewAt: isoInstant.nullable(),
    /** A human gets it as a task. */
    handOver: handOverReason.nullable().optional(),
  }),
  /** A trigger will not be sent in this episode any more. */
  SmsLapsed: z.object({
    debtorId: z.string(),
    caseId: z.string(),
    trigger: smsTrigger,
    reason: z.string(),
    /** A human gets it as a task. */
    handOver: handOverReason.nullable().optional(),
  }),
  /** An SMS is meant: committed before anything leaves. */
  SmsIntended: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    variant: z.string(),
    reason: z.string(),
    phoneRef,
    phoneIndex: z.number().int(),
    templateId: z.string(),
    templateHash: z.string(),
    parametersHash: z.string(),
    text: ciphertext,
    encoding: z.enum(['GSM7', 'UCS2']),
    segments: z.number().int(),
    sender: z.string(),
    lifelongOrdinal: z.number().int(),
    decision,
  }),
  /** The guard refused: this SMS ends before anything left. */
  SmsDeniedByGuard: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    deniedBy: z.array(z.string()),
    retryNotBefore: isoInstant.nullable(),
  }),
  /** The intent ended before anything left: cured, stopped, expired permit. */
  SmsWithdrawn: z.object({ ...smsRef, context: contactContext, trigger: smsTrigger, because: z.string() }),
  /** Committed before the submit: from here the SMS may have left. */
  SmsSubmitting: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    phoneRef,
    submitAt: isoInstant,
    segments: z.number().int(),
  }),
  /** The SMSC took every part of the SMS. */
  SmsSubmitted: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    providerIds: z.array(z.string()),
    submittedAt: isoInstant,
    segments: z.number().int(),
    costUnits: z.number(),
  }),
  /** The SMSC refused the SMS. */
  SmsRejected: z.object({ ...smsRef, context: contactContext, trigger: smsTrigger, error: z.string() }),
  /** The process fell between submit and answer: counted, never sent again. */
  SmsUnknown: z.object({ ...smsRef, context: contactContext, trigger: smsTrigger }),
  /**
   * An SMS that the SMSC's log knows and this service does not, because its store was put back; a person has seen it. It
   * counts, and is never sent again.
   */
  SmsFound: z.object({ ...smsRef, submittedAt: isoInstant, by: z.string() }),
  /** The receipt says that every part arrived. */
  SmsDelivered: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    receiptAt: isoInstant,
    providerId: z.string(),
  }),
  /** The receipt says that it did not arrive. */
  SmsUndelivered: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    receiptAt: isoInstant,
    providerId: z.string(),
    error: z.string(),
  }),
  /** The debtor answered an SMS. */
  SmsReplied: z.object({
    ...smsRef,
    reply: z.enum(['N', 'T', '1', '2', 'other']),
    text: ciphertext,
    phoneRef,
    at: isoInstant,
  }),
  /** b was delivered: the notice before an adverse credit report. */
  CreditNoticeDelivered: z.object({ ...smsRef, caseId: z.string(), receiptAt: isoInstant }),
});
export type SmsEvent = (typeof smsEvents)['Event'];
