import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { daysBetween } from '@mora/business-time';
import { type EventEnvelope, eventKey, SOURCES } from '@mora/contracts';
import { createActivity } from '@mora/eventing';
import { Application, Applications, createEmbeddedPlatform, rootOf } from '@mora/service';
import { type TestDatabase, testDatabase, waitFor } from '@mora/test-kit';
import type { Provider } from '@nestjs/common';
import fc from 'fast-check';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { AnalyticsModule } from './analytics.module.js';
import type { AnalyticsConfig } from './config.js';
import { Consumer } from './consumer.js';
import { figuresOf } from './figures/figures.js';
import * as answers from './inbound/responses.js';
import { migrations } from './migrations/index.js';
import { viewProvider } from './projection/event-views.js';
import { placeIn } from './projection/place.js';
import { decode, type Queryable } from './projection/table.js';
import { type AnyRow, keyOfRow, keyText, tableOf, type Value } from './projection/view.js';
import type { AnalyticsQueries, CaseFilter, CaseState } from './queries/answers.js';
import { summaryOf } from './queries/case-standing.js';
import { QUERIES } from './queries/queries.js';
import { ensureViews, rebuildView } from './rebuild.js';
import { ArrayFeed } from './testing/array-feed.js';
import { caseIdOfDebtor, debtorIdOf, eventBook, type Life, SHARDS } from './testing/event-book.js';
import { lives } from './testing/lives.js';
import { MemoryViews, memoryReads } from './testing/memory-reads.js';
import { VIEWS } from './views/all.js';
import { type CaseRow, caseState, casesView } from './views/cases.view.js';
import { promisesView } from './views/promises.view.js';

const ZONE = 'Asia/Shanghai';
const place = placeIn(ZONE);
const NOW = '2026-11-20T00:00:00.000Z';

/** The same history in every run. */
const book = (debtors: number): readonly Life[] =>
  fc
    .sample(lives(debtors), { numRuns: 30, seed: 7 })
    .flat()
    .map((life, debtor) => ({ ...life, debtor }));

let database: TestDatabase;
let pool: Pool;

const install = async (): Promise<void> => {
  database = await testDatabase();
  await database.install('analytics', migrations);
  pool = database.pool('analytics');
};

interface Running {
  readonly queries: AnalyticsQueries;
  readonly consumer: Consumer;
  readonly activity: ReturnType<typeof createActivity>;
  readonly url: string;
  readonly errors: readonly string[];
  stop(): Promise<void>;
}

/** The service as it runs, over these feeds. `others` are providers of a module beside it. */
const analytics = async (
  feeds: readonly ArrayFeed[],
  config: Partial<AnalyticsConfig> = {},
  others: readonly Provider[] = [],
): Promise<Running> => {
  const activity = createActivity();
  const errors: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: object) => void errors.push(JSON.stringify(fields)),
  };
  const anchor = { kind: 'stepped', anchorId: 'test' } as const;
  const platform = createEmbeddedPlatform({
    clock: { anchor, now: () => NOW, onTick: () => () => undefined },
    activity,
    shards: SHARDS,
    origin: { build: 'test', tzdata: 'test', clock: anchor, simulated: null, now: () => NOW, wall: Date.now },
    log,
    pool: () => pool,
    policyText: () => undefined,
    checkOwnEvents: true,
  });
  for (const feed of feeds) platform.provideFeed(feed);
  const service = AnalyticsModule.for(platform, { zone: ZONE, batchSize: 2_000, holdAbove: 5_000, ...config });
  class Beside {}
  const app = await Application.create({
    module: rootOf({ module: Beside, imports: [service], providers: [...others] }),
    log,
    http: { host: '127.0.0.1', port: 0 },
    prepare: AnalyticsModule.prepare,
  });
  const all = new Applications([app], log);
  await all.open();
  await all.start();
  return {
    queries: app.get(QUERIES),
    consumer: app.get(Consumer),
    activity,
    url: app.httpUrl!,
    errors,
    stop: () => all.close(),
  };
};
const feedsOf = (events: readonly EventEnvelope[]): readonly ArrayFeed[] => {
  const feeds = SOURCES.map((source) => new ArrayFeed(source));
  for (const feed of feeds) feed.offer(events);
  return feeds;
};
const takeIn = async (
  events: readonly EventEnvelope[],
  config: Partial<AnalyticsConfig> = {},
  others: readonly Provider[] = [],
): Promise<Running> => {
  const running = await analytics(feedsOf(events), config, others);
  await running.queries.drain();
  return running;
};
const stored = async (): Promise<Readonly<Record<string, readonly AnyRow[]>>> => {
  const tables: Record<string, readonly AnyRow[]> = {};
  for (const view of VIEWS) {
    const text = `select ${Object.keys(view.columns).join(', ')} from ${tableOf(view)}`;
    const { rows } = await (pool as Queryable).query<Value[]>({ text, values: [], rowMode: 'array' });
    const key = (row: AnyRow) => keyText(keyOfRow(view, row));
    tables[view.name] = rows.map((row) => decode(view.columns, row)).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }
  return tables;
};

describe('analytics on PostgreSQL', () => {
  /** Every fifth debtor is real. */
  const events = eventBook(book(4), (debtor) => debtor % 5 !== 0);
  let running: Running;

  beforeAll(async () => {
    await install();
    running = await takeIn(events, { batchSize: 300 });
  });
  afterAll(async () => {
    await running.stop();
    await database.close();
  });

  it('archives every fact once, byte for byte', async () => {
    const { rows } = await pool.query<{ key: string; data: string }>(
      `select source || '/' || epoch || '/' || shard || '/' || position as key, data from archive`,
    );
    const expected = new Map(events.map((event) => [eventKey(event), JSON.stringify(event.data)]));
    expect(rows).toHaveLength(events.length);
    for (const row of rows) expect(row.data).toBe(expected.get(row.key));
  });

  it('holds the same rows as a projection in memory', async () => {
    expect(await stored()).toEqual(new MemoryViews(place).take(events).snapshot());
  });

  it('gives the same figures as over memory, whole and by every cut', async () => {
    const reads = memoryReads(new MemoryViews(place).take(events));
    const cuts = [null, 'day', 'tier', 'term', 'arm', 'voice', 'script', 'detail'] as const;
    for (const { cut, simulated } of cuts.flatMap((one) => [true, false].map((is) => ({ cut: one, simulated: is })))) {
      const period = { from: '2026-11-02', to: '2026-11-09' };
      const expected = await figuresOf(reads, { period, cut, simulated }, { asOf: NOW, today: '2026-11-20' });
      const found = await running.queries.figures({ period, cut, simulated });
      const plain = (figures: typeof found) => figures.figures.map((f) => JSON.stringify(f)).sort();
      expect(plain(found)).toEqual(plain(expected));
      expect(found.denials).toEqual(expected.denials);
      expect(found.cohorts).toEqual(expected.cohorts);
    }
  });

  it('takes nothing twice when everything is delivered again', async () => {
    const before = await stored();
    const again = await takeIn(events);
    await again.stop();
    expect(again.consumer.counts.taken).toBe(0);
    expect(await stored()).toEqual(before);
  });

  it('lets the service add to the archive and read it, never change it, also month by month after a migration', async () => {
    const { rows: tables } = await pool.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'mora_analytics'::regnamespace
       and relkind in ('r', 'p') and relname like 'archive%' order by 1`,
    );
    expect(tables.length).toBeGreaterThan(1);
    await database.install('analytics', migrations);
    for (const { name } of tables)
      for (const change of [
        `update ${name} set type = 'x'`,
        `delete from ${name}`,
        `truncate ${name}`,
        `drop table ${name}`,
      ])
        await expect(pool.query(change)).rejects.toMatchObject({ code: '42501' });
  });

  it('rebuilds every view from the archive without a difference, and switches', async () => {
    for (const name of await running.queries.views.names()) {
      const report = await running.queries.views.rebuild(name);
      expect(report).toMatchObject({ view: name, switched: true, differences: { missing: 0, added: 0, changed: 0 } });
      expect(report.rowsAfter).toBe(report.rowsBefore);
    }
    expect(await stored()).toEqual(new MemoryViews(place).take(events).snapshot());
  });

  it('rebuilds the same from many small pages as from one', async () => {
    for (const view of VIEWS) {
      const report = await rebuildView({ pool, views: VIEWS, place, page: 7 }, view, { compare: true });
      expect(report).toMatchObject({ view: view.name, differences: { missing: 0, added: 0, changed: 0 } });
    }
  });

  it('shows the rows that differ and leaves the table in use when only comparing', async () => {
    await pool.query(`update ${tableOf(casesView)} set unpaid = -1 where case_id = $1`, [caseIdOfDebtor(0)]);
    await pool.query(`delete from ${tableOf(casesView)} where case_id = $1`, [caseIdOfDebtor(1)]);
    const report = await running.queries.views.rebuild('cases', { compare: true });
    expect(report.differences).toMatchObject({ missing: 0, added: 1, changed: 1 });
    expect(report.switched).toBe(false);
    expect((await running.queries.views.rebuild('cases')).switched).toBe(true);
    expect(await stored()).toEqual(new MemoryViews(place).take(events).snapshot());
  });

  it('reads on when another replica has put a rebuilt table in use', async () => {
    const caseId = caseIdOfDebtor(0);
    const [before, { case: entity }] = [await running.queries.cases.list(), await running.queries.cases.show(caseId)];
    await pool.query(`update ${tableOf(casesView)} set unpaid = -1`);
    await rebuildView({ pool, views: VIEWS, place }, casesView, { compare: false });
    expect(await running.queries.cases.list()).toEqual(before);
    expect((await running.queries.cases.show(caseId)).case).toEqual(entity);
  });

  it('lists the cases of every state, tier and day in pages by id, the same rows as when shown', async () => {
    const rows = (new MemoryViews(place).take(events).rows('cases') as readonly CaseRow[])
      .filter((row) => row.opened_at !== null)
      .map((row) => summaryOf(row, '2026-11-20'))
      .toSorted((a, b) => (a.case_id! < b.case_id! ? -1 : 1));
    const list = (filter: CaseFilter) => running.queries.cases.list(filter);
    expect(rows.length).toBeGreaterThan(30);
    const states: readonly CaseState[] = ['open', 'promised', 'cured', 'closed', 'tolerance', 'handed-over'];
    for (const state of states)
      expect(await list({ state, limit: 1_000 })).toEqual(rows.filter((row) => row.state === state));
    for (const tier of ['L', 'M', 'H'])
      expect(await list({ tier, limit: 1_000 })).toEqual(rows.filter((row) => row.tier === tier));
    const { opened_day, account_id } = rows[0]!;
    const sameDay = rows.filter((row) => row.opened_day === opened_day);
    expect(await list({ openedOn: opened_day!, limit: 1_000 })).toEqual(sameDay);
    expect(await list({ openedOn: opened_day!, accountId: account_id! })).toEqual([rows[0]]);
    expect(await list({ label: 'nobody said it' })).toEqual([]);
    const first = await list({ limit: 20 });
    expect(first).toEqual(rows.slice(0, 20));
    expect(await list({ limit: 20, after: first.at(-1)!.case_id! })).toEqual(rows.slice(20, 40));
    for (const row of first) expect((await running.queries.cases.show(row.case_id!)).case).toEqual(row);
  });

  it('finds a case by the state that it is shown with, also one that is with a human and has a promise', async () => {
    await pool.query(`update ${tableOf(casesView)} set with_human = true where mod(hashtext(case_id), 2) = 0`);
    await pool.query(`update ${tableOf(casesView)} set promise_state = 'open' where mod(hashtext(case_id), 3) = 0`);
    const all = await running.queries.cases.list({ limit: 1_000 });
    for (const state of ['open', 'promised', 'cured', 'handed-over'] as const) {
      const expected = all.filter((row) => row.state === state);
      expect(expected).not.toEqual([]);
      expect(await running.queries.cases.list({ state, limit: 1_000 })).toEqual(expected);
    }
    await running.queries.views.rebuild('cases');
  });

  it('lists calls newest first, those of a case as with the case', async () => {
    const rows = new MemoryViews(place).take(events).rows('calls');
    const listed = await running.queries.calls.list({ limit: 1_000 });
    expect(listed).toHaveLength(Math.min(1_000, rows.length));
    const times = listed.map((row) => row.intended_at ?? '');
    expect(times).toEqual(times.toSorted().reverse());
    const caseId = listed[0]!.case_id!;
    const ofCase = await running.queries.calls.list({ caseId });
    expect(ofCase.toReversed()).toEqual((await running.queries.cases.show(caseId)).calls);
  });

  it('traces an additive counter to exactly its facts', async () => {
    const day = '2026-11-03';
    const figures = await running.queries.figuresOfDay(day);
    const lineage = await running.queries.lineage('connected', day);
    expect(lineage.value).toBe(figures.figures.find((f) => f.id === 'connect_rate')?.numerator);
    const ended = events.filter(
      (e) => e.type === 'CallEnded' && place.day(e.meta.at) === day && e.meta.simulated === null,
    );
    const connected = ended.filter((e) => (e.data as { connected: string }).connected !== 'no');
    expect([...lineage.keys].sort()).toEqual(connected.map(eventKey).sort());
  });

  it('traces money to its facts by the day of posting, each currency by itself', async () => {
    const day = '2026-11-03';
    const { figures } = await running.queries.figures({ period: { from: day, to: day }, simulated: true });
    const of = (counter: 'paid_amount' | 'reversed_amount') =>
      running.queries.lineage(counter, day, { simulated: true, limit: 1_000 });
    const [paid, reversed] = [await of('paid_amount'), await of('reversed_amount')];
    const money = figures.filter((f) => f.id === 'paid_amount' && f.numerator !== 0);
    expect(money.map((f) => f.currency)).toEqual(['CNY', 'JPY']);
    expect(money.map((f) => f.decimals)).toEqual([2, 0]);
    for (const { currency, numerator } of money)
      expect((paid.byCurrency[currency!] ?? 0) - (reversed.byCurrency[currency!] ?? 0)).toBe(numerator);
    expect(paid.value).toBeNull();
    expect(money.some((f) => f.restated !== null)).toBe(true);
  });

  it('sums amounts of all time by currency, and never over currencies', async () => {
    const { amounts, totals } = await running.queries.summary();
    expect(Object.keys(amounts).sort()).toEqual(['CNY', 'JPY']);
    expect(Object.keys(totals)).not.toContain('paid_amount');
  });

  it('shows a call with its turns and its verdict, a case with its history, and why a debtor was contacted', async () => {
    const ended = events.find((e) => e.type === 'TurnTaken') as EventEnvelope;
    const { attemptId } = ended.data as { attemptId: string };
    const shown = await running.queries.calls.show(attemptId);
    expect(shown.turns.map((turn) => turn.intent)).toEqual(['promise']);
    expect(shown.verdict?.result).toBe('allowed');
    const why = await running.queries.why(ended.subject, ended.meta.at);
    expect(why.because[0]).toMatch(/permitted that day/);
    const [row] = await running.queries.cases.list({ debtorId: ended.subject });
    const detail = await running.queries.cases.show(row?.case_id as string);
    expect(detail.timeline.map((entry) => entry.type)).toContain('CallEnded');
    await expect(running.queries.cases.show('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('tells why as it stood at the instant: cases, stops, plan, verdicts and timeline, not what came later', async () => {
    const ofDebtor = (debtorId: string, until: string) =>
      events.filter((event) => event.subject === debtorId && event.meta.at <= until);
    const subjects = Array.from({ length: 12 }, (_, debtor) => debtorIdOf(debtor));
    const instants = ['2026-11-02T00:00:00.000Z', '2026-11-03T04:00:00.000Z', '2026-11-05T09:30:00.000Z', NOW];
    const seen = new Set<string>();
    for (const [debtorId, at] of subjects.flatMap((each) => instants.map((at) => [each, at] as const))) {
      const why = await running.queries.why(debtorId, at);
      const then = new MemoryViews(place).take(ofDebtor(debtorId, at)).rows('cases') as readonly CaseRow[];
      const standing = (row: CaseRow) => [row.case_id, caseState(row), row.unpaid, row.attempts, row.promise_state];
      expect(why.cases.map(standing).sort()).toEqual(
        then
          .filter((row) => row.opened_at !== null)
          .map(standing)
          .sort(),
      );
      expect([...why.timeline, ...why.verdicts].filter((entry) => entry.at > at)).toEqual([]);
      for (const { state } of why.cases) seen.add(state);
    }
    expect(seen.size).toBeGreaterThan(2);
  });

  it('counts days past due to today while a case is open, and to its end afterwards', async () => {
    const rows = await running.queries.cases.list({ limit: 1_000 });
    const open = rows.filter(({ state }) => state === 'open' || state === 'promised');
    const cured = rows.filter(({ state }) => state === 'cured');
    expect(open.length * cured.length).toBeGreaterThan(0);
    for (const row of open) expect(row.dpd).toBe(daysBetween(row.due_date!, '2026-11-20'));
    for (const row of cured) expect(row.dpd).toBe(row.cured_dpd);
    const [early] = (await running.queries.why(open[0]!.debtor_id!, '2026-11-03T04:00:00.000Z')).cases;
    expect(early?.dpd ?? 0).toBeLessThan(open[0]!.dpd!);
  });

  it('gives analysts views that agree with the figures', async () => {
    const { rows } = await pool.query<{ dialed: string; kept: string }>(
      `select sum(dialed) as dialed, sum(promises_kept) as kept from mart.mart_daily_funnel where simulated and day = '2026-11-03'`,
    );
    const period = { from: '2026-11-03', to: '2026-11-03' };
    const { figures } = await running.queries.figures({ period, simulated: true });
    expect(Number(rows[0]?.dialed)).toBe(figures.find((f) => f.id === 'dialed')?.value);
    expect(Number(rows[0]?.kept)).toBe(figures.find((f) => f.id === 'kept_rate')?.numerator ?? 0);
    for (const mart of ['mart_calls', 'mart_promises', 'mart_sms', 'mart_denials', 'mart_cohorts']) {
      await expect(pool.query(`select * from mart.${mart} limit 1`)).resolves.toBeDefined();
    }
    const { rows: bare } = await pool.query(
      `select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'mart' and a.attnum > 0 and col_description(c.oid, a.attnum) is null`,
    );
    expect(bare).toEqual([]);
  });

  it('builds a view of a new version from the archive at start, and drops the old table once no replica uses it', async () => {
    const next = VIEWS.map((view) => (view.name === 'promises' ? { ...view, version: 2 } : view));
    await ensureViews({ pool, views: next, place });
    const tables = async () =>
      (
        await pool.query<{ t: string }>(`select tablename as t from pg_tables where tablename like 'promises_v%'`)
      ).rows.map((r) => r.t);
    expect(await tables()).toEqual(['promises_v1', 'promises_v2']);
    await pool.query(`update view_use set used_at = used_at - interval '1 hour'`);
    await ensureViews({ pool, views: next, place });
    expect(await tables()).toEqual(['promises_v2']);
    const { rows } = await pool.query<{ n: string }>('select count(*) as n from mart.mart_promises');
    expect(Number(rows[0]?.n)).toBe(new MemoryViews(place).take(events).rows('promises').length);
    await pool.query('drop view mart.mart_promises');
    await pool.query('drop table mora_analytics_views.promises_v2');
    await ensureViews({ pool, views: VIEWS, place });
    expect(await tables()).toEqual(['promises_v1']);
  });

  it('lets the analysts’ role read the mart and nothing else', async () => {
    await database.admin(
      `do $$ begin create role mora_analyst nologin; exception when duplicate_object then null; end $$`,
    );
    await running.queries.views.rebuild('calls');
    const asAnalyst = (sql: string) => database.admin(`set role mora_analyst; ${sql}`);
    await expect(asAnalyst('select count(*) from mart.mart_calls')).resolves.toBeDefined();
    await expect(asAnalyst('select count(*) from mora_analytics_views.calls_v1')).rejects.toThrow(/permission denied/);
    await expect(asAnalyst('select count(*) from mora_analytics.archive')).rejects.toThrow(/permission denied/);
  });

  describe('over HTTP', () => {
    const get = async (path: string) => {
      const reply = await fetch(`${running.url}/api/${path}`);
      return {
        status: reply.status,
        type: reply.headers.get('content-type') ?? '',
        body: (await reply.json()) as never,
      };
    };

    it('answers figures, cases, calls, timelines, verdicts, denials and feeds', async () => {
      const attempt = ((events.find((e) => e.type === 'ContactDenied') as EventEnvelope).data as { contactId: string })
        .contactId;
      for (const path of [
        'figures?day=2026-11-03&cut=tier',
        'figures?from=2026-11-02&to=2026-11-05',
        'figures/definitions',
        'figures/lineage?counter=dialed&day=2026-11-03',
        'cases?limit=3',
        `cases/${caseIdOfDebtor(0)}`,
        'calls?day=2026-11-03',
        `calls/${attempt}`,
        `debtors/${debtorIdOf(0)}/timeline`,
        `debtors/${debtorIdOf(0)}/why?at=2026-11-03T04:00:00Z`,
        `contacts/${attempt}/verdict`,
        'denials?day=2026-11-03',
        'sms/replies?forHuman=true&limit=5',
        'sms/letters',
        'feeds',
        'summary',
        'views',
        'openapi.json',
      ]) {
        expect([path, (await get(path)).status]).toEqual([path, 200]);
      }
    });

    it('answers as the document says', async () => {
      const attempt = ((events.find((e) => e.type === 'ContactDenied') as EventEnvelope).data as { contactId: string })
        .contactId;
      const said: [string, z.ZodType][] = [
        ['figures?day=2026-11-03&cut=tier', answers.figures],
        ['figures?from=2026-11-02&to=2026-11-09', answers.figures],
        ['figures/definitions', answers.definitions],
        ['figures/lineage?counter=dialed&day=2026-11-03', answers.lineage],
        ['cases?limit=1000', answers.cases],
        ...Array.from({ length: 20 }, (_, i): [string, z.ZodType] => [
          `cases/${caseIdOfDebtor(i)}`,
          answers.caseDetail,
        ]),
        ['calls?limit=1000', answers.calls],
        [`calls/${attempt}`, answers.callDetail],
        [`debtors/${debtorIdOf(0)}/timeline`, answers.timeline],
        [`debtors/${debtorIdOf(0)}/why?at=2026-11-03T04:00:00Z`, answers.why],
        [`contacts/${attempt}/verdict`, answers.verdictView],
        ['denials?day=2026-11-03', answers.deniedContacts],
        ['feeds', answers.feeds],
        ['summary', answers.summary],
        ['views', answers.viewNames],
        ['cases/nobody', answers.problem],
        ['cases?dbtorId=d', answers.problem],
      ];
      for (const [path, schema] of said)
        expect([path, schema.safeParse((await get(path)).body).error?.issues]).toEqual([path, undefined]);
    });

    it.each([
      ['cases/nobody', 404],
      ['figures', 400],
      ['figures?day=yesterday', 400],
      ['figures?from=2026-11-05&to=2026-11-02', 400],
      ['cases?limit=0', 400],
      ['cases?dbtorId=d', 400],
      ['summary?day=2026-11-02', 400],
      ['figures?day=0000-01-01', 400],
      ['debtors/d/why?at=0000-01-01T00:00:00Z', 400],
      ['cases?after=%00', 400],
      ['cases/%00', 400],
      ['nothing-here', 404],
    ])('answers %s with a problem and %i', async (path, status) => {
      const reply = await get(path);
      expect([reply.status, reply.type]).toEqual([status, 'application/problem+json; charset=utf-8']);
    });

    describe('a view', () => {
      const rebuild = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
        const reply = await fetch(`${running.url}/api/views/${path}`, { method: 'POST', headers });
        return { status: reply.status, body: (await reply.json()) as object };
      };
      it('is compared with what the archive makes of it, and built anew', async () => {
        const same = { view: 'calls', differences: { missing: 0, added: 0, changed: 0 } };
        expect(await rebuild('calls/rebuild?compare=true')).toMatchObject({
          status: 200,
          body: { ...same, switched: false },
        });
        expect(await rebuild('calls/rebuild')).toMatchObject({ status: 200, body: { ...same, switched: true } });
      });

      it('that is none, or a comparison in other words, is refused', async () => {
        expect(await rebuild('nobody/rebuild')).toMatchObject({
          status: 404,
          body: { type: 'urn:mora:problem:unknown-view', detail: 'There is no view nobody' },
        });
        expect((await rebuild('calls/rebuild?compare=perhaps')).status).toBe(400);
      });

      it('is not built anew for another machine', async () => {
        expect(await rebuild('calls/rebuild', { 'x-forwarded-for': '10.0.0.7' })).toMatchObject({
          status: 403,
          body: { type: 'urn:mora:problem:not-on-this-machine', title: 'Forbidden' },
        });
      });
    });

    it('answers what it cannot read with a problem and 500, and tells the log why', async () => {
      await pool.query(`alter table ${tableOf(promisesView)} rename to hidden`);
      const reply = await get(`cases/${caseIdOfDebtor(0)}`);
      await pool.query(`alter table mora_analytics_views.hidden rename to promises_v1`);
      expect([reply.status, reply.type]).toEqual([500, 'application/problem+json; charset=utf-8']);
      expect(JSON.stringify(reply.body)).not.toContain('promises_v1');
      expect(running.errors.at(-1)).toContain('promises_v1');
    });
  });
});

describe('the consumer', () => {
  const events = eventBook(book(2));
  beforeAll(install);
  afterAll(() => database.close());

  it('takes nothing behind a gap, drops what comes twice, reads what is missing, and ends with the same rows', async () => {
    const feeds = feedsOf(events);
    const guard = feeds.find((feed) => feed.source === 'guard') as ArrayFeed;
    let reads = 0;
    guard.deliver = (page) => {
      reads += 1;
      if (reads <= 4) return page.filter((_, i) => i !== 1);
      return reads <= 8 ? page.flatMap((event) => [event, event]) : page;
    };
    const { queries, stop } = await analytics(feeds, { batchSize: 100 });
    await queries.drain();
    await stop();
    expect(await stored()).toEqual(new MemoryViews(place).take(events).snapshot());
  });

  it('shares the work of two consumers without losing or doubling', async () => {
    const days = 40 * 86_400_000;
    const more = eventBook(book(2)).map((event) => later(event, days));
    const feeds = feedsOf([...events, ...more]);
    const one = await analytics(feeds, { batchSize: 60 });
    const two = await analytics(feeds, { batchSize: 90 });
    await Promise.all([one.queries.drain(), two.queries.drain()]);
    await Promise.all([one.stop(), two.stop()]);
    expect(one.consumer.counts.taken + two.consumer.counts.taken).toBe(more.length);
    expect(await stored()).toEqual(new MemoryViews(place).take([...events, ...more]).snapshot());

    function later(event: EventEnvelope, ms: number): EventEnvelope {
      const before = events.filter((e) => e.source === event.source && e.shard === event.shard).length;
      const at = new Date(Date.parse(event.meta.at) + ms).toISOString();
      return { ...event, position: event.position + before, meta: { ...event.meta, at } };
    }
  });

  it('stores what PostgreSQL’s text cannot hold, and goes on', async () => {
    const source = new ArrayFeed('policy');
    const like = events.find((event) => event.type === 'CallIntended') as EventEnvelope;
    const data = { text: 'a\u0000b\ud800c"\\', deep: { a: [{}] }, big: 'x'.repeat(1_000_000) };
    source.offer([{ ...like, source: 'policy', shard: 0, position: 1, type: 'Odd', data }]);
    const { queries, stop } = await analytics([source]);
    await queries.drain();
    await stop();
    const { rows } = await pool.query<{ data: string }>(`select data from archive where source = 'policy'`);
    expect(rows[0]?.data).toBe(JSON.stringify(data));
  });

  it('keeps a view that another module hands over like its own', async () => {
    await database.close();
    await install();
    const own = viewProvider({ ...promisesView, name: 'promises_of_the_bank' });
    const { queries, stop } = await takeIn(events, {}, [own]);
    expect(await queries.views.names()).toEqual([...VIEWS.map(({ name }) => name), 'promises_of_the_bank'].sort());
    const report = await queries.views.rebuild('promises_of_the_bank');
    const { length } = new MemoryViews(place).take(events).rows('promises');
    expect(report).toMatchObject({ rowsBefore: length, rowsAfter: length, switched: true });
    await stop();
  });

  it('holds the clock only while its lag is above the limit', async () => {
    await database.close();
    await install();
    const feeds = feedsOf([]);
    const { queries, activity, stop } = await analytics(feeds, { holdAbove: 10, batchSize: 50 });
    await queries.drain();
    expect(activity.busy).toBe(0);
    let held = 0;
    const begin = activity.begin.bind(activity);
    activity.begin = () => {
      held += 1;
      return begin();
    };
    for (const feed of feeds) feed.offer(events);
    await queries.drain();
    expect(held).toBeGreaterThan(0);
    await waitFor('the clock is free', () => activity.busy === 0);
    expect(queries.lag()).toBe(0);
    await stop();
  });
});
