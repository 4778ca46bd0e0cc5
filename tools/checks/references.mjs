// TypeScript's project references say again what the packages' manifests say: they are written from them.
// `node tools/checks/references.mjs`; `--check` fails when a tsconfig differs.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(
  process.argv.slice(2).find((arg) => !arg.startsWith('--')) ?? join(dirname(fileURLToPath(import.meta.url)), '../..'),
);
const read = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** Packages that compile: name → folder. */
const projects = new Map(
  ['libs', 'tools', 'apps'].flatMap((group) =>
    readdirSync(join(ROOT, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(ROOT, folder, 'tsconfig.json')))
      .map((folder) => [read(`${folder}/package.json`).name, folder]),
  ),
);

const dependenciesOf = (folder) =>
  Object.keys(read(`${folder}/package.json`).dependencies ?? {})
    .filter((name) => projects.has(name))
    .map((name) => projects.get(name));

/** @returns {string[][]} circles among the packages, each as its path. */
const circles = () => {
  const done = new Set();
  const found = [];
  const visit = (folder, path) => {
    if (path.includes(folder)) return found.push([...path.slice(path.indexOf(folder)), folder]);
    if (done.has(folder)) return;
    for (const next of dependenciesOf(folder)) visit(next, [...path, folder]);
    done.add(folder);
  };
  for (const folder of projects.values()) visit(folder, []);
  return found;
};

const wanted = (file, references) => {
  const config = read(file);
  return `${JSON.stringify({ ...config, references: references.map((path) => ({ path })) }, null, 2)}\n`;
};

const files = [
  ['tsconfig.json', [...projects.values()]],
  ...[...projects.values()].map((folder) => [
    `${folder}/tsconfig.json`,
    dependenciesOf(folder).map((other) => `../../${other}`),
  ]),
];
const stale = files.filter(([file, references]) => readFileSync(join(ROOT, file), 'utf8') !== wanted(file, references));
for (const circle of circles()) {
  console.error(`${circle[0]}/package.json:1  packages depend on each other in a circle: ${circle.join(' → ')}`);
  process.exitCode = 1;
}
/** The test kit loads these only for a service in memory or a gRPC door, which no pure spec wants. */
const LAZY = ['@mora/service', '@mora/grpc'];
const LANES = { '.svc.spec.ts': 'svc', '.int.spec.ts': 'int', '.e2e.spec.ts': 'e2e', '.spec.ts': 'test' };
const laneOf = (file) => LANES[Object.keys(LANES).find((suffix) => file.endsWith(suffix))];

/** Specs may import what their package does not name only if Nx's test targets hash it (nx.json): else a result is stale. */
const closure = (names, without = [], seen = new Set()) => {
  for (const name of names.filter((name) => projects.has(name) && !seen.has(name) && !without.includes(name))) {
    seen.add(name);
    closure(Object.keys(read(`${projects.get(name)}/package.json`).dependencies ?? {}), without, seen);
  }
  return seen;
};
const hashed = existsSync(join(ROOT, 'nx.json'))
  ? (lane) => read('nx.json').targetDefaults[lane].inputs.flatMap((input) => input.projects ?? [])
  : () => [];
const unhashed = [...projects].flatMap(([name, folder]) => {
  const known = closure([name]);
  return readdirSync(join(ROOT, folder, 'src'), { recursive: true })
    .filter((file) => file.endsWith('.spec.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(ROOT, folder, 'src', file), 'utf8');
      const imports = [...text.matchAll(/from '(@mora\/[a-z-]+)'/g)].map(([, other]) => other);
      return imports
        .filter((other) => {
          const lane = laneOf(file);
          const reached = [...closure([other], lane === 'test' ? LAZY : [])];
          return !reached.every((one) => known.has(one) || hashed(lane).includes(one));
        })
        .map(
          (other) => `${folder}/src/${file}:1  imports ${other}: name it in package.json or in nx.json's test inputs`,
        );
    });
});
if (process.argv.includes('--check')) {
  for (const line of unhashed) console.error(line);
  if (unhashed.length > 0) process.exitCode = 1;
  for (const [file] of stale)
    console.error(`${file}:1  references are not what package.json says: node tools/checks/references.mjs`);
  if (stale.length > 0) process.exitCode = 1;
} else for (const [file, references] of stale) writeFileSync(join(ROOT, file), wanted(file, references));
