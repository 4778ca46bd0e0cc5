import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventEnvelope, eventKey, SOURCES } from '@mora/contracts';
import { createActivity } from '@mora/eventing';
import { sqlMigration } from '@mora/postgres';
import { type TestDatabase, testDatabase, waitFor } from '@mora/test-kit';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { Consumer } from './consumer.js';
import { figuresOf } from './figures/figures.js';
import { type HttpServer, httpServer } from './inbound/server.js';
import { migrations } from './migrations/index.js';
import { placeIn } from './projection/place.js';
import { decode, type Queryable } from './projection/table.js';
import { type AnyRow, keyOfRow, keyText, tableOf, type Value } from './projection/view.js';
import { createQueries } from './queries/queries.js';
import { ensureViews, rebuildView } from './rebuild.js';
import { ArrayFeed } from './testing/array-feed.js';
import { caseIdOfDebtor, debtorIdOf, eventBook, type Life, SHARDS } from './testing/event-book.js';
import { lives } from './testing/lives.js';
import { MemoryViews, memoryReads } from './testing/memory-reads.js';
import { VIEWS } from './views/all.js';

const place = placeIn('Asia/Shanghai');
const NOW = '2026-11-20T00:00:00.000Z';
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

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
  await database.install(
    'analytics',
    migrations.map(({ name, up }) => {
      const [stamp, ...what] = name.split(' ');
      return sqlMigration(`${what.join('')}${stamp}`, ...up);
    }),
  );
  pool = database.pool('analytics');
  await ensureViews({ pool, views: VIEWS, place });
};

const analytics = (
  feeds: readonly ArrayFeed[],
  more: { readonly batchSize?: number; readonly holdAbove?: number } = {},
) => {
  const activity = createActivity();
  const consumer = new Consumer({
    pool,
    views: VIEWS,
    place,
    activity,
    log,
    feeds: () => feeds.map((feed) => ({ feed, shards: SHARDS })),
    lingerMs: 1,
    ...more,
  });
  const queries = createQueries({ pool, views: VIEWS, place, zone: 'Asia/Shanghai', consumer, now: () => NOW });
  return { consumer, queries, activity };
};
const feedsOf = (events: readonly EventEnvelope[]): readonly ArrayFeed[] => {
  const feeds = SOURCES.map((source) => new ArrayFeed(source));
  for (const feed of feeds) feed.offer(events);
  return feeds;
};
const takeIn = async (events: readonly EventEnvelope[], options?: { readonly batchSize?: number }) => {
  const running = analytics(feedsOf(events), options);
  await running.consumer.start();
  await running.consumer.drain();
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
  let running: Awaited<ReturnType<typeof takeIn>>;

  beforeAll(async () => {
    await install();
    running = await takeIn(events, { batchSize: 300 });
  });
  afterAll(async () => {
    await running.consumer.stop();
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
      const plain = (figures: typeof found) =>
        figures.figures
          .filter((f) => f.id !== 'talk_ms_median')
          .map((f) => JSON.stringify(f))
          .sort();
      expect(plain(found)).toEqual(plain(expected));
      expect(found.denials).toEqual(expected.denials);
      expect(found.cohorts).toEqual(expected.cohorts);
    }
  });

  it('takes nothing twice when everything is delivered again', async () => {
    const before = await stored();
    const again = await takeIn(events);
    await again.consumer.stop();
    expect(again.consumer.counts.taken).toBe(0);
    expect(await stored()).toEqual(before);
  });

  it('rebuilds every view from the archive without a difference, and switches', async () => {
    for (const name of running.queries.views.names()) {
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
    await pool.query(`update ${tableOf(VIEWS[0]!)} set unpaid = -1 where case_id = $1`, [caseIdOfDebtor(0)]);
    await pool.query(`delete from ${tableOf(VIEWS[0]!)} where case_id = $1`, [caseIdOfDebtor(1)]);
    const report = await running.queries.views.rebuild('cases', { compare: true });
    expect(report.differences).toMatchObject({ missing: 0, added: 1, changed: 1 });
    expect(report.switched).toBe(false);
    expect((await running.queries.views.rebuild('cases')).switched).toBe(true);
    expect(await stored()).toEqual(new MemoryViews(place).take(events).snapshot());
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

  it('builds a view of a new version from the archive at start, and drops the old table', async () => {
    const next = VIEWS.map((view) => (view.name === 'promises' ? { ...view, version: 2 } : view));
    await ensureViews({ pool, views: next, place });
    const tables = async () =>
      (
        await pool.query<{ t: string }>(`select tablename as t from pg_tables where tablename like 'promises_v%'`)
      ).rows.map((r) => r.t);
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
    let server: HttpServer;
    beforeAll(async () => {
      server = httpServer({ host: '127.0.0.1', port: 0, queries: running.queries, log });
      await server.start();
    });
    afterAll(() => server.stop());
    const get = async (path: string) => {
      const reply = await fetch(`${server.url}/api/${path}`);
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
        'feeds',
        'summary',
        'openapi.json',
      ]) {
        expect([path, (await get(path)).status]).toEqual([path, 200]);
      }
    });

    it.each([
      ['cases/nobody', 404],
      ['figures', 400],
      ['figures?day=yesterday', 400],
      ['figures?from=2026-11-05&to=2026-11-02', 400],
      ['cases?limit=0', 400],
      ['nothing-here', 404],
    ])('answers %s with a problem and %i', async (path, status) => {
      const reply = await get(path);
      expect([reply.status, reply.type]).toEqual([status, 'application/problem+json; charset=utf-8']);
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
    const { consumer } = analytics(feeds, { batchSize: 100 });
    await consumer.start();
    await consumer.drain();
    await consumer.stop();
    expect(await stored()).toEqual(new MemoryViews(place).take(events).snapshot());
  });

  it('shares the work of two consumers without losing or doubling', async () => {
    const days = 40 * 86_400_000;
    const more = eventBook(book(2)).map((event) => later(event, days));
    const feeds = feedsOf([...events, ...more]);
    const [one, two] = [analytics(feeds, { batchSize: 60 }), analytics(feeds, { batchSize: 90 })];
    await Promise.all([one.consumer.start(), two.consumer.start()]);
    await Promise.all([one.consumer.drain(), two.consumer.drain()]);
    await Promise.all([one.consumer.stop(), two.consumer.stop()]);
    expect(one.consumer.counts.taken + two.consumer.counts.taken).toBe(more.length);
    expect(await stored()).toEqual(new MemoryViews(place).take([...events, ...more]).snapshot());

    function later(event: EventEnvelope, ms: number): EventEnvelope {
      const before = events.filter((e) => e.source === event.source && e.shard === event.shard).length;
      const at = new Date(Date.parse(event.meta.at) + ms).toISOString();
      return { ...event, position: event.position + before, meta: { ...event.meta, at } };
    }
  });

  it('stores what PostgreSQL’s text cannot hold, and goes on', async () => {
    const feeds = [new ArrayFeed('nasty')];
    const source = feeds[0] as ArrayFeed;
    const like = events.find((event) => event.type === 'CallIntended') as EventEnvelope;
    const data = { text: 'a\u0000b\ud800c"\\', deep: { a: [{}] }, big: 'x'.repeat(1_000_000) };
    source.offer([{ ...like, source: 'nasty', shard: 0, position: 1, type: 'Odd', data }]);
    const { consumer } = analytics(feeds);
    await consumer.start();
    await consumer.drain();
    await consumer.stop();
    const { rows } = await pool.query<{ data: string }>(`select data from archive where source = 'nasty'`);
    expect(rows[0]?.data).toBe(JSON.stringify(data));
  });

  it('holds the clock only while its lag is above the limit', async () => {
    await database.close();
    await install();
    const feeds = feedsOf([]);
    const { consumer, activity } = analytics(feeds, { holdAbove: 10, batchSize: 50 });
    await consumer.start();
    await consumer.drain();
    expect(activity.busy).toBe(0);
    let held = 0;
    const begin = activity.begin.bind(activity);
    activity.begin = () => {
      held += 1;
      return begin();
    };
    for (const feed of feeds) feed.offer(events);
    await consumer.drain();
    expect(held).toBeGreaterThan(0);
    await waitFor('the clock is free', () => activity.busy === 0);
    expect(consumer.lag()).toBe(0);
    await consumer.stop();
  });
});
