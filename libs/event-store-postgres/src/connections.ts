/** Work on connections of which it is known where they lead; what goes wrong on one is told in the words of the store. */
import { StoreUnavailable } from '@mora/eventing';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { hasSqlState, storeError } from './errors.js';
import { readIdentity, type ServerIdentity } from './identity.js';
import { type HeadRow, type KnownHistory } from './known-history.js';
import { HEADS } from './reading.js';

/** So long a connection is believed to lead where it led: a proxy may have moved it. */
const RECOGNISED_MS = 60_000;

export class Connections {
  /** When each was last recognised; `performance.now()`. */
  private readonly recognised = new WeakMap<PoolClient, number>();

  constructor(
    private readonly pool: Pool,
    private readonly history: KnownHistory,
    private readonly recogniseEveryMs = RECOGNISED_MS,
  ) {}

  async query<R extends QueryResultRow>(
    query: string | { name: string; text: string; values?: unknown[] },
    values?: unknown[],
  ): Promise<R[]> {
    return this.connected(async (client) => (await client.query<R>(query as string, values)).rows);
  }

  async connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let broken: Error | undefined;
    try {
      await this.recognise(client);
      return await work(client);
    } catch (error) {
      const known = storeError(error);
      if (known instanceof StoreUnavailable) broken = known;
      throw known;
    } finally {
      client.release(broken);
    }
  }

  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let broken: Error | undefined;
    try {
      await this.recognise(client);
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      const known = storeError(error);
      // On a connection that fell silent a rollback would wait as long again; the server does it when the connection ends.
      if (known !== error && known instanceof StoreUnavailable && !hasSqlState(error)) broken = known;
      else
        await client.query('rollback').catch((cause: Error) => {
          broken = cause;
        });
      throw known;
    } finally {
      client.release(broken);
    }
  }

  /** On a connection of which nothing is known yet. */
  identity(): Promise<ServerIdentity> {
    return readIdentity(this.pool);
  }

  private async connect(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw storeError(error);
    }
  }

  /** A connection may lead to another server, or to the same one put back: then nothing is appended before a new epoch began. */
  private async recognise(client: PoolClient): Promise<void> {
    const known = this.recognised.get(client);
    if (known !== undefined && performance.now() - known < this.recogniseEveryMs) return;
    if (known === undefined) {
      // One that ends between two statements would end the process; whoever uses it learns of that by his next statement.
      client.on('error', () => undefined);
      // Planned once: with arrays of changing lengths the server would plan these statements anew at every call.
      await client.query('set plan_cache_mode = force_generic_plan');
    }
    const before = this.history.remembered();
    this.history.meet(await readIdentity(client));
    this.history.compare((await client.query<HeadRow>(HEADS)).rows, before);
    this.recognised.set(client, performance.now());
  }
}
