/**
 * Builds a view anew from position 0 of the archive beside the one in use, compares the two row by row, and switches in one
 * transaction. The archive is read ahead without locks up to the present checkpoints, the rest under them, so that the live
 * consumer waits only for the last few facts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cursor } from '@mora/contracts';
import type { Pool, PoolClient } from 'pg';
import { readArchive } from './archive/archive.js';
import { createMart } from './mart/mart.js';
import { lockCheckpoints, type Progress, pairKey, readCheckpoints } from './projection/checkpoints.js';
import { inUse, noteBuilt, noteUse, typesBySource } from './projection/handover.js';
import type { ProjectionFault } from './projection/project.js';
import { projectBatch } from './projection/projector.js';
import { createTable, type Queryable } from './projection/table.js';
import { type Place, plainTableOf, type SeenEvent, tableOf, VIEW_SCHEMA, type View } from './projection/view.js';
import { RebuildUnderWay } from './queries/errors.js';

const PAGE = 5_000;
const REBUILD_LOCK = 7_212_012;
const LOOK_AGAIN_MS = 200;
const SHOWN = 20;

export interface RebuildReport {
  readonly view: string;
  readonly version: number;
  /** Facts read: those of the types that the view listens to. */
  readonly events: number;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Rows that differ from what was in use; null: not compared, or nothing to compare with. */
  readonly differences: {
    readonly missing: number;
    readonly added: number;
    readonly changed: number;
    readonly examples: readonly string[];
  } | null;
  readonly faults: number;
  readonly switched: boolean;
}

export interface RebuildOptions {
  readonly pool: Pool;
  readonly views: readonly View[];
  readonly place: Place;
  /** Facts of one read of the archive. */
  readonly page?: number;
}

/** @param mode `compare`: only tells the differences and drops the new table again. */
export const rebuildView = async (
  options: RebuildOptions,
  view: View,
  mode: { readonly compare: boolean },
): Promise<RebuildReport> => {
  const report = await alone(options.pool, view, () => rebuilt(options, view, mode));
  if (report === null) throw new RebuildUnderWay(view.name);
  return report;
};

/** Of one view one build at a time, also by other replicas. @returns null while another is under way */
const alone = async <T>(pool: Pool, view: View, work: () => Promise<T>): Promise<T | null> => {
  const client = await pool.connect();
  const lock = [REBUILD_LOCK, tableOf(view)];
  try {
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as got', lock);
    if (rows[0]?.got !== true) return null;
    try {
      return await work();
    } finally {
      await client.query('select pg_advisory_unlock($1, hashtext($2))', lock);
    }
  } finally {
    client.release();
  }
};

const rebuilt = async (
  { pool, views, place, page }: RebuildOptions,
  view: View,
  mode: { readonly compare: boolean },
): Promise<RebuildReport> => {
  const table = tableOf(view);
  const fresh = `${table}_new`;
  const replay = new Replay(view, fresh, place, page);
  await fill(pool, replay);
  return withTransaction(pool, async (db) => {
    await patiently(db);
    const stored = [...(await lockCheckpoints(db, null)).values()];
    await replay.upTo(db, stored, { ahead: false });
    const exists = await tableExists(db, table);
    const differences = exists ? await compare(db, view, table, fresh) : null;
    const rowsBefore = exists ? await count(db, table) : 0;
    const rowsAfter = await count(db, fresh);
    if (mode.compare) await db.query(`drop table ${fresh}`);
    else {
      await switchTo(db, view, views);
      await noteBuilt(db, view, stored);
    }
    return {
      view: view.name,
      version: view.version,
      events: replay.events,
      rowsBefore,
      rowsAfter,
      differences,
      faults: replay.faults.length,
      switched: !mode.compare,
    };
  });
};

/** Makes the new table and takes in what is archived, without locks. */
const fill = async (pool: Pool, replay: Replay): Promise<void> => {
  const { view, table } = replay;
  const create = createTable(view, table);
  await pool.query(`drop table if exists ${table}`);
  await pool.query(create.table);
  await replay.upTo(pool, await readCheckpoints(pool), { ahead: true });
  await withTransaction(pool, async (db) => {
    await patiently(db);
    for (const index of create.indexes) await db.query(long(index));
  });
};

/** Grows with the whole archive; any other statement ends sooner. */
const LONG_MS = 3_600_000;
const long = (text: string) => ({ text, values: [], query_timeout: LONG_MS });
const patiently = (db: Queryable) => db.query(`set local statement_timeout = ${LONG_MS}`);

class Replay {
  events = 0;
  readonly faults: ProjectionFault[] = [];
  private readonly done = new Map<string, Progress>();
  private readonly types: ReadonlyMap<string, readonly string[]>;

  constructor(
    readonly view: View,
    readonly table: string,
    private readonly place: Place,
    private readonly size = PAGE,
  ) {
    this.types = typesBySource(view);
  }

  /** Takes what lies between the last vector and this one. Reads on another connection while it writes, if given a pool. */
  async upTo(db: Queryable, vector: readonly Progress[], { ahead }: { readonly ahead: boolean }): Promise<void> {
    const pages = this.pages(db, vector);
    for await (const page of ahead ? readAhead(pages) : pages) {
      const faults = await projectBatch(db, [{ view: this.view, table: this.table }], page, this.place);
      this.faults.push(...faults);
      this.events += page.length;
    }
  }

  private async *pages(db: Queryable, vector: readonly Progress[]): AsyncGenerator<readonly SeenEvent[]> {
    for (const upTo of vector) {
      const types = this.types.get(upTo.source);
      if (types === undefined) continue;
      let after: Cursor = this.done.get(pairKey(upTo)) ?? { epoch: 0, position: 0 };
      for (;;) {
        const page = await readArchive(db, upTo, { types, after, upTo, limit: this.size });
        if (page.length > 0) yield page;
        if (page.length < this.size) break;
        after = page.at(-1) ?? after;
      }
      this.done.set(pairKey(upTo), upTo);
    }
  }
}

/** Asks for the next item while the last one is worked on. */
async function* readAhead<T>(items: AsyncIterator<T>): AsyncGenerator<T> {
  let next = items.next();
  for (;;) {
    const item = await next;
    if (item.done === true) return;
    next = items.next();
    // Told at its turn; until then nobody listens.
    next.catch(() => undefined);
    yield item.value;
  }
}

const switchTo = async (db: Queryable, view: View, views: readonly View[]): Promise<void> => {
  const table = tableOf(view);
  const plain = plainTableOf(view);
  const exists = await tableExists(db, table);
  if (exists) await db.query(`alter table ${table} rename to ${plain}_old`);
  await db.query(`alter table ${table}_new rename to ${plain}`);
  await createMart(db, views, true);
  if (exists) await db.query(`drop table ${table}_old`);
};

const compare = async (db: Queryable, view: View, table: string, fresh: string) => {
  const key = view.key.join(', ');
  const keyText = view.key.map((name) => `coalesce(a.${name}, b.${name})::text`).join(` || '|' || `);
  const { rows } = await db.query<{ kind: string; n: string; examples: string[] | null }>(
    long(`select kind, count(*) as n, (array_agg(key order by key))[1:${SHOWN}] as examples from (
       select ${keyText} as key,
              case when b.${view.key[0]} is null then 'missing' when a.${view.key[0]} is null then 'added' else 'changed' end as kind
       from ${table} a full join ${fresh} b using (${key})
       where a.* is distinct from b.*
     ) d group by kind`),
  );
  const of = (kind: string) => Number(rows.find((row) => row.kind === kind)?.n ?? 0);
  return {
    missing: of('missing'),
    added: of('added'),
    changed: of('changed'),
    examples: rows.flatMap((row) => (row.examples ?? []).map((example) => `${row.kind} ${example}`)).slice(0, SHOWN),
  };
};

const count = async (db: Queryable, table: string): Promise<number> => {
  const { rows } = await db.query<{ n: string }>(long(`select count(*) as n from ${table}`));
  return Number(rows[0]?.n ?? 0);
};

const tableExists = async (db: Queryable, table: string): Promise<boolean> => {
  const { rows } = await db.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table]);
  return rows[0]?.there === true;
};

/**
 * Makes what a new build needs before the consumer starts: a view whose table of this version does not exist is built from the
 * archive; the analysts' views then point at its tables, and tables of older versions go once no replica uses them.
 */
export const ensureViews = async (options: RebuildOptions): Promise<void> => {
  const { pool, views } = options;
  const missing: View[] = [];
  for (const view of views) if (!(await tableExists(pool, tableOf(view)))) missing.push(view);
  const taken = (await readCheckpoints(pool)).some((progress) => progress.position > 0);
  for (const view of missing) {
    if (taken) await untilBuilt(options, view);
    else await createEmpty(pool, view);
  }
  await withTransaction(pool, async (db) => {
    await noteUse(db, views);
    await createMart(db, views, false);
    await dropOlder(db, views);
  });
};

/** Another replica may be faster, or rebuild it just now. */
const createEmpty = async (pool: Pool, view: View): Promise<void> => {
  const create = createTable(view, tableOf(view));
  await withTransaction(pool, async (db) => {
    await db.query('select pg_advisory_xact_lock($1, hashtext($2))', [REBUILD_LOCK, tableOf(view)]);
    if (await tableExists(db, tableOf(view))) return;
    for (const statement of [create.table, ...create.indexes]) await db.query(statement);
  });
};

const untilBuilt = async (options: RebuildOptions, view: View): Promise<void> => {
  const build = async () => {
    if (!(await tableExists(options.pool, tableOf(view)))) await buildMissing(options, view);
    return true;
  };
  while ((await alone(options.pool, view, build)) === null) await pause(LOOK_AGAIN_MS);
};

const dropOlder = async (db: Queryable, views: readonly View[]): Promise<void> => {
  const { rows } = await db.query<{ name: string }>('select tablename as name from pg_tables where schemaname = $1', [
    VIEW_SCHEMA,
  ]);
  const used = await inUse(db);
  for (const { name } of rows) {
    const version = /^(.+)_v(\d+)$/.exec(name);
    const current = views.find((view) => view.name === version?.[1]);
    if (current !== undefined && Number(version?.[2]) < current.version && !used.has(name))
      await db.query(`drop table ${VIEW_SCHEMA}.${name}`);
  }
};

const buildMissing = async ({ pool, place }: RebuildOptions, view: View): Promise<void> => {
  const fresh = `${tableOf(view)}_new`;
  const plain = plainTableOf(view);
  const replay = new Replay(view, fresh, place);
  await fill(pool, replay);
  await withTransaction(pool, async (db) => {
    await patiently(db);
    const stored = [...(await lockCheckpoints(db, null)).values()];
    await replay.upTo(db, stored, { ahead: false });
    await db.query(`alter table ${fresh} rename to ${plain}`);
    await noteBuilt(db, view, stored);
  });
};

export const withTransaction = async <T>(pool: Pool, work: (db: PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
};
