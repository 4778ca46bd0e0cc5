/** Views in memory, and the figures' inputs over them: the same answers as SQL gives. */
import type { EventEnvelope } from '@mora/contracts';
import { COUNTERS, type Counter } from '../figures/counters.js';
import { type CutName, type FigureReads, type Question, steady } from '../figures/reads.js';
import { daysPast } from '../projection/place.js';
import { evolveAll, type ProjectionFault, touches } from '../projection/project.js';
import { type AnyRow, keyOfRow, keyText, type Place, type View } from '../projection/view.js';
import { VIEWS } from '../views/all.js';

export class MemoryViews {
  readonly faults: ProjectionFault[] = [];
  private readonly tables = new Map<string, Map<string, AnyRow | null>>();

  constructor(private readonly place: Place) {
    for (const view of VIEWS) this.tables.set(view.name, new Map());
  }

  take(events: readonly EventEnvelope[]): this {
    for (const view of VIEWS) {
      const rows = this.tables.get(view.name) ?? new Map<string, AnyRow | null>();
      evolveAll(view, touches(view, events, this.place, this.faults), rows, this.place, this.faults);
    }
    return this;
  }

  rows(name: string): readonly AnyRow[] {
    return [...(this.tables.get(name)?.values() ?? [])].filter((row) => row !== null);
  }

  /** Every table's rows in key order. */
  snapshot(): Readonly<Record<string, readonly AnyRow[]>> {
    const sorted = (view: View) =>
      this.rows(view.name).toSorted((a, b) => (keyText(keyOfRow(view, a)) < keyText(keyOfRow(view, b)) ? -1 : 1));
    return Object.fromEntries(VIEWS.map((view) => [view.name, sorted(view)]));
  }
}

const groups = (
  rows: readonly AnyRow[],
  of: (row: AnyRow) => string,
): readonly (readonly [string, readonly AnyRow[]])[] => {
  const found = new Map<string, AnyRow[]>();
  for (const row of rows) found.set(of(row), [...(found.get(of(row)) ?? []), row]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
};
const text = (row: AnyRow, name: string): string => String(row[name] ?? '');
const num = (row: AnyRow, name: string): number => Number(row[name] ?? 0);
const total = (rows: readonly AnyRow[], name: string): number => rows.reduce((sum, row) => sum + num(row, name), 0);

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
};
const knownBy = (question: Question): string => question.knownBy ?? '9999-12-31';
const hasEntered = (row: AnyRow): boolean =>
  num(row, 'entry_unpaid') > 0 &&
  !['nothing-due', 'debtor-corrected'].includes(text(row, 'close_reason')) &&
  !(row['close_reason'] === 'withdrawn' && num(row, 'closed_dpd') <= 8);
const recoveredOf = (row: AnyRow): number => Math.min(Math.max(0, num(row, 'paid_8')), num(row, 'entry_unpaid'));

export const memoryReads = (views: MemoryViews): FigureReads => {
  const within = (table: string, day: string, { period, simulated }: Question): readonly AnyRow[] =>
    views
      .rows(table)
      .filter((row) => text(row, day) >= period.from && text(row, day) <= period.to && row['simulated'] === simulated);
  const armOf = (row: AnyRow, owner: string): string =>
    views
      .rows('cases')
      .filter((c) => c[owner] === row[owner])
      .map((c) => text(c, 'arm'))
      .sort()
      .at(-1) ?? '';
  const dayCut = (cut: CutName | null, owner: string) => (row: AnyRow) =>
    cut === null ? '' : cut === 'arm' ? armOf(row, owner) : text(row, cut);
  const distinct = (rows: readonly AnyRow[], id: string, when: (row: AnyRow) => boolean): number =>
    new Set(rows.filter(when).map((row) => row[id])).size;
  const is = (name: string) => (row: AnyRow) => row[name] === true;

  return {
    counters: async (question) =>
      groups(
        within('daily_figures', 'day', question).filter((row) => text(row, 'known_day') <= knownBy(question)),
        (row) => JSON.stringify([question.cut === null ? '' : text(row, question.cut), text(row, 'currency')]),
      ).map(([key, rows]) => {
        const [cut, currency] = JSON.parse(key) as [string, string];
        const sums = Object.fromEntries(COUNTERS.map((name) => [name, total(rows, name)])) as Record<Counter, number>;
        return { cut, currency, sums };
      }),
    debtors: async (question) =>
      groups(within('debtor_days', 'day', question), dayCut(question.cut, 'debtor_id')).map(([cut, rows]) => ({
        cut,
        due: distinct(rows, 'debtor_id', is('due')),
        attempted: distinct(rows, 'debtor_id', (row) => num(row, 'attempts') > 0),
        connected: distinct(rows, 'debtor_id', is('connected')),
        rpc: distinct(rows, 'debtor_id', is('rpc')),
        reached: distinct(rows, 'debtor_id', (row) => row['rpc'] === true || row['sms_delivered'] === true),
      })),
    accounts: async (question) =>
      groups(within('case_days', 'day', question), dayCut(question.cut, 'case_id')).map(([cut, rows]) => ({
        cut,
        due: distinct(rows, 'case_id', is('due')),
        rpc: distinct(rows, 'case_id', is('rpc')),
        promised: distinct(rows, 'case_id', is('promised')),
      })),
    cured: async (question) =>
      groups(within('cases', 'cured_day', question), (row) =>
        question.cut === null ? '' : text(row, question.cut === 'day' ? 'cured_day' : question.cut),
      ).map(([cut, rows]) => ({ cut, cured: rows.length })),
    sms: async (question) => {
      const names: Partial<Record<CutName, string>> = { day: 'submitted_day', script: 'stage', detail: 'trigger_id' };
      if (question.cut === 'hour' || question.cut === 'voice') return [];
      const column = question.cut === null ? null : (names[question.cut] ?? question.cut);
      const isKnown = (row: AnyRow) => text(row, 'receipt_day') <= knownBy(question);
      const hours = (row: AnyRow) =>
        (Date.parse(text(row, 'receipt_at')) - Date.parse(text(row, 'submitted_at'))) / 3_600_000;
      return groups(within('sms', 'submitted_day', question), (row) => (column === null ? '' : text(row, column))).map(
        ([cut, rows]) => ({
          cut,
          submitted: rows.length,
          delivered: rows.filter((row) => row['receipt'] === 'delivered' && hours(row) <= 48 && isKnown(row)).length,
          undelivered: rows.filter((row) => row['receipt'] === 'undelivered' && isKnown(row)).length,
          pending: rows.filter((row) => row['receipt'] === null || !isKnown(row)).length,
        }),
      );
    },
    talk: async (question) => {
      const names: Partial<Record<CutName, string>> = { day: 'ended_day', detail: 'disposition' };
      if (question.cut === 'hour') return [];
      const column = question.cut === null ? null : (names[question.cut] ?? question.cut);
      return groups(within('calls', 'ended_day', question).filter(is('conversation')), (row) =>
        column === null ? '' : text(row, column),
      ).map(([cut, rows]) => ({ cut, medianMs: median(rows.map((row) => num(row, 'talk_ms'))) }));
    },
    complaints: async (question) => {
      const of = (table: string) => views.rows(table).filter((row) => row['simulated'] === question.simulated);
      const contacts = [
        ...of('calls')
          .filter((row) => row['connected'] !== 'no' && row['connected'] !== null)
          .map((row) => ({
            debtor: row['debtor_id'],
            at: text(row, 'originated_at'),
            day: text(row, 'originated_day'),
          })),
        ...of('sms')
          .filter((row) => row['submitted_at'] !== null)
          .map((row) => ({ debtor: row['debtor_id'], at: text(row, 'submitted_at'), day: text(row, 'submitted_day') })),
      ].toSorted((a, b) => (a.at < b.at ? -1 : 1));
      const { from, to } = question.period;
      const counted = of('complaints').filter((row) => {
        const last = contacts.findLast((one) => one.debtor === row['debtor_id'] && one.at <= text(row, 'at'));
        if (last === undefined || last.day < from || last.day > to) return false;
        return daysPast(last.day, text(row, 'day')) <= 7 && text(row, 'day') <= knownBy(question);
      });
      const complaints = counted.filter((row) => row['kind'] === 'complaint').length;
      return {
        complaints,
        stopRequests: counted.length - complaints,
        contacts: total(within('debtor_days', 'day', question), 'contacts'),
      };
    },
    denials: async (question) =>
      groups(within('verdict_rules_daily', 'day', question), (row) => `${text(row, 'rule')} ${text(row, 'channel')}`)
        .map(([, rows]) => ({
          rule: text(rows[0] ?? {}, 'rule'),
          channel: text(rows[0] ?? {}, 'channel'),
          denied: total(rows, 'denied'),
          onlyThisRule: total(rows, 'only_this_rule'),
        }))
        .sort((a, b) => b.denied - a.denied || (a.rule < b.rule ? -1 : 1)),
    cohorts: async (question, today) =>
      groups(within('cases', 'opened_day', question).filter(hasEntered), (row) =>
        JSON.stringify([row['opened_day'], text(row, 'arm'), row['holdout'] === true, text(row, 'currency')]),
      ).map(([key, rows]) => {
        const [day, arm, holdout, currency] = JSON.parse(key) as [string, string, boolean, string];
        const cured = (dpd: number) => is(`cured_${dpd}`);
        const over = (dpd: number) => (row: AnyRow) => daysPast(text(row, 'due_date'), today) > dpd;
        const n = (when: (row: AnyRow) => boolean) => rows.filter(when).length;
        const finished = (dpd: number) => n((row) => cured(dpd)(row) || over(dpd)(row));
        const drawn = rows.filter((row) => is('drawn')(row) && over(8)(row));
        const weights = (of: readonly AnyRow[], power: number) =>
          steady(of.reduce((sum, row) => sum + 1 / num(row, 'arm_probability') ** power, 0));
        return {
          day,
          arm,
          holdout,
          currency,
          entered: rows.length,
          entryUnpaid: total(rows, 'entry_unpaid'),
          recovered: rows.reduce((sum, row) => sum + recoveredOf(row), 0),
          cured3: n(cured(3)),
          cured5: n(cured(5)),
          cured8: n(cured(8)),
          finished3: finished(3),
          finished5: finished(5),
          finished8: finished(8),
          mature: n(over(8)),
          rolled: n((row) => over(8)(row) && num(row, 'unpaid_8') > num(row, 'tolerance')),
          drawn: {
            of: drawn.length,
            weight: weights(drawn, 1),
            weightSquared: weights(drawn, 2),
            curedWeight: weights(drawn.filter(cured(8)), 1),
          },
        };
      }),
    openPromises: async (question) =>
      groups(
        within('promises', 'made_day', question).filter((row) => row['state'] === 'open'),
        (row) => text(row, 'currency'),
      ).map(([currency, rows]) => ({ currency, open: rows.length, amount: total(rows, 'amount') })),
  };
};
