import { appendFile, copyFile, rename } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CarrierRecord, SafetyReport } from '@mora/simulation';
import type { RunSummary } from './run.js';
import { type Ended, Product, until } from './testing/product.js';
import { NOTHING_UNSETTLED, unsettledOf } from './testing/settled.js';

const BOOK = ['--accounts', '80', '--days', '3', '--seed', '7'];

/** What the outside world saw, without wall time and without the product's own ids. */
const contactsOf = (product: Product): readonly string[] => [
  ...product
    .carrier()
    .map(({ number, businessAt, kind, sipCode, who }) => [number, businessAt, kind, sipCode, who].join(' '))
    .sort(),
  ...product
    .smsc()
    .map(({ number, businessAt, kind, text, delivered }) => [number, businessAt, kind, text, delivered].join(' '))
    .sort(),
];

describe('the main job', () => {
  const products: Product[] = [];
  const make = async (): Promise<Product> => {
    const product = await Product.make();
    products.push(product);
    return product;
  };
  let first: Product;
  let done: Ended & { readonly summary: RunSummary };
  beforeAll(async () => {
    first = await make();
    done = await first.untilIdle(BOOK, { MORA_CHECK_EVENTS: 'on' });
  });
  afterAll(() => Promise.all(products.map((product) => product.remove())));

  it('ends by itself with one JSON line on stdout, and code 0 as the oracle is clean', () => {
    expect(done.code).toBe(0);
    expect(done.stdout.trimEnd().split('\n')).toHaveLength(1);
    const { summary } = done;
    expect(summary).toMatchObject({
      accounts: 80,
      openedCases: 80,
      businessTime: '2026-11-04T16:00:00.000Z',
      oracle: { clean: true, violations: 0 },
    });
    for (const field of ['calls', 'connected', 'reached', 'promisesKept', 'cured', 'sms', 'events', 'eventsPerSecond'])
      expect([field, (summary as unknown as Record<string, number>)[field]! > 0]).toEqual([field, true]);
    expect(typeof summary.deniedPerRule).toBe('object');
    expect(summary.calls).toBeLessThanOrEqual(first.invites().length);
  });

  it('says nothing on stderr that a person should worry about', () => {
    expect(done.stderr).not.toMatch(/warning|deprecat|error|lost|failed|interrupted/i);
  });

  it('leaves no call open and parks nothing', async () => {
    expect(await unsettledOf(first)).toEqual(NOTHING_UNSETTLED);
  });

  it('makes the same contacts with the same outcomes from the same seed', async () => {
    const second = await make();
    const { summary } = await second.untilIdle(BOOK);
    expect(contactsOf(second)).toEqual(contactsOf(first));
    expect({ ...(summary.oracle.counts as object), longestAfterStopMs: 0 }).toEqual({
      ...(done.summary.oracle.counts as object),
      longestAfterStopMs: 0,
    });
  });

  it('makes other contacts from another seed', async () => {
    const other = await make();
    await other.untilIdle([...BOOK.slice(0, -1), '8', '--days', '1']);
    expect(contactsOf(other)).not.toEqual(contactsOf(first));
  });

  it('makes the same contacts when it is stopped in the middle of the second day and started again', async () => {
    const halved = await make();
    const running = halved.start(['--until-idle', '--json', '--speed', '10', ...BOOK]);
    await until('a call in the second afternoon', () =>
      halved.carrier().some(({ businessAt }) => businessAt > '2026-11-03T06:00:00.000Z'),
    );
    running.kill('SIGINT');
    const stopped = await running.ended;
    expect({ code: stopped.code, signal: stopped.signal }).toEqual({ code: 0, signal: null });
    expect(stopped.stderr).toContain('stopped cleanly');
    expect(stopped.stderr).not.toMatch(/warning|error|lost|failed/i);
    const { code, stderr, summary } = await halved.untilIdle();
    expect({ code, clean: summary.oracle.clean }).toEqual({ code: 0, clean: true });
    expect(stderr).toContain('goes on at 2026-11-03 ');
    expect(contactsOf(halved)).toEqual(contactsOf(first));
    expect(summary).toMatchObject({
      calls: done.summary.calls,
      connected: done.summary.connected,
      reached: done.summary.reached,
      promises: done.summary.promises,
      cured: done.summary.cured,
      sms: done.summary.sms,
    });
  });

  it('lets the safety oracle see a call at 22:10, a second invite of an attempt, and a call without a verdict', async () => {
    const kept = `${first.carrierPath}.kept`;
    await copyFile(first.carrierPath, kept);
    const invite = first.invites().find(({ businessAt }) => businessAt.startsWith('2026-11-03'))!;
    const tampered: readonly (readonly [string, CarrierRecord])[] = [
      ['call-outside-hours', { ...invite, businessAt: '2026-11-03T14:10:00.000Z' }],
      ['twice', invite],
      ['no-verdict', { ...invite, attemptId: '00000000-0000-4000-8000-000000000000' }],
    ];
    for (const [kind, record] of tampered) {
      await copyFile(kept, first.carrierPath);
      await appendFile(first.carrierPath, `${JSON.stringify(record)}\n`);
      const { code, stdout } = await first.ask('oracle', '--json');
      const report = JSON.parse(stdout) as SafetyReport;
      expect({ kind, code, clean: report.clean }).toEqual({ kind, code: 1, clean: false });
      expect(report.violations.map((v) => v.kind)).toContain(kind);
    }
    await rename(kept, first.carrierPath);
    expect(await first.json<SafetyReport>('oracle')).toMatchObject({ clean: true });
  });
});
