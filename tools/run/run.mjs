// `node tools/run/run.mjs <program.js> [args]`: makes the clone ready, then runs the program under Node 24.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './child.mjs';
import { ensure, NotReady, node24, ROOT, say } from './ensure.mjs';

/**
 * V8 lets its heap grow with the machine; Mora needs little and says so. Megabytes by the size of the book, as measured.
 */
const heapOf = (args) => {
  const at = args.indexOf('--accounts');
  const accounts = at === -1 ? 6_818 : Number(args[at + 1]);
  return 190 + Math.ceil((Number.isFinite(accounts) ? accounts : 6_818) * 0.006);
};

export const main = async ([program, ...args]) => {
  try {
    await ensure();
    const path = join(ROOT, program);
    if (!existsSync(path)) throw new NotReady(`${program} does not exist.`);
    const limits = [`--max-old-space-size=${heapOf(args)}`, '--max-semi-space-size=8', '--enable-source-maps'];
    // glibc keeps a heap for each thread; two are enough for a process whose work is done by one.
    process.exitCode = await runNode(node24(), [...limits, path, ...args], { env: { MALLOC_ARENA_MAX: '2' } });
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
};

if (process.argv[1]?.endsWith('run.mjs')) await main(process.argv.slice(2));
