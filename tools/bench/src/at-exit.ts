/**
 * Preloaded (`--import`) into the Node processes of a build that knows nothing of it: at its exit each leaves a file that says
 * what it used, and what its ended children used. Exact to 1 µs for Node (getrusage), to 10 ms for children (Linux only).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

export interface Usage {
  /** Path of the program. */
  readonly program: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Of children that ended and were waited for, with theirs; null where the kernel does not tell. */
  readonly childrenCpuSeconds: number | null;
  readonly peakMb: number;
}

/** Linux tells processes' times in hundredths of a second on every machine (USER_HZ). */
const TICKS_A_SECOND = 100;

const childrenCpuSeconds = (): number | null => {
  if (process.platform !== 'linux') return null;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
};

const folder = process.env['MORA_BENCH_USAGE'];
if (folder !== undefined && isMainThread)
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage: Usage = {
      program: process.argv[1] ?? '',
      startedAt: performance.timeOrigin,
      wallSeconds: performance.now() / 1000,
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      childrenCpuSeconds: childrenCpuSeconds(),
      peakMb: maxRSS / 1024,
    };
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(usage));
  });
