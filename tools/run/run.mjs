// `node tools/run/run.mjs <program.js> [args]`: makes the clone ready, then runs the program under Node 24.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './child.mjs';
import { ensure, NotReady, node24, ROOT, say } from './ensure.mjs';

export const main = async ([program, ...args]) => {
  try {
    await ensure();
    const path = join(ROOT, program);
    if (!existsSync(path)) throw new NotReady(`${program} does not exist.`);
    process.exitCode = await runNode(node24(), ['--enable-source-maps', path, ...args]);
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
};

if (process.argv[1]?.endsWith('run.mjs')) await main(process.argv.slice(2));
