// `npm run proto`: generates libs/grpc/src/gen from proto/ with the local plugin, without network.
// `--check`: lints the files and fails when what is committed differs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PROTO = join(ROOT, 'proto');
const GENERATED = join(ROOT, 'libs/grpc/src/gen');
const BIN = join(ROOT, 'node_modules/.bin');

const buf = (...args) => {
  const { status, error } = spawnSync(join(BIN, 'buf'), args, {
    cwd: PROTO,
    env: { ...process.env, PATH: `${BIN}:${process.env.PATH}` },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`buf ${args[0]} failed${error ? `: ${error.message}` : ''}`);
};

const contents = (folder) =>
  new Map(
    readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  );

const differences = (committed, fresh) =>
  [...new Set([...committed.keys(), ...fresh.keys()])].filter((file) => committed.get(file) !== fresh.get(file));

const check = () => {
  buf('lint');
  const folder = mkdtempSync(join(tmpdir(), 'mora-proto-'));
  try {
    // The template's `out` is relative to --output.
    const output = join(folder, 'proto');
    mkdirSync(output);
    buf('generate', '--output', output);
    const stale = differences(contents(GENERATED), contents(join(folder, 'libs/grpc/src/gen')));
    for (const file of stale) console.error(`libs/grpc/src/gen/${file}:1  is not what proto/ says: npm run proto`);
    return stale.length === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (process.argv.includes('--check')) process.exitCode = check() ? 0 : 1;
else buf('generate');
