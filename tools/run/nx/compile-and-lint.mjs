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

/** What one program said of all: if it is not content, none of them is good, and the first carries its words. */
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
    const isGood = status === 0;
    const output = `${stdout ?? ''}${stderr ?? ''}`;
    const ids = Object.keys(graph.tasks);
    const answers = Object.fromEntries(
      ids.map((id, at) => [id, { success: isGood, terminalOutput: isGood || at > 0 ? '' : output }]),
    );
    if (!isGood) {
      const path = findingsFile(root, graph.tasks[ids[0]].target.project, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, output);
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
