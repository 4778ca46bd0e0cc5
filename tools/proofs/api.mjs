// `npm run prove:api`: a foreign program, schemathesis, asks a running Mora whatever its OpenAPI document allows and forbids.
// Its output is kept in docs/proofs/api.txt with commit and machine; any finding is exit code 1. Needs python3 with venv.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const VERSION = '4.32.5';
const VENV = join(tmpdir(), `mora-schemathesis-${VERSION}`);
const PROGRAM = join(VENV, 'bin/schemathesis');
const TARGET = 'docs/proofs/api.txt';
const SEED = '1';
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

const must = (program, args) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr || stdout}`);
  return stdout.trim();
};

const install = () => {
  if (existsSync(PROGRAM)) return;
  must('python3', ['-m', 'venv', VENV]);
  must(join(VENV, 'bin/pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
};

/** Resolves with the API's address when the days are worked: then there is something to ask about. */
const startMora = (data) => {
  const args = [
    'apps/mora/dist/main.js',
    'start',
    '--data',
    data,
    '--accounts',
    '150',
    '--days',
    '2',
    '--speed',
    '1000',
  ];
  const mora = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, MORA_HTTP_PORT: '0', MORA_GRPC_PORT: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = new Promise((resolve, reject) => {
    let said = '';
    const hear = (text) => {
      said += text;
      const at = /API: (http:\S+?)\/api/.exec(said)?.[1];
      if (at !== undefined && said.includes('days are worked')) resolve(at);
    };
    mora.stdout.setEncoding('utf8').on('data', hear);
    mora.stderr.setEncoding('utf8').on('data', hear);
    mora.once('exit', (code) => reject(new Error(`Mora ended with ${code}:\n${said}`)));
  });
  return { mora, url };
};

const end = (child) =>
  new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });

const ask = (url) => {
  const config = join(ROOT, 'tools/proofs/schemathesis.toml');
  const args = ['--config-file', config, 'run', `${url}/api/openapi.json`, '--url', url, '--seed', SEED];
  return spawnSync(PROGRAM, [...args, '--max-examples', '60', '--no-color'], {
    encoding: 'utf8',
    cwd: tmpdir(),
    maxBuffer: 2 ** 28,
  });
};

const kept = ({ status, stdout, stderr }, url) => {
  const commit = must('git', ['rev-parse', '--short', 'HEAD']);
  const isDirty = must('git', ['status', '--porcelain', '--', 'apps', 'libs']) !== '';
  const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}`;
  const text = `${stdout}${stderr}`
    .replace(ANSI, '')
    .replaceAll(url, 'http://mora')
    .replaceAll(`${ROOT}/`, '')
    .replace(/[ \t]+$/gm, '');
  const head = [
    `The HTTP API of analytics, asked by schemathesis ${VERSION} (seed ${SEED}): ${status === 0 ? 'no findings' : 'FINDINGS'}.`,
    `Commit ${commit}${isDirty ? ' with changes' : ''}, ${new Date().toISOString().slice(0, 10)}, ${machine}. Again: npm run prove:api`,
  ];
  return `${head.join('\n')}\n\n${text.trim()}\n`;
};

install();
const data = mkdtempSync(join(tmpdir(), 'mora-prove-'));
chmodSync(data, 0o711);
const { mora, url } = startMora(data);
try {
  const at = await url;
  const result = ask(at);
  const text = kept(result, at);
  writeFileSync(join(ROOT, TARGET), text);
  process.stdout.write(text);
  process.exitCode = result.status === 0 ? 0 : 1;
} finally {
  mora.removeAllListeners('exit');
  await end(mora);
  rmSync(data, { recursive: true, force: true });
}
