// `npm test`: lint, boundaries, generated code, types and the test lanes, then the seeded bugs that the tests must notice.
// `check` does the quick part; `pure`, `svc`, `int`, `e2e` one lane. The last lines name what failed, the last is `N passed, N failed,
// N skipped`. The work is Nx targets (nx.json, `nx` in each package.json): what has not changed since it passed is not run
// again but counted from its cached result; a failure is never cached. `npm run test:pure -- <path or Jest option …>` asks Jest
// directly, without the cache. What selects nothing fails.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runNode } from './child.mjs';
import { ensure, NotReady, node24, ROOT, say } from './ensure.mjs';
import { allSpecs, brief, findingsFile, LANES, resultFile } from './lanes.mjs';

/** Targets of every project, counted as one check each. */
const COMMON = { lint: 'lint', build: 'types' };
/** Targets of the root project, and what they are called here. */
const CHECKS = {
  boundaries: 'boundaries',
  generated: 'generated',
  references: 'references',
  'test-types': 'test types',
  catalogue: 'catalogue',
  asyncapi: 'asyncapi',
  docs: 'docs',
};
const PLANS = {
  all: { checks: Object.keys(CHECKS), lanes: Object.keys(LANES), hasBugs: true },
  check: { checks: Object.keys(CHECKS), lanes: ['pure', 'svc'] },
  pure: { checks: [], lanes: ['pure'] },
  svc: { checks: [], lanes: ['svc'] },
  int: { checks: [], lanes: ['int'] },
  e2e: { checks: [], lanes: ['e2e'] },
};
const CACHE = join(ROOT, '.nx/cache');
const MESSAGE_LINES = 6;
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
let interrupted = false;

const fail = (what, message = '') => {
  total.failed += 1;
  failures.push([what, message]);
};

const firstLines = (text) =>
  stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at .*(node_modules|node:)/.test(line))
    .slice(0, MESSAGE_LINES)
    .map((line) => `      ${line}`)
    .join('\n');

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Counts the tests of spec files. */
const count = (suites) => {
  for (const { file, status, message, tests } of suites) {
    for (const test of tests) {
      if (test.status === 'passed') total.passed += 1;
      else if (test.status === 'failed') fail(`${test.title} (${file})`, test.message);
      else {
        total.skipped += 1;
        console.log(`skipped: ${test.title}`);
      }
    }
    if (status === 'failed' && !tests.some((test) => test.status === 'failed')) fail(`${file} did not run`, message);
  }
};

const countLane = (lane, tasks) => {
  const files = allSpecs(ROOT, lane);
  if (files.length === 0) return fail(`lane ${lane}: no test files`);
  const found = new Set();
  for (const task of tasks.filter(({ target }) => target === LANES[lane].target)) {
    const suites = JSON.parse(read(resultFile(ROOT, task.projectName, lane)) ?? '[]');
    const before = total.failed;
    count(suites);
    for (const { file } of suites) found.add(file);
    if (task.status !== 0 && total.failed === before) fail(`${task.taskId} failed`, outputOf(task));
  }
  for (const file of files) if (!found.has(file)) fail(`${file} did not run`);
};

const outputOf = ({ hash, projectName, target }) =>
  read(findingsFile(ROOT, projectName, target)) ?? ((hash && read(join(CACHE, 'terminalOutputs', hash))) || '');

/** @returns the tasks of the run, whether done or replayed. */
const runNx = async (targets) => {
  rmSync(join(ROOT, '.nx/results'), { recursive: true, force: true });
  rmSync(join(CACHE, 'run.json'), { force: true });
  const nx = join(ROOT, 'node_modules/nx/dist/bin/nx.js');
  const args = ['run-many', '-t', ...targets, '--outputStyle=static', '--nxBail=false'];
  const code = await runNode(node24(), [nx, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      NX_CACHE_DIRECTORY: CACHE,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
    },
  });
  const tasks = JSON.parse(read(join(CACHE, 'run.json')) ?? '{}').tasks ?? [];
  if (tasks.length === 0) fail(`nx ended with ${code} and no result`);
  else if (code !== 0 && tasks.every(({ status }) => status === 0)) fail(`nx ended with ${code}`);
  return tasks;
};

const countChecks = (checks, tasks) => {
  for (const check of checks) {
    const task = tasks.find(({ projectName, target }) => projectName === 'mora-workspace' && target === check);
    if (task?.status === 0) total.passed += 1;
    else fail(`check ${CHECKS[check]}`, task ? outputOf(task) : 'it did not run');
  }
  for (const [target, name] of Object.entries(COMMON)) {
    const own = tasks.filter((task) => task.target === target);
    const broken = own.filter(({ status }) => status !== 0);
    const found = broken.map((task) => [task.projectName, outputOf(task)]);
    const telling = found.filter(([, text]) => text.trim() !== '');
    // Projects without a word of their own stand on one that failed.
    for (const [project, text] of telling.length > 0 ? telling : found) fail(`check ${name}: ${project}`, text);
    if (own.length === 0) fail(`check ${name}`, 'it found no project');
    if (own.length > 0 && broken.length === 0) total.passed += 1;
  }
};

/** A lane, or a part of it, by Jest itself. @returns how many files it found. */
const runJest = async (lane, args, folder) => {
  const output = join(folder, `${lane}.json`);
  const flags = ['--json', `--outputFile=${output}`, '--passWithNoTests', ...args];
  const code = await runNode(node24(), [join(ROOT, 'node_modules/jest/bin/jest.js'), ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      MORA_TEST_LANE: lane,
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    },
  });
  const result = JSON.parse(read(output) ?? 'null');
  if (result === null) {
    fail(`lane ${lane}: Jest ended with code ${code} and no result`);
    return 1;
  }
  count(result.testResults.map(brief(ROOT)));
  if (code !== 0 && total.failed === 0) fail(`lane ${lane}: Jest ended with code ${code}`);
  return result.numTotalTests + result.numRuntimeErrorTestSuites;
};

const runFiltered = async (lanes, args) => {
  const folder = mkdtempSync(join(tmpdir(), 'mora-run-'));
  try {
    let ran = 0;
    for (const lane of lanes) if (!interrupted) ran += await runJest(lane, args, folder);
    if (ran === 0) fail(`no test matches ${args.join(' ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const runPlan = async ({ checks, lanes, hasBugs }) => {
  const targets = [
    ...checks,
    ...(checks.length > 0 ? Object.keys(COMMON) : []),
    ...lanes.map((lane) => LANES[lane].target),
  ];
  const tasks = await runNx(targets);
  if (tasks.length === 0) return;
  if (checks.length > 0) countChecks(checks, tasks);
  for (const lane of lanes) countLane(lane, tasks);
  const cached = tasks.filter(({ cacheStatus }) => cacheStatus === 'local-cache-hit').length;
  console.log(`${tasks.length} tasks, ${cached} of them unchanged since they passed`);
  if (!hasBugs || interrupted) return;
  const code = await runNode(node24(), [join(ROOT, 'tools/sabotage/sabotage.mjs')], { cwd: ROOT });
  if (code === 0) total.passed += 1;
  else fail('check seeded bugs');
};

const main = async () => {
  const [first, ...rest] = process.argv.slice(2);
  const isPlan = first !== undefined && Object.hasOwn(PLANS, first);
  const plan = PLANS[isPlan ? first : 'all'];
  const args = isPlan || first === undefined ? rest : [first, ...rest];
  process.on('SIGINT', () => (interrupted = true));
  process.on('SIGTERM', () => (interrupted = true));
  try {
    // Booted processes are compiled code; Nx compiles for itself.
    await ensure({ build: args.length > 0 && plan.lanes.some((lane) => lane === 'int' || lane === 'e2e') });
    await (args.length > 0 ? runFiltered(plan.lanes, args) : runPlan(plan));
    if (interrupted) fail('interrupted');
  } catch (error) {
    fail(error instanceof NotReady ? error.message : error.stack);
  }
  if (failures.length > 0) {
    const lines = failures.map(([what, message]) => `  ✗ ${what}${message ? `\n${firstLines(message)}` : ''}`);
    say(`\nFailed:\n${lines.join('\n')}`);
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
};

await main();
