// The test lanes: which files belong to them, and where Nx's test targets leave their results.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Lane → file name's end, Nx target. */
export const LANES = {
  pure: { suffix: '.spec.ts', target: 'test' },
  svc: { suffix: '.svc.spec.ts', target: 'svc' },
  int: { suffix: '.int.spec.ts', target: 'int' },
  e2e: { suffix: '.e2e.spec.ts', target: 'e2e' },
};

/** Folders with specs; the workspace itself, the root project, has those of tools/checks. */
export const foldersOf = (projectRoot) => (projectRoot === '.' ? ['tools/checks'] : [projectRoot]);

/** `x.int.spec.ts` also ends in `.spec.ts`, so the other suffixes are taken out. @returns paths from the root. */
export const specsOf = (root, folders, lane) => {
  const { suffix } = LANES[lane];
  const others = Object.values(LANES).filter((other) => other.suffix.length > suffix.length);
  return folders
    .filter((folder) => existsSync(join(root, folder, 'src')))
    .flatMap((folder) =>
      readdirSync(join(root, folder, 'src'), { recursive: true }).map((file) => `${folder}/src/${file}`),
    )
    .filter((file) => file.endsWith(suffix) && !others.some((other) => file.endsWith(other.suffix)))
    .sort();
};

export const allSpecs = (root, lane) =>
  specsOf(
    root,
    ['apps', 'libs', 'tools'].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`)),
    lane,
  );

/** An output of the project's test target, so that a replayed result is counted too. */
export const resultFile = (root, project, lane) => join(root, '.nx/results', project, `${lane}.json`);

/** What a compiler or linter found in a project, in this run. */
export const findingsFile = (root, project, target) => join(root, '.nx/results', project, `${target}.txt`);

/** What a person needs of one file: relative path, and of each test its title, status and message. */
export const brief = (root) => (suite) => ({
  file: suite.name.slice(root.length + 1),
  status: suite.status,
  message: suite.assertionResults.length === 0 ? suite.message : '',
  tests: suite.assertionResults.map(({ fullName, status, failureMessages }) => ({
    title: fullName,
    status,
    ...(status === 'failed' ? { message: failureMessages.join('\n') } : {}),
  })),
});
