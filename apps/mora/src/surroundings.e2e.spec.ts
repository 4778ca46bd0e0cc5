import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { type Ended, Product, until } from './testing/product.js';
import { NOTHING_UNSETTLED, unsettledOf } from './testing/settled.js';

const BOOK = ['--accounts', '40', '--days', '2', '--seed', '3'];
const products: Product[] = [];
const make = async (): Promise<Product> => {
  const product = await Product.make();
  products.push(product);
  return product;
};
afterEach(async () => {
  for (const product of products.splice(0)) await product.remove();
});

/** The last line names what is wrong; nothing looks like a crash. */
const refused = ({ code, stdout, stderr }: Ended, words: RegExp): void => {
  expect({ code: code !== 0 && code !== null, stdout }).toEqual({ code: true, stdout: '' });
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at /m);
};

describe('a start', () => {
  test.each([
    ['MORA_HTTP_PORT', 'se-cret'],
    ['MORA_HTTP_PORT', '70000'],
    ['SHARDS', 'se-cret'],
    ['SHARDS', '0'],
    ['MORA_FAULT', 'se-cret'],
    ['MORA_DATABASE_PATIENCE', '-7'],
    ['MORA_DATABASE_PATIENCE', 'se-cret'],
  ])('with a malformed %s (%s) names the variable and not its value', async (variable, value) => {
    const product = await make();
    const ended = await product.start(['--until-idle', '--json'], { [variable]: value }).ended;
    refused(ended, new RegExp(variable));
    expect(ended.stderr).not.toContain(value);
  });

  it('in a place that cannot be a data directory says which', async () => {
    const product = await make();
    const file = join(product.dataDir, 'file');
    await writeFile(file, '');
    refused(
      await product.start(['--json', '--data', join(file, 'data')]).ended,
      /file\/data cannot be used \(ENOTDIR\)/,
    );
  });

  it('on a port that is taken says which', async () => {
    const product = await make();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const ended = await product.start(['--json'], { MORA_HTTP_PORT: String(port) }).ended;
    await new Promise((resolve) => other.close(resolve));
    refused(ended, new RegExp(`port ${port} is taken`));
  });

  it('on a directory that another process uses, or that was made otherwise, changes nothing there', async () => {
    const product = await make();
    const running = product.start(['--speed', '1', ...BOOK]);
    await until('it answers', () => running.said().includes('PostgreSQL:'));
    refused(await product.start(['--json']).ended, new RegExp(`in use by process ${running.pid}`));
    running.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    refused(await product.start(['--json', '--seed', '4']).ended, /made with seed 3, not 4/);
    refused(await product.start(['--json'], { SHARDS: '6' }).ended, /made with shards 12, not 6/);
    expect((await product.untilIdle([], { SHARDS: '12' })).code).toBe(0);
  });
});

const postmaster = async (product: Product): Promise<number> =>
  Number((await readFile(join(product.dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);

/** The server with all its processes stands still, as on a disk that does not answer. @returns how it goes on */
const holdStill = async (product: Product): Promise<() => void> => {
  const server = await postmaster(product);
  process.kill(server, 'SIGSTOP');
  const stats = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => [Number(pid), await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')] as const),
  );
  const parentOf = (stat: string) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  const backends = stats.filter(([, stat]) => parentOf(stat) === server).map(([pid]) => pid);
  for (const pid of backends) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of [...backends, server]) process.kill(pid, 'SIGCONT');
  };
};

describe('a database that hangs', () => {
  it('for 30 s stops every contact; then the work goes on by itself and nothing is lost', async () => {
    const product = await make();
    const running = product.start(['--until-idle', '--json', '--speed', '30', ...BOOK]);
    await until('the first calls', () => product.invites().length > 2);
    const goOn = await holdStill(product);
    try {
      await pause(500);
      const hungFrom = new Date().toISOString();
      await pause(30_000);
      expect(product.invites().filter(({ wallAt }) => wallAt > hungFrom)).toEqual([]);
    } finally {
      goOn();
    }
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ oracle: { clean: true }, businessTime: '2026-11-03T16:00:00.000Z' });
    expect(await unsettledOf(product)).toEqual(NOTHING_UNSETTLED);
  });

  it('for longer than it is waited for ends the process with what to do; the next start goes on', async () => {
    const product = await make();
    const running = product.start(['--until-idle', '--json', '--speed', '30', ...BOOK], {
      MORA_DATABASE_PATIENCE: '3',
    });
    await until('the first calls', () => product.invites().length > 2);
    const goOn = await holdStill(product);
    try {
      refused(await running.ended, /did not answer for 3 s: nothing is lost, start again/);
    } finally {
      goOn();
    }
    const { code, summary } = await product.untilIdle([]);
    expect({ code, clean: summary.oracle.clean }).toEqual({ code: 0, clean: true });
    expect(await unsettledOf(product)).toEqual(NOTHING_UNSETTLED);
  });
});

describe('a database that is gone', () => {
  it('for 30 s stops every contact; then the work goes on by itself and nothing is lost', async () => {
    const product = await make();
    const running = product.start(['--until-idle', '--json', '--speed', '30', ...BOOK]);
    await until('the first calls', () => product.invites().length > 2);
    const goneUntil = performance.now() + 30_000;
    process.kill(await postmaster(product), 'SIGKILL');
    await pause(500);
    const goneFrom = new Date().toISOString();
    // Mora starts its server again: it dies again as soon as it is seen, before it can answer for long.
    for (let last = 0; performance.now() < goneUntil; await pause(20)) {
      const pid = await postmaster(product).catch(() => 0);
      if (pid === last || !(pid > 0)) continue;
      last = pid;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it was dead already
      }
    }
    const backAt = new Date().toISOString();
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ oracle: { clean: true }, businessTime: '2026-11-03T16:00:00.000Z' });
    expect(product.invites().filter(({ wallAt }) => wallAt > goneFrom && wallAt < backAt)).toEqual([]);
    expect(product.invites().filter(({ wallAt }) => wallAt > backAt).length).toBeGreaterThan(0);
    expect(await unsettledOf(product)).toEqual(NOTHING_UNSETTLED);
  });
});
