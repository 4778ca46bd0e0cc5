import { createServer, type Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '@mora/eventing';
import { createPool, type DatabaseAddress } from '@mora/postgres';
import { count, SHARDS, sqlMigration, type TestDatabase, testDatabase, writerOn } from '@mora/test-kit';
import { EVENT_STORE_MIGRATION, PostgresStore } from './index.js';

/** A way to a server on which connections can fall silent: nothing is said, nothing is closed. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async to({ host, port }: DatabaseAddress): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on('connection', (near) => {
      const far = new Socket().connect(port, host);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        wire.sockets.add(socket);
        socket.on('error', () => undefined);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  silence(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('a connection that falls silent', () => {
  let database: TestDatabase;
  let address: DatabaseAddress;
  beforeAll(async () => {
    database = await testDatabase();
    address = await database.install('dialer', [sqlMigration('EventStore1763900000000', ...EVENT_STORE_MIGRATION.up)]);
  });
  afterAll(() => database.close());

  it('is given up after the longest silence, and its shards go on by another', async () => {
    const wire = await Wire.to(address);
    const limits = { statementMs: 400, silenceMs: 600 };
    const pool = createPool({ ...address, port: wire.port }, 'dialer', { max: 2, log: () => undefined, ...limits });
    const store = await PostgresStore.open({ pool, source: 'dialer', shards: SHARDS });
    const writer = writerOn(store);
    await writer.execute(count('a', '1', 0));
    wire.silence();
    const began = performance.now();
    await expect(writer.execute(count('a', '2', 0))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(performance.now() - began).toBeLessThan(5_000);
    const { states } = await writer.execute(count('a', '3', 0));
    expect(states).toMatchObject([{ of: expect.arrayContaining(['1', '3']) }]);
    await pool.end();
    await wire.close();
  });

  it('is not needed for a statement to end: the server itself ends one that takes too long', async () => {
    const pool = createPool(address, 'dialer', { log: () => undefined, statementMs: 200, silenceMs: 5_000 });
    await expect(pool.query('select pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
    await pool.end();
  });
});
