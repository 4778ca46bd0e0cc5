/** The life of a process: what it serves from its start, the wait for its turn, the work, and an end in order. */
import type { DescService } from '@bufbuild/protobuf';
import { type KafkaConnection } from '@mora/event-feed-kafka';
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
import { type Log, type Sample, type Telemetry } from '@mora/telemetry';
import type { Pool } from 'pg';
import { Application } from '../applications.js';
import type { Config, Settings } from '../config.js';
import { ConfigInvalid, DoorClosed, LeaseTaken, messageOf } from '../errors.js';
import { Active } from './active.js';
import { type ReadSettings } from './config.js';
import { Lease } from './lease.js';
import { createDeployedPlatform, type DeployedPlatform } from './platform.js';
import { ProcessModule } from './process.module.js';
import { ensureSchema, whenDatabaseAnswers } from './schema.js';
import type { Ground, ServiceModule } from './service-module.js';
import { Topics } from './topics.js';

/** Exit codes. */
export const EXIT = { ok: 0, failed: 1, config: 2, taken: 75, forced: 130 } as const;
const SIMULATION_VERSION = '1';
const DATABASE_ANSWER_MS = 1_500;

export class ServiceProcess<C> {
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
    const topics = new Topics({ kafka, config, log, signal });
    const ownTopics = topics.ensureOwn(service.schemas.flatMap(({ source }) => source ?? []));
    ownTopics.catch(() => undefined);
    for (const schema of service.schemas)
      await whenDatabaseAnswers(() => ensureSchema(schema, { pool: this.pool(schema.name), owner: config.owner }), {
        log,
        signal,
      });
    if ((service.process.active ?? 'one') === 'one' && !(await this.takeLease())) return;
    await ownTopics;
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
      topics,
      onFatal: (error) => this.fatal(error),
      signal,
    });
    await this.active.start();
    this.state = 'active';
    const ms = Math.round(process.uptime() * 1_000);
    if (config.tls === null) log.warn({ host: config.grpc.host }, 'gRPC is without TLS: only this machine is answered');
    log.info(
      { grpc: door.port, http: application.httpPort, ms, shards: config.shards, clock: config.clock.kind },
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
