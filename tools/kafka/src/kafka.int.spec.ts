import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeCluster, ensureKafka, type KafkaCluster, startKafka } from './index.js';
import { scramLogin } from './testing/scram-login.js';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const until = async (what: string, ask: () => unknown, limitMs: number): Promise<void> => {
  const deadline = performance.now() + limitMs;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(20);
  }
};
const portOf = (address: string): number => Number(address.split(':')[1]);

beforeAll(async () => {
  await ensureKafka();
}, 240_000);

describe('one node', () => {
  it('answers, and leaves neither process nor file behind when stopped', async () => {
    const kafka = await startKafka();
    const { pid, dataDirectory, port } = kafka.node(1);
    expect(await describeCluster(port)).toEqual({ clusterId: kafka.clusterId, controllerId: 1, brokerIds: [1] });
    await kafka.stop();
    expect(exists(pid)).toBe(false);
    expect(existsSync(dirname(dataDirectory))).toBe(false);
  });

  it('is the same cluster again in a folder that is kept', async () => {
    const dataDirectory = join(tmpdir(), `mora-kept-${process.pid}`);
    const first = await startKafka({ dataDirectory });
    await first.stop();
    const second = await startKafka({ dataDirectory });
    expect(second.clusterId).toBe(first.clusterId);
    await second.stop(0);
    expect(existsSync(second.node(1).logFile)).toBe(true);
    spawnSync('rm', ['-rf', dataDirectory]);
  });

  it('says why it cannot start', async () => {
    await expect(startKafka({ properties: { 'num.io.threads': 'many' } })).rejects.toThrow(/num\.io\.threads/);
  });

  it('ends, with its files, when the process that started it is killed', async () => {
    expect(spawnSync(join(FOLDER, '../../node_modules/.bin/tsc'), ['-b'], { cwd: FOLDER }).status).toBe(0);
    const parent = spawn(process.execPath, [join(FOLDER, 'dist/main.js'), 'start'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const address = await new Promise<string>((resolve) => parent.stdout.once('data', (text) => resolve(String(text))));
    await describeCluster(portOf(address));
    const own = brokersOf(parent.pid!);
    expect(own).toHaveLength(1);
    parent.kill('SIGKILL');
    await until('the broker is gone', () => !exists(own[0]!.pid), 10_000);
    await until('its files are gone', () => !existsSync(own[0]!.folder), 10_000);
  });
});

/** Brokers that a process started: its grandchildren by way of their keepers, from Linux's own list. */
const brokersOf = (pid: number): { readonly pid: number; readonly folder: string }[] => {
  const parentOf = (each: string) => Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1]);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        if (!command.includes('kafka.Kafka\0') || command.startsWith('sh\0')) return [];
        if (parentOf(String(parentOf(name))) !== pid) return [];
        return [{ pid: Number(name), folder: dirname(dirname(command.split('\0').at(-2)!)) }];
      } catch {
        return [];
      }
    });
};

describe('three nodes', () => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 });
  }, 120_000);
  afterAll(async () => {
    const pids = kafka.nodes.map((node) => node.pid);
    await kafka.stop(0);
    expect(pids.filter(exists)).toEqual([]);
  });

  const seen = async (by: number): Promise<readonly number[]> =>
    [...(await describeCluster(portOf(kafka.internalBrokers[by - 1]!))).brokerIds].sort();

  it('miss one that was killed, and have it back after its restart', async () => {
    const victim = kafka.node(2);
    const { pid, port } = victim;
    await victim.kill();
    expect(victim.isRunning).toBe(false);
    expect(victim.exitCode).toBe(128 + 9);
    await until('the others gave it up', async () => (await seen(1)).join() === '1,3', 20_000);
    await victim.restart();
    expect(victim.port).toBe(port);
    expect(victim.pid).not.toBe(pid);
    await until('the others have it back', async () => (await seen(1)).join() === '1,2,3', 20_000);
  }, 120_000);

  it('miss one that is paused, and have it back when it goes on', async () => {
    kafka.node(3).pause();
    await expect(describeCluster(kafka.node(3).port, 300)).rejects.toThrow(/does not answer/);
    await until('the others gave it up', async () => (await seen(1)).join() === '1,2', 20_000);
    kafka.node(3).resume();
    await until('it is back', async () => (await seen(1)).join() === '1,2,3', 20_000);
  }, 120_000);
});

describe('a node with login and TLS', () => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka({ sasl: { users: { dialer: 'pass word=1' } }, tls: { clientAuth: 'required' } });
  }, 120_000);
  afterAll(() => kafka.stop(0));

  const login = async (password: string, withCertificate: boolean) =>
    scramLogin({
      port: kafka.node(1).port,
      user: 'dialer',
      password,
      ca: kafka.authority!.ca,
      ...(withCertificate ? await kafka.authority!.issue('dialer') : {}),
    });

  it('lets in who has certificate and password', async () => {
    expect(await login('pass word=1', true)).toBe(0);
  });

  it('refuses a wrong password (58, SASL authentication failed)', async () => {
    expect(await login('pass word=2', true)).toBe(58);
  });

  it('refuses who has no certificate', async () => {
    await expect(login('pass word=1', false)).rejects.toThrow();
  });

  it('does not speak in plain text on the clients’ port', async () => {
    await expect(describeCluster(kafka.node(1).port)).rejects.toThrow();
  });
});
