// Nx's `build`: what the cache does not have is compiled by one `tsc -b`, which also knows what is up to date.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const compile = (root, folders) => {
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', '--pretty', 'false', ...folders], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { isGood: status === 0, output: stdout ?? '' };
};

export const build = async (_, { root, projectName, projectsConfigurations }) => {
  const { isGood, output } = compile(root, [projectsConfigurations.projects[projectName].root]);
  process.stdout.write(output);
  return { success: isGood };
};

/** When something is wrong, the projects whose files are named have failed, and those that stand on them were not built. */
export const buildAll = async ({ tasks, dependencies }, _inputs, _overrides, { root }) => {
  const all = Object.values(tasks);
  const { isGood, output } = compile(
    root,
    all.map((task) => task.projectRoot),
  );
  const lines = output.split('\n');
  const errors = new Map(all.map(({ id, projectRoot }) => [id, lines.filter((l) => l.startsWith(`${projectRoot}/`))]));
  const isNamed = [...errors.values()].some((own) => own.length > 0);
  const hasFailed = (id) =>
    !isNamed || errors.get(id)?.length > 0 || (dependencies[id] ?? []).some((other) => hasFailed(other));
  return Object.fromEntries(
    all.map(({ id }) => [
      id,
      { success: isGood || !hasFailed(id), terminalOutput: isNamed ? errors.get(id).join('\n') : output },
    ]),
  );
};
