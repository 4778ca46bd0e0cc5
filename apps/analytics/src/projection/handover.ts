/**
 * While a new build is rolled out two replicas may project different versions of a view. Each checkpoint names the views that
 * are projected up to it; what a build leaves behind is noted, and whoever knows that view catches up from the archive.
 */
import type { Cursor } from '@mora/contracts';
import { readArchive } from '../archive/archive.js';
import type { Progress } from './checkpoints.js';
import type { ProjectionFault } from './project.js';
import { projectBatch } from './projector.js';
import { arrayOf, type Queryable } from './table.js';
import { type Place, plainTableOf, tableOf, type View } from './view.js';

const PAGE = 5_000;

/** Persisted with each checkpoint. */
export const signatureOf = (views: readonly View[]): string => views.map(plainTableOf).sort().join(' ');

const namesIn = (signature: string): readonly string[] => signature.split(' ').filter((name) => name !== '');

/** Types that a view takes, by source. */
export const typesBySource = (view: View): ReadonlyMap<string, readonly string[]> => {
  const types = new Map<string, string[]>();
  for (const name of view.types) {
    const dot = name.indexOf('.');
    const source = name.slice(0, dot);
    types.set(source, [...(types.get(source) ?? []), name.slice(dot + 1)]);
  }
  return types;
};

const lacks = ({ views }: Progress, view: View): boolean => !namesIn(views).includes(plainTableOf(view));

/** Pairs that another build has taken in without some of these views. */
export const behind = (views: readonly View[], stored: readonly Progress[]): readonly Progress[] =>
  stored.filter((at) => views.some((view) => lacks(at, view)));

/** Under the checkpoint's lock: these views take in what another build did without them. @returns what no view could take */
export const catchUpAll = async (
  db: Queryable,
  views: readonly View[],
  at: Progress,
  place: Place,
): Promise<readonly ProjectionFault[]> => {
  const faults: ProjectionFault[] = [];
  for (const view of views) if (lacks(at, view)) faults.push(...(await catchUp(db, view, at, place)));
  return faults;
};

/** Once they have caught up, and nothing further is taken in, theirs and these stand at the same place. */
export const together = (views: readonly View[], at: Progress): Progress => ({
  ...at,
  views: [...new Set([...namesIn(at.views), ...views.map(plainTableOf)])].sort().join(' '),
});

/** Before more is taken in than that: notes where views that are not these stay. */
export const leaveBehind = async (db: Queryable, views: readonly View[], at: Progress): Promise<void> => {
  const mine = views.map(plainTableOf);
  for (const name of namesIn(at.views)) if (!mine.includes(name)) await noteLeft(db, name, [at]);
};

const catchUp = async (
  db: Queryable,
  view: View,
  upTo: Progress,
  place: Place,
): Promise<readonly ProjectionFault[]> => {
  const { rows } = await db.query<{ epoch: string; position: string }>(
    'delete from view_left where view = $1 and source = $2 and shard = $3 returning epoch, position',
    [plainTableOf(view), upTo.source, upTo.shard],
  );
  const types = typesBySource(view).get(upTo.source);
  const faults: ProjectionFault[] = [];
  let after: Cursor = { epoch: Number(rows[0]?.epoch ?? 0), position: Number(rows[0]?.position ?? 0) };
  while (types !== undefined) {
    const page = await readArchive(db, upTo, { types, after, upTo, limit: PAGE });
    faults.push(...(await projectBatch(db, [{ view, table: tableOf(view) }], page, place)));
    if (page.length < PAGE) break;
    after = page.at(-1) ?? after;
  }
  return faults;
};

/** A view is projected up to these, and whoever goes on does not know it. */
export const noteLeft = async (db: Queryable, view: string, at: readonly Progress[]): Promise<void> => {
  await db.query(
    `insert into view_left (view, source, shard, epoch, position)
     select $1, * from unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[])
     on conflict (view, source, shard) do update set epoch = excluded.epoch, position = excluded.position`,
    [
      view,
      ...(['source', 'shard', 'epoch', 'position'] as const).map((field) =>
        arrayOf(
          at.map((each) => each[field]),
          field === 'source' ? 'text' : 'int',
        ),
      ),
    ],
  );
};

/** After a build of its table up to these: of those that others project without it, it is left there. */
export const noteBuilt = async (db: Queryable, view: View, at: readonly Progress[]): Promise<void> => {
  const name = plainTableOf(view);
  await db.query('delete from view_left where view = $1', [name]);
  await noteLeft(
    db,
    name,
    at.filter(({ views }) => !namesIn(views).includes(name)),
  );
};

/** A table that no replica has named for so long is nobody's. */
const UNUSED_MINUTES = 10;

/** Tells the others that these tables are in use; repeated every minute. */
export const noteUse = async (db: Queryable, views: readonly View[]): Promise<void> => {
  await db.query(
    `insert into view_use (view) select * from unnest($1::text[]) on conflict (view) do update set used_at = clock_timestamp()`,
    [arrayOf(views.map(plainTableOf), 'text')],
  );
};

/** @returns tables that some replica uses, without their schema */
export const inUse = async (db: Queryable): Promise<ReadonlySet<string>> => {
  const { rows } = await db.query<{ view: string }>(
    `select view from view_use where used_at > clock_timestamp() - interval '${UNUSED_MINUTES} minutes'`,
  );
  return new Set(rows.map(({ view }) => view));
};
