// Nx's `test`, `int` and `e2e`: the projects that the cache does not know run in one Jest process (starting one for each would
// cost more than the tests), and each gets its own result file, which Nx caches if all of it passed.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brief, foldersOf, resultFile, specsOf } from '../lanes.mjs';

/** @returns {Promise<{result: object | null, output: string}>} Jest's JSON, or null with what it said. */
const jest = async (root, lane, files) => {
  const folder = mkdtempSync(join(tmpdir(), 'mora-jest-'));
  const json = join(folder, 'result.json');
  const flags = ['--json', `--outputFile=${json}`, ...(process.env.CI ? ['--ci'] : []), '--runTestsByPath', ...files];
  try {
    let output = '';
    const code = await new Promise((resolve) => {
      const child = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...flags], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          ...process.env,
          MORA_TEST_LANE: lane,
          NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        },
      });
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
      child.stderr.on('data', (chunk) => {
        output += chunk;
        process.stderr.write(chunk);
      });
      child.on('error', (error) => resolve(`${error}`));
      child.on('close', resolve);
    });
    try {
      return { result: JSON.parse(readFileSync(json, 'utf8')), output };
    } catch {
      return { result: null, output: `Jest ended with ${code} and no result\n${output}` };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const testAll = async ({ tasks }, inputs, _overrides, { root }) => {
  const all = Object.values(tasks).map(({ id, projectRoot, target }) => {
    const { lane } = inputs[id];
    const files = specsOf(root, foldersOf(projectRoot), lane);
    return { id, project: target.project, lane, files };
  });
  const answers = {};
  for (const lane of new Set(all.map((task) => task.lane))) {
    const group = all.filter((task) => task.lane === lane);
    const files = group.flatMap((task) => task.files);
    const { result, output } = files.length > 0 ? await jest(root, lane, files) : { result: null, output: '' };
    const suites = new Map(result?.testResults.map(brief(root)).map((suite) => [suite.file, suite]));
    for (const { id, project, files } of group) {
      const own = files.flatMap((file) => suites.get(file) ?? []);
      const missing = files.filter((file) => !suites.has(file));
      const path = resultFile(root, project, lane);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(own));
      const success = files.length > 0 && missing.length === 0 && own.every((suite) => suite.status === 'passed');
      const nothing = files.length === 0 ? `${project} has no ${lane} spec file` : '';
      answers[id] = { success, terminalOutput: missing.length > 0 ? output : nothing };
    }
  }
  return answers;
};

/** Without a batch (`--batch=false`). */
export const test = async (options, context) => {
  const { projectName: project, projectsConfigurations, targetName: target } = context;
  const { root: projectRoot } = projectsConfigurations.projects[project];
  const tasks = { one: { id: 'one', projectRoot, target: { project, target } } };
  const { one } = await testAll({ tasks }, { one: options }, {}, context);
  process.stdout.write(one.terminalOutput);
  return { success: one.success };
};
