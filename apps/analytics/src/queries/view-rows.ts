/**
 * Rows of views for the API: a TypeORM entity per view, on the service's own pool. A rebuild puts another table under the same
 * name, so that entities hold for as long as the build does. Writes, archive and sums are plain SQL.
 */
import { ActsOutside, POOL, type ServicePart } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource, EntitySchema, type SelectQueryBuilder } from 'typeorm';
import { EventViews } from '../projection/event-views.js';
import { SQL_TYPE } from '../projection/table.js';
import { type Columns, plainTableOf, type RowOf, VIEW_SCHEMA, type View } from '../projection/view.js';

@ActsOutside()
@Injectable()
export class ViewRows implements ServicePart {
  private source: DataSource | null = null;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    private readonly views: EventViews,
  ) {}

  async open(): Promise<void> {
    const { pool } = this;
    // Never destroyed: that would end the pool, which is its owner's.
    const source = new DataSource({
      type: 'postgres',
      driver: { Pool: new Proxy(class {}, { construct: () => pool }) },
      entities: this.views.all.map(entityOf),
      installExtensions: false,
      logging: false,
    });
    this.source = await source.initialize();
  }

  /** A query of its own, such as a count. The view's alias is `v`. */
  query<C extends Columns>(view: View<C>): SelectQueryBuilder<RowOf<C>> {
    return this.source!.getRepository<RowOf<C>>(view.name).createQueryBuilder('v');
  }

  /** Plain rows: to make entities of them costs half as much again. The view's alias is `v`. */
  async list<C extends Columns>(
    view: View<C>,
    refine: (query: SelectQueryBuilder<RowOf<C>>) => SelectQueryBuilder<RowOf<C>>,
  ): Promise<readonly RowOf<C>[]> {
    const rows = await refine(this.query(view).select('v.*')).getRawMany<Record<string, unknown>>();
    // bigint arrives as text from pg; our integers are safe ones.
    const integers = Object.keys(view.columns).filter((name) => view.columns[name] === 'int');
    for (const row of rows) for (const name of integers) if (row[name] !== null) row[name] = Number(row[name]);
    return rows as unknown as readonly RowOf<C>[];
  }
}

/** Narrows a query of {@link ViewRows.list} to rows that have these values; what is not given does not matter. */
export const equal = <R extends object>(
  query: SelectQueryBuilder<R>,
  values: { readonly [column in keyof R]?: R[column] | undefined },
): SelectQueryBuilder<R> => {
  for (const [column, value] of Object.entries(values))
    if (value !== undefined) query.andWhere(`v.${column} = :${column}`, { [column]: value });
  return query;
};

/** 1–1,000; 50 by default. */
export const limitOf = ({ limit = 50 }: { readonly limit?: number }): number => Math.min(1_000, Math.max(1, limit));

const entityOf = (view: View): EntitySchema<RowOf<Columns>> =>
  new EntitySchema<RowOf<Columns>>({
    name: view.name,
    schema: VIEW_SCHEMA,
    tableName: plainTableOf(view),
    columns: Object.fromEntries(
      Object.entries(view.columns).map(([name, type]) => [
        name,
        { type: SQL_TYPE[type], primary: view.key.includes(name), nullable: !view.key.includes(name) },
      ]),
    ),
  });
