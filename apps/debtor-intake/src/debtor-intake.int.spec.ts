import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EVENT_STORE_MIGRATION } from '@mora/event-store-postgres';
import { type TestDatabase, testDatabase } from '@mora/test-kit';
import iconv from 'iconv-lite';
import { FIELDS } from './bank-record/columns.js';
import type { RawRecord } from './bank-record/record.js';
import type { LoadSummary } from './inbound/file/load-file.js';
import { IntakePort } from './inbound/intake-api.js';
import { IntakeInbound } from './inbound/intake-inbound.js';
import { migrations } from './migrations/index.js';
import { startIntake } from './testing/intake-on-postgres.js';
import { rawAccount } from './testing/samples.js';

let database: TestDatabase;
let folder: string;

const open = async () => {
  const service = await startIntake((name) => database.pool(name, 4));
  return { service, api: service.get(IntakeInbound), keys: service.get(IntakePort) };
};

const FIELD_NAMES = FIELDS.account;
const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const lineOf = (raw: RawRecord) => FIELD_NAMES.map((field) => quote(raw[field] ?? '')).join(',');
const account = (id: string, change: RawRecord = {}) =>
  rawAccount({ bank_event_id: `e-${id}`, account_id: id, customer_no: `C-${id}`, dpd: '', ...change });
const rowsOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => lineOf(account(`${prefix}${i}`)));
const write = async (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const book = (lines: readonly string[], end = '\n') => [FIELD_NAMES.join(','), ...lines, ''].join(end);

beforeAll(async () => {
  database = await testDatabase();
  await database.install('debtor-intake', [EVENT_STORE_MIGRATION, ...migrations]);
  folder = await mkdtemp(join(tmpdir(), 'mora-intake-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const counts = ({ read, accepted, duplicates, parked }: LoadSummary) => [read, accepted, duplicates, parked];

describe('a file', () => {
  it('is taken once: the second time every row is a duplicate', async () => {
    const { api, service } = await open();
    const path = await write('book.csv', book(rowsOf('once', 1_200)));
    expect(counts(await api.loadFile(path, { dryRun: true }))).toEqual([1_200, 1_200, 0, 0]);
    const progress: number[] = [];
    expect(counts(await api.loadFile(path, { onProgress: (p) => progress.push(p.read) }))).toEqual([
      1_200, 1_200, 0, 0,
    ]);
    expect(progress).toEqual([500, 1_000, 1_200]);
    expect(counts(await api.loadFile(path))).toEqual([1_200, 0, 1_200, 0]);
    await service.stop();
  });

  it('whose load was broken off is finished by the next load, and nothing is doubled', async () => {
    const first = await open();
    const path = await write('half.csv', book(rowsOf('half', 1_200)));
    const stop = new AbortController();
    const broken = first.api.loadFile(path, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(broken).rejects.toThrow();
    await first.service.stop();
    const { api, service } = await open();
    expect(counts(await api.loadFile(path))).toEqual([1_200, 700, 500, 0]);
    const { rows } = await database
      .pool('debtor-intake', 1)
      .query(`select count(*)::int as n from events where type = 'CaseOpened' and data like '%"half%'`);
    expect(rows).toEqual([{ n: 1_200 }]);
    await service.stop();
  });

  it('is read in UTF-8 with and without BOM, in GB18030 and with any line ending', async () => {
    const { api, service } = await open();
    const variants: [string, Uint8Array][] = [
      ['bom', Buffer.from(`\ufeff${book(rowsOf('bom', 2), '\r\n')}`)],
      ['cr', Buffer.from(book(rowsOf('cr', 2), '\r'))],
      ['gb', iconv.encode(book(rowsOf('gb', 2)), 'gb18030')],
      ['u16', iconv.encode(book(rowsOf('u16', 2)), 'utf-16le', { addBOM: true })],
      ['mixed', Buffer.from(book(rowsOf('mixed', 2)).replace('\n', '\r\n'))],
    ];
    for (const [name, bytes] of variants) {
      const summary = await api.loadFile(await write(`${name}.csv`, bytes));
      expect([name, ...counts(summary)]).toEqual([name, 2, 2, 0, 0]);
    }
    await service.stop();
  });

  it('with bad rows parks them with line, field and reason, and takes the rest', async () => {
    const { api, service } = await open();
    const lines = [
      lineOf(account('bad0', { minimum_due: '1e309' })),
      'a,b',
      `"x${lineOf(account('bad2'))}`,
      lineOf(account('bad3')).replace('TWD', 'T\u0000D'),
      lineOf(account('bad4', { benefits_text: 'y'.repeat(10_000_000) })),
      lineOf(account('bad5', { name: 'N\u0000' })),
      lineOf(account('good6')),
    ];
    const summary = await api.loadFile(await write('bad.csv', book(lines)));
    expect([summary.read, summary.accepted]).toEqual([7, 1]);
    expect(summary.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ line: 2, field: 'minimum_due', value: '1 digit, 1 letter, 3 digits' }),
        expect.objectContaining({ line: 3, field: 'row', reason: expect.stringContaining('2 fields') }),
        expect.objectContaining({ line: 4, field: 'bank_event_id', reason: expect.stringContaining('quote') }),
        expect.objectContaining({ line: 5, field: 'currency', reason: 'contains NUL' }),
        expect.objectContaining({ line: 6, field: 'benefits_text', reason: expect.stringContaining('longer') }),
        expect.objectContaining({ line: 7, field: 'name', reason: 'contains NUL' }),
      ]),
    );
    await service.stop();
  });

  it('that cannot be read at all is refused with what is wrong', async () => {
    const { api, service } = await open();
    await expect(api.loadFile(await write('empty.csv', ''))).rejects.toThrow(
      'empty.csv, line 1, header: the file is empty',
    );
    await expect(api.loadFile(join(folder, 'none.csv'))).rejects.toThrow('there is no such file');
    await expect(api.loadFile(folder)).rejects.toThrow('is not a file');
    await expect(api.loadFile(await write('zip.csv', Buffer.from('PK\u0003\u0004\u0000\u0000')))).rejects.toThrow(
      'NUL',
    );
    await service.stop();
  });
});

describe('parked input', () => {
  it('is there once, for what was found last, also when it comes twice at once', async () => {
    const { service, api } = await open();
    const file = { kind: 'file', name: 'waits.csv' } as const;
    const { customer_no, ...head } = account('waits');
    const money = { ...head, amount: '500.00', value_date: head['business_date']! };
    const reversal = { ...money, record: 'reversal', bank_event_id: 'wr', payment_id: 'wr', reversal_of: 'wp' };
    // While the first is taken, the others come together.
    await Promise.all([[account('busy')], [reversal], [reversal]].map((records) => api.submit(records, file)));
    await api.submit([account('waits')]);
    await api.submit([reversal], file);
    expect(await api.pageOfParked({ file: file.name })).toMatchObject({
      total: 1,
      inputs: [{ problems: [{ field: 'reversal_of' }] }],
    });
    await api.submit([{ ...money, record: 'payment', bank_event_id: 'wp', payment_id: 'wp' }]);
    expect(await api.pageOfParked({ file: file.name })).toMatchObject({ inputs: [{ state: 'redriven' }] });
    await service.stop();
  });

  it('is stored sealed, shown in the clear and driven again', async () => {
    const { api, service } = await open();
    await api.submit([account('parked1', { due_date: '31 Feb' })]);
    const stored = JSON.stringify((await database.pool('debtor-intake', 1).query('select * from parked_input')).rows);
    for (const secret of ['王小明', '+999100200300', 'C-parked1']) expect(stored).not.toContain(secret);
    const found = (await api.listParked({ state: 'parked', limit: 1_000 })).find(
      (p) => p.problems[0]?.value === '2 digits, 1 space, 3 letters',
    )!;
    expect((await api.showParked(found.id)).raw).toMatchObject({ name: '王小明' });
    expect(await api.redriveParked(found.id)).toMatchObject({ result: 'parked', parkedId: found.id });
    expect(await api.redriveParked(found.id, { due_date: '2026-11-01' })).toMatchObject({ result: 'accepted' });
    expect((await api.showParked(found.id)).state).toBe('redriven');
    await expect(api.showParked('nonsense')).rejects.toThrow('no parked input');
    await service.stop();
  });
});

describe("a debtor's key", () => {
  it('is stored wrapped, once, and opens his number in another process', async () => {
    const { service, api } = await open();
    await api.submit([account('key1'), account('key2', { customer_no: 'C-key1' })]);
    await service.stop();
    const again = await open();
    const { rows } = await database
      .pool('debtor-intake', 1)
      .query<{ subject: string; data: string }>(
        `select meta::json ->> 'subject' as subject, data from events where type = 'DebtorRecorded' order by position desc limit 1`,
      );
    const debtorId = rows[0]!.subject;
    const { phones } = JSON.parse(rows[0]!.data) as { phones: { phoneRef: string }[] };
    const key = await again.keys.unwrap(debtorId);
    expect(key!.key).toHaveLength(32);
    expect(await again.keys.numberKey(debtorId, phones[0]!.phoneRef)).toMatch(/^[0-9a-f]{64}$/);
    await database.pool('debtor-intake', 1).query('delete from debtor_keys where debtor_id = $1', [debtorId]);
    const erased = await open();
    expect(await erased.keys.unwrap(debtorId)).toBeNull();
    await again.service.stop();
    await erased.service.stop();
  });

  it('once erased is not made anew: the next record of that debtor is parked', async () => {
    const { service, api } = await open();
    const [first] = await api.submit([account('gone1')]);
    const debtorId = first!.result === 'accepted' ? first!.debtorId! : '';
    await database.pool('debtor-intake', 1).query('delete from debtor_keys where debtor_id = $1', [debtorId]);
    const fresh = await open();
    const [next] = await fresh.api.submit([
      account('gone1', { bank_event_id: 'gone-next', business_date: '2026-11-03' }),
    ]);
    expect(next).toMatchObject({ result: 'parked', problems: [{ reason: expect.stringContaining('key') }] });
    await service.stop();
    await fresh.service.stop();
  });
});
