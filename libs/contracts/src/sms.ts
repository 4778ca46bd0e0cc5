import { z } from 'zod';
import { defineEvents } from './define.js';
import { handOverReason, stopKind, stopScope } from './labels.js';
import { channel, ciphertext, contactContext, decision, isoInstant, phoneRef } from './values.js';

/** What an answer stops, as it was read. */
export const replyStop = z.object({ kind: stopKind, scope: stopScope, channels: z.array(channel) });

const smsRef = { smsId: z.string(), contactId: z.string(), debtorId: z.string() };

/** `ack` says that a reply was understood; the others are domain, section 6. */
export const smsTrigger = z.enum(['a', 'b', 'c', 'q', 'q.remind', 'n', 'ack', 'bulk']);
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
    /** It had been reported as undelivered at this instant: that is taken back. */
    undeliveredAt: isoInstant.optional(),
  }),
  /** A receipt of one part, or one before the answer to the submit: kept until something is known of the whole. */
  SmsReceiptNoted: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    receiptAt: isoInstant,
    providerId: z.string(),
    delivered: z.boolean(),
    error: z.string(),
    /** Parts that it speaks for; null: all that its id names. */
    parts: z.number().int().nullable(),
  }),
  /** A receipt under an id that the SMSC did not give to this SMS, or of an SMS that was never submitted: counted, believed in nothing. */
  SmsReceiptRefused: z.object({
    ...smsRef,
    providerId: z.string(),
    receiptAt: isoInstant,
    why: z.enum(['foreign-id', 'never-submitted', 'unknown-sms']),
  }),
  /** The receipt of a part says that it did not arrive. */
  SmsUndelivered: z.object({
    ...smsRef,
    context: contactContext,
    trigger: smsTrigger,
    receiptAt: isoInstant,
    providerId: z.string(),
    error: z.string(),
  }),
  /**
   * An SMS was answered: N not his number, T no SMS, 1 claims to have paid, 2 asks for a human, other words for the worklist.
   * What it stops and whom it asks for was read once, here.
   */
  SmsReplied: z.object({
    ...smsRef,
    reply: z.enum(['N', 'T', '1', '2', 'other']),
    /** Null: it could not be sealed when it came. */
    text: ciphertext.nullable(),
    phoneRef,
    at: isoInstant,
    /** Of the SMS that was answered. */
    context: contactContext.optional(),
    /** Absent: what N and T say. */
    stops: z.array(replyStop).optional(),
    handOver: handOverReason.nullable().optional(),
    /** It belongs into the worklist: a human reads it. */
    forHuman: z.boolean().optional(),
    /** Somebody else may read the number: what only the debtor can say was left to a human. */
    doubtful: z.boolean().optional(),
  }),
  /** An answer that belongs to no SMS of ours, or whose debtor's key is gone: a human sees to it; its words stay with the SMSC. */
  SmsReplyUnmatched: z.object({
    /** How the SMSC names the answer. */
    replyId: z.string(),
    /** The SMS and the debtor that the SMSC named, if it did. */
    smsId: z.string().nullable(),
    debtorId: z.string().nullable(),
    reply: z.enum(['N', 'T', '1', '2', 'other']),
    stops: z.array(replyStop),
    at: isoInstant,
    why: z.enum(['unknown-sms', 'no-key']),
  }),
  /** b was delivered: the notice before an adverse credit report. */
  CreditNoticeDelivered: z.object({ ...smsRef, caseId: z.string(), receiptAt: isoInstant }),
});
export type SmsEvent = (typeof smsEvents)['Event'];
