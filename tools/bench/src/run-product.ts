/** One run of the product of any build, measured from outside: `mora start --until-idle --json` on an empty data directory. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Usage } from './at-exit.js';

export const THIS_CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = 'apps/mora/dist/main.js';
const AT_EXIT = new URL('at-exit.js', import.meta.url).href;
/** The product's first words, when every service is up. */
const READY = /^Mora · /m;

export interface ProductRun {
  readonly accounts: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  /** Of the product's own process, from its start to its end; the launcher's check of the build is not in it. */
  readonly wallSeconds: number;
  /** From its start until every service is up; null when its first words were not seen. */
  readonly startSeconds: number | null;
  readonly nodeCpuSeconds: number;
  /** Everything that the product started, initdb too; null where the kernel does not tell. */
  readonly postgresCpuSeconds: number | null;
  /** Largest resident size of the Node process, as the kernel kept it. */
  readonly peakMb: number;
  readonly clean: boolean;
}

export interface ProductRunOptions {
  /** Checkout whose build runs, as `npm start` there starts it. */
  readonly root: string;
  /** Left behind for who wants its logs. */
  readonly dataDir: string;
  /** Null: the whole book. */
  readonly accounts: number | null;
  readonly days: number;
  /** Stops the product cleanly. */
  readonly signal: AbortSignal;
}

/** @throws Error with the product's last words when it gave no summary */
export const runProduct = async (options: ProductRunOptions): Promise<ProductRun> => {
  const usages = `${options.dataDir}-usage`;
  await mkdir(usages, { recursive: true });
  try {
    const { code, stdout, stderr, readyAt } = await started(options, usages);
    options.signal.throwIfAborted();
    const last = stdout.trim().split('\n').at(-1) ?? '';
    const usage = await usageIn(usages);
    if (!last.startsWith('{') || usage === null)
      throw new Error(`mora ended with ${code} and no summary:\n${stderr.trim().split('\n').slice(-10).join('\n')}`);
    const summary = JSON.parse(last);
    return {
      accounts: summary.accounts,
      events: summary.events,
      eventsPerSecond: summary.eventsPerSecond,
      wallSeconds: usage.wallSeconds,
      startSeconds: readyAt === null ? null : (readyAt - usage.startedAt) / 1000,
      nodeCpuSeconds: usage.cpuSeconds,
      postgresCpuSeconds: usage.childrenCpuSeconds,
      peakMb: usage.peakMb,
      clean: summary.oracle.clean && code === 0,
    };
  } finally {
    await rm(usages, { recursive: true, force: true });
  }
};

const started = async ({ root, dataDir, accounts, days, signal }: ProductRunOptions, usages: string) => {
  const args = ['start', '--until-idle', '--json', '--data', dataDir, '--days', String(days)];
  if (accounts !== null) args.push('--accounts', String(accounts));
  const { INIT_CWD: _, ...env } = process.env;
  const child = spawn(process.execPath, [join(root, 'tools/run/run.mjs'), PROGRAM, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...env,
      MORA_HTTP_PORT: 'off',
      MORA_BENCH_USAGE: usages,
      NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --import ${AT_EXIT}`,
    },
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  let stdout = '';
  let stderr = '';
  let readyAt: number | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (readyAt === null && READY.test(stderr)) readyAt = Date.now();
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  signal.removeEventListener('abort', stop);
  return { code, stdout, stderr, readyAt: readyAt as number | null };
};

/** The launcher and the compiler leave their files too. */
const usageIn = async (folder: string): Promise<Usage | null> => {
  for (const name of await readdir(folder)) {
    const usage = JSON.parse(await readFile(join(folder, name), 'utf8')) as Usage;
    if (usage.program.endsWith(PROGRAM)) return usage;
  }
  return null;
};
