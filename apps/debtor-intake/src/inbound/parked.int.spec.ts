import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { clientFor, fileV1, parkedV1 } from '@mora/grpc';
import { ACTIVITY } from '@mora/service';
import { Wire } from '@mora/test-kit';
import { INTAKE_CONFIG } from '../config.js';
import { intakeWorld, stopWorlds } from '../testing/intake-world.fixture.js';
import { rawAccount, rawPayment } from '../testing/samples.js';
import { FileController } from './file/file.grpc.js';
import { IntakeInbound } from './intake-inbound.js';
import { ParkedController } from './parked.grpc.js';

let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  ending = [];
  await stopWorlds();
});

const rig = async (readsFiles = true) => {
  const { world } = await intakeWorld();
  const intake = world.get(IntakeInbound);
  const wire = await Wire.up({
    controllers: [ParkedController, FileController],
    providers: [
      { provide: IntakeInbound, useValue: intake },
      { provide: INTAKE_CONFIG, useValue: { readsFiles } },
      { provide: ACTIVITY, useValue: world.activity },
    ],
    services: [parkedV1.ParkedService, fileV1.FileService],
  });
  const parked = clientFor(parkedV1.ParkedService, wire.address);
  const files = clientFor(fileV1.FileService, wire.address);
  ending.push(() => wire.stop(), parked.close, files.close);
  return { world, intake, parked, files };
};
type Rig = Awaited<ReturnType<typeof rig>>;

const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('an operator at the door of intake', () => {
  let at: Rig;
  let id: string;
  beforeEach(async () => {
    at = await rig();
    await at.intake.submit([rawAccount({ due_date: '31 Feb' })], { kind: 'file', name: 'book.csv' });
    id = (await at.intake.listParked({ limit: 1 }))[0]!.id;
  });

  it('sees what is parked, with its place and its problems, and the record in the clear only when he asks for it', async () => {
    const { inputs, total } = await at.parked.list({ limit: 50 });
    expect(total).toBe(1);
    expect(inputs).toMatchObject([
      {
        id,
        state: 'parked',
        channel: { kind: 'file', name: 'book.csv', offset: 0n },
        problems: [{ field: 'due_date', value: expect.any(String) }],
        receivedAt: '2026-11-02T02:00:00.000Z',
      },
    ]);
    expect(JSON.stringify(inputs, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).not.toContain(
      '王小明',
    );
    const { input, raw } = await at.parked.show({ id });
    expect(input).toMatchObject({ id, state: 'parked' });
    expect(raw).toContainEqual(expect.objectContaining({ name: 'name', value: '王小明' }));
  });

  it('drives a record again: it stays parked as it is, is taken once it is mended, and then is a duplicate', async () => {
    expect(await at.parked.redrive({ id })).toMatchObject({
      result: 'parked',
      parkedId: id,
      problems: [{ field: 'due_date' }],
    });
    const corrected = [{ name: 'due_date', value: '2026-11-01' }];
    const taken = await at.parked.redrive({ id, corrected });
    expect(taken).toMatchObject({ result: 'accepted', debtorId: expect.any(String), caseId: expect.any(String) });
    expect(await at.parked.redrive({ id, corrected })).toMatchObject({ result: 'duplicate' });
    expect(at.world.thenOf('CaseOpened')).toHaveLength(1);
  });

  it('drives many again, those that are meant and no others, in the order of their lines', async () => {
    const early = (n: number) => rawPayment({ bank_event_id: `p${n}`, payment_id: `p${n}`, amount: '1.00' });
    await at.intake.submit(
      Array.from({ length: 250 }, (_, n) => early(n)),
      { kind: 'file', name: 'paid.csv' },
    );
    await at.intake.submit([rawAccount({ bank_event_id: 'mended' })]);
    expect(await at.parked.list({ limit: 5, state: 'parked', file: 'paid.csv' })).toMatchObject({ total: 250 });
    const reason = 'NO CASE of this account';
    const first = await at.parked.redriveMany({ reason });
    expect(first).toMatchObject({ tried: 200, accepted: 200, parked: 0, next: expect.any(String) });
    expect(await at.parked.redriveMany({ reason, after: first.next! })).toMatchObject({ tried: 50, accepted: 50 });
    expect(await at.parked.list({ limit: 5, state: 'parked' })).toMatchObject({ total: 1, inputs: [{ id }] });
  });

  it('is told of a record that is not there, and of a limit that none is', async () => {
    const missing = { code: 'PARKED_NOT_FOUND', message: expect.stringContaining(NOBODY) };
    await expect(at.parked.show({ id: NOBODY })).rejects.toMatchObject(missing);
    await expect(at.parked.redrive({ id: NOBODY })).rejects.toMatchObject(missing);
    for (const limit of [0, 1_001])
      await expect(at.parked.list({ limit })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

describe('a file on the disk of intake', () => {
  const HEADER = Object.keys(rawAccount());
  const row = (change: Record<string, string>) => Object.values(rawAccount(change)).join(',');
  const fileOf = async (...rows: readonly string[]): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'mora-file-'));
    ending.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 'book.csv');
    await writeFile(path, [`${HEADER.join(',')},shoe_size`, ...rows.map((each) => `${each},43`)].join('\n'));
    return path;
  };

  it('is checked, or taken with its bad rows parked', async () => {
    const { world, files, intake } = await rig();
    const path = await fileOf(row({}), row({ bank_event_id: 'other', due_date: '31 Feb' }));
    const summary = {
      file: 'book.csv',
      encoding: 'utf-8',
      separator: 'comma',
      counts: { read: 2, accepted: 1, parked: 1 },
      byReason: { [`due_date ${await reasonOf(intake)}`]: 1 },
      problems: [{ line: 3, problem: { field: 'due_date' }, mend: expect.stringContaining('2026-11-02') }],
      ignoredColumns: ['shoe_size'],
      unusedWords: [],
    };
    const before = (await intake.listParked()).length;
    expect(await loaded(files, { path, dryRun: true })).toMatchObject({ summary: { ...summary, dryRun: true } });
    expect([world.thenOf('CaseOpened').length, (await intake.listParked()).length]).toEqual([0, before]);
    expect(await loaded(files, { path })).toMatchObject({ summary: { ...summary, dryRun: false } });
    expect([world.thenOf('CaseOpened').length, (await intake.listParked()).length]).toEqual([1, before + 1]);
  });

  it('that is not there, or cannot be read, is refused with the reason', async () => {
    const { files } = await rig();
    expect(await loaded(files, { path: '/nowhere/book.csv' })).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('there is no such file'),
    });
    await expect(files.begin({ path: '/nowhere/book.csv', encoding: 'klingon' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('big5'),
    });
  });

  it('that nobody loads any more is not known', async () => {
    const { files } = await rig();
    await expect(files.look({ loadId: NOBODY })).rejects.toMatchObject({ code: 'LOAD_UNKNOWN' });
  });

  test.each([true, false])('is not even looked for where others reach the door (dry run: %s)', async (dryRun) => {
    const { files, world } = await rig(false);
    const path = await fileOf(row({}));
    await expect(files.begin({ path, dryRun })).rejects.toMatchObject({ code: 'NOT_ON_THIS_MACHINE' });
    await expect(files.look({ loadId: NOBODY })).rejects.toMatchObject({ code: 'NOT_ON_THIS_MACHINE' });
    expect(world.events).toEqual([]);
  });
});

/** A load, looked at until it is over. */
const loaded = async (files: Rig['files'], request: Parameters<Rig['files']['begin']>[0]) => {
  const { loadId } = await files.begin(request);
  for (;;) {
    const seen = await files.look({ loadId });
    if (seen.state !== 'loading') return seen;
  }
};

/** The words of the validator for this field. */
const reasonOf = async (intake: IntakeInbound): Promise<string> => {
  const [outcome] = await intake.submit([rawAccount({ bank_event_id: 'asked', due_date: '31 Feb' })]);
  return outcome?.result === 'parked' ? outcome.problems[0]!.reason : '';
};
