// Runs a program so that a signal reaches it exactly once, its exit code becomes ours, and it never outlives us.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { environment, ROOT } from './ensure.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** A terminal's Ctrl-C comes twice, from the terminal and from npm; a person's second one comes later. */
const ECHO_MS = 250;

/**
 * The program gets a session of its own, or Ctrl-C would also reach it directly. When the process that started us dies, it
 * is told to end; when we die, even by SIGKILL, `tether.mjs` inside the program does the same.
 * @returns {Promise<number>} its exit code, 128 + n after signal n.
 */
export const runNode = (
  node,
  args,
  { cwd = process.env.INIT_CWD ?? process.cwd(), env = {}, stdio = ['inherit', 'inherit', 'inherit'] } = {},
) =>
  new Promise((resolve, reject) => {
    const tether = pathToFileURL(`${ROOT}/tools/run/tether.mjs`).href;
    const child = spawn(node, ['--import', tether, ...args], {
      cwd,
      env: environment(env),
      stdio: [...stdio, 'ipc'],
      detached: true,
    });
    const last = {};
    const forward = (signal) => {
      const now = Date.now();
      if (now - (last[signal] ?? 0) > ECHO_MS) child.kill(signal);
      last[signal] = now;
    };
    const resize = () => child.kill('SIGWINCH');
    const parent = process.ppid;
    const orphaned = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(orphaned);
      child.kill('SIGTERM');
    }, 500);
    for (const signal of FORWARDED) process.on(signal, forward);
    process.on('SIGWINCH', resize);
    const done = () => {
      clearInterval(orphaned);
      for (const signal of FORWARDED) process.removeListener(signal, forward);
      process.removeListener('SIGWINCH', resize);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      done();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
