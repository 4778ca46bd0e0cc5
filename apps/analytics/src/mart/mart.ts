/** SQL views for analysts: plain columns, no personal data, real and simulated told apart. Read by the role `mora_analyst`. */
import { createHash } from 'node:crypto';
import { ENTERED, RECOVERED, ROLLED } from '../figures/cohort-sql.js';
import { decimalsSql } from '../figures/currency.js';
import type { Queryable } from '../projection/table.js';
import { tableOf, type View } from '../projection/view.js';

export const MART_SCHEMA = 'mart';
export const ANALYST = 'mora_analyst';

interface MartColumn {
  readonly name: string;
  readonly sql: string;
  readonly comment: string;
}
interface MartView {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly MartColumn[];
  /** From and group by; `{name}` is the table of a view. */
  readonly from: string;
}

const col = (name: string, sql: string, comment: string): MartColumn => ({ name, sql, comment });
const same = (name: string, comment: string): MartColumn => col(name, name, comment);
const date = (name: string, from: string, comment: string): MartColumn => col(name, `${from}::date`, comment);
const time = (name: string, comment: string): MartColumn => col(name, `${name}::timestamptz`, comment);
const sum = (name: string, comment: string): MartColumn => col(name, `sum(${name})::bigint`, comment);
const decimals = (column: string): MartColumn =>
  col('decimals', decimalsSql(column), 'Digits of the minor unit by ISO 4217: 2 of CNY, none of JPY');
const SIMULATED = same('simulated', 'True: outcome of a simulation; never to be mixed with real ones');
const PLACE = [
  same('tier', 'Risk tier L, M or H'),
  same('term', 'Term by days past due: short 1–3, mid 4–5, long 6–8'),
  same('arm', 'Experiment arm'),
];
const CONTACT = [
  same('debtor_id', 'Pseudonymous id of the debtor'),
  same('case_id', 'Delinquency episode; the lead where a contact covers several'),
  same('dpd', 'Days past due at the contact'),
  ...PLACE,
  same('strategy', 'Hash of the strategy that decided'),
];

export const MARTS: readonly MartView[] = [
  {
    name: 'mart_daily_funnel',
    comment: 'Additive counts per business day and cut; distinct debtors are in the dashboard figures',
    columns: [
      date('day', 'day', 'Business day (Asia/Shanghai by default)'),
      ...PLACE,
      same('strategy', 'Hash of the strategy that decided'),
      same('currency', 'Currency of the amounts; empty where there are none'),
      decimals('currency'),
      SIMULATED,
      sum('entered', 'Accounts that entered'),
      sum('permitted', 'Contacts permitted by the guard'),
      sum('denied', 'Contacts denied by the guard'),
      col('dialed', 'sum(dialed - trunk_faults)::bigint', 'Attempts originated, trunk faults excluded'),
      sum('trunk_faults', 'Attempts that ended as trunk fault'),
      sum('connected', 'Calls answered by anyone, voicemail and doubt included'),
      sum('connected_person', 'Calls answered by a person'),
      sum('conversations', 'Calls in which a person said an understood thing'),
      sum('rpc', 'Right-party conversations'),
      sum('talk_ms', 'Answer to end of robot calls, milliseconds'),
      sum('conversation_talk_ms', 'The same of conversations only, milliseconds'),
      sum('promises_made', 'Promises made'),
      sum('promised_amount', 'Amount promised, minor units'),
      sum('promises_kept', 'Promises kept, by the day of the result; one that is open again counts no more'),
      sum('promises_partly', 'Promises kept in part'),
      sum('promises_broken', 'Promises broken'),
      sum('promises_voided', 'Promises voided by a stop, dispute or hardship'),
      sum('cured', 'Accounts cured'),
      col(
        'paid_amount',
        'sum(paid_amount - reversed_amount)::bigint',
        'Payments less reversals by the day of posting, minor units',
      ),
      sum('sms_submitted', 'SMS submitted'),
      sum('sms_delivered', 'Delivered receipts, by the day of the receipt'),
      sum('complaints', 'Complaints, by the day on which they were made'),
      sum('stop_requests', 'Stop requests, by the day on which they were made'),
      sum('hand_overs', 'Hand-overs to a human'),
    ],
    from: 'from {daily_figures} group by day, tier, term, arm, strategy, currency, simulated',
  },
  {
    name: 'mart_calls',
    comment: 'One row per call attempt',
    columns: [
      same('attempt_id', 'Attempt'),
      ...CONTACT,
      SIMULATED,
      same('status', 'intended, denied, withdrawn, originated or ended'),
      same('reason', 'Why this attempt: first, redial after …, second voice …'),
      same('script', 'Script'),
      same('voice', 'Voice'),
      time('intended_at', 'When it was decided'),
      time('originated_at', 'When it left for the carrier; null: never'),
      time('answered_at', 'When it was answered; null: never'),
      time('ended_at', 'When it ended'),
      same('trunk', 'Trunk'),
      same('disposition', 'The one disposition of the call'),
      same('connected', 'yes, no or doubt'),
      same('conversation', 'A person said an understood thing'),
      same('rpc', 'Right party: identity confirmed'),
      same('talk_ms', 'Answer to end, milliseconds'),
      same('label', 'Intent label of the conversation'),
      same('personalised', 'A line was chosen by the debtor’s own answer or history'),
      same('understood_turns', 'Understood debtor turns'),
      same('unclear_turns', 'Unclear debtor turns'),
      same('verdict', 'allowed or denied by the guard'),
      same('denied_by', 'Rules that denied, separated by spaces'),
    ],
    from: 'from {calls}',
  },
  {
    name: 'mart_promises',
    comment: 'One row per promise to pay',
    columns: [
      col('promise_id', 'p.promise_id', 'Promise'),
      col('case_id', 'p.case_id', 'Delinquency episode'),
      col('debtor_id', 'p.debtor_id', 'Pseudonymous id of the debtor'),
      col('attempt_id', 'p.attempt_id', 'Call in which it was made'),
      col('tier', 'c.tier', 'Tier at that call'),
      col('term', 'c.term', 'Term at that call'),
      col('arm', 'c.arm', 'Experiment arm'),
      col('script', 'c.script', 'Script of that call'),
      col('voice', 'c.voice', 'Voice of that call'),
      col('simulated', 'p.simulated', SIMULATED.comment),
      col('kind', 'p.kind', 'minimum, full or part'),
      col('amount', 'p.amount', 'Amount promised, minor units'),
      col('currency', 'p.currency', 'Currency'),
      decimals('p.currency'),
      col('promised_for', 'p.promised_for::date', 'Last day in which it can be kept'),
      col('made_at', 'p.made_at::timestamptz', 'When it was made'),
      col('state', 'p.state', 'open, kept, partly, broken or voided'),
      col('paid', 'p.paid', 'Amount counted towards it, minor units'),
      col('result_at', 'p.result_at::timestamptz', 'When its result was known'),
    ],
    from: 'from {promises} p left join {calls} c on c.attempt_id = p.attempt_id',
  },
  {
    name: 'mart_sms',
    comment: 'One row per SMS',
    columns: [
      same('sms_id', 'SMS'),
      ...CONTACT,
      SIMULATED,
      same('trigger_id', 'Trigger: a, b, c, q, q.remind, n, ack or bulk'),
      same('variant', 'Variant of the trigger'),
      same('template', 'Template'),
      same('segments', 'Parts'),
      same('status', 'intended, denied, withdrawn, submitting, submitted, rejected or unknown'),
      time('submitted_at', 'When it was submitted'),
      same('receipt', 'delivered, undelivered; null: pending'),
      time('receipt_at', 'Time of the receipt'),
      same('reply', 'Kind of the debtor’s reply'),
      same('denied_by', 'Rules that denied, separated by spaces'),
    ],
    from: 'from {sms}',
  },
  {
    name: 'mart_denials',
    comment: 'Denied contacts per business day and rule; a contact denied by two rules is in both rows',
    columns: [
      date('day', 'day', 'Business day'),
      same('channel', 'call or sms'),
      ...PLACE,
      same('rule', 'Rule that denied'),
      SIMULATED,
      sum('denied', 'Contacts that this rule denied'),
      sum('only_this_rule', 'Contacts that no other rule denied'),
    ],
    from: 'from {verdict_rules_daily} group by day, channel, tier, term, arm, rule, simulated',
  },
  {
    name: 'mart_cohorts',
    comment: 'Accounts by the day on which they entered owing something; those that went on in another case are out',
    columns: [
      date('day', 'opened_day', 'Business day on which they entered'),
      same('arm', 'Experiment arm'),
      same('holdout', 'No-contact holdout'),
      same('currency', 'Currency of the amounts'),
      decimals('currency'),
      SIMULATED,
      col('entered', 'count(*)', 'Accounts'),
      col('entry_unpaid', 'sum(entry_unpaid)::bigint', 'Unpaid minimum at entry, minor units'),
      col(
        'recovered',
        `sum(${RECOVERED})::bigint`,
        'Of each account payments less reversals posted up to DPD 8, at most its unpaid minimum at entry; minor units',
      ),
      col(
        'rolled',
        `count(*) filter (where ${ROLLED})`,
        'Owing more than the tolerance at the end of DPD 8, or so far',
      ),
      ...[3, 5, 8].map((dpd) =>
        col(`cured_by_dpd_${dpd}`, `count(*) filter (where cured_${dpd})`, `Cured at the end of ${dpd} days past due`),
      ),
    ],
    from: `from {cases} where opened_day is not null and ${ENTERED}
           group by opened_day, arm, holdout, currency, simulated`,
  },
];

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/**
 * Points the analysts' views at the tables in use; inside the transaction that switches one. Views that are already so stay,
 * since to replace them waits for every analyst's running query.
 * @param switched a table was replaced under its name, so the views must be made again.
 */
export const createMart = async (db: Queryable, views: readonly View[], switched: boolean): Promise<void> => {
  const statements = martStatements(views);
  const definition = createHash('sha256').update(statements.join(';')).digest('hex').slice(0, 16);
  const marked = `${MART_SCHEMA}.${MARTS.at(-1)?.name}`;
  const { rows } = await db.query<{ comment: string | null }>(
    "select obj_description(to_regclass($1), 'pg_class') as comment",
    [marked],
  );
  if (!switched && rows[0]?.comment?.endsWith(`[${definition}]`) === true) return;
  const note = `comment on view ${marked} is ${text(`${MARTS.at(-1)?.comment} [${definition}]`)}`;
  await db.query(['select pg_advisory_xact_lock(7212011)', ...statements, note, GRANTS].join(';\n'));
};

const martStatements = (views: readonly View[]): readonly string[] => {
  const tables = new Map(views.map((view) => [view.name, tableOf(view)]));
  const statements: string[] = [];
  for (const mart of MARTS) {
    const from = mart.from.replace(/\{(\w+)\}/g, (_, name: string) => tables.get(name) ?? name);
    const name = `${MART_SCHEMA}.${mart.name}`;
    statements.push(
      `drop view if exists ${name}`,
      `create view ${name} as select ${mart.columns.map((c) => `${c.sql} as ${c.name}`).join(', ')} ${from}`,
      `comment on view ${name} is ${text(mart.comment)}`,
      ...mart.columns.map((c) => `comment on column ${name}.${c.name} is ${text(c.comment)}`),
    );
  }
  return statements;
};

const GRANTS = `do $$ begin
  if exists (select from pg_roles where rolname = '${ANALYST}') then
    grant usage on schema ${MART_SCHEMA} to ${ANALYST};
    grant select on ${MARTS.map((mart) => `${MART_SCHEMA}.${mart.name}`).join(', ')} to ${ANALYST};
  end if;
end $$`;
