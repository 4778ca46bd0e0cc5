/** Answers of the API as schemas: the OpenAPI document is made of them, and a spec holds every answer against its own. */
import { ruleResult, verdict } from '@mora/contracts';
import { z } from 'zod';
import { AMOUNTS, COUNTERS, PLAIN_COUNTERS } from '../figures/counters.js';
import type { Figures } from '../figures/figures.js';
import { CUTS } from '../figures/reads.js';
import type { Columns, ColumnType, RowOf } from '../projection/view.js';
import type {
  CallDetail,
  CaseDetail,
  CaseSummary,
  Lineage,
  Summary,
  VerdictView,
  WhyAnswer,
} from '../queries/answers.js';
import type { TimelineEntry } from '../queries/timeline-entry.js';
import type { RebuildReport } from '../rebuild.js';
import { callsView } from '../views/calls.view.js';
import { casesView } from '../views/cases.view.js';
import { creditNoticesView } from '../views/credit-notices.view.js';
import { promisesView } from '../views/promises.view.js';
import { smsView } from '../views/sms.view.js';
import { smsRepliesView } from '../views/sms-replies.view.js';

const OF_COLUMN: Readonly<Record<ColumnType, z.ZodType>> = {
  text: z.string(),
  json: z.string(),
  int: z.int(),
  real: z.number(),
  bool: z.boolean(),
};

const fieldsOf = (columns: Columns) =>
  Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, OF_COLUMN[type].nullable()]));

const rowOf = <C extends Columns>({ columns }: { readonly columns: C }) =>
  z.strictObject(fieldsOf(columns)) as unknown as z.ZodType<RowOf<C>>;

const count = z.int();
const text = z.string();
const period = z.strictObject({ from: text, to: text });

const quotient = z.strictObject({
  value: z.number().nullable(),
  numerator: z.number(),
  denominator: z.number().nullable(),
});

const denials = z.array(z.strictObject({ rule: text, channel: text, denied: count, onlyThisRule: count }));

export const figures: z.ZodType<Figures> = z.strictObject({
  period,
  cutBy: z.enum(CUTS).nullable(),
  simulated: z.boolean(),
  asOf: text,
  figures: z.array(
    z.strictObject({
      id: text,
      name: text,
      cut: text.nullable(),
      unit: z.enum(['count', 'rate', 'money', 'ms', 'per-10000']),
      value: z.number().nullable(),
      numerator: z.number(),
      denominator: z.number().nullable(),
      currency: text.nullable(),
      decimals: count.nullable(),
      few: z.boolean(),
      note: text.nullable(),
      restated: quotient.nullable(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      definition: text,
    }),
  ),
  denials,
  cohorts: z.array(
    z.strictObject({
      day: text,
      arm: text,
      holdout: z.boolean(),
      currency: text,
      entered: count,
      entryUnpaid: count,
      recovered: count,
      cured3: count,
      cured5: count,
      cured8: count,
      finished3: count,
      finished5: count,
      finished8: count,
      mature: count,
      rolled: count,
      drawn: z.strictObject({ of: count, weight: z.number(), weightSquared: z.number(), curedWeight: z.number() }),
    }),
  ),
});
export const definitions = z.array(z.strictObject({ id: text, name: text, definition: text }));
export const lineage: z.ZodType<Lineage> = z.strictObject({
  counter: z.enum(COUNTERS),
  day: text,
  simulated: z.boolean(),
  value: z.number().nullable(),
  byCurrency: z.record(text, z.number()),
  keys: z.array(text),
  truncated: z.boolean(),
});
export const deniedContacts = z.strictObject({ period, simulated: z.boolean(), asOf: text, denials });

const caseSummary = z.strictObject({
  ...fieldsOf(casesView.columns),
  state: z.enum(['cured', 'closed', 'tolerance', 'handed-over', 'promised', 'open']),
}) as unknown as z.ZodType<CaseSummary>;
const callRow = rowOf(callsView);
const timelineEntry: z.ZodType<TimelineEntry> = z.strictObject({ key: text, at: text, type: text, text });

export const cases = z.array(caseSummary);
export const calls = z.array(callRow);
export const timeline = z.array(timelineEntry);
export const smsReplies = z.array(rowOf(smsRepliesView));
export const letters = z.array(rowOf(creditNoticesView));
export const caseDetail: z.ZodType<CaseDetail> = z.strictObject({
  case: caseSummary,
  calls,
  sms: z.array(rowOf(smsView)),
  promises: z.array(rowOf(promisesView)),
  timeline,
});
export const verdictView = z.strictObject({
  contactId: text,
  key: text,
  at: text,
  channel: text,
  result: z.enum(['allowed', 'denied']),
  deniedBy: z.array(text),
  rules: z.array(z.looseObject(ruleResult.shape)),
  verdict: z.looseObject({ ...verdict.shape, rules: z.array(z.looseObject(ruleResult.shape)) }),
}) as unknown as z.ZodType<VerdictView>;
export const callDetail: z.ZodType<CallDetail> = z.strictObject({
  call: callRow,
  turns: z.array(
    z.strictObject({
      index: count,
      at: text,
      state: text,
      promptId: text,
      wordingId: text,
      intent: text,
      confidence: z.number(),
      nextState: text,
      latencyMs: z.number(),
      key: text,
    }),
  ),
  verdict: verdictView.nullable(),
});
export const why: z.ZodType<WhyAnswer> = z.strictObject({
  debtorId: text,
  at: text,
  day: text,
  because: z.array(text),
  plan: z.strictObject({ why: text, nextDialAt: text.nullable(), key: text }).nullable(),
  verdicts: z.array(verdictView),
  stops: z.array(z.strictObject({ kind: text, scope: text, since: text, key: text })),
  cases,
  timeline,
});
export const feeds = z.strictObject({
  lag: count,
  caughtUp: z.boolean(),
  feeds: z.array(
    z.strictObject({
      source: text,
      shard: count,
      position: count,
      head: count,
      lag: count,
      lastAt: text,
      error: text.nullable(),
    }),
  ),
});
export const summary: z.ZodType<Summary> = z.strictObject({
  asOf: text,
  cases: z.record(text, count),
  totals: z.strictObject(Object.fromEntries(PLAIN_COUNTERS.map((name) => [name, z.number()]))) as unknown as z.ZodType<
    Summary['totals']
  >,
  amounts: z.record(
    text,
    z.strictObject(Object.fromEntries(AMOUNTS.map((name) => [name, z.number()]))),
  ) as unknown as z.ZodType<Summary['amounts']>,
  simulated: z.boolean(),
  days: z.array(text),
  facts: count,
  lag: count,
  faults: count,
});
export const viewNames = z.array(text);
export const rebuilt: z.ZodType<RebuildReport> = z.strictObject({
  view: text,
  version: count,
  events: count,
  rowsBefore: count,
  rowsAfter: count,
  differences: z.strictObject({ missing: count, added: count, changed: count, examples: z.array(text) }).nullable(),
  faults: count,
  switched: z.boolean(),
});
/** Of whatever failed: RFC 9457. */
export const problem = z.strictObject({ type: text, title: text, status: count, detail: text });
