/** Runs a write on a connection: as one statement, or, where it changes nothing, as the proof that nobody wrote since. */
import { ClockAhead, type CommitResult, isAhead, type StoreWrite } from '@mora/eventing';
import type { PoolClient } from 'pg';
import { writeStatement } from './write-statement.js';

const writesNothing = (w: StoreWrite): boolean =>
  [
    w.events,
    w.snapshots,
    w.setTimers,
    w.clearTimers,
    w.checkpoints,
    w.park,
    w.unpark,
    w.claims,
    w.stops,
    w.side,
    w.sql,
  ].every((part) => part.length === 0);

/** Silence needs no lock, only proof that nobody wrote since. */
const VERIFY = {
  name: 'mora_verify',
  text: `select count(*) = cardinality($1::int[]) as ok, extract(epoch from clock_timestamp())::float8 * 1000 as wall
         from heads h join unnest($1::int[], $2::bigint[]) as k(shard, was) on k.shard = h.shard and k.was = h.position
         where h.epoch = $3`,
};

const verify = async (on: PoolClient, write: StoreWrite): Promise<CommitResult> => {
  const values = [write.heads.map((h) => h.shard), write.heads.map((h) => h.from), write.epoch];
  const { rows } = await on.query<{ ok: boolean; wall: number }>({ ...VERIFY, values });
  return rows[0]!.ok ? { status: 'committed', recordedAt: new Date(rows[0]!.wall).toISOString() } : { status: 'stale' };
};

/** A write with `sql` needs a transaction around it: those statements run once the rest has turned out to hold. */
export const runWrite = async (on: PoolClient, write: StoreWrite): Promise<CommitResult> => {
  if (writesNothing(write)) return verify(on, write);
  const statement = writeStatement(write);
  const { rows } = await on.query<{ ok: boolean; heads_ok: boolean; wall: number }>({
    ...statement,
    values: [...statement.values],
  });
  const row = rows[0]!;
  if (!row.ok && isAhead(write.clock, row.wall)) throw new ClockAhead(write.clock! - row.wall);
  if (!row.ok) return { status: row.heads_ok ? 'checkpoint-moved' : 'stale' };
  for (const { text, values } of write.sql) await on.query(text, [...values]);
  return { status: 'committed', recordedAt: new Date(row.wall).toISOString() };
};
