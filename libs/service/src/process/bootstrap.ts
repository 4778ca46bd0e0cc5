/** One service as a process of its own: from its environment to its exit code. */
import type { DescService } from '@bufbuild/protobuf';
import type { Source } from '@mora/contracts';
import {
  ensureTopics,
  type KafkaConnection,
  TopicPartitionsDiffer,
  type TopicSpec,
  topicOf,
} from '@mora/event-feed-kafka';
import {
  type Clock,
  createActivity,
  createRealClock,
  createRemoteSteppedClock,
  type RemoteSteppedClock,
} from '@mora/eventing';
import {
  type ClockHost,
  clientTls,
  clockV1,
  feedV1,
  GrpcDoor,
  healthV1,
  type PortClientOptions,
  serverTls,
} from '@mora/grpc';
import { createPool } from '@mora/postgres';
import { PolicyTexts } from '@mora/strategy';
import { createLog, type Log, type Sample, startTelemetry, type Telemetry } from '@mora/telemetry';
import type { Pool } from 'pg';
import { Application } from '../applications.js';
import type { Config, Settings } from '../config.js';
import { ConfigInvalid, DoorClosed, LeaseTaken, messageOf } from '../errors.js';
import type { ServiceSchema } from '../eventing.module.js';
import { Active } from './active.js';
import { type ProcessConfig, type ReadSettings, readProcess } from './config.js';
import { shardsOf } from './installation.js';
import { Lease } from './lease.js';
import { createDeployedPlatform, type DeployedPlatform } from './platform.js';
import { ProcessModule } from './process.module.js';
import { ensureSchema, whenDatabaseAnswers } from './schema.js';
import type { Ground, ServiceModule } from './service-module.js';

const EXIT = { ok: 0, failed: 1, config: 2, taken: 75, forced: 130 } as const;
const SIMULATION_VERSION = '1';
const TOPICS_RETRY_MS = 500;
const DATABASE_ANSWER_MS = 1_500;

/** A service as a process of its own: `main.ts` of every app is this call. Never rejects: what goes wrong is logged, and told by the exit code. */
export const bootstrap = async <C>(service: ServiceModule<C>): Promise<void> => {
  const [{ name }] = service.schemas as [ServiceSchema];
  const read = settingsOf(service, name);
  if (read === null) return;
  const { build, traces, tracesRatio: ratio, logLevel: level } = read.process;
  const incarnation = `${name}-${process.pid}-${Date.now()}`;
  const telemetry = await startTelemetry({ service: name, instance: incarnation, build, traces, ratio });
  const log = createLog({ service: name, level, more: telemetry.logFields });
  const running = new ServiceProcess(service, name, read, { log, telemetry, incarnation });
  obey(running, read.process, log);
  await running.run();
};

const settingsOf = (
  { schemas, process: spec }: ServiceModule<unknown>,
  name: string,
): ReadSettings<Settings, Settings> | null => {
  const { settings, secrets, needsSeed = false } = spec;
  try {
    const services = schemas.map((schema) => schema.name);
    return readProcess({ name, services, settings, secrets, needsSeed }, process.env);
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

class ServiceProcess<C> {
  private readonly pools = new Map<string, Pool>();
  private readonly ending = new AbortController();
  private readonly closing: (() => Promise<unknown> | unknown)[] = [];
  private readonly activity = createActivity();
  private lease: Lease | null = null;
  private application: Application | null = null;
  private active: Active | null = null;
  private ended: Promise<never> | null = null;
  private state: 'starting' | 'standing by' | 'active' = 'starting';

  constructor(
    private readonly service: ServiceModule<C>,
    private readonly name: string,
    private readonly settings: ReadSettings<Settings, Settings>,
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
      this.log.error({ error }, `${this.name} did not start`);
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
    this.ending.abort(new DoorClosed(this.name));
    const late = setTimeout(() => {
      this.log.error({ afterMs: drainMs }, 'not drained in time');
      process.exit(EXIT.failed);
    }, drainMs);
    const isFlushed = (await this.active?.drain(began + drainMs * 0.9)) ?? true;
    if (!isFlushed) this.log.warn({}, 'not everything is published; the next start goes on');
    await this.lease?.release();
    await this.application?.close().catch(() => undefined);
    for (const close of this.closing.toReversed()) await Promise.resolve(close()).catch(() => undefined);
    await Promise.all([...this.pools.values()].map((pool) => pool.end().catch(() => undefined)));
    await this.self.telemetry.close().catch(() => undefined);
    clearTimeout(late);
    this.log.info({ ms: Math.round(performance.now() - began) }, 'ended');
    process.exit(code);
  }

  private async start(): Promise<void> {
    const { log, settings, service } = this;
    const { process: config } = settings;
    const { signal } = this.ending;
    const clock = this.clock();
    const texts = new PolicyTexts();
    const platform = this.platform(clock, texts);
    const door = this.door(service.process.serves ?? []);
    const application = await this.makeApplication(platform, clock, door);
    const kafka = this.kafka();
    const topics = this.ensureTopics(kafka);
    topics.catch(() => undefined);
    for (const schema of service.schemas)
      await whenDatabaseAnswers(() => ensureSchema(schema, { pool: this.pool(schema.name), owner: config.owner }), {
        log,
        signal,
      });
    if ((service.process.active ?? 'one') === 'one' && !(await this.takeLease())) return;
    await topics;
    signal.throwIfAborted();
    this.state = 'starting';
    this.active = new Active({
      name: this.name,
      config,
      spec: service.process,
      application,
      door,
      telemetry: this.self.telemetry,
      platform,
      texts,
      kafka,
      clients: this.clients(),
      log,
      ensureTopics: (sources) => this.ensureForeign(kafka, sources),
      onFatal: (error) => this.fatal(error),
      signal,
    });
    await this.active.start();
    this.state = 'active';
    const ms = Math.round(process.uptime() * 1_000);
    log.info(
      { grpc: door.port, http: application.httpUrl, ms, shards: config.shards, clock: config.clock.kind },
      'started',
    );
  }

  /** The application answers over HTTP, and where a stepped clock is moved, from the start of the process. */
  private async makeApplication(platform: DeployedPlatform, clock: Clock, door: GrpcDoor): Promise<Application> {
    const { service, settings, log } = this;
    const { process: config } = settings;
    const steps = 'hold' in clock ? (clock as RemoteSteppedClock) : null;
    const clockDoor = steps === null ? null : this.door([clockV1.ClockService], config.clock.port);
    const application = await Application.create({
      module: ProcessModule.around(service.for(platform, service.process.configure(this.ground())), {
        health: {
          isStarted: () => this.state !== 'starting' || door.port > 0,
          notReady: () => this.notReady(),
        },
        metrics: () => this.self.telemetry.metrics(),
        isOpen: () => this.active?.isOpen() ?? false,
        feeds: {
          feeds: () => this.active?.servedFeeds() ?? [],
          checkpoints: async (source) => (await this.active?.checkpoints(source)) ?? [],
        },
        clock: this.clockHost(clock, steps),
      }),
      log,
      http: config.http,
      doors: [door, ...(clockDoor ? [clockDoor] : [])],
      prepare: service.prepare?.bind(service),
    });
    this.application = application;
    await application.openHttp();
    if (clockDoor) await application.openDoor(clockDoor);
    this.self.telemetry.read(() => this.samples());
    return application;
  }

  /** A replica that stands by is never behind: its clock is moved too. */
  private clockHost(clock: Clock, steps: RemoteSteppedClock | null): ClockHost {
    return {
      clock,
      steps,
      activity: this.activity,
      incarnation: this.self.incarnation,
      isSettled: () => this.state !== 'starting' && !this.ending.signal.aborted,
      nextDue: async () => (await this.active?.nextDue()) ?? null,
      heads: async () => (await this.active?.heads()) ?? [],
      cursors: () => this.active?.cursors() ?? [],
    };
  }

  /** @param port of its own; default: the process's, with what others ask of the process beside the services */
  private door(services: readonly DescService[], port?: number): GrpcDoor {
    const { grpc, tls } = this.settings.process;
    const { telemetry } = this.self;
    const own = port === undefined ? [...services, feedV1.FeedService, healthV1.Health] : services;
    const { serves = [], notOffered } = this.service.process;
    const all = [...serves, feedV1.FeedService, healthV1.Health, clockV1.ClockService];
    return new GrpcDoor({
      host: grpc.host,
      port: port ?? grpc.port,
      services: own,
      hidden: all.filter((service) => !own.includes(service)),
      ...(notOffered ? { notOffered } : {}),
      ...(tls ? { credentials: serverTls(tls) } : {}),
      trace: telemetry.trace,
      onAnswered: ({ method, code, ms }) =>
        telemetry.record([{ metric: 'mora_rpc_duration_ms', value: ms, labels: { method, code } }]),
    });
  }

  private kafka(): KafkaConnection {
    return {
      ...this.settings.process.kafka,
      clientId: `mora-${this.name}`,
      // Its warnings are about settings that were chosen, its answers' errors come again with what failed by them.
      log: ({ level, ...line }) => {
        if (level === 'error' && !line.message.startsWith('Response ')) this.log.warn({ kafka: line }, 'Kafka client');
      },
    };
  }

  private clients(): PortClientOptions {
    const { tls } = this.settings.process;
    return {
      activity: this.activity,
      trace: this.self.telemetry.trace,
      ...(tls === null ? {} : { credentials: clientTls({ ca: tls.ca, identity: tls }) }),
    };
  }

  /** @returns false when the process ends first */
  private async takeLease(): Promise<boolean> {
    const { name } = this;
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

  private clock(): Clock {
    const { kind, anchorId, startAt } = this.settings.process.clock;
    if (kind === 'stepped') return createRemoteSteppedClock({ anchorId, startAt, activity: this.activity });
    const clock = createRealClock(anchorId, Date.now);
    this.closing.push(() => clock.stop());
    return clock;
  }

  private platform(clock: Clock, texts: PolicyTexts): DeployedPlatform {
    const { process: config } = this.settings;
    const { telemetry } = this.self;
    return createDeployedPlatform({
      clock,
      activity: this.activity,
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
      trace: telemetry.trace,
      checkOwnEvents: config.checkOwnEvents,
      onCommit: ({ source, events, ms }) => {
        telemetry.committed(events);
        telemetry.record([{ metric: 'mora_commit_duration_ms', value: ms, labels: { source } }]);
      },
      pool: (service) => this.pool(service),
      policyText: (hash) => texts.get(hash),
      peer: config.peer,
      clients: this.clients(),
    });
  }

  private ground(): Ground {
    const { process: config, own, secrets } = this.settings;
    return {
      process: config,
      config: own,
      incarnation: this.self.incarnation,
      log: this.log,
      secret: (ofSeed, given) => (config.seed === null ? given(secrets as Config<Settings>) : ofSeed(config.seed)),
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
  private async ensureTopics(kafka: KafkaConnection): Promise<void> {
    const specs = this.service.schemas.flatMap(({ source }) => (source === null ? [] : [this.topicSpec(source)]));
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
    const asked = this.pool(this.name)
      .query('select 1')
      .then(() => null, messageOf);
    const problem = await Promise.race([asked, late]);
    clearTimeout(timer);
    return problem;
  }
}
