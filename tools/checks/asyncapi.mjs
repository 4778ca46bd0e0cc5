// docs/asyncapi/bank.yaml from the fields and types that debtor-intake takes.
// `node tools/checks/asyncapi.mjs` writes it, `--check` fails when it is stale. Needs apps/debtor-intake compiled (`tsc -b`).
// Both lint it with the parser that asyncapi-cli's `validate` stands on; a warning fails too (docs/adr/0002).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const TARGET = 'docs/asyncapi/bank.yaml';
const SOURCE = 'apps/debtor-intake/dist/inbound/bank-topics/asyncapi.js';

/** What the specification's own rules find in a document: `path:line  rule  message`. */
const lint = async (text) => {
  const { Parser, DiagnosticSeverity } = await import('@asyncapi/parser');
  const { diagnostics } = await new Parser().parse(text, { source: TARGET });
  return diagnostics
    .filter(({ severity }) => severity <= DiagnosticSeverity.Warning)
    .map(({ code, message, range }) => `${TARGET}:${range.start.line + 1}  ${code}  ${message}`);
};

if (!existsSync(join(ROOT, SOURCE))) {
  console.error('apps/debtor-intake is not compiled: tsc -b');
  process.exit(1);
}
const { asyncApiText } = await import(pathToFileURL(join(ROOT, SOURCE)).href);
const path = join(ROOT, TARGET);
if (!process.argv.includes('--check')) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, asyncApiText());
} else if (!existsSync(path) || readFileSync(path, 'utf8') !== asyncApiText()) {
  console.error(`${TARGET}:1  is not what debtor-intake takes: node tools/checks/asyncapi.mjs`);
  process.exitCode = 1;
}
for (const finding of await lint(readFileSync(path, 'utf8'))) {
  console.error(finding);
  process.exitCode = 1;
}
