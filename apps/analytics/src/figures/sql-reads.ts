/** The figures' inputs from the view tables. */
import type { Queryable } from '../projection/table.js';
import { tableOf } from '../projection/view.js';
import { callsView } from '../views/calls.view.js';
import { casesView } from '../views/cases.view.js';
import { complaintsView } from '../views/complaints.view.js';
import { dailyFiguresView } from '../views/daily-figures.view.js';
import { caseDaysView, debtorDaysView } from '../views/days.view.js';
import { denialsView } from '../views/denials.view.js';
import { promisesView } from '../views/promises.view.js';
import { smsView } from '../views/sms.view.js';
import { ENTERED, RECOVERED, ROLLED } from './cohort-sql.js';
import { COUNTERS, type Counter } from './counters.js';
import { type CutName, type DayCut, type FigureReads, type Question, steady } from './reads.js';

type Numbers = Readonly<Record<string, string | null>>;
const range = ({ period, simulated }: Question): readonly unknown[] => [period.from, period.to, simulated];
/** Beyond any day: everything is known. */
const knownBy = (question: Question): string => question.knownBy ?? '9999-12-31';
const n = (row: Numbers, name: string): number => Number(row[name] ?? 0);

/** Columns of the calls and sms tables that are another name of a cut; null: they cannot be cut so. */
const CALL_CUT: Readonly<Record<CutName, string | null>> = {
  day: 'ended_day',
  hour: null,
  tier: 'tier',
  term: 'term',
  arm: 'arm',
  strategy: 'strategy',
  script: 'script',
  voice: 'voice',
  detail: 'disposition',
};
const SMS_CUT: Readonly<Record<CutName, string | null>> = {
  ...CALL_CUT,
  day: 'submitted_day',
  script: 'stage',
  voice: null,
  detail: 'trigger_id',
};

export const sqlReads = (db: Queryable): FigureReads => {
  const rows = async (text: string, values: readonly unknown[]): Promise<readonly Numbers[]> =>
    (await db.query<Numbers>(text, values)).rows;

  /** Arm of a debtor's or a case's day comes from the case: it sticks to the debtor. */
  const dayCut = (cut: DayCut | null, owner: 'debtor_id' | 'case_id'): string =>
    cut === null
      ? `''`
      : cut === 'arm'
        ? `coalesce((select max(c.arm) from ${tableOf(casesView)} c where c.${owner} = t.${owner}), '')`
        : `coalesce(t.${cut}, '')`;

  return {
    counters: async (question) => {
      const cut = question.cut === null ? `''` : `${question.cut}::text`;
      const found = await rows(
        `select ${cut} as cut, currency, ${COUNTERS.map((name) => `sum(${name}) as ${name}`).join(', ')}
         from ${tableOf(dailyFiguresView)} where day between $1 and $2 and simulated = $3 and known_day <= $4 group by 1, 2 order by 1, 2`,
        [...range(question), knownBy(question)],
      );
      return found.map((row) => ({
        cut: row['cut'] ?? '',
        currency: row['currency'] ?? '',
        sums: Object.fromEntries(COUNTERS.map((name) => [name, n(row, name)])) as Record<Counter, number>,
      }));
    },
    debtors: async (question) => {
      const found = await rows(
        `select cut, count(distinct debtor_id) filter (where due) as due,
                count(distinct debtor_id) filter (where attempts > 0) as attempted,
                count(distinct debtor_id) filter (where connected) as connected,
                count(distinct debtor_id) filter (where rpc) as rpc,
                count(distinct debtor_id) filter (where rpc or sms_delivered) as reached
         from (select t.*, ${dayCut(question.cut, 'debtor_id')} as cut from ${tableOf(debtorDaysView)} t
               where day between $1 and $2 and simulated = $3) d group by cut order by cut`,
        range(question),
      );
      return found.map((row) => ({
        cut: row['cut'] ?? '',
        due: n(row, 'due'),
        attempted: n(row, 'attempted'),
        connected: n(row, 'connected'),
        rpc: n(row, 'rpc'),
        reached: n(row, 'reached'),
      }));
    },
    cured: async (question) => {
      const cut = question.cut === 'day' ? 'cured_day' : (question.cut ?? `''`);
      const found = await rows(
        `select coalesce(${cut}, '') as cut, count(*) as cured from ${tableOf(casesView)}
         where cured_day between $1 and $2 and simulated = $3 group by 1 order by 1`,
        range(question),
      );
      return found.map((row) => ({ cut: row['cut'] ?? '', cured: n(row, 'cured') }));
    },
    accounts: async (question) => {
      const found = await rows(
        `select cut, count(distinct case_id) filter (where due) as due, count(distinct case_id) filter (where rpc) as rpc,
                count(distinct case_id) filter (where promised) as promised
         from (select t.*, ${dayCut(question.cut, 'case_id')} as cut from ${tableOf(caseDaysView)} t
               where day between $1 and $2 and simulated = $3) d group by cut order by cut`,
        range(question),
      );
      return found.map((row) => ({
        cut: row['cut'] ?? '',
        due: n(row, 'due'),
        rpc: n(row, 'rpc'),
        promised: n(row, 'promised'),
      }));
    },
    sms: async (question) => {
      const column = question.cut === null ? `''` : SMS_CUT[question.cut];
      if (column === null) return [];
      const found = await rows(
        `select coalesce(${column}, '') as cut, count(*) as submitted,
                count(*) filter (where receipt = 'delivered' and receipt_at::timestamptz <= submitted_at::timestamptz + interval '48 hours'
                                   and receipt_day <= $4) as delivered,
                count(*) filter (where receipt = 'undelivered' and receipt_day <= $4) as undelivered,
                count(*) filter (where receipt is null or receipt_day > $4) as pending
         from ${tableOf(smsView)} where submitted_day between $1 and $2 and simulated = $3 group by 1 order by 1`,
        [...range(question), knownBy(question)],
      );
      return found.map((row) => ({
        cut: row['cut'] ?? '',
        submitted: n(row, 'submitted'),
        delivered: n(row, 'delivered'),
        undelivered: n(row, 'undelivered'),
        pending: n(row, 'pending'),
      }));
    },
    talk: async (question) => {
      const column = question.cut === null ? `''` : CALL_CUT[question.cut];
      if (column === null) return [];
      const found = await rows(
        `select coalesce(${column}, '') as cut, percentile_cont(0.5) within group (order by talk_ms) as median
         from ${tableOf(callsView)} where ended_day between $1 and $2 and simulated = $3 and conversation group by 1`,
        range(question),
      );
      return found.map((row) => ({
        cut: row['cut'] ?? '',
        medianMs: row['median'] === null ? null : n(row, 'median'),
      }));
    },
    complaints: async (question) => {
      const [counted, contacts] = await Promise.all([
        rows(
          `select count(*) filter (where c.kind = 'complaint') as complaints,
                  count(*) filter (where c.kind <> 'complaint') as stops
           from ${tableOf(complaintsView)} c cross join lateral (
             select day from (
               (select originated_at as at, originated_day as day from ${tableOf(callsView)} l
                where l.debtor_id = c.debtor_id and l.simulated = c.simulated and l.connected <> 'no' and l.originated_at <= c.at
                order by 1 desc limit 1)
               union all
               (select submitted_at, submitted_day from ${tableOf(smsView)} l
                where l.debtor_id = c.debtor_id and l.simulated = c.simulated and l.submitted_at <= c.at
                order by 1 desc limit 1)
             ) contacts order by at desc limit 1
           ) last
           where c.simulated = $3 and last.day between $1 and $2 and c.day <= (last.day::date + 7)::text
             and c.day between $1 and ($2::date + 7)::text and c.day <= $4`,
          [...range(question), knownBy(question)],
        ),
        rows(
          `select sum(contacts) as contacts from ${tableOf(debtorDaysView)} where day between $1 and $2 and simulated = $3`,
          range(question),
        ),
      ]);
      const [of = {}, all = {}] = [counted[0], contacts[0]];
      return { complaints: n(of, 'complaints'), stopRequests: n(of, 'stops'), contacts: n(all, 'contacts') };
    },
    denials: async (question) => {
      const found = await rows(
        `select rule, channel, sum(denied) as denied, sum(only_this_rule) as only_this
         from ${tableOf(denialsView)} where day between $1 and $2 and simulated = $3 group by 1, 2 order by 3 desc, 1, 2`,
        range(question),
      );
      return found.map((row) => ({
        rule: row['rule'] ?? '',
        channel: row['channel'] ?? '',
        denied: n(row, 'denied'),
        onlyThisRule: n(row, 'only_this'),
      }));
    },
    cohorts: async (question, today) => {
      const over = (dpd: number) => `due_date::date + ${dpd} < $4::date`;
      const cured = (dpd: number) => `count(*) filter (where cured_${dpd}) as cured${dpd}`;
      const finished = (dpd: number) => `count(*) filter (where cured_${dpd} or ${over(dpd)}) as finished${dpd}`;
      const drawn = `drawn and ${over(8)}`;
      const found = await rows(
        `select opened_day as day, coalesce(arm, '') as arm, coalesce(holdout, false)::text as holdout, currency,
                count(*) as entered, sum(entry_unpaid) as entry_unpaid, sum(${RECOVERED}) as recovered,
                ${[3, 5, 8].flatMap((dpd) => [cured(dpd), finished(dpd)]).join(', ')},
                count(*) filter (where ${over(8)}) as mature, count(*) filter (where ${over(8)} and ${ROLLED}) as rolled,
                count(*) filter (where ${drawn}) as drawn_of,
                sum(1 / arm_probability) filter (where ${drawn}) as weight,
                sum(1 / arm_probability ^ 2) filter (where ${drawn}) as weight_squared,
                sum(1 / arm_probability) filter (where ${drawn} and cured_8) as cured_weight
         from ${tableOf(casesView)}
         where opened_day between $1 and $2 and simulated = $3 and ${ENTERED}
         group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
        [...range(question), today],
      );
      return found.map((row) => ({
        day: row['day'] ?? '',
        arm: row['arm'] ?? '',
        holdout: row['holdout'] === 'true',
        currency: row['currency'] ?? '',
        entered: n(row, 'entered'),
        entryUnpaid: n(row, 'entry_unpaid'),
        recovered: n(row, 'recovered'),
        cured3: n(row, 'cured3'),
        cured5: n(row, 'cured5'),
        cured8: n(row, 'cured8'),
        finished3: n(row, 'finished3'),
        finished5: n(row, 'finished5'),
        finished8: n(row, 'finished8'),
        mature: n(row, 'mature'),
        rolled: n(row, 'rolled'),
        drawn: {
          of: n(row, 'drawn_of'),
          weight: steady(n(row, 'weight')),
          weightSquared: steady(n(row, 'weight_squared')),
          curedWeight: steady(n(row, 'cured_weight')),
        },
      }));
    },
    openPromises: async (question) => {
      const found = await rows(
        `select currency, count(*) as open, sum(amount) as amount from ${tableOf(promisesView)}
         where made_day between $1 and $2 and simulated = $3 and state = 'open' group by 1 order by 1`,
        range(question),
      );
      return found.map((row) => ({ currency: row['currency'] ?? '', open: n(row, 'open'), amount: n(row, 'amount') }));
    },
  };
};
