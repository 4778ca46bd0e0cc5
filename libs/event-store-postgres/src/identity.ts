/** Which server, and which line of its history, a connection leads to. */
import type { Pool, PoolClient } from 'pg';

export interface ServerIdentity {
  readonly systemId: string;
  /** Of the WAL that is written now: the control file still shows the one before long after a promotion. */
  readonly timeline: number;
}

export const readIdentity = async (on: Pool | PoolClient): Promise<ServerIdentity> => {
  const { rows } = await on.query<{ system_id: string; timeline: number }>(
    `select system_identifier::text as system_id,
       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline
     from pg_control_system()`,
  );
  return { systemId: rows[0]!.system_id, timeline: rows[0]!.timeline };
};

export const sameServer = (a: ServerIdentity, b: ServerIdentity): boolean =>
  a.systemId === b.systemId && a.timeline === b.timeline;
