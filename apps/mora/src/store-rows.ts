/** Rows of a service's store, page by page: no more of them are in memory, whatever the store holds. */
import type { Pool } from 'pg';

interface Placed {
  readonly shard: number;
  readonly position: string;
}

const PAGE = 1_000;

/** @param sql gives `shard` and `position`, those after `$1`, `$2`, in their order, at most `$3` */
export async function* rowsOf<T extends object>(pool: Pool, sql: string): AsyncGenerator<T & Placed> {
  let after: Placed = { shard: -1, position: '0' };
  for (;;) {
    const { rows } = await pool.query<T & Placed>(sql, [after.shard, after.position, PAGE]);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last;
  }
}
