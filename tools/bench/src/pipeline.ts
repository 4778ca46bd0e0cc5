/**
 * `npm run bench:pipeline`: the product itself, `mora start --until-idle --json`, on an empty data directory.
 * `--accounts N --days D` shorten it; `--scale` runs 6,000 accounts, then 60,000, and compares the cost of one;
 * `--against REF [--pairs N]` compares with the build of another commit.
 */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAgainst } from './against.js';
import { machine } from './ground.js';
import { interruptible } from './interruptible.js';
import { flag, numberOption, perSecond, table, wordOption } from './measure.js';
import { type ProductRun, runProduct, THIS_CHECKOUT } from './run-product.js';

const MEMORY_AIM_MB = 400;
const WALL_AIM_SECONDS = 300;
const SCALE_AIM = 1.1;

const run = async (accounts: number | null, days: number, signal: AbortSignal): Promise<ProductRun> => {
  const dataDir = join(tmpdir(), `mora-bench-pipeline-${process.pid}-${accounts ?? 'book'}`);
  try {
    return await runProduct({ root: THIS_CHECKOUT, dataDir, accounts, days, signal });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};

const costMs = (m: ProductRun): number => (m.wallSeconds * 1000) / m.accounts;
const verdict = (reached: boolean): string => (reached ? 'reached' : 'missed');

const runTable = (runs: readonly ProductRun[], days: number): string =>
  table(
    ['run', 'events', 'events per second', 'wall', 'peak memory of Node', 'per account', 'oracle'],
    runs.map((m) => [
      `${m.accounts.toLocaleString('en-US')} accounts, ${days} days`,
      m.events.toLocaleString('en-US'),
      perSecond(m.eventsPerSecond),
      `${m.wallSeconds.toFixed(1)} s`,
      `${Math.round(m.peakMb)} MB`,
      `${costMs(m).toFixed(1)} ms`,
      m.clean ? 'clean' : 'NOT CLEAN',
    ]),
  );

const scaleVerdict = (small: ProductRun, large: ProductRun): string => {
  const ratio = costMs(large) / costMs(small);
  return `cost per account ${ratio.toFixed(2)}× (aim ≤ ${SCALE_AIM}×: ${verdict(ratio <= SCALE_AIM)})`;
};

const bookVerdict = ({ wallSeconds, peakMb }: ProductRun): string =>
  `wall ${wallSeconds.toFixed(0)} s (aim < ${WALL_AIM_SECONDS} s: ${verdict(wallSeconds < WALL_AIM_SECONDS)}), Node ${Math.round(peakMb)} MB (aim < ${MEMORY_AIM_MB} MB: ${verdict(peakMb < MEMORY_AIM_MB)})`;

const measure = async (signal: AbortSignal): Promise<number> => {
  const days = numberOption('days', 10);
  const accounts = process.argv.includes('--accounts') ? numberOption('accounts', 1) : null;
  const ref = wordOption('against');
  if (ref !== null)
    return await runAgainst({ ref, pairs: numberOption('pairs', 5), accounts: accounts ?? 600, days }, signal);
  const first = await run(flag('scale') ? 6_000 : accounts, days, signal);
  const second = flag('scale') ? await run(60_000, days, signal) : null;
  const runs = second === null ? [first] : [first, second];
  const isWholeBook = accounts === null && days === 10;
  const summary = second
    ? scaleVerdict(first, second)
    : isWholeBook
      ? bookVerdict(first)
      : 'A shortened run; the aims are for the whole book over ten days.';
  process.stdout.write(`${machine()}\n\n${runTable(runs, days)}\n\n${summary}\n`);
  return runs.every((m) => m.clean) ? 0 : 1;
};

try {
  process.exitCode = await interruptible(measure);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  process.stderr.write(`bench:pipeline: ${error.message}\n`);
  process.exitCode = 2;
}
