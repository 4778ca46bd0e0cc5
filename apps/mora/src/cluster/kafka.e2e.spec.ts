import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunSummary } from '../run.js';
import { type Ended, Product } from '../testing/product.js';

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
  beforeAll(async () => {
    onKafka = await make();
    done = await onKafka.untilIdle(['--kafka', ...BOOK]);
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
});
