import { z } from 'zod';
import { defineEvents } from './define.js';
import { dialogueResult, disposition } from './labels.js';
import { legOutcome } from './telephony.js';
import { contactContext, decision, isoDate, isoInstant, phoneRef } from './values.js';

const callRef = { attemptId: z.string(), contactId: z.string(), debtorId: z.string() };

export const plannedWindow = z.object({ id: z.string(), from: isoInstant, to: isoInstant });

export const dialerEvents = defineEvents('dialer', {
  /** The debtor's day: which attempts, in which windows, with which script; or why none. */
  DayPlanned: z.object({
    debtorId: z.string(),
    businessDate: isoDate,
    leadCaseId: z.string().nullable(),
    otherCaseIds: z.array(z.string()),
    script: z.string().nullable(),
    windows: z.array(plannedWindow),
    maxAttempts: z.number().int(),
    /** Next dial; null: nothing more today. */
    nextDialAt: isoInstant.nullable(),
    why: z.string(),
    decision,
  }),
  /** An attempt is meant: committed before anything leaves. */
  CallIntended: z.object({
    ...callRef,
    context: contactContext,
    /** `first`, `redial after no-answer`, `second voice`, `callback`, `broken promise` … */
    reason: z.string(),
    phoneRef,
    phoneIndex: z.number().int(),
    voice: z.string(),
    voiceChoice: z.object({ pool: z.array(z.string()), heard: z.array(z.string()), rule: z.string() }),
    script: z.string(),
    scriptHash: z.string(),
    dialogueHash: z.string(),
    wordings: z.array(z.object({ promptId: z.string(), wordingId: z.string(), left: z.number().int() })),
    priority: z.number().int(),
    gatewayId: z.string(),
    trunkAsked: z.string(),
    queuedAt: isoInstant,
    slotAt: isoInstant,
    limiter: z.string(),
    limit: z.number(),
    inUse: z.number().int(),
    lifelongOrdinal: z.number().int(),
    decision,
  }),
  /** The guard refused: this attempt ends before anything left. */
  CallDeniedByGuard: z.object({
    ...callRef,
    context: contactContext,
    deniedBy: z.array(z.string()),
    retryNotBefore: isoInstant.nullable(),
  }),
  /** The intent ended before anything left: expired permit, withdrawn, refused by the gateway. */
  CallWithdrawn: z.object({ ...callRef, context: contactContext, because: z.string() }),
  /** The gateway took the call (LegAccepted was committed). The figure "dialed" counts these. */
  CallOriginated: z.object({
    ...callRef,
    context: contactContext,
    phoneRef,
    originatedAt: isoInstant,
    trunk: z.string(),
  }),
  /** A call ended with exactly one disposition; the raw facts and the conversation’s result come along. */
  CallEnded: z.object({
    ...callRef,
    context: contactContext,
    phoneRef,
    voice: z.string(),
    script: z.string(),
    disposition,
    connected: z.enum(['yes', 'no', 'doubt']),
    conversation: z.boolean(),
    /** Right party: identity confirmed, and how. */
    rightParty: z.boolean(),
    rightPartyBy: z.enum(['said', 'digits', 'none']),
    talkMs: z.number().int(),
    endedAt: isoInstant,
    settledBy: z.enum(['live', 'restart', 'settle']),
    outcome: legOutcome.nullable(),
    dialogue: dialogueResult.nullable(),
    firstAttemptOfEpisode: z.boolean(),
  }),
});
export type DialerEvent = (typeof dialerEvents)['Event'];
