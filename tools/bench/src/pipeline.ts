/**
 * `npm run bench:pipeline`: the product itself, `mora start --until-idle --json`, on an empty data directory.
 * `--accounts N --days D` shorten it; `--scale` runs 6,000 accounts, then 60,000, and compares the cost of one.
 */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from './ground.js';
import { flag, numberOption, perSecond, table } from './measure.js';

/** As `npm start` starts it, with the same limits of V8's heap. */
const LAUNCHER = fileURLToPath(new URL('../../run/run.mjs', import.meta.url));
const MEMORY_AIM_MB = 400;
const WALL_AIM_SECONDS = 300;
const SCALE_AIM = 1.1;

interface Measured {
  readonly accounts: number;
  readonly days: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly wallSeconds: number;
  /** Largest resident size of the Node process, as the kernel kept it. */
  readonly peakMb: number;
  readonly clean: boolean;
}

/** The summary is the last line of standard output. */
const runMora = async (accounts: number | null, days: number): Promise<Measured> => {
  const data = join(tmpdir(), `mora-bench-pipeline-${process.pid}-${accounts ?? 'book'}`);
  const args = ['start', '--until-idle', '--json', '--data', data, '--days', String(days)];
  if (accounts !== null) args.push('--accounts', String(accounts));
  const began = performance.now();
  const child = spawn(process.execPath, [LAUNCHER, 'apps/mora/dist/main.js', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, MORA_HTTP_PORT: 'off' },
  });
  const onSignal = () => child.kill('SIGTERM');
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  await rm(data, { recursive: true, force: true });
  const last = said.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`mora ended with ${code} and no summary`);
  const summary = JSON.parse(last);
  return {
    accounts: summary.accounts,
    days,
    events: summary.events,
    eventsPerSecond: summary.eventsPerSecond,
    wallSeconds: (performance.now() - began) / 1000,
    peakMb: summary.peakMemoryMb,
    clean: summary.oracle.clean && code === 0,
  };
};

const costMs = (m: Measured): number => (m.wallSeconds * 1000) / m.accounts;

const days = numberOption('days', 10);
const accounts = process.argv.includes('--accounts') ? numberOption('accounts', 1) : null;
const runs = flag('scale')
  ? [await runMora(6_000, days), await runMora(60_000, days)]
  : [await runMora(accounts, days)];

process.stdout.write(`${machine()}\n\n`);
process.stdout.write(
  `${table(
    ['run', 'events', 'events per second', 'wall', 'peak memory of Node', 'per account', 'oracle'],
    runs.map((m) => [
      `${m.accounts.toLocaleString('en-US')} accounts, ${m.days} days`,
      m.events.toLocaleString('en-US'),
      perSecond(m.eventsPerSecond),
      `${m.wallSeconds.toFixed(1)} s`,
      `${Math.round(m.peakMb)} MB`,
      `${costMs(m).toFixed(1)} ms`,
      m.clean ? 'clean' : 'NOT CLEAN',
    ]),
  )}\n\n`,
);
const [first, second] = runs as [Measured, Measured | undefined];
const verdict = (reached: boolean): string => (reached ? 'reached' : 'missed');
if (second) {
  const ratio = costMs(second) / costMs(first);
  process.stdout.write(`cost per account ${ratio.toFixed(2)}× (aim ≤ ${SCALE_AIM}×: ${verdict(ratio <= SCALE_AIM)})\n`);
} else if (accounts === null && days === 10) {
  const { wallSeconds, peakMb } = first;
  process.stdout.write(
    `wall ${wallSeconds.toFixed(0)} s (aim < ${WALL_AIM_SECONDS} s: ${verdict(wallSeconds < WALL_AIM_SECONDS)}), Node ${peakMb} MB (aim < ${MEMORY_AIM_MB} MB: ${verdict(peakMb < MEMORY_AIM_MB)})\n`,
  );
} else process.stdout.write('A shortened run; the aims are for the whole book over ten days.\n');
if (runs.some((m) => !m.clean)) process.exitCode = 1;
