// Nx's `build` and `lint`: the projects that the cache does not know are given to one `tsc -b` or one `biome ci`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findingsFile } from '../lanes.mjs';

const PROGRAMS = {
  build: { program: 'tsc', args: ['-b', '--pretty', 'false'], foldersOf: (_, folder) => [folder] },
  // Not listing a finding would be caching its project as good.
  lint: {
    program: 'biome',
    args: ['ci', '--colors=off', '--max-diagnostics=none', '--diagnostic-level=warn', '--no-errors-on-unmatched'],
    foldersOf: (root, folder) => (folder === '.' ? outsideProjects(root) : [folder]),
  },
};

/** What belongs to the workspace itself: everything but the folders of packages. */
const outsideProjects = (root) => {
  const entries = (folder) =>
    readdirSync(join(root, folder))
      .filter((name) => !name.startsWith('.') && name !== 'node_modules' && name !== 'dist')
      .map((name) => (folder === '.' ? name : `${folder}/${name}`));
  const groups = ['apps', 'libs', 'tools'];
  return [...entries('.').filter((path) => !groups.includes(path)), ...groups.flatMap(entries)].filter(
    (path) => !existsSync(join(root, path, 'package.json')),
  );
};

/** @returns for each task whether it is good; those that stand on a failed one, in the same batch, are not. */
const judge = ({ tasks, dependencies }, { isGood, output }) => {
  const all = Object.values(tasks);
  const lines = output.split('\n');
  const owners = all.filter(({ projectRoot }) => projectRoot !== '.');
  const ownerOf = (line) =>
    owners.find(({ projectRoot }) => line.startsWith(`${projectRoot}/`)) ??
    all.find(({ projectRoot }) => projectRoot === '.');
  const findings = new Map(all.map(({ id }) => [id, []]));
  let owner;
  let isOwned = false;
  for (const line of lines) {
    if (/^[\w.@-]+(\/[^\s:(]+)?(\(\d|:\d+:\d+ | \w+ ━|: error )/.test(line)) {
      owner = ownerOf(line);
      isOwned = true;
    } else if (/^error /.test(line)) owner = undefined;
    if (/^error /.test(line)) isOwned = false;
    if (owner) findings.get(owner.id).push(line);
  }
  const hasFailed = (id) =>
    !isOwned || findings.get(id)?.length > 0 || (dependencies[id] ?? []).some((other) => hasFailed(other));
  return Object.fromEntries(
    all.map(({ id }) => [
      id,
      { success: isGood || !hasFailed(id), terminalOutput: isOwned ? findings.get(id).join('\n') : output },
    ]),
  );
};

const runAll =
  (name) =>
  async (graph, _inputs, _overrides, { root }) => {
    const { program, args, foldersOf } = PROGRAMS[name];
    const folders = Object.values(graph.tasks).flatMap((task) => foldersOf(root, task.projectRoot));
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', program), [...args, ...folders], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const answers = judge(graph, { isGood: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` });
    for (const [id, { success, terminalOutput }] of Object.entries(answers)) {
      if (success) continue;
      const path = findingsFile(root, graph.tasks[id].target.project, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, terminalOutput);
    }
    return answers;
  };

/** Without a batch (`--batch=false`). */
const runOne = (name) => async (_, context) => {
  const { projectName: project, projectsConfigurations } = context;
  const { root: projectRoot } = projectsConfigurations.projects[project];
  const graph = { tasks: { one: { id: 'one', projectRoot, target: { project } } }, dependencies: {} };
  const { one } = await runAll(name)(graph, {}, {}, context);
  process.stdout.write(one.terminalOutput);
  return { success: one.success };
};

export const build = runOne('build');
export const buildAll = runAll('build');
export const lint = runOne('lint');
export const lintAll = runAll('lint');
