import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';

const SMALL = { fsync: 'off', shared_buffers: '16MB' };
let root: string;
let servers: EmbeddedPostgres[];

const start = async (dataDir = join(root, 'db'), port?: number): Promise<EmbeddedPostgres> => {
  const options = { dataDir, log: () => undefined, settings: SMALL };
  const server = await startEmbeddedPostgres(port === undefined ? options : { ...options, port });
  servers.push(server);
  return server;
};

const ask = async (server: EmbeddedPostgres, sql: string): Promise<unknown> => {
  const client = new pg.Client({ ...server, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
};

const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 15_000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error('did not happen within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const lives = async (pid: number): Promise<boolean> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) Z /.test(text);
};

const startInOtherProcess = async () => {
  const program = `import { startEmbeddedPostgres } from '@mora/postgres';
    const s = await startEmbeddedPostgres({ dataDir: process.argv[1], log() {}, settings: ${JSON.stringify(SMALL)} });
    console.log(s.pid); setInterval(() => {}, 1e6);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program, join(root, 'db')]);
  const pid = Number(await new Promise((resolve) => holder.stdout.once('data', (chunk) => resolve(String(chunk)))));
  return { holder, pid };
};

beforeEach(async () => {
  servers = [];
  root = await mkdtemp(join(tmpdir(), 'mora-pg-'));
  await rm(root, { recursive: true });
  await mkdir(root, { mode: 0o755 });
});
afterEach(async () => {
  for (const server of servers) {
    await server.stop();
    await rm(server.dataDir, { recursive: true, force: true });
  }
  await rm(root, { recursive: true, force: true });
});

describe('embedded PostgreSQL', () => {
  test('keeps its data over a clean stop and start, with the same password', async () => {
    const first = await start();
    await ask(first, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start();
    expect(await ask(second, 'select answer from kept')).toBe(42);
    expect(second.password).toBe(first.password);
    expect((await stat(join(second.dataDir, 'password'))).mode & 0o777).toBe(0o600);
  });

  test('listens on loopback only and refuses a wrong password', async () => {
    const server = await start();
    expect(await ask(server, 'show listen_addresses')).toBe('127.0.0.1');
    await expect(ask({ ...server, password: 'guess', pid: 0, stop: server.stop }, 'select 1')).rejects.toMatchObject({
      code: '28P01',
    });
  });

  test('refuses a data directory in use and names the process', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE', pid: process.pid });
  });

  test('refuses a port in use by name, and leaves the directory free for the next start', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(start(undefined, port)).rejects.toMatchObject({ code: 'DATABASE_PORT_IN_USE', port });
    await new Promise((resolve) => other.close(resolve));
    expect((await start(undefined, port)).port).toBe(port);
  });

  test('starts over an initialisation that was cut off', async () => {
    await mkdir(join(root, 'db', 'cluster'), { recursive: true });
    await writeFile(join(root, 'db', 'cluster', 'PG_VERSION'), '18\n');
    await writeFile(join(root, 'db', 'initialising'), 'half\n');
    expect(await ask(await start(), 'select 1')).toBe(1);
  });

  test('is not misled by an owner and a postmaster.pid that name a living stranger', async () => {
    const first = await start();
    await first.stop();
    const stranger: ChildProcess = spawn('sleep', ['60']);
    try {
      await writeFile(join(first.dataDir, 'owner.json'), JSON.stringify({ pid: stranger.pid, mark: '1' }));
      await writeFile(join(first.dataDir, 'cluster', 'postmaster.pid'), `${stranger.pid}\n${first.dataDir}/cluster\n`);
      expect(await ask(await start(), 'select 1')).toBe(1);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test('starts a server that died again, on the same port, and keeps what was committed', async () => {
    const server = await start();
    const { pid } = server;
    await ask(server, 'create table kept as select 1 as one');
    process.kill(pid, 'SIGKILL');
    await eventually(async () => server.pid !== pid && (await ask(server, 'select one from kept')) === 1);
  });

  test('ends by itself when its owner was killed', async () => {
    const { holder, pid } = await startInOtherProcess();
    expect(await lives(pid)).toBe(true);
    holder.kill('SIGKILL');
    await eventually(async () => !(await lives(pid)));
  });

  test('that outlived its owner and its guard is ended by the next start, which finds the data', async () => {
    const { holder, pid } = await startInOtherProcess();
    const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8');
    for (const child of children.trim().split(' ').map(Number)) {
      const command = await readFile(`/proc/${child}/cmdline`, 'utf8');
      if (command.includes('mora-guard')) process.kill(child, 'SIGKILL');
    }
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('exit', resolve));
    expect(await lives(pid)).toBe(true);
    const next = await start();
    expect(await lives(pid)).toBe(false);
    expect(await ask(next, 'select 1')).toBe(1);
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot('works below a folder that its user cannot enter, and a new clone there gets new data', async () => {
    const closed = join(root, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const first = await start(join(closed, 'db'));
    expect(first.dataDir).toMatch(/^\/var\/lib\/mora\/[0-9a-f]{16}$/);
    await ask(first, 'create table mine as select 7 as seven');
    await first.stop();
    expect(await ask(await start(join(closed, 'db')), 'select seven from mine')).toBe(7);
    await rm(join(closed, 'db'), { recursive: true });
    const other = await start(join(closed, 'db'));
    expect(other.dataDir).not.toBe(first.dataDir);
  });
});
