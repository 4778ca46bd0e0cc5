/**
 * One of several replicas at a time: a session lock in the service's own database. Effects beyond the store (calls, messages,
 * publishing) belong to its holder; the store itself needs no holder. Whoever loses the connection takes the lock again, and
 * learns then whether another was faster.
 */
import type { DatabaseAddress } from '@mora/postgres';
import type { Log } from '@mora/telemetry';
import pg from 'pg';
import { LeaseTaken, messageOf } from '../errors.js';

export interface LeaseOptions {
  readonly address: DatabaseAddress;
  /** Whom and what it is for; persisted in nothing, but the same for all replicas of all versions. */
  readonly key: string;
  readonly log: Log;
  /** Another replica holds it now, though this one never gave it back: everything it stands for must end at once. */
  readonly onTaken: (error: LeaseTaken) => void;
  /** A word from another replica, see {@link Lease.notify}. */
  readonly onNotified?: () => void;
  readonly retryMs?: number;
}

const LOCK = 7_212_003;
const RETRY_MS = 200;
/** A connection that fell silent holds nothing for us: the server lets another have it. */
const HEARTBEAT_MS = 5_000;
/** A holder whose machine vanished is noticed by the server within this order of seconds. */
const KEEPALIVE = '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3';

export class Lease {
  private client: pg.Client | null = null;
  private pid: number | null = null;
  private wasHeld = false;
  private ended = false;
  private wake: () => void = () => undefined;
  private loop: Promise<void> | null = null;
  private readonly first = Promise.withResolvers<boolean>();

  constructor(private readonly options: LeaseOptions) {}

  get held(): boolean {
    return this.client !== null;
  }

  /** Resolves when this process holds it for the first time; false: it was given up before. */
  acquire(): Promise<boolean> {
    this.loop ??= this.keep();
    return this.first.promise;
  }

  /** Gives it back, or stops waiting. Idempotent. */
  async release(): Promise<void> {
    this.ended = true;
    this.wake();
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
    this.first.resolve(false);
    await this.loop;
  }

  private async keep(): Promise<void> {
    while (!this.ended) {
      try {
        if (await this.hold()) continue;
      } catch (error) {
        this.options.log.warn({ lease: this.options.key, error: messageOf(error) }, 'the lease could not be asked for');
      }
      if (!this.ended) await this.pause();
    }
  }

  /** @returns after the connection that held it has ended; false when another process holds it. */
  private async hold(): Promise<boolean> {
    const { address, key, onNotified, onTaken } = this.options;
    const client = new pg.Client({
      ...address,
      application_name: `mora-lease ${key}`.slice(0, 63),
      connectionTimeoutMillis: 5_000,
      query_timeout: HEARTBEAT_MS,
      options: KEEPALIVE,
      keepAlive: true,
    });
    const over = new Promise<void>((resolve) => {
      client.once('end', () => resolve());
      client.on('error', () => undefined);
    });
    try {
      await client.connect();
      const { rows } = await client.query<{ got: boolean; pid: number }>(
        'select pg_try_advisory_lock($1, hashtext($2)) as got, pg_backend_pid() as pid',
        [LOCK, key],
      );
      if (!rows[0]!.got) {
        if (this.wasHeld && !(await this.endGhost(client))) {
          this.ended = true;
          onTaken(new LeaseTaken(key));
        }
        return false;
      }
      if (this.ended) return true;
      if (onNotified) {
        client.on('notification', onNotified);
        await client.query(`listen ${channelOf(key)}`);
      }
      this.pid = rows[0]!.pid;
      this.client = client;
      this.wasHeld = true;
      this.first.resolve(true);
      const beat = setInterval(() => void client.query('select 1').catch(() => client.end()), HEARTBEAT_MS);
      await over.finally(() => clearInterval(beat));
      return true;
    } finally {
      this.client = null;
      await client.end().catch(() => undefined);
    }
  }

  /** The own lost connection may live on at the server. @returns whether the holder was that one */
  private async endGhost(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and granted and classid = $1::int::oid and objid = hashtext($2)::oid
       and database = (select oid from pg_database where datname = current_database())`,
      [LOCK, this.options.key],
    );
    const [holder] = rows;
    if (holder === undefined) return true;
    if (holder.pid !== this.pid) return false;
    await client.query('select pg_terminate_backend($1)', [holder.pid]);
    return true;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.options.retryMs ?? RETRY_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const channelOf = (key: string): string => `mora_${key.replace(/[^a-z0-9]+/gi, '_').toLowerCase()}`;

/** Tells the holder of a lease that there is something to do. */
export const notifyHolder = async (pool: pg.Pool, key: string): Promise<void> => {
  await pool.query('select pg_notify($1, $2)', [channelOf(key), '']);
};
