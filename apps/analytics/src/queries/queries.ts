/** What the command line and the HTTP API ask. Reads views and the archive only. */
import { type EventEnvelope, eventKey, type RuleResult, type Verdict } from '@mora/contracts';
import type { Pool } from 'pg';
import { findArchived } from '../archive/archive.js';
import type { Consumer } from '../consumer.js';
import { COUNTERS, type Counter, countOf } from '../figures/counters.js';
import { type Figures, figuresOf } from '../figures/figures.js';
import type { Period } from '../figures/reads.js';
import { sqlReads } from '../figures/sql-reads.js';
import { dayInstants } from '../projection/place.js';
import { decode } from '../projection/table.js';
import { type Place, tableOf, type Value, type View } from '../projection/view.js';
import { rebuildView } from '../rebuild.js';
import { type CallRow, callsView } from '../views/calls.view.js';
import { type CaseRow, caseState, casesView } from '../views/cases.view.js';
import { dailyFiguresView } from '../views/daily-figures.view.js';
import { type DataOf, isSimulated, nameOf } from '../views/define.js';
import { type PromiseRow, promisesView } from '../views/promises.view.js';
import { type SmsRow, smsView } from '../views/sms.view.js';
import type {
  AnalyticsQueries,
  CallDetail,
  CaseFilter,
  CaseState,
  CaseSummary,
  FiguresRequest,
  TurnLine,
  VerdictView,
  WhyAnswer,
} from './answers.js';
import { NotFound, UnknownView } from './errors.js';
import { entryOf, type TimelineEntry } from './timeline.js';

export interface QueriesOptions {
  readonly pool: Pool;
  readonly views: readonly View[];
  readonly place: Place;
  readonly zone: string;
  readonly consumer: Pick<Consumer, 'lag' | 'caughtUp' | 'drain' | 'feeds' | 'counts'>;
  readonly now: () => string;
}

const TIMELINE = 500;
const asView = (view: unknown): View => view as View;

export const createQueries = (options: QueriesOptions): AnalyticsQueries => {
  const { pool, views, place, zone, consumer } = options;
  const reads = sqlReads(pool);

  const select = async <R>(
    view: View,
    where: string,
    values: readonly unknown[],
    tail: string,
  ): Promise<readonly R[]> => {
    const { rows } = await pool.query({
      text: `select ${Object.keys(view.columns).join(', ')} from ${tableOf(view)} where ${where} ${tail}`,
      values: [...values],
      rowMode: 'array',
    });
    return (rows as unknown as Value[][]).map((row) => decode(view.columns, row) as unknown as R);
  };

  /** Caught up: business time now; else the time of the slowest feed's last fact. */
  const asOf = (): string => {
    if (consumer.caughtUp()) return options.now();
    const behind = consumer.feeds().filter((feed) => feed.lag > 0 && feed.lastAt !== '');
    return behind.reduce((oldest, feed) => (feed.lastAt < oldest ? feed.lastAt : oldest), options.now());
  };

  const onlySimulated = async ({ from, to }: Period): Promise<boolean> => {
    const { rows } = await pool.query<{ simulated: boolean }>(
      `select distinct simulated from ${tableOf(asView(dailyFiguresView))} where day between $1 and $2`,
      [from, to],
    );
    return rows.length > 0 && rows.every((row) => row.simulated);
  };

  const figures = async ({ period, cut = null, simulated }: FiguresRequest): Promise<Figures> => {
    const question = { period, cut, simulated: simulated ?? (await onlySimulated(period)) };
    const at = asOf();
    return figuresOf(reads, question, { asOf: at, today: place.day(at) });
  };

  const summaryOf = (row: CaseRow): CaseSummary => ({ ...row, state: caseState(row) });

  const listCases = async (filter: CaseFilter = {}): Promise<readonly CaseSummary[]> => {
    const where = new Where();
    where.add('opened_at is not null');
    where.add('tier = ?', filter.tier);
    where.add('label = ?', filter.label);
    where.add('debtor_id = ?', filter.debtorId);
    where.add('account_id = ?', filter.accountId);
    where.add('opened_day = ?', filter.openedOn);
    where.add('case_id > ?', filter.after);
    if (filter.state !== undefined) where.add(STATE_SQL[filter.state]);
    const limit = Math.min(1_000, Math.max(1, filter.limit ?? 50));
    const rows = await select<CaseRow>(asView(casesView), where.text, where.values, `order by case_id limit ${limit}`);
    return rows.map(summaryOf);
  };

  const timeline = async (debtorId: string, limit = TIMELINE, until?: string): Promise<readonly TimelineEntry[]> => {
    const found = await findArchived(pool, {
      subject: debtorId,
      limit,
      newestFirst: true,
      ...(until === undefined ? {} : { to: until }),
    });
    return found.map(entryOf).reverse();
  };

  const verdictsOf = async (debtorId: string, from?: string, to?: string): Promise<readonly VerdictView[]> => {
    const found = await findArchived(pool, {
      subject: debtorId,
      types: ['ContactPermitted', 'ContactDenied'],
      limit: 1_000,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
    return found.map(verdictView);
  };

  const showCall = async (attemptId: string): Promise<CallDetail> => {
    const [call] = await select<CallRow>(asView(callsView), 'attempt_id = $1', [attemptId], '');
    if (call === undefined || call.debtor_id === null) throw new NotFound('call', attemptId);
    const [turns, verdicts] = await Promise.all([
      findArchived(pool, { subject: call.debtor_id, stream: `leg-${attemptId}`, types: ['TurnTaken'], limit: 1_000 }),
      verdictsOf(call.debtor_id),
    ]);
    const lines = turns.map(turnLine).sort((a, b) => a.index - b.index);
    return { call, turns: lines, verdict: verdicts.findLast((verdict) => verdict.contactId === attemptId) ?? null };
  };

  return {
    figures,
    figuresOfDay: (day, cut = null) => figures({ period: { from: day, to: day }, cut }),
    summary: async () => {
      const { rows: span } = await pool.query<{ day: string; simulated: boolean }>(
        `select distinct day, simulated from ${tableOf(asView(dailyFiguresView))} order by day`,
      );
      const simulated = span.length > 0 && span.every((row) => row.simulated);
      const days = [...new Set(span.filter((row) => row.simulated === simulated).map((row) => row.day))];
      const period = { from: days[0] ?? '', to: days.at(-1) ?? '' };
      const [sums, states] = await Promise.all([
        reads.counters({ period, cut: null, simulated }),
        pool.query<{ state: string; n: string }>(
          `select ${STATE_CASE} as state, count(*) as n from ${tableOf(asView(casesView))} where opened_at is not null group by 1 order by 1`,
        ),
      ]);
      const total = (name: Counter): number => sums.reduce((sum, part) => sum + part.sums[name], 0);
      return {
        asOf: asOf(),
        cases: Object.fromEntries(states.rows.map((row) => [row.state, Number(row.n)])),
        totals: Object.fromEntries(COUNTERS.map((name) => [name, total(name)])) as Record<Counter, number>,
        simulated,
        days,
        facts: consumer.counts.taken,
        lag: consumer.lag(),
        faults: consumer.counts.faults,
      };
    },
    lineage: async (counter, day, asked = {}) => {
      const { limit = 10_000 } = asked;
      const simulated = asked.simulated ?? (await onlySimulated({ from: day, to: day }));
      const types = dailyFiguresView.types.map((type) => type.slice(type.indexOf('.') + 1));
      const found = await findArchived(pool, { types, ...dayInstants(day, zone), limit: 1_000_000 });
      const counted = found
        .filter((event) => isSimulated(event) === simulated)
        .map((event) => ({ event, n: countOf(event)?.add[counter] ?? 0 }))
        .filter(({ n }) => n !== 0);
      return {
        counter,
        day,
        simulated,
        value: counted.reduce((sum, { n }) => sum + n, 0),
        keys: counted.slice(0, limit).map(({ event }) => eventKey(event)),
        truncated: counted.length > limit,
      };
    },
    cases: {
      list: listCases,
      show: async (caseId) => {
        const [row] = await select<CaseRow>(asView(casesView), 'case_id = $1', [caseId], '');
        if (row === undefined || row.debtor_id === null) throw new NotFound('case', caseId);
        const by = ['case_id = $1', [caseId]] as const;
        const [calls, sms, promises, entries] = await Promise.all([
          select<CallRow>(asView(callsView), ...by, 'order by intended_at'),
          select<SmsRow>(asView(smsView), ...by, 'order by intended_at'),
          select<PromiseRow>(asView(promisesView), ...by, 'order by made_at'),
          timeline(row.debtor_id),
        ]);
        return { case: summaryOf(row), calls, sms, promises, timeline: entries };
      },
    },
    calls: {
      list: (filter = {}) => {
        const where = new Where();
        where.add('debtor_id = ?', filter.debtorId);
        where.add('case_id = ?', filter.caseId);
        where.add('originated_day = ?', filter.day);
        where.add('disposition = ?', filter.disposition);
        const limit = Math.min(1_000, Math.max(1, filter.limit ?? 50));
        const order = `order by intended_at desc nulls last, attempt_id limit ${limit}`;
        return select<CallRow>(asView(callsView), where.text, where.values, order);
      },
      show: showCall,
    },
    timeline: (debtorId, limit) => timeline(debtorId, limit),
    verdict: async (contactId) => {
      for (const [view, key] of [
        [callsView, 'attempt_id'],
        [smsView, 'sms_id'],
      ] as const) {
        const [row] = await select<{ debtor_id: string | null }>(asView(view), `${key} = $1`, [contactId], '');
        if (row === undefined || row.debtor_id === null) continue;
        return (await verdictsOf(row.debtor_id)).findLast((verdict) => verdict.contactId === contactId) ?? null;
      }
      return null;
    },
    why: async (debtorId, at = options.now()) => {
      const day = place.day(at);
      const { from, to } = dayInstants(day, zone);
      const [verdicts, plans, stops, cases, entries] = await Promise.all([
        verdictsOf(debtorId, from, to),
        findArchived(pool, {
          subject: debtorId,
          types: ['DayPlanned'],
          from,
          to: after(at),
          limit: 1,
          newestFirst: true,
        }),
        findArchived(pool, { subject: debtorId, types: ['StopPlaced', 'StopLifted'], to: after(at), limit: 1_000 }),
        listCases({ debtorId, limit: 100 }),
        findArchived(pool, { subject: debtorId, from, to, limit: TIMELINE }),
      ]);
      const plan = plans[0];
      const planData = plan?.data as DataOf<'dialer.DayPlanned'> | undefined;
      const open = openStops(stops, at);
      return {
        debtorId,
        at,
        day,
        because: reasons(verdicts, open, planData?.why ?? null, cases),
        plan:
          plan === undefined || planData === undefined
            ? null
            : { why: planData.why, nextDialAt: planData.nextDialAt, key: eventKey(plan) },
        verdicts,
        stops: open,
        cases,
        timeline: entries.map(entryOf),
      };
    },
    views: {
      names: () => views.map((view) => view.name),
      rebuild: (name, { compare = false } = {}) => {
        const view = views.find((candidate) => candidate.name === name);
        if (view === undefined) return Promise.reject(new UnknownView(name));
        return rebuildView({ pool, views, place }, view, { compare });
      },
    },
    feeds: () => consumer.feeds(),
    lag: () => consumer.lag(),
    caughtUp: () => consumer.caughtUp(),
    drain: () => consumer.drain(),
  };
};

const after = (at: string): string => new Date(Date.parse(at) + 1).toISOString();

/** The same as `caseState`, for filters and sums. */
const STATE_CASE = `case when intake_state in ('cured', 'closed', 'tolerance') then intake_state
  when with_human then 'handed-over' when promise_state = 'open' then 'promised' else 'open' end`;
const STATE_SQL = Object.fromEntries(
  (['cured', 'closed', 'tolerance', 'handed-over', 'promised', 'open'] as const).map((state) => [
    state,
    `(${STATE_CASE}) = '${state}'`,
  ]),
) as Readonly<Record<CaseState, string>>;

class Where {
  readonly values: unknown[] = [];
  private readonly clauses: string[] = ['true'];

  /** A clause without a mark always holds; with one only where a value is given. */
  add(clause: string, value?: string): void {
    if (!clause.includes('?')) this.clauses.push(clause);
    else if (value !== undefined) {
      this.values.push(value);
      this.clauses.push(clause.replace('?', `$${this.values.length}`));
    }
  }

  get text(): string {
    return this.clauses.join(' and ');
  }
}

const verdictView = (event: EventEnvelope): VerdictView => {
  const { verdict, contactId, channel } = event.data as DataOf<'guard.ContactDenied'>;
  return {
    contactId,
    key: eventKey(event),
    at: event.meta.at,
    channel,
    result: event.type === 'ContactPermitted' ? 'allowed' : 'denied',
    deniedBy: verdict.deniedBy,
    rules: verdict.rules as readonly RuleResult[],
    verdict: verdict as Verdict,
  };
};

const turnLine = (event: EventEnvelope): TurnLine => {
  const { turn } = event.data as DataOf<'telephony.TurnTaken'>;
  return {
    index: turn.index,
    at: turn.promptStartAt,
    state: turn.state,
    promptId: turn.promptId,
    wordingId: turn.wordingId,
    intent: turn.intent,
    confidence: turn.confidence,
    nextState: turn.nextState,
    latencyMs: turn.latencyMs.recognise + turn.latencyMs.decide + turn.latencyMs.speak,
    key: eventKey(event),
  };
};

const openStops = (events: readonly EventEnvelope[], at: string) => {
  const open = new Map<string, WhyAnswer['stops'][number]>();
  for (const event of events) {
    if (nameOf(event) === 'guard.StopLifted') {
      open.delete((event.data as DataOf<'guard.StopLifted'>).stopId);
      continue;
    }
    const stop = event.data as DataOf<'guard.StopPlaced'>;
    if (stop.until !== null && stop.until <= at) continue;
    open.set(stop.stopId, { kind: stop.kind, scope: stop.scope, since: event.meta.at, key: eventKey(event) });
  }
  return [...open.values()];
};

const reasons = (
  verdicts: readonly VerdictView[],
  stops: WhyAnswer['stops'],
  plan: string | null,
  cases: readonly CaseSummary[],
): readonly string[] => {
  const closed =
    cases.length > 0 && cases.every((row) => ['cured', 'closed', 'tolerance', 'handed-over'].includes(row.state));
  const allowed = verdicts.filter((verdict) => verdict.result === 'allowed').length;
  const denied = verdicts.filter((verdict) => verdict.result === 'denied');
  return [
    ...(allowed > 0 ? [`${allowed} contact(s) were permitted that day`] : []),
    ...denied.map((verdict) => `${verdict.channel} at ${verdict.at} was denied by ${verdict.deniedBy.join(', ')}`),
    ...stops.map((stop) => `stop ${stop.kind} (${stop.scope}) since ${stop.since}`),
    ...(closed ? [`every case is ${[...new Set(cases.map((row) => row.state))].join(' or ')}`] : []),
    ...(cases.some((row) => row.holdout === true) ? ['the debtor is in the no-contact holdout'] : []),
    ...(plan === null ? ['there is no day plan for that day'] : [`day plan: ${plan}`]),
  ];
};
