/**
 * `npm run bench:pipeline -- --against REF`: the product as it was at a commit and as it is here, in turn on one machine, and
 * whether both made the same contacts.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparePaths, comparisonShown } from '@mora/simulation';
import { commitOf, snapshotOf, withBuildOf } from './build-of.js';
import { machine } from './ground.js';
import { table } from './measure.js';
import { type PairedFigure, pairedFigure } from './pairs.js';
import { type ProductRun, runProduct, THIS_CHECKOUT } from './run-product.js';

export interface AgainstOptions {
  readonly ref: string;
  readonly pairs: number;
  readonly accounts: number;
  readonly days: number;
}

interface RunPair {
  readonly old: ProductRun;
  readonly new: ProductRun;
  /** Null when the contacts are the same. */
  readonly difference: string | null;
}

type Figure = readonly [name: string, of: (run: ProductRun) => number | null, shown: (value: number) => string];

const seconds = (value: number): string => `${value.toFixed(2)} s`;
const micros = (value: number): string => `${value.toFixed(0)} µs`;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const totalCpu = ({ nodeCpuSeconds, postgresCpuSeconds }: ProductRun): number | null =>
  postgresCpuSeconds === null ? null : nodeCpuSeconds + postgresCpuSeconds;
const anEvent = (cpuSeconds: number | null, { events }: ProductRun): number | null =>
  cpuSeconds === null ? null : (cpuSeconds * 1e6) / events;

/** A short run of each that does not count: the first one reads its files from the disk. */
const WARM_UP = { accounts: 20, days: 1 };

const FIGURES: readonly Figure[] = [
  ['CPU an event, Node', (run) => anEvent(run.nodeCpuSeconds, run), micros],
  ['CPU an event, Node and PostgreSQL', (run) => anEvent(totalCpu(run), run), micros],
  ['CPU of Node', (run) => run.nodeCpuSeconds, seconds],
  ['CPU of PostgreSQL', (run) => run.postgresCpuSeconds, seconds],
  ['CPU of both', totalCpu, seconds],
  ['wall', (run) => run.wallSeconds, seconds],
  ['start, until every service is up', (run) => run.startSeconds, seconds],
  ['peak memory of Node', (run) => run.peakMb, (value) => `${whole(value)} MB`],
  ['events', (run) => run.events, whole],
];

/** @returns the exit code: 1 when an oracle is not clean or the contacts differ */
export const runAgainst = async (options: AgainstOptions, signal: AbortSignal): Promise<number> => {
  const commit = await commitOf(THIS_CHECKOUT, options.ref);
  const folder = await mkdtemp(join(tmpdir(), 'mora-against-'));
  try {
    // The database's own user has to pass.
    await chmod(folder, 0o755);
    const here = await snapshotOf(THIS_CHECKOUT, folder);
    const roots = { old: join(folder, 'build-old'), new: join(folder, 'build-new') };
    const build = { from: THIS_CHECKOUT, signal };
    // Both made in the same way in like places: one that is at home here would have an advantage.
    const pairs = await withBuildOf({ ...build, commit, at: roots.old }, () =>
      withBuildOf({ ...build, commit: here, at: roots.new }, () => runPairs(options, { folder, roots, signal })),
    );
    process.stdout.write(`${report(options, commit, pairs)}\n`);
    return pairs.every((pair) => pair.old.clean && pair.new.clean && pair.difference === null) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

interface Place {
  readonly folder: string;
  readonly roots: Readonly<Record<'old' | 'new', string>>;
  readonly signal: AbortSignal;
}

const runPairs = async (
  { pairs, accounts, days }: AgainstOptions,
  { folder, roots, signal }: Place,
): Promise<readonly RunPair[]> => {
  const data = { old: join(folder, 'data-old'), new: join(folder, 'data-new') };
  const start = (build: 'old' | 'new', size: { readonly accounts: number; readonly days: number }) =>
    runProduct({ root: roots[build], dataDir: data[build], ...size, signal });
  const clear = () => Promise.all(Object.values(data).map((dir) => rm(dir, { recursive: true, force: true })));
  const run = async (build: 'old' | 'new', pair: number): Promise<ProductRun> => {
    const done = await start(build, { accounts, days });
    process.stderr.write(`pair ${pair}, ${build}: ${FIGURES.map((figure) => cell(figure, done)).join(' · ')}\n`);
    return done;
  };
  for (const build of ['old', 'new'] as const) await start(build, WARM_UP);
  await clear();
  const all: RunPair[] = [];
  for (let pair = 1; pair <= pairs; pair++) {
    // Who goes first finds another machine than who goes second: each does so in turn.
    const oldFirst = pair % 2 === 1 ? await run('old', pair) : null;
    const young = await run('new', pair);
    const old = oldFirst ?? (await run('old', pair));
    const found = comparePaths(data.old, data.new);
    all.push({ old, new: young, difference: found.same ? null : comparisonShown(found) });
    await clear();
  }
  return all;
};

const cell = ([name, of, shown]: Figure, run: ProductRun): string => {
  const value = of(run);
  return `${name} ${value === null ? '–' : shown(value)}`;
};

const report = (options: AgainstOptions, commit: string, pairs: readonly RunPair[]): string => {
  const runs = pairs.flatMap((pair) => [pair.old, pair.new]);
  const differing = pairs.filter(({ difference }) => difference !== null);
  return [
    `${machine()}\n`,
    `old: ${options.ref} (${commit.slice(0, 12)}), new: this checkout as it stands; ${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'} of ${options.accounts} accounts, ${options.days} days\n`,
    table(
      ['figure', 'old', 'new', 'new ÷ old', 'pairs', '95 % interval'],
      FIGURES.flatMap((figure) => row(figure, pairs)),
    ),
    '\nold, new: medians; new ÷ old: median of the pairs’ ratios; pairs: the least and the greatest of them; interval: t-interval of the mean log ratio, which claims nothing where it holds 1. CPU of Node is exact to 1 µs, of PostgreSQL to 10 ms.\n',
    `oracle: clean in ${runs.filter(({ clean }) => clean).length} of ${runs.length} runs`,
    `contacts: the same in ${pairs.length - differing.length} of ${pairs.length} pairs`,
    ...(differing.length > 0 ? [`A old, B new; ${differing[0]!.difference}`] : []),
  ].join('\n');
};

const row = ([name, of, shown]: Figure, pairs: readonly RunPair[]): readonly (readonly string[])[] => {
  const values = pairs.flatMap((pair) => {
    const [before, after] = [of(pair.old), of(pair.new)];
    return before === null || after === null ? [] : [{ old: before, new: after }];
  });
  if (values.length === 0) return [];
  const figure = pairedFigure(values);
  return [[name, shown(figure.old), shown(figure.new), ...ratioCells(figure)]];
};

const ratioCells = ({ ratio, least, greatest, interval }: PairedFigure): readonly string[] => [
  times(ratio),
  `${times(least)} … ${times(greatest)}`,
  interval === null ? '–' : interval.map(times).join(' … '),
];

const times = (ratio: number): string => `${ratio.toFixed(3)}×`;
