import {
  currency,
  disposition,
  flagLabel,
  handOverReason,
  intentLabel,
  isoDate,
  isoInstant,
  minorUnits,
  reasonLabel,
  stopKind,
  stopScope,
} from '@mora/contracts';
import { z } from 'zod';
import { callbackHours, money } from '../script/facts.js';
import { lineClass } from '../script/source.js';

/** A line in its chosen order: the first wording is said first, the next when the line is said again. */
export const prompt = z.strictObject({
  class: lineClass,
  /** Text with the facts already in Chinese words; `{name} {date} {amount} {time}` are filled in the call. */
  wordings: z.array(z.strictObject({ id: z.string(), text: z.string() })),
});
export type Prompt = z.infer<typeof prompt>;

export const edge = z.strictObject({
  to: z.string(),
  identity: z.enum(['confirmed', 'denied']).optional(),
  label: intentLabel.optional(),
  reason: reasonLabel.optional(),
  flags: z.array(flagLabel).optional(),
  sms: z.enum(['promise', 'ways', 'callback']).optional(),
  date: z.enum(['today', 'tomorrow', 'limit']).optional(),
  amount: z.enum(['minimum', 'full', 'least']).optional(),
  promise: z.enum(['make', 'withdraw']).optional(),
  keep: z.enum(['callback', 'offered', 'paid-on', 'human-slot']).optional(),
});
export type Edge = z.infer<typeof edge>;

const limit = z.strictObject({ times: z.number().int(), next: z.string() });

export const dialogueState = z.strictObject({
  prompt: z.string().nullable(),
  /** Part of the opening: heard before identity is known. */
  opening: z.boolean(),
  barge: z.boolean(),
  hangoverMs: z.number().int(),
  expect: z.record(z.string(), edge),
  goto: z.string().nullable(),
  /** Null: the ladder of the globals. */
  unclear: z.string().nullable(),
  silence: z.string().nullable(),
  hangup: z.string().nullable(),
  atMost: limit.nullable(),
  keys: z.record(z.string(), z.string()),
  confirms: z.boolean(),
  digits: z.number().int().nullable(),
  byHistory: z.boolean(),
});
export type DialogueState = z.infer<typeof dialogueState>;

export const dialogueEnd = z.strictObject({
  prompt: z.string().nullable(),
  disposition,
  label: intentLabel.nullable(),
  reason: reasonLabel.nullable(),
  flags: z.array(flagLabel),
  stops: z.array(z.strictObject({ kind: stopKind, scope: stopScope, before: stopScope })),
  transfer: z.boolean(),
  urgent: z.boolean(),
  /** A human has the account after this end. */
  handOver: handOverReason.optional(),
});
export type DialogueEnd = z.infer<typeof dialogueEnd>;

export const dialogueGlobal = z.strictObject({
  intent: z.string(),
  before: z.enum(['answer', 'need-id']),
  prompt: z.string().nullable(),
  promptBefore: z.string().nullable(),
  to: z.string().nullable(),
  toBefore: z.string().nullable(),
  repeats: z.boolean(),
  keep: z.enum(['callback', 'paid-on']).nullable(),
  keptTo: z.string().nullable(),
  label: intentLabel.nullable(),
  reason: reasonLabel.nullable(),
  flags: z.array(flagLabel),
  limit: limit.nullable(),
});
export type DialogueGlobal = z.infer<typeof dialogueGlobal>;

const byIdentity = z.strictObject({ before: z.string(), after: z.string() });

/** A compiled script: everything a call needs, as JSON of at most 64 KB. Persisted and sent by value. */
export const dialogueSchema = z.strictObject({
  format: z.literal(1),
  script: z.string(),
  /** Hash of the four source files. */
  sourceHash: z.string(),
  /** Hash of this dialogue without this field. */
  hash: z.string(),
  entry: z.string(),
  facts: z.strictObject({
    callDate: isoDate,
    timeZone: z.string(),
    limitDate: isoDate,
    /** Absent: not limited. */
    callbackHours: callbackHours.nullable().optional(),
    currency,
    /** How the currency is said; absent or null: amounts are not spoken. */
    money: money.nullable().optional(),
    unpaidMin: minorUnits,
    /** A promise below it is asked about once, then it is none. */
    leastPromise: minorUnits.optional(),
    /** Statement less paid, null if unknown. */
    full: minorUnits.nullable(),
    humanSlot: isoInstant.nullable(),
  }),
  limits: z.strictObject({
    turns: z.number().int(),
    ms: z.number().int(),
    silenceMs: z.number().int(),
    returns: z.number().int(),
    silences: z.number().int(),
  }),
  states: z.record(z.string(), dialogueState),
  ends: z.record(z.string(), dialogueEnd),
  /** In order of priority. */
  globals: z.array(dialogueGlobal),
  prompts: z.record(z.string(), prompt),
  needId: z.string(),
  flags: z.array(flagLabel),
  promise: z.strictObject({
    askDate: z.string(),
    nearDate: z.string(),
    keepsDate: z.string(),
    askMore: z.string().optional(),
    tooLittle: z.string().optional(),
  }),
  /** Where another time is offered than the debtor asked for, and where none can be. */
  callback: z.strictObject({ offer: z.string(), none: z.string() }).optional(),
  silence: z.strictObject({ prompt: z.string(), to: byIdentity }),
  unclear: z.strictObject({
    prompts: byIdentity,
    keys: z.strictObject({ before: z.record(z.string(), z.string()), after: z.record(z.string(), z.string()) }),
    to: byIdentity,
  }),
  returns: byIdentity,
  hangup: byIdentity,
  talkedOut: byIdentity,
  revoked: z.strictObject({ cured: byIdentity, other: byIdentity }),
});
export type Dialogue = z.infer<typeof dialogueSchema>;
