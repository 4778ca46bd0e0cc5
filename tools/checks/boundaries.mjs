// Who may import whom (docs: architecture, layout). Prints `file:line  rule` for every breach and ends with 1.
// `node tools/checks/boundaries.mjs [root]`
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Packages of ours that a library may import; a library that is not named may import any library. */
const LIBRARY_RULES = {
  'business-time': [],
  contracts: [],
  eventing: ['contracts'],
  'event-store-postgres': ['eventing', 'contracts'],
  'event-feed-kafka': ['eventing', 'contracts'],
  grpc: ['eventing', 'contracts'],
  keys: ['contact-rules', 'contracts'],
  postgres: [],
  telemetry: ['eventing', 'contracts'],
};
const PURE_LIBRARIES = ['business-time', 'contact-rules', 'strategy', 'dialogue', 'understanding', 'simulation'];
/** Folders of an app that may do I/O, as its files outside folders may; every other folder decides: pure, but for types. */
const RIM = [
  'reactions',
  'effects',
  'sending',
  'views',
  'inbound',
  'outbound',
  'migrations',
  'keys',
  'testing',
  'cli',
  'api',
  'bin',
];
/** The one place that starts every service in one process; the command line may use their types. */
const EMBEDDED = 'apps/mora/src/embedded.ts';
const COMMAND_LINE = /^apps\/mora\/src\/(cli|main|answers)(\/|\.ts$)/;

const IMPURE_PACKAGES =
  /^(@nestjs\/|typeorm$|pg$|pg-|kafkajs$|@grpc\/|@platformatic\/|pino$|fastify$|rxjs$|reflect-metadata$|node:(net|http|https|http2|dgram|tls|child_process|worker_threads|cluster|timers|perf_hooks|os|process)(\/|$))/;
/** A pure library may read its own files (a strategy's folder, a log); an aggregate may not. */
const FILES = /^node:fs(\/|$)/;
const IMPURE_LIBRARIES = [
  'service',
  'event-store-postgres',
  'event-feed-kafka',
  'grpc',
  'postgres',
  'telemetry',
  'test-kit',
];
const IMPURE_CODE = [
  [/\bprocess\s*\.\s*(env|hrtime|argv)\b|\bprocess\s*\[/, 'reads the process'],
  [
    /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(\(\s*\)|(?=[;,)\]}]))|(?<![\w.])Date\s*\(\s*\)|\bperformance\s*\.\s*now\b/,
    'reads the clock',
  ],
  [/\b(DateTime|Interval)\s*\.\s*(now|local\s*\(\s*\)|utc\s*\(\s*\))/, 'reads the clock'],
  [/\bMath\s*\.\s*random\b|\brandom(UUID|Bytes|Int|Fill\w*)\b|\bgetRandomValues\b|\buuidv7\b/, 'draws at random'],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/, 'schedules'],
];

/** `%20` and `%E5…` stay in the path of a URL: a checkout below "my work" or 克隆 is not found by it. */
const PATH_OF_FILE_URL = /\bimport\.meta\.url\s*\)?\s*\.\s*pathname\b/g;

const posix = (path) => path.split(sep).join('/');
const lineOf = (text, index) => text.slice(0, index).split('\n').length;

/** Comments become spaces, so that positions stay; strings stay, for the import paths. */
const withoutComments = (text) =>
  text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (all, string) => (string === undefined ? all.replace(/[^\n]/g, ' ') : all),
  );

/** Text of template strings is no code of this file. */
const withoutTemplates = (code) => code.replace(/`(?:\\.|[^`\\])*`/g, (all) => all.replace(/[^\n]/g, ' '));

const IMPORT =
  /(?<![\w$.])(?:import|export)\s+(type\s+)?(?:[\w$*\s{},]*?\sfrom\s*)?['"]([^'"]+)['"]|(?<![\w$])(?:import|require|require\s*\.\s*resolve)\s*\(\s*['"]([^'"]+)['"]/g;

const importsOf = (code) =>
  [...code.matchAll(IMPORT)].map((match) => ({
    target: match[2] ?? match[3],
    isType: match[1] !== undefined,
    line: lineOf(code, match.index + match[0].search(/\S/)),
  }));

const packagesOf = (root) =>
  ['apps', 'libs', 'tools'].flatMap((kind) => {
    const group = join(root, kind);
    if (!existsSync(group)) return [];
    return readdirSync(group)
      .filter((name) => existsSync(join(group, name, 'package.json')))
      .map((name) => {
        const manifest = JSON.parse(readFileSync(join(group, name, 'package.json'), 'utf8'));
        return { kind, name, folder: join(group, name), manifest };
      });
  });

const sourcesOf = (folder) => {
  const src = join(folder, 'src');
  if (!existsSync(src)) return [];
  return readdirSync(src, { recursive: true })
    .filter((file) => /\.(ts|tsx|mts|mjs|js)$/.test(file) && !posix(file).startsWith('gen/'))
    .map((file) => join(src, file));
};

const packageNameOf = (target) => target.split('/', target.startsWith('@') ? 2 : 1).join('/');

/** @returns {string[]} `file:line  rule` for each breach. */
export const findBreaches = (root) => {
  const packages = packagesOf(root);
  const byName = new Map(packages.map((each) => [each.manifest.name, each]));
  const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const breaches = [];
  for (const from of packages) {
    for (const path of sourcesOf(from.folder)) {
      const file = posix(relative(root, path));
      const code = withoutComments(readFileSync(path, 'utf8'));
      const report = (line, rule) => breaches.push(`${file}:${line}  ${rule}`);
      const isTest = /\.(spec|fixture)\.tsx?$/.test(file);
      const isPure = !isTest && mustBePure(from, file);
      for (const found of importsOf(withoutTemplates(code))) {
        checkImport({ found, from, file, path, isTest, isPure, byName, rootManifest, report });
      }
      if (isPure) checkPurity(code, report);
      for (const { index } of code.matchAll(PATH_OF_FILE_URL))
        report(lineOf(code, index), 'a file is found by fileURLToPath(new URL(…)), not by .pathname');
    }
  }
  return [...breaches, ...findAddresses(root)];
};

const mustBePure = (from, file) => {
  if (from.kind === 'libs') return PURE_LIBRARIES.includes(from.name);
  if (from.kind !== 'apps' || from.name === 'mora' || from.name === 'analytics') return false;
  const [folder, ...rest] = file.split('/').slice(3);
  return rest.length > 0 && !RIM.includes(folder);
};

const checkImport = ({ found, from, file, path, isTest, isPure, byName, rootManifest, report }) => {
  const { target, line, isType } = found;
  if (target.startsWith('.')) {
    const reached = resolve(dirname(path), target);
    if (!reached.startsWith(join(from.folder, 'src') + sep))
      report(line, `'${target}' leaves the package: import it by name`);
    else if (isPure && !isType && RIM.includes(posix(relative(join(from.folder, 'src'), reached)).split('/')[0])) {
      report(line, `a decision must not import '${target}', which may do I/O`);
    }
    return;
  }
  if (target.startsWith('node:') || builtinModules.includes(target)) {
    if (!target.startsWith('node:')) report(line, `write 'node:${target}'`);
    const module = target.startsWith('node:') ? target : `node:${target}`;
    if (isPure && (IMPURE_PACKAGES.test(module) || (from.kind === 'apps' && FILES.test(module)))) {
      report(line, `a decision must not import '${target}'`);
    }
    return;
  }
  const name = packageNameOf(target);
  const to = byName.get(name);
  if (isPure && (IMPURE_PACKAGES.test(target) || (to !== undefined && IMPURE_LIBRARIES.includes(to.name)))) {
    report(line, `a decision must not import '${target}': no framework, database, network or clock`);
  }
  if (name !== from.manifest.name && !isDeclared(name, from, isTest, rootManifest)) {
    report(line, `'${name}' is not declared in ${from.kind}/${from.name}/package.json`);
  }
  if (to === undefined) return;
  if (to === from) report(line, 'a package imports its own files by relative path');
  else if (target !== name) report(line, `'${target}' reaches into another package: import '${name}'`);
  if (to !== from) checkDirection({ from, to, file, line, isType, isTest, report });
};

const isDeclared = (name, from, isTest, rootManifest) => {
  const declared = {
    ...from.manifest.dependencies,
    ...from.manifest.devDependencies,
    ...from.manifest.peerDependencies,
  };
  const types = name.startsWith('@') ? name : `@types/${name}`;
  if (name in declared || types in declared) return true;
  return (
    isTest &&
    (name === '@mora/test-kit' ||
      name === '@mora/kafka' ||
      name in { ...rootManifest.dependencies, ...rootManifest.devDependencies })
  );
};

const checkDirection = ({ from, to, file, line, isType, isTest, report }) => {
  if (to.name === 'test-kit' && !isTest && from.name !== 'test-kit') report(line, 'only tests import @mora/test-kit');
  if (to.kind === 'apps') {
    if (from.kind === 'libs') report(line, `a library must not import an app (${to.manifest.name})`);
    else if (from.kind === 'apps' && file !== EMBEDDED && !(isType && COMMAND_LINE.test(file))) {
      report(line, `an app must not import an app (${to.manifest.name}); only ${EMBEDDED} does`);
    }
  }
  const isTestBroker = isTest && to.kind === 'tools' && to.name === 'kafka';
  if (to.kind === 'tools' && from.kind === 'libs' && !isTestBroker)
    report(line, `a library must not import a tool (${to.manifest.name})`);
  const allowed = from.kind === 'libs' ? LIBRARY_RULES[from.name] : undefined;
  if (allowed !== undefined && !allowed.includes(to.name) && !(isTest && (to.name === 'test-kit' || isTestBroker))) {
    report(
      line,
      `${from.name} may import ${allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`}, not ${to.name}`,
    );
  }
  if (
    from.kind === 'libs' &&
    PURE_LIBRARIES.includes(from.name) &&
    IMPURE_LIBRARIES.includes(to.name) &&
    isTest &&
    to.name !== 'test-kit'
  ) {
    report(line, `the tests of ${from.name} need no ${to.name}`);
  }
};

const checkPurity = (code, report) => {
  for (const [pattern, what] of IMPURE_CODE) {
    for (const match of code.matchAll(new RegExp(pattern, 'g'))) {
      report(lineOf(code, match.index), `a decision ${what} (${match[0].trim()}): take it as an input`);
    }
  }
};

const REGISTRY_HOST = new RegExp(
  `\\b(${['registry\\.npm', 'registry\\.yarn', 'npm\\.pkg\\.'].join('|')})[\\w-]*\\.\\w+`,
);
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.nx', '.mora', 'coverage', 'ci-output']);

/** Lock file and sources name no download host: the installation's own npm settings decide where packages come from. */
const findAddresses = (root) => {
  const breaches = [];
  const lock = join(root, 'package-lock.json');
  if (existsSync(lock)) {
    for (const [index, line] of readFileSync(lock, 'utf8').split('\n').entries()) {
      if (/"resolved":\s*"[a-z+]+:/.test(line))
        breaches.push(`package-lock.json:${index + 1}  the lock file holds a download address`);
    }
  }
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (SKIPPED.has(entry.name) || entry.name === 'package-lock.json') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && !/\.(gz|png|jpg|ico|wasm|woff2?)$/.test(entry.name)) {
        for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
          if (REGISTRY_HOST.test(line))
            breaches.push(`${posix(relative(root, path))}:${index + 1}  names a package registry`);
        }
      }
    }
  };
  walk(root);
  return breaches;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../..'));
  const breaches = findBreaches(root);
  for (const breach of breaches) console.error(breach);
  if (breaches.length > 0)
    console.error(`${breaches.length} breach${breaches.length === 1 ? '' : 'es'} of the boundaries`);
  process.exitCode = breaches.length > 0 ? 1 : 0;
}
