// `npm test [filter …]`: lint, boundaries, generated code, types, then the test lanes, then the seeded bugs that the tests
// must notice; ends with the line `N passed, N failed, N skipped`. `check` does the quick part; `pure`, `svc`, `int`, `e2e` one lane.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNode } from './child.mjs';
import { ensure, environment, NotReady, node24, ROOT, say } from './ensure.mjs';

const LANES = { pure: '.spec.ts', svc: '.svc.spec.ts', int: '.int.spec.ts', e2e: '.e2e.spec.ts' };
const CHECKS = {
  lint: ['biome', ['ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.']],
  boundaries: ['node', ['tools/checks/boundaries.mjs']],
  generated: ['node', ['tools/checks/proto.mjs', '--check']],
  references: ['node', ['tools/checks/references.mjs', '--check']],
  types: ['tsc', ['-b', '--pretty', 'false']],
  'test types': ['tsc', ['-p', 'tsconfig.spec.json', '--pretty', 'false']],
  catalogue: ['node', ['tools/checks/catalogue.mjs', '--check']],
  asyncapi: ['node', ['tools/checks/asyncapi.mjs', '--check']],
  docs: ['node', ['tools/checks/docs.mjs']],
};
const LAST_CHECKS = { 'seeded bugs': ['node', ['tools/sabotage/sabotage.mjs']] };
const PLANS = {
  all: { checks: Object.keys(CHECKS), lanes: Object.keys(LANES), last: Object.keys(LAST_CHECKS) },
  check: { checks: Object.keys(CHECKS), lanes: ['pure', 'svc'] },
  pure: { checks: [], lanes: ['pure'] },
  svc: { checks: [], lanes: ['svc'] },
  int: { checks: [], lanes: ['int'] },
  e2e: { checks: ['types'], lanes: ['e2e'] },
};
const inCi = /^(1|true)$/i.test(process.env.CI ?? '');
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

const fail = (what, count = 1) => {
  total.failed += count;
  failures.push(what);
};

const check = async (name) => {
  const [program, args] = CHECKS[name] ?? LAST_CHECKS[name];
  const started = Date.now();
  const code = await new Promise((resolve) => {
    const command = program === 'node' ? node24() : join(ROOT, 'node_modules/.bin', program);
    const child = spawn(command, args, { cwd: ROOT, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve(`${error}`));
    child.on('close', (status) => {
      if (status !== 0) process.stdout.write(output);
      resolve(status);
    });
  });
  if (code === 0) total.passed += 1;
  else fail(`check ${name}`);
  console.log(`${code === 0 ? '✓' : '✗'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
};

/** Spec files of a lane: `x.int.spec.ts` also ends in `.spec.ts`, so the other suffixes are taken out. */
const filesOf = (lane) => {
  const others = Object.values(LANES).filter((suffix) => suffix.length > LANES[lane].length);
  return ['apps', 'libs', 'tools']
    .flatMap((group) => readdirSync(join(ROOT, group)).map((name) => join(ROOT, group, name, 'src')))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }))
    .filter((file) => file.endsWith(LANES[lane]) && !others.some((suffix) => file.endsWith(suffix)));
};

/** @returns how many tests ran. */
const runLane = async (lane, args, folder) => {
  console.log(`\n— ${lane} —`);
  const files = filesOf(lane);
  if (files.length === 0) {
    if (inCi) fail(`lane ${lane}: no test files`);
    console.log('no test files');
    return 0;
  }
  const output = join(folder, `${lane}.json`);
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const flags = ['--json', `--outputFile=${output}`, '--passWithNoTests', ...(inCi ? ['--ci'] : []), ...args];
  const code = await runNode(node24(), ['--experimental-vm-modules', jest, ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      MORA_TEST_LANE: lane,
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    },
  });
  const result = readResult(output);
  if (result === null) {
    fail(`lane ${lane}: Jest ended with code ${code} and no result`);
    return 0;
  }
  const broken = result.numRuntimeErrorTestSuites;
  total.passed += result.numPassedTests;
  total.skipped += result.numPendingTests + result.numTodoTests;
  for (const suite of result.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === 'failed') failures.push(`${test.fullName} (${suite.name.slice(ROOT.length + 1)})`);
      if (test.status === 'pending' || test.status === 'todo') console.log(`skipped: ${test.fullName}`);
    }
    if (suite.status === 'failed' && suite.assertionResults.length === 0) {
      failures.push(`${suite.name.slice(ROOT.length + 1)} did not run`);
    }
  }
  total.failed += result.numFailedTests + broken;
  if (code !== 0 && result.numFailedTests + broken === 0) fail(`lane ${lane}: Jest ended with code ${code}`);
  if (args.length === 0 && result.numTotalTests === 0 && broken === 0) {
    fail(`lane ${lane}: ${files.length} test files, but no test`);
  }
  return result.numTotalTests + broken;
};

const readResult = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
};

const main = async () => {
  const [first, ...rest] = process.argv.slice(2);
  const isPlan = first !== undefined && Object.hasOwn(PLANS, first);
  const plan = PLANS[isPlan ? first : 'all'];
  const args = isPlan || first === undefined ? rest : [first, ...rest];
  const folder = mkdtempSync(join(tmpdir(), 'mora-run-'));
  let interrupted = false;
  process.on('SIGINT', () => (interrupted = true));
  process.on('SIGTERM', () => (interrupted = true));
  try {
    await ensure({ build: false });
    for (const name of plan.checks) if (!interrupted) await check(name);
    let ran = 0;
    for (const lane of plan.lanes) if (!interrupted) ran += await runLane(lane, args, folder);
    if (args.length === 0) for (const name of plan.last ?? []) if (!interrupted) await check(name);
    if (args.length > 0 && ran === 0) fail(`no test matches ${args.join(' ')}`);
    if (interrupted) fail('interrupted');
  } catch (error) {
    fail(error instanceof NotReady ? error.message : error.stack);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (failures.length > 0) say(`\nFailed:\n${failures.map((name) => `  ✗ ${name}`).join('\n')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
};

await main();
