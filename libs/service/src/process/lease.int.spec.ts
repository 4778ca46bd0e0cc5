import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DatabaseAddress } from '@mora/postgres';
import { type TestDatabase, testDatabase, waitFor } from '@mora/test-kit';
import { Lease } from './lease.js';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
let db: TestDatabase;
let address: DatabaseAddress;
beforeAll(async () => {
  db = await testDatabase();
  address = await db.install('scoring', []);
}, 60_000);
afterAll(() => db.close());

const leaseOf = (key: string, taken: string[] = []): Lease =>
  new Lease({ address, key, log: LOG, onTaken: ({ code }) => taken.push(code), retryMs: 20 });
const holderOf = async (key: string): Promise<number> => {
  const { rows } = await db.admin(
    `select pid from pg_locks where locktype = 'advisory' and granted and objid = hashtext('${key}')::oid`,
  );
  return (rows[0] as { pid: number } | undefined)?.pid ?? 0;
};

describe('the lease', () => {
  it('is held by one of two, and by the other when the first gives it back', async () => {
    const [first, second] = [leaseOf('a'), leaseOf('a')];
    expect(await first.acquire()).toBe(true);
    const waiting = second.acquire();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([first.held, second.held]).toEqual([true, false]);
    await first.release();
    expect([await waiting, first.held, second.held]).toEqual([true, false, true]);
    await second.release();
  });

  it('is not waited for any longer than wanted', async () => {
    const [first, second] = [leaseOf('b'), leaseOf('b')];
    await first.acquire();
    const waiting = second.acquire();
    await second.release();
    expect(await waiting).toBe(false);
    await first.release();
  });

  it('is taken again when its connection breaks', async () => {
    const taken: string[] = [];
    const lease = leaseOf('c', taken);
    await lease.acquire();
    const before = await holderOf('c');
    await db.admin(`select pg_terminate_backend(${before})`);
    await waitFor('the lease again', async () => lease.held && (await holderOf('c')) !== before);
    expect(taken).toEqual([]);
    await lease.release();
  });

  it('is lost to a replica that was faster, which is told', async () => {
    const taken: string[] = [];
    const [first, second] = [leaseOf('d', taken), leaseOf('d')];
    await first.acquire();
    const pid = await holderOf('d');
    const rival = db.pool('scoring', 1);
    const client = await rival.connect();
    const got = client.query('select pg_advisory_lock(7212003, hashtext($1))', ['d']);
    await db.admin(`select pg_terminate_backend(${pid})`);
    await got;
    await waitFor('the word of it', () => taken.length > 0);
    expect([taken, first.held]).toEqual([['LEASE_TAKEN'], false]);
    client.release(true);
    await Promise.all([first.release(), second.release()]);
  });
});
