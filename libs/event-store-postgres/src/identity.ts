/** Which server, and which line of its history, a connection leads to. */
import type { Pool, PoolClient } from 'pg';

export interface ServerIdentity {
  readonly systemId: string;
  readonly timeline: number;
}

export const readIdentity = async (on: Pool | PoolClient): Promise<ServerIdentity> => {
  const { rows } = await on.query<{ system_id: string; timeline: number }>(
    `select s.system_identifier::text as system_id, c.timeline_id as timeline
     from pg_control_system() s, pg_control_checkpoint() c`,
  );
  return { systemId: rows[0]!.system_id, timeline: rows[0]!.timeline };
};

export const sameServer = (a: ServerIdentity, b: ServerIdentity): boolean =>
  a.systemId === b.systemId && a.timeline === b.timeline;

/** The server on which the present epoch was begun. */
export class KnownServer {
  private identity: ServerIdentity | null = null;
  private suspect = false;

  /** A connection led to another one: nothing may be appended before a new epoch began. */
  get suspected(): boolean {
    return this.suspect;
  }

  meet(server: ServerIdentity): void {
    if (this.identity && !sameServer(this.identity, server)) this.suspect = true;
  }

  /** It is this one, and the present epoch is its. */
  accept(server: ServerIdentity): void {
    this.identity = server;
    this.suspect = false;
  }
}
