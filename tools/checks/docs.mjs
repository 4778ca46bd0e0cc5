// Every path that a document names exists. `node tools/checks/docs.mjs [root]` prints `file:line  path` for each that does not.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy/README.md'];
/** First folders of the workspace: what begins with one of them, in code quotes, is a path from the root. */
const TOP = /^(apps|libs|tools|docs|strategies|proto|deploy|\.ci)\//;
/** Made by running or building, so not in a clone. */
const GENERATED = /(^|\/)(dist|node_modules|\.mora)(\/|$)/;

const documentsOf = (root) => {
  const docs = join(root, 'docs');
  const found = existsSync(docs)
    ? readdirSync(docs, { recursive: true })
        .filter((file) => file.endsWith('.md'))
        .map((file) => join('docs', file))
    : [];
  return [...DOCUMENTS.filter((file) => existsSync(join(root, file))), ...found];
};

/** A path without a line number, an anchor or what follows a placeholder such as `<service>`. */
const plainPath = (path) => path.replace(/[#?].*$/, '').replace(/:\d+$/, '');

const pathsOf = (line, file) => {
  const paths = [];
  for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^([a-z]+:|#|\/)/i.test(target)) continue;
    paths.push({ named: target, at: join(dirname(file), plainPath(target)) });
  }
  for (const [, quoted] of line.matchAll(/`([^`]+)`/g))
    for (const word of quoted.split(/\s+/)) {
      const path = plainPath(word.replace(/[,;)]+$/, ''));
      if (TOP.test(path) && !/[<>*…{}$|]/.test(path)) paths.push({ named: word, at: path });
    }
  return paths;
};

/** @returns {string[]} `file:line  path` for each path that does not exist. */
export const findBrokenPaths = (root) =>
  documentsOf(root).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        pathsOf(line, file)
          .filter(({ at }) => {
            const full = resolve(root, at);
            if (full !== root && !full.startsWith(root + sep)) return true;
            return !GENERATED.test(at) && !existsSync(full);
          })
          .map(({ named }) => `${file.split(sep).join('/')}:${index + 1}  ${named} does not exist`),
      ),
  );

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../..'));
  const broken = findBrokenPaths(root);
  for (const one of broken) console.error(one);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
