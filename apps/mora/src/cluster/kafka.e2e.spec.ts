import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { csvHeader, csvLine, openBook } from '@mora/sample-book';
import { METRICS, type SpanLine } from '@mora/telemetry';
import type { RunSummary } from '../run.js';
import { type Ended, Product, type Started, until } from '../testing/product.js';

const BOOK = ['--accounts', '60', '--days', '1', '--seed', '1'];

const callsOf = (product: Product): readonly string[] =>
  product
    .invites()
    .map(({ number, businessAt }) => `${businessAt} ${number}`)
    .sort();

/** Processes of this installation: its data directory is in their arguments or their environment. */
const processesOf = async ({ dataDir }: Product): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const command = await read('cmdline');
    if (`${command}\0${await read('environ')}`.includes(dataDir)) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
  }
  return found;
};

const linesOf = async (folder: string): Promise<readonly string[]> => {
  const files = await readdir(folder);
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).flatMap((text) =>
    text.split('\n').filter((line) => line !== ''),
  );
};

/** The last that each process offered to Prometheus, asked while it works. */
const scraped = async (product: Product, until: Promise<unknown>): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const logs = await readdir(join(product.dataDir, 'logs')).catch(() => []);
    for (const file of logs) {
      const port = /"http":(\d+)/.exec(await readFile(join(product.dataDir, 'logs', file), 'utf8'))?.[1];
      const text = port === undefined ? null : await metricsAt(port);
      if (text !== null) found.set(file.replace('.log', ''), text);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return found;
};

const metricsAt = (port: string): Promise<string | null> =>
  fetch(`http://127.0.0.1:${port}/metrics`).then(
    (answer) => answer.text(),
    () => null,
  );

describe('Mora as one process per service on a real Kafka', () => {
  const products: Product[] = [];
  const make = async (): Promise<Product> => {
    const product = await Product.make();
    products.push(product);
    return product;
  };
  let onKafka: Product;
  let done: Ended & { readonly summary: RunSummary };
  let left: readonly string[];
  let metrics: ReadonlyMap<string, string>;
  beforeAll(async () => {
    onKafka = await make();
    const run = onKafka.untilIdle(['--kafka', '--traces', ...BOOK]);
    metrics = await scraped(onKafka, run);
    done = await run;
    left = await processesOf(onKafka);
  });
  afterAll(() => Promise.all(products.map((product) => product.remove())));

  it('works the day to its end, and the safety oracle is clean', () => {
    expect(done.code).toBe(0);
    expect(done.summary).toMatchObject({
      accounts: 60,
      businessTime: '2026-11-02T16:00:00.000Z',
      oracle: { clean: true, violations: 0, counts: { callsWithoutEnd: 0 } },
    });
    expect(done.summary.calls).toBeGreaterThan(0);
  });

  it('leaves no process behind', () => {
    expect(left).toEqual([]);
  });

  it('says nothing on stderr that a person should worry about', () => {
    expect(done.stderr).not.toMatch(/warning|deprecat|error|lost|failed|started again|killed/i);
  });

  it('follows an SMS from the bank’s record to the receipt as one trace, over Kafka, gRPC and SQL', async () => {
    const spans = (await linesOf(join(onKafka.dataDir, 'traces'))).map((line) => JSON.parse(line) as SpanLine);
    const received = spans.find(({ name }) => name === 'decide sms.receive');
    const trace = spans.filter(({ traceId }) => traceId === received?.traceId);
    const ids = new Set(trace.map(({ spanId }) => spanId));
    expect(trace.filter(({ parentSpanId }) => parentSpanId === null).map(({ name }) => name)).toEqual(['take account']);
    expect(trace.filter(({ parentSpanId }) => parentSpanId !== null && !ids.has(parentSpanId))).toEqual([]);
    const said = new Set(trace.map(({ service, name }) => `${service}: ${name}`));
    for (const step of [
      'debtor-intake: decide record-account',
      'debtor-intake: commit',
      'debtor-intake: publish mora.intake.v1',
      'risk-tiering: decide treatment.start',
      'sms-trigger: decide sms.plan',
      'sms-trigger: /mora.guard.v1.GuardService/Authorize',
      'contact-guard: /mora.guard.v1.GuardService/Authorize',
      'contact-guard: decide Authorize',
      'sms-trigger: decide sms.submit',
      'sms-trigger: decide sms.receive',
    ])
      expect(said).toContain(step);
    expect(trace.find(({ name }) => name === 'commit')?.attributes).toMatchObject({ 'db.system.name': 'postgresql' });
  });

  it('offers Prometheus what happened, by the catalogue’s names', () => {
    expect([...metrics.keys()].sort()).toHaveLength(8);
    const total = (service: string, name: string) =>
      (metrics.get(service) ?? '')
        .split('\n')
        .filter((line) => line.startsWith(name))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    expect(total('contact-guard', 'mora_contacts_permitted_total')).toBeGreaterThan(0);
    expect(total('telephony-gateway', 'mora_turn_latency_ms_count')).toBeGreaterThan(0);
    expect(total('dialer', 'mora_feed_delivered_total')).toBeGreaterThan(0);
    const names = [...metrics.values()].flatMap((text) =>
      [...text.matchAll(/^# TYPE (mora_\S+)/gm)].map(([, name]) => name),
    );
    expect(names.filter((name) => !Object.hasOwn(METRICS, name!))).toEqual([]);
  });

  it('says nothing of a person in spans, metrics and logs', async () => {
    const book = await openBook({ seed: '1', accounts: 60, from: '2026-11-02' });
    const rows = Array.from({ length: 60 }, (_, index) => book.row(index));
    const personal = rows.flatMap(({ name, customer_no, phones }) => [
      name,
      customer_no,
      ...phones.split(/[^0-9]+/),
      ...phones.split(/[^0-9]+/).map((digits) => digits.slice(2)),
    ]);
    const canaries = new Set(personal.filter((word) => word.length > 1));
    expect(canaries.size).toBeGreaterThan(150);
    const said = [
      ...(await linesOf(join(onKafka.dataDir, 'traces'))),
      ...(await linesOf(join(onKafka.dataDir, 'logs'))),
      ...[...metrics.values()].flatMap((text) => text.split('\n')),
    ];
    expect(said.length).toBeGreaterThan(2_000);
    expect(said.filter((line) => [...canaries].some((word) => line.includes(word)))).toEqual([]);
  });

  it('makes the calls of the same seed in one process, to the same numbers at the same business times', async () => {
    const inOne = await make();
    const { summary } = await inOne.untilIdle(BOOK);
    expect(callsOf(onKafka)).toEqual(callsOf(inOne));
    const { openedCases, calls, connected, reached, promises, cured, sms } = done.summary;
    expect(summary).toMatchObject({ openedCases, calls, connected, reached, promises, cured, sms });
  });

  it('ends all of it in order at one Ctrl-C, and goes on from there', async () => {
    const stopped = await make();
    const running = stopped.start(['--kafka', '--json', '--speed', '20', ...BOOK]);
    const deadline = performance.now() + 120_000;
    while (stopped.invites().length === 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    running.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect({ code, clean: stderr.includes('stopped cleanly') }).toEqual({ code: 0, clean: true });
    expect(await processesOf(stopped)).toEqual([]);
    const { summary } = await stopped.untilIdle(['--kafka']);
    expect(summary.oracle.clean).toBe(true);
    expect(callsOf(stopped)).toEqual(callsOf(onKafka));
  });

  describe('up and idle', () => {
    let idle: Started;
    let ordered: { readonly haltId: string; readonly debtorId: string };
    beforeAll(async () => {
      idle = onKafka.start(['--kafka']);
      await until('all days are worked', () => idle.said().includes('stays up and idle'), 120);
    });

    it('answers what is asked of the views, and compares one with the archive', async () => {
      expect(await onKafka.json('status')).toMatchObject({ businessTime: '2026-11-02T16:00:00.000Z', analyticsLag: 0 });
      expect(await onKafka.json('views', 'list')).toContain('calls');
      expect(await onKafka.json('views', 'rebuild', 'calls', '--compare')).toMatchObject({
        differences: { missing: 0, added: 0, changed: 0 },
        switched: false,
      });
      const [call] = await onKafka.json<readonly { debtor_id: string }[]>('calls', 'list');
      expect(await onKafka.json('why', call!.debtor_id)).toMatchObject({ debtorId: call!.debtor_id });
    });

    it('halts the contacts of an account’s debtor, and resumes once', async () => {
      const [one] = await onKafka.json<readonly { account_id: string; debtor_id: string }[]>('cases', 'list');
      const halt = ['halt', '--debtor', one!.account_id, '--reason', 'test', '--as', 'ops'];
      const { haltId } = await onKafka.json<{ haltId: string }>(...halt);
      ordered = { haltId, debtorId: one!.debtor_id };
      expect(await onKafka.json('resume', haltId, '--reason', 'over')).toEqual({ resumed: haltId });
      const { code, stderr } = await onKafka.ask('resume', haltId, '--reason', 'over');
      expect({ code, stderr }).toEqual({ code: 2, stderr: `mora: no halt ${haltId} is in force\n` });
    });

    it('checks a file, takes it, and drives its bad row again once it is mended', async () => {
      const book = await openBook({ seed: '1', accounts: 60, from: '2026-11-02' });
      const record = {
        ...book.row(0),
        bank_event_id: 'e2e-1',
        customer_no: 'X1',
        account_id: 'X1',
        phones: '+999100000001|registered|1',
        currency: 'QQQ',
      };
      const [file, mended] = [join(onKafka.dataDir, 'input.csv'), join(onKafka.dataDir, 'mended.json')];
      await writeFile(file, `${csvHeader}\n${csvLine(record)}\n`);
      await writeFile(mended, JSON.stringify({ currency: 'TWD' }));
      const summary = { file: 'input.csv', read: 1, parked: 1, problems: [{ line: 2, field: 'currency' }] };
      expect(await onKafka.json('load', file, '--dry-run')).toMatchObject({ ...summary, dryRun: true });
      expect(await onKafka.json('parked', 'list')).toEqual({ inputs: [], total: 0 });
      expect(await onKafka.json('load', file)).toMatchObject({ ...summary, dryRun: false });
      const { inputs } = await onKafka.json<{ inputs: readonly { id: string }[] }>(
        'parked',
        'list',
        '--file',
        'input.csv',
      );
      const [parked] = inputs;
      expect(await onKafka.json('parked', 'show', parked!.id)).toMatchObject({ raw: { currency: 'QQQ' } });
      const redrive = ['parked', 'redrive', parked!.id];
      expect(await onKafka.json(...redrive)).toMatchObject({ result: 'parked', parkedId: parked!.id });
      expect(await onKafka.json(...redrive, '--raw', mended)).toMatchObject({ result: 'accepted' });
      const cases = await onKafka.json<readonly { account_id: string }[]>('cases', 'list', '--limit', '1000');
      expect(cases.map(({ account_id }) => account_id)).toContain('X1');
      expect((await onKafka.ask('why', 'X1')).stdout).toContain('debtor ');
    });

    test.each([
      [['cases', 'show', 'nobody'], /no case nobody/],
      [['cases', 'list', '--state', 'gone'], /state must be/],
      [['halt', '--reason', 'test', '--tier', 'X'], /tier must be/],
      [['parked', 'show', 'nobody'], /no parked input has the id nobody/],
      [['views', 'rebuild', 'nobody'], /no view nobody/],
      [['load', '/nowhere/book.csv'], /no such file/],
    ])('refuses %j in one line', async (args, words) => {
      const { code, stdout, stderr } = await onKafka.ask(...args);
      expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
      expect(stderr).toMatch(words);
    });

    it('ends when it is told to', async () => {
      expect(await onKafka.json('stop')).toMatchObject({ stopping: true });
      expect(await idle.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/stopped cleanly\n$/) });
    });

    it('has told the guard of the halt and of its end', async () => {
      const halts = (await onKafka.stored('risk_tiering', 'contact_guard')).filter(
        ({ data }) => data['haltId'] === ordered.haltId,
      );
      const shards = halts.length / 4;
      expect(halts.filter(({ type }) => type === 'ContactsHalted').map(({ data }) => data)).toEqual(
        Array(shards).fill({
          haltId: ordered.haltId,
          scope: { strategyHash: null, tier: null, channel: null, debtorId: ordered.debtorId },
          reason: 'test',
          by: 'ops',
        }),
      );
      for (const type of ['ContactsResumed', 'HaltNoted', 'HaltEnded'])
        expect(halts.filter((event) => event.type === type)).toHaveLength(shards);
    });
  });
});
