import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sqlMigration } from '@mora/postgres';
import { type TestDatabase, testDatabase } from './test-database.js';
import { waitFor } from './wait-for.js';

const CreateStore = sqlMigration(
  'CreateStore1700000000000',
  'create table events (position bigint primary key, data text not null) partition by hash (position)',
  'create table events_p0 partition of events for values with (modulus 1, remainder 0)',
  'create table heads (head bigint not null)',
);
const AddNotes = sqlMigration('AddNotes1700000000001', 'create table notes (id bigserial primary key)');

describe("a service's database", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await database.install('dialer', [CreateStore]);
  });
  afterAll(() => database.close());

  const allowed = (sql: string): Promise<string> =>
    database
      .pool('dialer', 1)
      .query(sql)
      .then(
        () => 'allowed',
        (error: { code: string }) => error.code,
      );

  test('lets the service append and read events', async () => {
    expect(await allowed("insert into events values (1, 'a')")).toBe('allowed');
    expect(await allowed('select * from events')).toBe('allowed');
  });

  test.each([
    "update events set data = 'b'",
    'delete from events',
    'truncate events',
    'delete from events_p0',
    'drop table events',
    'alter table events add column x int',
    'create table mine (x int)',
    'delete from migrations',
  ])('forbids the service to %s', async (sql) => {
    expect(await allowed(sql)).toBe('42501');
  });

  test('lets the service change its other tables, also one that a later migration added', async () => {
    expect(await allowed('insert into heads values (1)')).toBe('allowed');
    await database.install('dialer', [CreateStore, AddNotes]);
    expect(await allowed('insert into notes default values')).toBe('allowed');
    expect(await allowed('delete from heads')).toBe('allowed');
  });

  test('hides the tables of another service', async () => {
    await database.install('scoring', [CreateStore]);
    expect(await allowed('select * from mora_scoring.events')).toBe('42501');
  });

  test('lets two processes migrate at once', async () => {
    const both = [1, 2].map(() => database.install('sms-trigger', [CreateStore, AddNotes]));
    await Promise.all(both);
    const found = await database.admin('select name from mora_sms_trigger.migrations order by id');
    expect(found.rows).toEqual([{ name: 'CreateStore1700000000000' }, { name: 'AddNotes1700000000001' }]);
  });

  test('ends a lock wait and an idle transaction by itself', async () => {
    const pool = database.pool('dialer', 1);
    expect((await pool.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '10s' }]);
    expect((await pool.query('show idle_in_transaction_session_timeout')).rows).toEqual([
      { idle_in_transaction_session_timeout: '30s' },
    ]);
  });
});

test('waiting says what never happened', async () => {
  await expect(waitFor('rain', () => false, { timeoutMs: 30 })).rejects.toThrow('rain: did not happen within 30 ms');
});
