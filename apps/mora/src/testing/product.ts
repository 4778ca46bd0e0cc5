/** The built product as its users have it: `dist/main.js` in a process and a data directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '@mora/postgres';
import { type CarrierRecord, readLog, type SmscRecord } from '@mora/simulation';
import pg from 'pg';
import type { RunSummary } from '../run.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly said: () => string;
  kill(signal: NodeJS.Signals): void;
}

type Env = Readonly<Record<string, string>>;

export interface StoredEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export class Product {
  private readonly children: ChildProcess[] = [];

  private constructor(readonly dataDir: string) {}

  /** An empty data directory that the database's user may enter. */
  static async make(): Promise<Product> {
    const dataDir = await mkdtemp(join(tmpdir(), 'mora-e2e-'));
    await chmod(dataDir, 0o755);
    return new Product(dataDir);
  }

  get carrierPath(): string {
    return join(this.dataDir, 'carrier.ndjson');
  }

  carrier(): readonly CarrierRecord[] {
    return readLog<CarrierRecord>(this.carrierPath);
  }

  smsc(): readonly SmscRecord[] {
    return readLog<SmscRecord>(join(this.dataDir, 'smsc.ndjson'));
  }

  invites(): readonly CarrierRecord[] {
    return this.carrier().filter(({ kind }) => kind === 'invite');
  }

  run(args: readonly string[], env: Env = {}): Started {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [MAIN, ...withData(args, this.dataDir)], {
      env: { ...inherited, MORA_HTTP_PORT: 'off', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    return { pid: child.pid!, ended, said: () => stdout + stderr, kill: (signal) => void child.kill(signal) };
  }

  start(args: readonly string[], env: Env = {}): Started {
    return this.run(['start', ...args], env);
  }

  ask(...args: readonly string[]): Promise<Ended> {
    return this.run(args).ended;
  }

  /** The answer as JSON of a question that must be answered; code 1 is an answer, too. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.ask(...args, '--json');
    if (stdout === '') throw new Error(`mora ${args.join(' ')}: code ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Works all days; the summary is the last line. */
  async untilIdle(args: readonly string[] = [], env: Env = {}): Promise<Ended & { readonly summary: RunSummary }> {
    const ended = await this.start(['--until-idle', '--json', ...args], env).ended;
    const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
    if (last === '') throw new Error(`no summary: code ${ended.code} ${ended.signal}: ${ended.stderr}`);
    return { ...ended, summary: JSON.parse(last) as RunSummary };
  }

  /** What the stores of the services hold, read by plain SQL while nothing runs. */
  async stored(...services: readonly string[]): Promise<readonly StoredEvent[]> {
    const found: StoredEvent[] = [];
    await this.sql(async (client) => {
      for (const service of services) {
        const { rows } = await client.query<{ type: string; data: string }>(
          `select type, data from mora_${service}.events order by shard, position`,
        );
        found.push(...rows.map(({ type, data }) => ({ type, data: JSON.parse(data) })));
      }
    });
    return found;
  }

  async sql<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const server = await startEmbeddedPostgres({ dataDir: join(this.dataDir, 'postgres'), log: () => undefined });
    try {
      const { host, port, user, password } = server;
      const client = new pg.Client({ host, port, user, password, database: 'mora' });
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    } finally {
      await server.stop();
    }
  }

  /** Ends what is still running and removes the directory. */
  async remove(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Arguments that name a data directory themselves keep it. */
const withData = (args: readonly string[], dataDir: string): readonly string[] =>
  args.includes('--data') ? args : [...args, '--data', dataDir];

/** Waits for something to become true; the process under test sets the pace. */
export const until = async (what: string, holds: () => boolean | Promise<boolean>, seconds = 60): Promise<void> => {
  const deadline = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(25);
  }
};
