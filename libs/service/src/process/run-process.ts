/** One service as a process of its own: `main.ts` of every app calls this and nothing else. */

import type { Source } from '@mora/contracts';
import {
  ensureTopics,
  type KafkaConnection,
  TopicPartitionsDiffer,
  type TopicSpec,
  topicOf,
} from '@mora/event-feed-kafka';
import { type Clock, createActivity, createRealClock, createRemoteSteppedClock } from '@mora/eventing';
import { clientTls, type PortClientOptions } from '@mora/grpc';
import { createPool } from '@mora/postgres';
import { PolicyTexts } from '@mora/strategy';
import { createLog, type Log, type Sample, startTelemetry, type Telemetry } from '@mora/telemetry';
import type { Pool } from 'pg';
import { type Config, type Settings } from '../config.js';
import { ConfigInvalid, DoorClosed, LeaseTaken, messageOf } from '../errors.js';
import { Active } from './active.js';
import { openClockDoor } from './clock-door.js';
import { type ProcessConfig, type ReadSettings, readProcess } from './config.js';
import { shardsOf } from './installation.js';
import { Lease } from './lease.js';
import type { Ground, ProcessOptions, ProcessParts } from './parts.js';
import { createDeployedPlatform } from './platform.js';
import { startProbes } from './probes.js';
import { ensureSchema, whenDatabaseAnswers } from './schema.js';

const EXIT = { ok: 0, failed: 1, config: 2, taken: 75, forced: 130 } as const;
const SIMULATION_VERSION = '1';
const TOPICS_RETRY_MS = 500;
const DATABASE_ANSWER_MS = 1_500;

/** Runs until a signal ends it. Never rejects: what goes wrong is logged, and told by the exit code. */
export const runProcess = async <S extends Settings = Record<never, never>, K extends Settings = Record<never, never>>(
  options: ProcessOptions<S, K>,
): Promise<void> => {
  const read = settingsOf(options);
  if (read === null) return;
  const { build, traces, tracesRatio: ratio, logLevel: level } = read.process;
  const incarnation = `${options.name}-${process.pid}-${Date.now()}`;
  const telemetry = await startTelemetry({ service: options.name, instance: incarnation, build, traces, ratio });
  const log = createLog({ service: options.name, level, more: telemetry.logFields });
  const running = new ServiceProcess(options, read, { log, telemetry, incarnation });
  obey(running, read.process, log);
  await running.run();
};

const settingsOf = <S extends Settings, K extends Settings>(
  options: ProcessOptions<S, K>,
): ReadSettings<S, K> | null => {
  const { name, also = [], settings = {} as S, secrets = {} as K, needsSeed = false } = options;
  try {
    return readProcess({ name, services: [name, ...also], settings, secrets, needsSeed }, process.env);
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = EXIT.config;
    return null;
  }
};

/** Signals, lost parents, and errors that nobody caught. */
const obey = (running: { end(code: number): Promise<never> }, config: ProcessConfig, log: Log): void => {
  let asked = false;
  const stop = (why: string) => {
    if (asked) process.exit(EXIT.forced);
    asked = true;
    log.info({ why }, 'ending');
    void running.end(EXIT.ok);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  const broken = (error: unknown) => {
    log.error({ error }, 'an error that nobody expected');
    void running.end(EXIT.failed);
  };
  // kafkajs computes pauses that are over already; Node says so on every start.
  process.removeAllListeners('warning').on('warning', ({ name, message, stack }) => {
    if (name !== 'TimeoutNegativeWarning') log.warn({ warning: name, stack }, message);
  });
  process.on('uncaughtException', broken);
  process.on('unhandledRejection', broken);
  if (!config.parentWatch) return;
  const orphaned = () => {
    if (!asked) stop('the parent has ended');
  };
  process.stdin.once('end', orphaned).once('close', orphaned).once('error', orphaned).resume();
};

class ServiceProcess<S extends Settings, K extends Settings> {
  private readonly pools = new Map<string, Pool>();
  private readonly ending = new AbortController();
  private readonly closing: (() => Promise<unknown> | unknown)[] = [];
  private lease: Lease | null = null;
  private active: Active | null = null;
  private readonly activity = createActivity();
  private ended: Promise<never> | null = null;
  private state: 'starting' | 'standing by' | 'active' = 'starting';

  constructor(
    private readonly options: ProcessOptions<S, K>,
    private readonly settings: ReadSettings<S, K>,
    private readonly self: { readonly log: Log; readonly telemetry: Telemetry; readonly incarnation: string },
  ) {}

  private get log(): Log {
    return this.self.log;
  }

  async run(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      if (this.ending.signal.aborted) return;
      this.log.error({ error }, `${this.options.name} did not start`);
      await this.end(error instanceof ConfigInvalid ? EXIT.config : EXIT.failed);
    }
  }

  /** Repeated: the same end. */
  end(code: number): Promise<never> {
    this.ended ??= this.endWith(code);
    return this.ended;
  }

  private async endWith(code: number): Promise<never> {
    const { drainMs } = this.settings.process;
    const began = performance.now();
    this.ending.abort(new DoorClosed(this.options.name));
    const late = setTimeout(() => {
      this.log.error({ afterMs: drainMs }, 'not drained in time');
      process.exit(EXIT.failed);
    }, drainMs);
    const isFlushed = (await this.active?.drain(began + drainMs * 0.9)) ?? true;
    if (!isFlushed) this.log.warn({}, 'not everything is published; the next start goes on');
    await this.lease?.release();
    for (const close of this.closing.toReversed()) await Promise.resolve(close()).catch(() => undefined);
    await Promise.all([...this.pools.values()].map((pool) => pool.end().catch(() => undefined)));
    await this.self.telemetry.close().catch(() => undefined);
    clearTimeout(late);
    this.log.info({ ms: Math.round(performance.now() - began) }, 'ended');
    process.exit(code);
  }

  private async start(): Promise<void> {
    const { log, options, settings } = this;
    const { process: config } = settings;
    const { signal } = this.ending;
    const probes = await startProbes(
      {
        isStarted: () => this.state !== 'starting' || (this.active?.grpcPort ?? 0) > 0,
        notReady: () => this.notReady(),
        metrics: () => this.self.telemetry.metrics(),
      },
      config.http,
    );
    this.closing.push(() => probes.close());
    this.self.telemetry.read(() => this.samples());
    const clock = await this.startClock();
    const texts = new PolicyTexts();
    const parts = await options.define(this.ground(texts));
    const kafka: KafkaConnection = {
      ...config.kafka,
      clientId: `mora-${options.name}`,
      // Its warnings are about settings that were chosen, its answers' errors come again with what failed by them.
      log: ({ level, ...line }) => {
        if (level === 'error' && !line.message.startsWith('Response ')) log.warn({ kafka: line }, 'Kafka client');
      },
    };
    const topics = this.ensureTopics(kafka, parts);
    topics.catch(() => undefined);
    for (const definition of parts.definitions)
      await whenDatabaseAnswers(
        () => ensureSchema(definition, { pool: this.pool(definition.name), owner: config.owner }),
        {
          log,
          signal,
        },
      );
    if ((options.active ?? 'one') === 'one' && !(await this.takeLease())) return;
    await topics;
    signal.throwIfAborted();
    this.state = 'starting';
    this.active = this.activate(parts, kafka, texts, clock);
    const { active } = this;
    await active.start();
    this.state = 'active';
    const ms = Math.round(process.uptime() * 1_000);
    log.info(
      { grpc: active.grpcPort, http: probes.port, ms, shards: config.shards, clock: config.clock.kind },
      'started',
    );
  }

  /** @returns false when the process ends first */
  private async takeLease(): Promise<boolean> {
    const { name } = this.options;
    this.lease = new Lease({
      address: this.settings.process.databases.get(name)!,
      key: `service ${name}`,
      log: this.log,
      onTaken: (error) => this.fatal(error),
    });
    const asked = this.lease.acquire();
    const standby = setTimeout(() => {
      this.state = 'standing by';
      this.log.info({}, 'another replica works; standing by');
    }, 1_000);
    const held = await asked;
    clearTimeout(standby);
    return held;
  }

  private fatal(error: unknown): void {
    this.log.error({ error }, 'cannot go on');
    void this.end(error instanceof LeaseTaken ? EXIT.taken : EXIT.failed);
  }

  private async startClock(): Promise<Clock> {
    const { process: config } = this.settings;
    const { activity, log } = this;
    const { kind, anchorId, startAt } = config.clock;
    if (kind === 'real') {
      const clock = createRealClock(anchorId, Date.now);
      this.closing.push(() => clock.stop());
      return clock;
    }
    const steps = createRemoteSteppedClock({ anchorId, startAt, activity });
    const door = await openClockDoor({
      steps,
      activity,
      incarnation: this.self.incarnation,
      isSettled: () => this.state !== 'starting' && !this.ending.signal.aborted,
      working: () => this.active,
      config,
      log,
    });
    this.closing.push(() => door.close());
    return steps;
  }

  private activate(parts: ProcessParts, kafka: KafkaConnection, texts: PolicyTexts, clock: Clock): Active {
    const { process: config } = this.settings;
    const { activity } = this;
    const { tls } = config;
    const { telemetry } = this.self;
    const { trace } = telemetry;
    const clients: PortClientOptions = {
      activity,
      trace,
      ...(tls === null ? {} : { credentials: clientTls({ ca: tls.ca, identity: tls }) }),
    };
    const platform = createDeployedPlatform({
      clock,
      activity,
      shards: config.shards,
      origin: {
        build: config.build,
        tzdata: process.versions['tz'] ?? 'unknown',
        clock: clock.anchor,
        simulated: config.seed === null ? null : { version: SIMULATION_VERSION, seed: config.seed },
        now: clock.now,
        wall: Date.now,
      },
      log: this.log,
      trace,
      onCommit: ({ source, events, ms }) => {
        telemetry.committed(events);
        telemetry.record([{ metric: 'mora_commit_duration_ms', value: ms, labels: { source } }]);
      },
      pool: (service) => this.pool(service),
      policyText: (hash) => texts.get(hash),
      peer: config.peer,
      clients,
    });
    return new Active({
      name: this.options.name,
      config,
      parts,
      telemetry,
      platform,
      texts,
      kafka,
      clients,
      log: this.log,
      ensureTopics: (sources) => this.ensureForeign(kafka, sources),
      sharesWork: this.options.active === 'all',
      onFatal: (error) => this.fatal(error),
      signal: this.ending.signal,
    });
  }

  private ground(texts: PolicyTexts): Ground<S, K> {
    const { process: config, own, secrets } = this.settings;
    return {
      process: config,
      config: own,
      incarnation: this.self.incarnation,
      log: this.log,
      policyText: (hash) => texts.get(hash),
      secret: (ofSeed, given) => (config.seed === null ? given(secrets as Config<K>) : ofSeed(config.seed)),
    };
  }

  private pool(service: string): Pool {
    const known = this.pools.get(service);
    if (known) return known;
    const { databases, databasePool } = this.settings.process;
    const log = (message: string) => this.log.warn({}, message);
    const made = createPool(databases.get(service)!, service, { max: databasePool, log });
    this.pools.set(service, made);
    return made;
  }

  /** Own topics are made where they are missing; a wrong count of partitions is refused. Waits for Kafka. */
  private async ensureTopics(kafka: KafkaConnection, parts: ProcessParts): Promise<void> {
    const specs = parts.definitions.flatMap(({ source }) => (source === null ? [] : [this.topicSpec(source)]));
    if (specs.length === 0) return;
    for (let tries = 0; !this.ending.signal.aborted; tries++) {
      try {
        return await ensureTopics(kafka, specs);
      } catch (error) {
        if (error instanceof TopicPartitionsDiffer) throw error;
        if (tries % 20 === 0) this.log.warn({ error: messageOf(error) }, 'Kafka does not answer; waiting for it');
        await new Promise((resolve) => setTimeout(resolve, TOPICS_RETRY_MS));
      }
    }
  }

  private topicSpec(source: Source): TopicSpec {
    const { shards, topicPrefix, replication } = this.settings.process;
    return { topic: topicOf(source, topicPrefix), partitions: shardsOf(source, shards), replication };
  }

  /** Topics of sources that are read here: made too, so that nobody waits for their owners to start; these make them anyhow. */
  private async ensureForeign(kafka: KafkaConnection, sources: readonly Source[]): Promise<void> {
    if (sources.length === 0) return;
    try {
      await ensureTopics(
        kafka,
        sources.map((source) => this.topicSpec(source)),
      );
    } catch (error) {
      if (error instanceof TopicPartitionsDiffer) return this.fatal(error);
      this.log.warn({ error: messageOf(error) }, 'topics of other services are not there yet');
    }
  }

  private async notReady(): Promise<Readonly<Record<string, string>>> {
    if (this.ending.signal.aborted) return { process: 'is ending' };
    if (this.state === 'starting' && !this.active) return { startup: 'not finished' };
    const database = await this.databaseProblem();
    return { ...(database === null ? {} : { database }), ...this.active?.notReady() };
  }

  private async samples(): Promise<readonly Sample[]> {
    const problems = await this.notReady();
    return [
      { metric: 'mora_active', value: this.state === 'active' ? 1 : 0 },
      { metric: 'mora_ready', value: Object.keys(problems).length === 0 ? 1 : 0 },
      ...((await this.active?.samples()) ?? []),
    ];
  }

  private async databaseProblem(): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('no answer'), DATABASE_ANSWER_MS);
    });
    const asked = this.pool(this.options.name)
      .query('select 1')
      .then(() => null, messageOf);
    const problem = await Promise.race([asked, late]);
    clearTimeout(timer);
    return problem;
  }
}
