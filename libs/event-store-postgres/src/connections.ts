/** Work on connections of which it is known where they lead; what goes wrong on one is told in the words of the store. */
import { StoreUnavailable } from '@mora/eventing';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { storeError } from './errors.js';
import { type KnownServer, readIdentity, type ServerIdentity } from './identity.js';

export class Connections {
  private readonly recognised = new WeakSet<PoolClient>();

  constructor(
    private readonly pool: Pool,
    private readonly server: KnownServer,
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
      await client.query('rollback').catch((cause: Error) => {
        broken = cause;
      });
      throw storeError(error);
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

  /** A new connection may lead to another server: then nothing is appended before a new epoch began. */
  private async recognise(client: PoolClient): Promise<void> {
    if (this.recognised.has(client)) return;
    // One that ends between two statements would end the process; whoever uses it learns of that by his next statement.
    client.on('error', () => undefined);
    // Planned once: with arrays of changing lengths the server would plan these statements anew at every call.
    await client.query('set plan_cache_mode = force_generic_plan');
    this.server.meet(await readIdentity(client));
    this.recognised.add(client);
  }
}
