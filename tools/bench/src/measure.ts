/**
 * How figures are taken: contestants run in turn (A B C A B C …) in one process on one server, so that a noisy machine disturbs
 * all alike; a ratio is the median of the rounds' ratios, a rate the median of the rounds' rates.
 */

/** Runs once; @returns what was done per second. */
export type Run = () => Promise<number>;

export interface Outcome {
  /** Median rate of each contestant. */
  readonly rates: Readonly<Record<string, number>>;
  /** Median over the rounds of (a's rate ÷ b's rate). */
  ratio(a: string, b: string): number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** @param warmUp rounds that do not count */
export const inTurn = async (
  contestants: Readonly<Record<string, Run>>,
  { rounds, warmUp = 1 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<Outcome> => {
  const names = Object.keys(contestants);
  const taken = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const rate = await contestants[name]!();
      if (round >= 0) taken.get(name)!.push(rate);
    }
  }
  return {
    rates: Object.fromEntries(names.map((name) => [name, median(taken.get(name)!)])),
    ratio: (a, b) => median(taken.get(a)!.map((rate, i) => rate / taken.get(b)![i]!)),
  };
};

/** `writers` loops do `once` until the time is up; @returns units per second, `each` units for every call. */
export const throughput = async (
  { writers, ms, each = 1 }: { readonly writers: number; readonly ms: number; readonly each?: number },
  once: (writer: number) => Promise<unknown>,
): Promise<number> => {
  const began = performance.now();
  let done = 0;
  const loop = async (writer: number): Promise<void> => {
    while (performance.now() - began < ms) {
      await once(writer);
      done += each;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => loop(writer)));
  return (done * 1000) / (performance.now() - began);
};

/** @returns units per second of one piece of work. */
export const timed = async (units: number, work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (units * 1000) / (performance.now() - began);
};

export interface Aim {
  readonly what: string;
  readonly ratio: number;
  readonly aim: number;
}

export const perSecond = (rate: number): string => Math.round(rate).toLocaleString('en-US');

/** A Markdown table, as `docs/benchmarks.md` keeps it. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
};

export const aimTable = (aims: readonly Aim[]): string =>
  table(
    ['measured', 'ratio', 'aim', ''],
    aims.map(({ what, ratio, aim }) => [
      what,
      `${ratio.toFixed(2)}×`,
      `≥ ${aim}×`,
      ratio >= aim ? 'reached' : 'missed',
    ]),
  );

/** `--name 5` or `--name`; @throws RangeError naming the option. */
export const numberOption = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return otherwise;
  const value = Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number above 0`);
  return value;
};

export const flag = (name: string): boolean => process.argv.includes(`--${name}`);

/** `--name word`; null when it is not given. @throws RangeError naming the option. */
export const wordOption = (name: string): string | null => {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return null;
  const word = process.argv[at + 1];
  if (word === undefined || word.startsWith('-')) throw new RangeError(`--${name} wants a word`);
  return word;
};
