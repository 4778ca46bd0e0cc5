/**
 * Rebuild of a view from the archive against the same job by hand: read the same pages, parse, one `unnest` upsert for each
 * page. The archive is filled by the database itself; a third of the events begins a call, a third originates it, a third ends it.
 */
import type pg from 'pg';
import { type Ground, SHARDS } from './ground.js';
import { inTurn, type Outcome, timed } from './measure.js';

const PAGE = 5_000;
const FIRST = '2026-11-02T01:00:00.000Z';

interface Rebuild {
  rebuildView(
    options: { pool: pg.Pool; views: readonly unknown[]; place: unknown },
    view: unknown,
    mode: { compare: boolean },
  ): Promise<{ events: number; rowsAfter: number; faults: number }>;
}

/** By path: apps are nobody's dependency, and the projection is analytics' own. */
const analytics = async () => {
  const from = (file: string) => import(new URL(`../../../apps/analytics/dist/${file}`, import.meta.url).href);
  const [{ rebuildView }, { VIEWS }, { placeIn }, { migrations }] = await Promise.all(
    ['rebuild.js', 'views/all.js', 'projection/place.js', 'migrations/index.js'].map(from),
  );
  const calls = (VIEWS as readonly { name: string }[]).find((view) => view.name === 'calls');
  return { rebuildView: rebuildView as Rebuild['rebuildView'], calls, placeIn, migrations };
};

const CONTEXT = `jsonb_build_object('caseId', 'c-' || a, 'accountId', 'ACC-' || a, 'businessDate', '2026-11-02', 'dpd', 1,
  'tier', 'L', 'term', 'short', 'stage', 'reminder', 'arm', 'control', 'strategyHash', repeat('4d1c0c7a', 8))`;
const COMMON = `'attemptId', 'attempt-' || a, 'debtorId', 'debtor-' || a, 'context', ${CONTEXT}`;
const DATA = [
  `jsonb_build_object(${COMMON}, 'reason', 'first', 'script', 'L-remind', 'voice', 'warm', 'priority', 5,
    'slot', '2026-11-02T01:30:00.000Z', 'permitKind', 'call', 'phoneRef', repeat('ab12', 12))`,
  `jsonb_build_object(${COMMON}, 'originatedAt', '2026-11-02T01:30:05.000Z', 'trunk', 'trunk-1')`,
  `jsonb_build_object(${COMMON}, 'endedAt', '2026-11-02T01:31:00.000Z', 'disposition', 'Answered', 'connected', 'yes',
    'script', 'L-remind', 'voice', 'warm', 'conversation', true, 'rightParty', true, 'rightPartyBy', 'said', 'talkMs', 41000,
    'settledBy', 'live', 'outcome', jsonb_build_object('sipCode', 200, 'hungUpBy', 'debtor', 'amd', null),
    'dialogue', jsonb_build_object('label', 'promise', 'end', 'promised', 'understoodTurns', 7, 'unclearTurns', 1,
      'personalised', false))`,
];
const META = `{"schema":1,"at":"${FIRST}","clock":{"kind":"stepped","anchorId":"6b1f8c8e-2f70-4d3c-9c1b-2a4d3d6f0a11"},"cause":"cmd:none","correlationId":"none","after":{"guard":[1,41234],"telephony":[1,40011],"tiering":[1,20110]},"actor":{"kind":"system","id":"dialer"},"policies":[],"build":"89c154c0c1d97a2b8ce0b0d6a5e8a4b1f7a3d2e1","tzdata":"2026c","keyId":null,"simulated":{"version":"debtors-1","seed":"42"},"traceparent":null}`;

/** A shard's calls one after the other: intended, originated, ended. */
const fill = async (pool: pg.Pool, events: number): Promise<number> => {
  const perShard = Math.floor(events / SHARDS / 3) * 3;
  await pool.query('select open_archive_month($1)', [FIRST.slice(0, 7)]);
  for (let shard = 0; shard < SHARDS; shard++) {
    await pool.query(
      `insert into archive (month, source, epoch, shard, position, id, type, subject, stream, version, at, recorded_at, data, meta)
       select $1, 'dialer', 1, $2::int, p, 'e-' || p, (array['CallIntended', 'CallOriginated', 'CallEnded'])[(p - 1) % 3 + 1],
         'debtor-' || a, 'call-' || a, (p - 1) % 3 + 1, $3, $3,
         (case (p - 1) % 3 when 0 then ${DATA[0]} when 1 then ${DATA[1]} else ${DATA[2]} end)::text, $4
       from generate_series(1, $5::int) p, lateral (select ($2::int * 1000000 + (p - 1) / 3)::text as a) n`,
      [FIRST.slice(0, 7), shard, FIRST, META, perShard],
    );
  }
  await pool.query(
    `insert into checkpoints (processor, source, shard, epoch, position, last_at, event_id)
     select 'analytics', 'dialer', s, 1, $1, $2, 'e' from generate_series(0, $3 - 1) s`,
    [perShard, FIRST, SHARDS],
  );
  await pool.query('analyze');
  return perShard * SHARDS;
};

const ROW = `attempt_id text primary key, debtor_id text, case_id text, account_id text, business_date text, dpd bigint,
  tier text, term text, stage text, arm text, strategy text, simulated boolean, status text, reason text, script text,
  voice text, priority bigint, intended_at text, originated_at text, originated_day text, ended_at text, trunk text,
  disposition text, connected text, conversation boolean, rpc boolean, rpc_by text, talk_ms bigint, settled_by text,
  sip_code bigint, hung_up_by text, amd text, label text, dialogue_end text, understood_turns bigint,
  unclear_turns bigint, personalised boolean`;
const COLUMNS = ROW.split(',').map((column) => {
  const [name, ...type] = column.trim().replace(' primary key', '').split(' ');
  return { name: name!, type: type.join(' ') };
});

type Json = Readonly<Record<string, unknown>>;

/** What a call's event sets, by column. */
const cells = (type: string, data: Json, at: string): Json => {
  const context = data['context'] as Json;
  const common = {
    attempt_id: data['attemptId'],
    debtor_id: data['debtorId'],
    case_id: context['caseId'],
    account_id: context['accountId'],
    business_date: context['businessDate'],
    dpd: context['dpd'],
    tier: context['tier'],
    term: context['term'],
    stage: context['stage'],
    arm: context['arm'],
    strategy: context['strategyHash'],
  };
  if (type === 'CallIntended') {
    const { reason, script, voice, priority } = data;
    return { ...common, simulated: true, status: 'intended', reason, script, voice, priority, intended_at: at };
  }
  if (type === 'CallOriginated') {
    const { originatedAt, trunk } = data;
    return { ...common, status: 'originated', originated_at: originatedAt, originated_day: at.slice(0, 10), trunk };
  }
  const outcome = data['outcome'] as Json;
  const dialogue = data['dialogue'] as Json;
  return {
    ...common,
    status: 'ended',
    script: data['script'],
    voice: data['voice'],
    ended_at: data['endedAt'],
    disposition: data['disposition'],
    connected: data['connected'],
    conversation: data['conversation'],
    rpc: data['rightParty'],
    rpc_by: data['rightPartyBy'],
    talk_ms: data['talkMs'],
    settled_by: data['settledBy'],
    sip_code: outcome['sipCode'],
    hung_up_by: outcome['hungUpBy'],
    amd: outcome['amd'],
    label: dialogue['label'],
    dialogue_end: dialogue['end'],
    understood_turns: dialogue['understoodTurns'],
    unclear_turns: dialogue['unclearTurns'],
    personalised: dialogue['personalised'],
  };
};

const UPSERT = `insert into mora_analytics_views.calls_raw (${COLUMNS.map((c) => c.name).join(', ')})
  select * from unnest(${COLUMNS.map((c, i) => `$${i + 1}::${c.type}[]`).join(', ')})
  on conflict (attempt_id) do update set ${COLUMNS.slice(1)
    .map((c) => `${c.name} = coalesce(excluded.${c.name}, calls_raw.${c.name})`)
    .join(', ')}`;

const byHand = async (pool: pg.Pool): Promise<void> => {
  await pool.query(`create table mora_analytics_views.calls_raw (${ROW})`);
  for (const column of ['originated_day', 'debtor_id', 'case_id'])
    await pool.query(`create index on mora_analytics_views.calls_raw (${column})`);
  for (let shard = 0; shard < SHARDS; shard++) {
    let after = 0;
    for (;;) {
      const { rows } = await pool.query<{ position: string; type: string; at: string; data: string }>(
        `select position, type, at, data from archive
         where source = 'dialer' and shard = $1 and (epoch, position) > (1, $2) order by epoch, position limit ${PAGE}`,
        [shard, after],
      );
      if (rows.length === 0) break;
      const calls = new Map<unknown, Record<string, unknown>>();
      for (const { type, data, at } of rows) {
        const set = cells(type, JSON.parse(data), at);
        const row = calls.get(set['attempt_id']);
        if (row) Object.assign(row, set);
        else calls.set(set['attempt_id'], { ...set });
      }
      const values = [...calls.values()];
      await pool.query(
        UPSERT,
        COLUMNS.map(({ name }) => values.map((row) => row[name] ?? null)),
      );
      after = Number(rows.at(-1)!.position);
    }
  }
  await pool.query('drop table mora_analytics_views.calls_raw');
};

/** One of each and one more of Mora's, in turn: each takes long enough to need no repetition. */
export const measureRebuild = async (ground: Ground, wanted: number): Promise<Outcome> => {
  const { rebuildView, calls, placeIn, migrations } = await analytics();
  await ground.schema('analytics', migrations);
  const pool = ground.pool('analytics');
  const events = await fill(pool, wanted);
  const place = placeIn('Asia/Shanghai');
  return inTurn(
    {
      mora: () =>
        timed(events, async () => {
          const report = await rebuildView({ pool, views: [calls], place }, calls, { compare: true });
          if (report.events !== events || report.faults > 0) throw new Error(`rebuilt ${JSON.stringify(report)}`);
        }),
      raw: () => timed(events, () => byHand(pool)),
    },
    { rounds: wanted > 200_000 ? 1 : 3, warmUp: 0 },
  );
};
