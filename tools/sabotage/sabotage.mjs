// `npm run test:sabotage [name …]`: the tests named in bugs.mjs are green on the code as it is, and each turns red when its bug
// is seeded. Ends with 1 if a bug stays unnoticed. The bugs are applied in memory: the working tree is never touched.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUGS } from './bugs.mjs';
import { sabotaged } from './patching-transform.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, '../..');
const LIMIT_MS = 120_000;
const AT_ONCE = 2;

/** @returns the path of a lane's Jest configuration with the patching transform */
const configOf = async (lane, folder) => {
  process.env.MORA_TEST_LANE = lane;
  const { default: base } = await import(`${join(ROOT, 'jest.config.mjs')}?lane=${lane}`);
  const [[pattern, [, options]]] = Object.entries(base.transform);
  const config = join(folder, `${lane}.json`);
  const transform = { [pattern]: [join(HERE, 'patching-transform.mjs'), options] };
  writeFileSync(config, JSON.stringify({ ...base, rootDir: ROOT, transform, testTimeout: 20_000, maxWorkers: 1 }));
  return config;
};

let runs = 0;

/** @returns {Promise<{passed: number, failed: number, seconds: number}>} */
const runTests = async ({ lane, file, title }, patches, folder, config) => {
  const output = join(folder, `result-${runs++}.json`);
  const began = performance.now();
  const args = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--config', config, '--json', `--outputFile=${output}`];
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', ...args, '--forceExit', '--testPathPatterns', file, ...(title ? ['-t', title] : [])],
    {
      cwd: ROOT,
      stdio: 'ignore',
      env: {
        ...process.env,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        MORA_SABOTAGE: JSON.stringify(patches),
        MORA_TEST_LANE: lane,
      },
    },
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  await new Promise((done) => child.on('close', done));
  clearTimeout(timer);
  const seconds = (performance.now() - began) / 1000;
  try {
    const result = JSON.parse(readFileSync(output, 'utf8'));
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests,
      broken: result.numRuntimeErrorTestSuites,
      seconds,
    };
  } catch {
    return { passed: 0, failed: 0, broken: 1, seconds };
  }
};

/** Each of the items, two at a time: half of a run is Jest's own start. */
const each = async (items, work) => {
  const left = [...items];
  const next = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
};

const checkPatches = () =>
  BUGS.flatMap(({ name, patches }) =>
    patches.flatMap(({ file, edits }) => {
      try {
        sabotaged(readFileSync(join(ROOT, file), 'utf8'), edits, file);
        return [];
      } catch (error) {
        return [`${name}: ${error.message}`];
      }
    }),
  );

const main = async () => {
  const wanted = process.argv.slice(2);
  const bugs = BUGS.filter((bug) => wanted.length === 0 || wanted.some((word) => bug.name.includes(word)));
  const lost = checkPatches();
  for (const line of lost) console.error(`✗ ${line}`);
  if (lost.length > 0 || bugs.length === 0) return 1;
  const folder = mkdtempSync(join(tmpdir(), 'mora-sabotage-'));
  let bad = 0;
  const report = (isGood, what, { passed, failed, broken, seconds }) => {
    if (!isGood) bad += 1;
    const counts = broken ? 'did not run' : `${passed} passed, ${failed} failed`;
    console.log(`${isGood ? '✓' : '✗'} ${what.padEnd(62)} ${counts.padEnd(22)} ${seconds.toFixed(1).padStart(6)} s`);
  };
  const configs = new Map();
  for (const { lane } of bugs) if (!configs.has(lane)) configs.set(lane, await configOf(lane, folder));
  const run = (what, patches) => runTests(what, patches, folder, configs.get(what.lane));
  try {
    const suites = new Map(bugs.map((bug) => [`${bug.lane} ${bug.file}`, { lane: bug.lane, file: bug.file }]));
    await each([...suites], async ([name, suite]) => {
      const result = await run(suite, []);
      report(result.passed > 0 && result.failed === 0 && !result.broken, `as it is: ${name}`, result);
    });
    await each(bugs, async (bug) => {
      const result = await run(bug, bug.patches);
      report(result.failed > 0 && !result.broken, `red: ${bug.name}`, result);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(bad === 0 ? `\n${bugs.length} bugs, all noticed` : `\n${bad} not as expected`);
  return bad === 0 ? 0 : 1;
};

process.exitCode = await main();
