import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BrokerProcess } from './broker-process.js';
import { KafkaUnavailable } from './errors.js';
import { describeCluster } from './probe.js';
import { run, tail } from './run.js';
import { propertiesFile } from './settings.js';

/** What starts a broker. */
export interface KafkaProgram {
  readonly java: string;
  readonly classpath: string;
  /** Java's archive of the broker's loaded classes: halves a start's processor time, saves 30 MB a node. */
  readonly classArchive?: string;
}

const LOGGING = fileURLToPath(new URL('../log4j2.properties', import.meta.url));
const STARTED = 'Kafka Server started';
const STOP_LIMIT_MS = 15_000;

/** One broker of a local cluster; it may die and come back. */
export interface KafkaNode {
  /** 1, 2, 3: Kafka's node id. */
  readonly id: number;
  /** Of the broker that runs now, or ran last. */
  readonly pid: number;
  readonly isRunning: boolean;
  /** 128 + n after signal n; undefined while it runs. */
  readonly exitCode: number | null | undefined;
  /** Where clients connect, with SASL and TLS as the cluster was asked to have. */
  readonly port: number;
  readonly address: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** SIGSTOP: silent, but its connections stay open. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, after the limit (default 15 s) SIGKILL. */
  stop(limitMs?: number): Promise<void>;
  /** Starts it again on the same ports and data, after stopping it where it runs; resolves when it answers. */
  restart(): Promise<void>;
}

export interface NodePlan {
  readonly id: number;
  readonly clusterId: string;
  readonly directory: string;
  readonly ports: { readonly client: number; readonly internal: number };
  readonly properties: Readonly<Record<string, string>>;
  readonly scram: readonly string[];
  readonly program: KafkaProgram;
  /** More arguments for Java, at least the heap's size. */
  readonly jvm: readonly string[];
  readonly startLimitMs: number;
  readonly orphan: { readonly seconds: number; readonly remove?: string; readonly shared?: string };
}

export class LocalNode implements KafkaNode {
  readonly id: number;
  readonly port: number;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly #plan: NodePlan;
  #broker: BrokerProcess | undefined;

  constructor(plan: NodePlan) {
    this.#plan = plan;
    this.id = plan.id;
    this.port = plan.ports.client;
    this.dataDirectory = plan.directory;
    this.logFile = join(plan.directory, 'server.log');
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }
  get pid(): number {
    return this.#broker?.pid ?? 0;
  }
  get isRunning(): boolean {
    return this.#broker?.isRunning === true;
  }
  get exitCode(): number | null | undefined {
    return this.#broker?.exitCode;
  }

  pause(): void {
    this.#broker?.signal('SIGSTOP');
  }

  resume(): void {
    this.#broker?.signal('SIGCONT');
  }

  kill(): Promise<void> {
    return this.stop(0);
  }

  async stop(limitMs = STOP_LIMIT_MS): Promise<void> {
    await this.#broker?.end(limitMs);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Formats the storage where it is new. */
  async prepare(): Promise<void> {
    const { directory, properties, clusterId, scram } = this.#plan;
    await mkdir(join(directory, 'tmp'), { recursive: true, mode: 0o700 });
    await writeFile(this.#configuration, propertiesFile(properties), { mode: 0o600 });
    if (existsSync(join(properties['log.dirs']!, 'meta.properties'))) return;
    const users = scram.flatMap((each) => ['--add-scram', each]);
    const quick = ['-Xmx64m', '-XX:TieredStopAtLevel=1'];
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', this.#configuration, ...users];
    const { code, output } = await run(this.#plan.program.java, [...this.#jvm(quick), ...format]);
    await appendFile(this.logFile, output, { mode: 0o600 });
    if (code !== 0) throw new KafkaUnavailable(`Kafka could not format ${directory}:\n${reasons(output)}`);
  }

  /** Resolves when the broker has joined and answers for this cluster. @throws KafkaUnavailable */
  async start(): Promise<void> {
    const { program, jvm, orphan, startLimitMs } = this.#plan;
    const { length } = await readFile(this.logFile, 'utf8').catch(() => '');
    const args = [...this.#jvm(jvm), 'kafka.Kafka', this.#configuration];
    const broker = await BrokerProcess.start({ java: program.java, args, logFile: this.logFile, orphan });
    this.#broker = broker;
    const deadline = performance.now() + startLimitMs;
    for (;;) {
      const log = (await readFile(this.logFile, 'utf8')).slice(length);
      if (!broker.isRunning) throw this.#failure(`ended with code ${broker.exitCode}`, log);
      if (log.includes(STARTED) && (await this.#answers())) return;
      if (performance.now() > deadline) throw this.#failure(`does not answer within ${startLimitMs} ms`, log);
      await sleep(30);
    }
  }

  /** The port's answer names this cluster and, among its live brokers, this one. */
  async #answers(): Promise<boolean> {
    const found = await describeCluster(this.#plan.ports.internal).catch(() => undefined);
    return found?.clusterId === this.#plan.clusterId && found.brokerIds.includes(this.id);
  }

  get #configuration(): string {
    return join(this.#plan.directory, 'server.properties');
  }

  #jvm(more: readonly string[]): readonly string[] {
    const { directory, program } = this.#plan;
    return [
      ...more,
      '-XX:+UseSerialGC',
      '-XX:+ExitOnOutOfMemoryError',
      '-Xshare:auto',
      ...(program.classArchive === undefined ? [] : [`-XX:SharedArchiveFile=${program.classArchive}`]),
      // Neither statistics nor unpacked native libraries are left in the common temporary folder.
      '-XX:-UsePerfData',
      `-Djava.io.tmpdir=${join(directory, 'tmp')}`,
      `-Dlog4j2.configurationFile=${LOGGING}`,
      '-cp',
      program.classpath,
    ];
  }

  #failure(what: string, log: string): KafkaUnavailable {
    return new KafkaUnavailable(`Kafka node ${this.id} ${what} (${this.logFile}):\n${reasons(log)}`);
  }
}

/** The last lines that tell of a failure. */
const reasons = (log: string): string => {
  const told = log.split('\n').filter((line) => /ERROR|FATAL|Exception/.test(line) && !/^\s+at /.test(line));
  return told.length > 0 ? told.slice(-5).join('\n') : tail(log, 5);
};

/** Somebody else took a port between choosing and using it. */
export const isPortTaken = (error: unknown): boolean =>
  error instanceof KafkaUnavailable && /Address already in use|BindException/.test(error.message);
