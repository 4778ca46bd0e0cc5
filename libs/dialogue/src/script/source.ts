import { disposition, flagLabel, handOverReason, intentLabel, reasonLabel, stopKind, stopScope } from '@mora/contracts';
import { z } from 'zod';
import { condition } from './conditions.js';

/** How sensitive a line is. Only `plain` may be heard before the debtor's identity is confirmed. */
export const lineClass = z.enum(['plain', 'debt', 'credit', 'legal']);
export type LineClass = z.infer<typeof lineClass>;

const wordings = z.array(z.string().min(1));
const whenClause = z
  .union([condition, z.array(condition)])
  .transform((value) => (Array.isArray(value) ? value : [value]));
const limit = z.strictObject({ times: z.number().int().min(1).max(5), next: z.string() });

/**
 * What an intent leads to. `to` names a state, an end, `@body` (the body's entry), `@back` (the state a global intent
 * interrupted) or `@stay` (the same question again). A plain string is short for `{ to }`.
 */
export const edgeSource = z.union([
  z.string().transform((to) => ({ to })),
  z.strictObject({
    to: z.string(),
    identity: z.enum(['confirmed', 'denied']).optional(),
    /** Goes here instead, identity unconfirmed, when the number is shared by two debtors. */
    shared: z.string().optional(),
    label: intentLabel.optional(),
    reason: reasonLabel.optional(),
    flags: z.array(flagLabel).optional(),
    sms: z.enum(['promise', 'ways', 'callback']).optional(),
    /** The date meant when none was heard with the words. */
    date: z.enum(['today', 'tomorrow', 'limit']).optional(),
    amount: z.enum(['minimum', 'full', 'least']).optional(),
    promise: z.enum(['make', 'withdraw']).optional(),
    /** Stored from the answer: time of a callback, day of a claimed payment, the slot a human calls back. */
    keep: z.enum(['callback', 'offered', 'paid-on', 'human-slot']).optional(),
  }),
]);
export type EdgeSource = z.infer<typeof edgeSource>;

export const stateSource = z.strictObject({
  say: wordings,
  class: lineClass.default('plain'),
  /** Facts without which the state is left out and `else` takes its place. */
  when: whenClause.optional(),
  else: z.string().optional(),
  barge: z.boolean().optional(),
  hangoverMs: z.number().int().min(100).max(1000).optional(),
  expect: z.record(z.string(), edgeSource).default({}),
  /** Says its line and goes on without waiting for an answer; only without `expect`. */
  goto: z.string().optional(),
  unclear: z.string().optional(),
  silence: z.string().optional(),
  hangup: z.string().optional(),
  /** How often the state is entered in one call, and where the next entry leads. */
  atMost: limit.optional(),
  /** Keys of the telephone that stand for an intent. */
  keys: z.record(z.string(), z.string()).optional(),
  /** The line reads a promise back and needs its date and amount. */
  confirms: z.boolean().optional(),
  /** Waits for identity digits. */
  digits: z.number().int().optional(),
  /** The line is chosen by the debtor's history. */
  byHistory: z.boolean().optional(),
  approver: z.string().optional(),
});
export type StateSource = z.infer<typeof stateSource>;

export const endSource = z.strictObject({
  say: wordings,
  class: lineClass.default('plain'),
  when: whenClause.optional(),
  else: z.string().optional(),
  /** `promised` becomes `part-promised` when the promise is a part. */
  disposition,
  label: intentLabel.optional(),
  reason: reasonLabel.optional(),
  flags: z.array(flagLabel).optional(),
  /** `before`: the narrower scope while identity is unknown. */
  stops: z.array(z.strictObject({ kind: stopKind, scope: stopScope, before: stopScope.optional() })).optional(),
  /** Connects a human after the line. */
  transfer: z.boolean().optional(),
  /** A human has the account after this end. */
  handOver: handOverReason.optional(),
  /** A human within minutes. */
  urgent: z.boolean().optional(),
  approver: z.string().optional(),
});
export type EndSource = z.infer<typeof endSource>;

/** An intent understood in every state, in order of priority: the upper one wins. */
export const globalSource = z.strictObject({
  intent: z.string(),
  /** `need-id`: before identity only the question for it is asked. */
  before: z.enum(['answer', 'need-id']),
  say: wordings.optional(),
  sayBefore: wordings.optional(),
  class: lineClass.default('plain'),
  approver: z.string().optional(),
  /** Where it leads; without it the call returns to its state and asks again. */
  to: z.string().optional(),
  toBefore: z.string().optional(),
  /** The same content again, in another wording. */
  repeats: z.boolean().optional(),
  /** Stored when it was said along with the intent; then it leads to `keptTo`, if given. */
  keep: z.enum(['callback', 'paid-on']).optional(),
  keptTo: z.string().optional(),
  label: intentLabel.optional(),
  reason: reasonLabel.optional(),
  flags: z.array(flagLabel).optional(),
  limit: limit.optional(),
});

const byIdentity = z.strictObject({ before: z.string(), after: z.string() });
const linesByIdentity = z.strictObject({ before: wordings, after: wordings });

export const openingSource = z.strictObject({
  script: z.literal('opening'),
  entry: z.string(),
  states: z.record(z.string(), stateSource),
});
export type OpeningSource = z.infer<typeof openingSource>;

export const bodySource = z.strictObject({
  script: z.string().regex(/^[a-z][a-z0-9-]*$/),
  entry: z.string(),
  /** Facts without which the script cannot be used at all. */
  requires: z.array(condition).default([]),
  /** Flags of every conversation held with this script. */
  flags: z.array(flagLabel).default([]),
  /** Other bodies whose states this one leads into. */
  uses: z.array(z.string()).default([]),
  states: z.record(z.string(), stateSource),
});
export type BodySource = z.infer<typeof bodySource>;

export const endsSource = z.strictObject({ script: z.literal('ends'), ends: z.record(z.string(), endSource) });
export type EndsSource = z.infer<typeof endsSource>;

export const globalsSource = z.strictObject({
  script: z.literal('globals'),
  globals: z.array(globalSource),
  /** States shared by all bodies (promise, captured answers); a body may give its own under the same name. */
  states: z.record(z.string(), stateSource),
  needId: wordings,
  /**
   * Where a promise lacks its date, is too late, where the debtor stays with the late date; where it is too little, and where
   * it stays so.
   */
  promise: z.strictObject({
    askDate: z.string(),
    nearDate: z.string(),
    keepsDate: z.string(),
    askMore: z.string(),
    tooLittle: z.string(),
  }),
  /** Where the nearest allowed time is offered in place of one that is not, and where there is none. */
  callback: z.strictObject({ offer: z.string(), none: z.string() }),
  /** How often one state is asked again after plain answers, and the way out then. */
  returns: z.strictObject({ times: z.number().int().min(1), before: z.string(), after: z.string() }),
  silence: z.strictObject({ say: wordings, times: z.number().int().min(1), before: z.string(), after: z.string() }),
  unclear: z.strictObject({
    say: linesByIdentity,
    keys: z.strictObject({ before: z.record(z.string(), z.string()), after: z.record(z.string(), z.string()) }),
    to: byIdentity,
  }),
  hangup: byIdentity,
  talkedOut: byIdentity,
  revoked: z.strictObject({ cured: byIdentity, other: byIdentity }),
});
export type GlobalsSource = z.infer<typeof globalsSource>;

/** The files that make one script. */
export interface ScriptSource {
  readonly opening: OpeningSource;
  readonly body: BodySource;
  /** The bodies named by `uses`. */
  readonly used?: readonly BodySource[];
  readonly ends: EndsSource;
  readonly globals: GlobalsSource;
}
