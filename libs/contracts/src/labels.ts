import { z } from 'zod';
import { currency, isoDate, isoInstant, minorUnits } from './values.js';

/** Exactly one per call (`domain.md` 2.4). */
export const disposition = z.enum([
  'no-answer',
  'busy',
  'declined',
  'switched-off',
  'out-of-range',
  'suspended',
  'barred',
  'invalid',
  'machine',
  'hung-up-early',
  'silent',
  'unverified',
  'third-party',
  'third-party-stop',
  'wrong-person',
  'busy-now',
  'promised',
  'part-promised',
  'no-promise',
  'refused',
  'claims-paid',
  'disputed',
  'complained',
  'hardship',
  'human',
  'stop',
  'deceased',
  'incapable',
  'distress',
  'language',
  'unclear',
  'dropped',
  'trunk-fault',
  'carrier-blocked',
  'cured',
  'unknown',
]);
export type Disposition = z.infer<typeof disposition>;

/** Intent of a conversation, exactly one (`domain.md` 4). */
export const intentLabel = z.enum([
  'promise-today',
  'promise-date',
  'promise-part',
  'vague',
  'defers',
  'weak',
  'refuses',
  'cannot',
  'claims-paid',
  'dispute',
  'none',
]);
export type IntentLabel = z.infer<typeof intentLabel>;

export const reasonLabel = z.enum([
  'forgot',
  'payday',
  'short-of-cash',
  'unemployed-or-ill',
  'autopay-failed',
  'bill-question',
  'card-or-app',
  'abroad',
  'used-by-others',
  'not-said',
]);
export type ReasonLabel = z.infer<typeof reasonLabel>;

export const flagLabel = z.enum([
  'asks-human',
  'complaint',
  'asks-stop',
  'suspects-fraud',
  'asks-instalment',
  'card-unusable',
  'card-lost',
  'third-party-answers',
  'number-doubtful',
  'broken-promise',
  'often-unclear',
  'upset',
  'missing',
  'objects-recording',
]);
export type FlagLabel = z.infer<typeof flagLabel>;

/** What may not go on (`domain.md` 2.8). `number` scope bars one phoneRef, for this debtor or for everybody. */
export const stopKind = z.enum([
  'claims-paid',
  'disputed',
  'fraud',
  'complaint',
  'hardship',
  'stop-asked',
  'deceased',
  'incapable',
  'distress',
  'legal',
  'represented',
  'wrong-person',
  'third-party-stop',
  'plan',
  'barred',
  'disaster',
  'handed-over',
  'cured',
  'tolerance',
]);
export type StopKind = z.infer<typeof stopKind>;
export const stopScope = z.enum(['account', 'debtor', 'number', 'number-everywhere']);
export type StopScope = z.infer<typeof stopScope>;

/** A promise to pay as it was read back and confirmed. */
export const spokenPromise = z.object({
  amount: minorUnits,
  currency,
  date: isoDate,
  kind: z.enum(['minimum', 'full', 'part']),
  turn: z.number().int(),
  parserHash: z.string(),
  confidence: z.number(),
  /** The account the call is about, or, where the debtor said so, every one of his. Absent: the one. */
  covers: z.enum(['lead', 'all']).optional(),
});
export type SpokenPromise = z.infer<typeof spokenPromise>;

export const handOverReason = z.enum([
  'distress',
  'complaint',
  'fraud',
  'human-asked',
  'dispute',
  'hardship',
  'deceased',
  'incapable',
  'broken-promise',
  'refused',
  'unclear',
  'language',
  'talked-out',
  'large-at-risk',
  'lost',
  'end-of-robot',
  'claims-paid',
  'stop-asked',
  'capped',
  'sms-task',
]);
export type HandOverReason = z.infer<typeof handOverReason>;

/** What a conversation came to: the end of a dialogue. Pure result of its turns. */
export const dialogueResult = z.object({
  end: z.string(),
  /** The end that was reached hands over to a human, for this reason; absent: it does not. */
  handOver: handOverReason.optional(),
  disposition,
  identity: z.enum(['confirmed', 'denied', 'unknown']),
  /** At least one understood thing was said by a person. */
  conversation: z.boolean(),
  intents: z.array(z.object({ turn: z.number().int(), intent: z.string() })),
  label: intentLabel,
  labelTurns: z.array(z.number().int()),
  reason: reasonLabel,
  flags: z.array(flagLabel),
  promise: spokenPromise.nullable(),
  /** Date the debtor holds on to when he defers. */
  deferTo: isoDate.nullable(),
  callbackAt: isoInstant.nullable(),
  smsAsked: z.array(z.enum(['promise', 'ways', 'callback'])),
  stops: z.array(z.object({ kind: stopKind, scope: stopScope, turn: z.number().int() })),
  /** Date on which the debtor says to have paid. */
  claimedPaidOn: isoDate.nullable(),
  /** A line about the debt was said to the debtor himself; absent: not recorded. */
  matterNamed: z.boolean().optional(),
  understoodTurns: z.number().int(),
  unclearTurns: z.number().int(),
  /** A line was chosen by the debtor's own answer or history. */
  personalised: z.boolean(),
});
export type DialogueResult = z.infer<typeof dialogueResult>;
