/**
 * `npm run bench:append`: appending and loading through Mora's shard writer, against raw `pg` on the same table and against
 * emmett. `--rounds 5 --ms 600` by default; `--only mora` runs one contestant, for a profile.
 */
import { fold } from '@mora/eventing';
import type pg from 'pg';
import { appendEmmett, type Emmett, openEmmett } from './emmett.js';
import { type Ground, machine, type Service, withGround } from './ground.js';
import { type Aim, aimTable, flag, inTurn, numberOption, perSecond, type Run, table, throughput } from './measure.js';
import { appendRaw, appendRawMany, rawMigration } from './raw.js';
import { debtors, endCalls, evolve, initialDialing, unsnapshotted } from './sample.js';

const rounds = numberOption('rounds', 5);
const ms = numberOption('ms', 600);
const onlyMora = flag('only-mora');

interface Contestants {
  readonly mora: Service;
  readonly raw: (connections: number) => pg.Pool;
  readonly emmett: Emmett;
}

const prepare = async (ground: Ground): Promise<Contestants> => {
  await ground.schema('raw', [rawMigration]);
  const pools = new Map<number, pg.Pool>();
  const raw = (connections: number): pg.Pool => {
    const pool = pools.get(connections) ?? ground.pool('raw', connections);
    pools.set(connections, pool);
    return pool;
  };
  return { mora: await ground.service('dialer'), raw, emmett: await openEmmett(ground, 'emmett') };
};

const chosen = (contestants: Readonly<Record<string, Run>>): Readonly<Record<string, Run>> =>
  onlyMora ? { mora: contestants['mora']! } : contestants;

/** One event by each of `writers`, every writer on streams of its own that it has met before. */
const ones = (c: Contestants, writers: number) => {
  const own = debtors(writers);
  const pool = c.raw(writers);
  return inTurn(
    chosen({
      mora: () => throughput({ writers, ms }, (w) => c.mora.writer.execute(endCalls(own[w]!, 1))),
      raw: () => throughput({ writers, ms }, (w) => appendRaw(pool, own[w]!)),
      emmett: () => throughput({ writers, ms }, (w) => appendEmmett(c.emmett, own[w]!, 1)),
    }),
    { rounds },
  );
};

const batches = (c: Contestants, n: number) => {
  const [debtor] = debtors(1);
  const pool = c.raw(1);
  return inTurn(
    chosen({
      mora: () => throughput({ writers: 1, ms, each: n }, () => c.mora.writer.execute(endCalls(debtor!, n))),
      raw: () => throughput({ writers: 1, ms, each: n }, () => appendRawMany(pool, debtor!, n)),
      emmett: () => throughput({ writers: 1, ms, each: n }, () => appendEmmett(c.emmett, debtor!, n)),
    }),
    { rounds },
  );
};

/** A stream of 100 events, no snapshot: loaded and folded, against the rows read and their data parsed. */
const loads = async ({ mora }: Contestants) => {
  const [debtor] = debtors(1);
  const { events } = await mora.writer.execute(endCalls(debtor!, 100, unsnapshotted));
  const { shard, stream } = events[0]!;
  const key = { shard, stream, foldVersion: unsnapshotted.foldVersion };
  const select = {
    name: 'raw_read',
    text: 'select type, version, data, meta from events where shard = $1 and stream = $2 order by version',
  };
  return inTurn(
    {
      mora: () =>
        throughput({ writers: 1, ms, each: 100 }, async () => {
          const [loaded] = await mora.store.load([key]);
          fold(unsnapshotted as never, loaded!, shard);
        }),
      raw: () =>
        throughput({ writers: 1, ms, each: 100 }, async () => {
          const { rows } = await mora.pool.query({ ...select, values: [shard, stream] });
          let state = initialDialing();
          for (const row of rows) state = evolve(state, { type: row.type, data: JSON.parse(row.data) });
        }),
    },
    { rounds },
  );
};

await withGround(async (ground) => {
  const contestants = await prepare(ground);
  const rows: (readonly string[])[] = [];
  const aims: Aim[] = [];
  const note = (what: string, outcome: Awaited<ReturnType<typeof ones>>): void => {
    const { rates } = outcome;
    const cell = (name: string) => (rates[name] === undefined ? '–' : perSecond(rates[name]));
    rows.push([what, cell('mora'), cell('raw'), cell('emmett')]);
  };
  const compare = (what: string, outcome: Awaited<ReturnType<typeof ones>>, against: string, aim: number): void => {
    if (!onlyMora) aims.push({ what, ratio: outcome.ratio('mora', against), aim });
  };
  for (const [writers, aim] of [
    [1, 0.8],
    [16, 1.1],
    [64, 2.3],
  ] as const) {
    const outcome = await ones(contestants, writers);
    note(`1 event, ${writers} writer${writers === 1 ? '' : 's'}`, outcome);
    compare(`1 event, ${writers} writers ÷ raw prepared insert`, outcome, 'raw', aim);
    if (writers === 64) compare('1 event, 64 writers ÷ emmett', outcome, 'emmett', 7);
  }
  for (const n of [10, 100, 1000]) {
    const outcome = await batches(contestants, n);
    note(`${n} events, 1 writer`, outcome);
    if (n === 100) compare('100 events ÷ raw unnest', outcome, 'raw', 0.9);
  }
  const load = await loads(contestants);
  note('load and fold of 100 events', load);
  compare('load and fold of 100 ÷ raw read', load, 'raw', 0.85);
  await contestants.mora.writer.close();
  await contestants.emmett.close();
  process.stdout.write(`${machine()} · ${rounds} rounds of ${ms} ms, in turn\n\n`);
  process.stdout.write(`${table(['events per second', 'Mora', 'raw pg', 'emmett'], rows)}\n\n`);
  if (aims.length > 0) process.stdout.write(`${aimTable(aims)}\n`);
});
