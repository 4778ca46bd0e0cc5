import { z } from 'zod';
import { defineEvents } from './define.js';
import { dialogueResult } from './labels.js';
import { ciphertext, contactContext, isoInstant, phoneRef } from './values.js';

const legRef = { attemptId: z.string(), contactId: z.string(), debtorId: z.string(), legId: z.string() };

/** Raw facts of a leg's end, not only a class. Instants are business time; null: it never came to that. */
export const legOutcome = z.object({
  gateway: z.string(),
  /** Changes at every start of the gateway. */
  incarnation: z.string(),
  trunk: z.string(),
  numberShown: z.string(),
  inviteAt: isoInstant,
  ringAt: isoInstant.nullable(),
  answeredAt: isoInstant.nullable(),
  endedAt: isoInstant,
  sipCode: z.number().int().nullable(),
  q850: z.number().int().nullable(),
  hungUpBy: z.enum(['debtor', 'robot', 'carrier', 'revoked', 'unknown']),
  /** What the carrier said in words (`空号`, `关机` …), null: nothing. */
  announcement: z.string().nullable(),
  amd: z
    .object({ result: z.enum(['person', 'machine', 'doubt']), confidence: z.number(), version: z.string() })
    .nullable(),
  robotTalkMs: z.number().int(),
  debtorSpeechMs: z.number().int(),
  firstPromptDelayMs: z.number().int().nullable(),
  connected: z.enum(['yes', 'no', 'doubt']),
  recordingRef: z.string().nullable(),
  recordingHash: z.string().nullable(),
  costUnits: z.number(),
  dialogue: dialogueResult.nullable(),
  /** Wordings that were spoken, oldest first: what this person need not hear again. */
  wordingsSpoken: z.array(z.object({ promptId: z.string(), wordingId: z.string() })).optional(),
});
export type LegOutcome = z.infer<typeof legOutcome>;

export const turn = z.object({
  index: z.number().int(),
  state: z.string(),
  promptId: z.string(),
  wordingId: z.string(),
  voice: z.string(),
  parametersHash: z.string(),
  spoken: ciphertext.nullable(),
  promptStartAt: isoInstant,
  promptEndAt: isoInstant,
  bargeIn: z.boolean(),
  /** Keypad: only match or no match is kept of identity digits. */
  dtmf: z.string().nullable(),
  heard: ciphertext.nullable(),
  recogniser: z.string(),
  model: z.string(),
  confidence: z.number(),
  nBest: z.number().int(),
  candidates: z.array(z.object({ intent: z.string(), score: z.number() })),
  threshold: z.number(),
  intent: z.string(),
  nluHash: z.string(),
  nextState: z.string(),
  latencyMs: z.object({ recognise: z.number(), decide: z.number(), speak: z.number() }),
  prematureEndpoint: z.boolean(),
});
export type Turn = z.infer<typeof turn>;

export const telephonyEvents = defineEvents('telephony', {
  /** Committed before the INVITE: from here the call may have left. */
  LegAccepted: z.object({
    ...legRef,
    context: contactContext,
    phoneRef,
    gateway: z.string(),
    incarnation: z.string(),
    trunk: z.string(),
    numberShown: z.string(),
    permitHash: z.string(),
    dialogueHash: z.string(),
    voice: z.string(),
    acceptedAt: isoInstant,
    ringMaxSeconds: z.number().int(),
  }),
  /** Somebody, or a machine, answered. */
  LegAnswered: z.object({ ...legRef, answeredAt: isoInstant, amd: legOutcome.shape.amd }),
  /** One turn of a conversation: what was said, heard, understood, and how long it took. */
  TurnTaken: z.object({ ...legRef, turn }),
  /** A leg ended; raw facts of the carrier and the dialogue’s result. */
  LegEnded: z.object({ ...legRef, context: contactContext, phoneRef, outcome: legOutcome }),
  /** The gateway restarted over an open leg: what happened after the last turn is not known. */
  LegLost: z.object({
    ...legRef,
    context: contactContext,
    phoneRef,
    lastTurn: z.number().int().nullable(),
    incarnation: z.string(),
  }),
  /**
   * A call that the carrier's log knows and the gateway does not, because its store was put back; a person has seen it. It is
   * never made again. `answered` null: the log does not say.
   */
  LegFound: z.object({ ...legRef, inviteAt: isoInstant, answered: z.boolean().nullable(), by: z.string() }),
  /** A tombstone: this attempt never left and never will. The only proof of "never left". */
  LegRefused: z.object({ ...legRef, because: z.string() }),
});
export type TelephonyEvent = (typeof telephonyEvents)['Event'];
