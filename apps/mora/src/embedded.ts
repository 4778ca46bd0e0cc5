/**
 * Every service in one process, on an embedded PostgreSQL, a stepped clock and a simulated world: the default of `mora start`.
 * The only file that imports apps.
 */
import { join } from 'node:path';
import { AnalyticsModule, type AnalyticsQueries, QUERIES } from '@mora/analytics';
import { ContactGuardModule } from '@mora/contact-guard';
import { shippedProfile } from '@mora/contact-rules';
import type { IntakeApi } from '@mora/contracts';
import { DebtorIntakeModule, IntakeInbound } from '@mora/debtor-intake';
import { DialerModule } from '@mora/dialer';
import { type Activity, createActivity, createSteppedClock, HistoryLost, type SteppedClock } from '@mora/eventing';
import { clockV1, feedV1, fileV1, GrpcDoor, healthV1, INTAKE_API, intakeV1, keysV1, parkedV1 } from '@mora/grpc';
import {
  createPermitSigner,
  openField,
  permitKeyOfSecret,
  permitVerifier,
  seededChance,
  seededPermitPublicKey,
  seededPermitSecret,
  seededSecrets,
} from '@mora/keys';
import { RiskTieringModule, Strategies, TieringControl } from '@mora/risk-tiering';
import { ScoringModule } from '@mora/scoring';
import {
  Application,
  Applications,
  createEmbeddedPlatform,
  followPolicies,
  type Platform,
  rootOf,
  type ServiceLife,
} from '@mora/service';
import type { CarrierRecord, SmscRecord } from '@mora/simulation';
import { SmsTriggerModule } from '@mora/sms-trigger';
import { describeProblem, PolicyTexts, readStrategyFolder, type Strategy } from '@mora/strategy';
import { createLog, type Log } from '@mora/telemetry';
import { DEFAULT_CHANNELS, DEFAULT_STARTS_PER_SECOND, TelephonyGatewayModule } from '@mora/telephony-gateway';
import type { DynamicModule } from '@nestjs/common';
import { midnight, ZONE } from './business-zone.js';
import { StrategyInvalid } from './errors.js';
import { createFaults, type Faults } from './faults.js';
import { DEFAULTS, type Installation, type InstallationFacts, openInstallation, STRATEGY } from './installation.js';
import { countsOf, LiveCounters } from './live-counters.js';
import type { Words } from './methods.js';
import type { Embedded, EmbeddedOptions, Mora } from './mora.js';
import { judge } from './oracle.js';
import { patient, watchDatabase } from './patience.js';
import { SimulatedBank } from './simulated-bank.js';

const SIMULATION_VERSION = '1';
const GATEWAY = 'gateway-1';
const BANK = { name: '示例银行', hotline: '400-000-0000' };
const LOOK_MS = 1_000;
const LOOPBACK = '127.0.0.1';

const MODULES = [
  DebtorIntakeModule,
  RiskTieringModule,
  ScoringModule,
  ContactGuardModule,
  TelephonyGatewayModule,
  DialerModule,
  SmsTriggerModule,
  AnalyticsModule,
];

/** What the outside world logs, and who hears it. */
interface Outside {
  readonly carrierLog: string;
  readonly smscLog: string;
  readonly hearsCall: (record: CarrierRecord) => void;
  readonly hearsSms: (record: SmscRecord) => void;
}

/** Every service with its configuration, in the order in which they are opened and the clock tells them. */
const servicesOf = (platform: Platform, { seed }: InstallationFacts, outside: Outside): readonly DynamicModule[] => {
  const verifyPermit = permitVerifier(seededPermitPublicKey(seed));
  const chance = seededChance(seed);
  return [
    DebtorIntakeModule.for(platform, { secrets: seededSecrets(seed), verifyPermit }),
    RiskTieringModule.for(platform, { chance, strategy: null }),
    ScoringModule.for(platform),
    ContactGuardModule.for(platform, {
      profiles: [shippedProfile('cn-bank-creditcard')],
      signer: createPermitSigner(permitKeyOfSecret(seededPermitSecret(seed))),
    }),
    TelephonyGatewayModule.for(platform, {
      gatewayId: GATEWAY,
      trunk: 'simulated-1',
      numberShown: '+999400000000',
      channels: DEFAULT_CHANNELS,
      startsPerSecond: DEFAULT_STARTS_PER_SECOND,
      incarnation: `${process.pid}-${Date.now()}`,
      verifyPermit,
      simulated: { seed, logPath: outside.carrierLog, onRecord: outside.hearsCall },
    }),
    DialerModule.for(platform, { bank: BANK, gatewayId: GATEWAY, chance, zone: ZONE }),
    SmsTriggerModule.for(platform, {
      chance,
      bankName: BANK.name,
      hotline: BANK.hotline,
      sender: '999400',
      gatewayId: 'smsc-1',
      simulated: { seed, logPath: outside.smscLog, onRecord: outside.hearsSms },
    }),
    AnalyticsModule.for(platform, { zone: ZONE, batchSize: 1_000, holdAbove: 4_000 }),
  ];
};

/** @throws StrategyInvalid | whatever keeps the installation from opening */
export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const log = options.log ?? createLog({ service: 'mora', level: 'warn' });
  const loaded = await readStrategyFolder(STRATEGY);
  if (!loaded.ok) throw new StrategyInvalid(loaded.problems.map(describeProblem));
  const installation = await openInstallation({
    dataDir: options.dataDir,
    wanted: options.wanted,
    defaults: DEFAULTS,
    services: MODULES.flatMap(({ schemas }) => schemas).map(({ name, source, migrations }) => ({
      name,
      ownsStreams: source !== null,
      migrations,
    })),
    startAt: (facts) => midnight(facts.from),
    log: options.note,
  });
  const world = new World(installation, options, log);
  try {
    await world.open(loaded.strategy);
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
};

class World implements Embedded {
  readonly facts: InstallationFacts;
  readonly isNew: boolean;
  readonly endsAt: string;
  readonly clock: SteppedClock;
  readonly live = new LiveCounters();
  readonly databaseGone: Promise<never>;
  private readonly activity: Activity = createActivity();
  private readonly texts = new PolicyTexts();
  private readonly faults: Faults | null;
  private readonly logs: { readonly carrier: string; readonly smsc: string };
  private readonly platform: Platform;
  private readonly bank: SimulatedBank;
  private readonly watch: ReturnType<typeof watchDatabase>;
  private readonly whenItAnswers: ReturnType<typeof patient>;
  private services: Services | null = null;
  /** What waits for a person's word. */
  private begin: () => Promise<void> = async () => undefined;
  private confirmed: Promise<number> | null = null;
  private readonly begun = Promise.withResolvers<void>();
  private readonly lostAtWork = Promise.withResolvers<never>();
  private stopWatching: () => void = () => undefined;
  private stopPolicies: () => void = () => undefined;
  private stopping: Promise<void> | null = null;

  constructor(
    private readonly installation: Installation,
    private readonly options: EmbeddedOptions,
    private readonly log: Log,
  ) {
    const { facts, dataDir } = installation;
    const patience = {
      giveUpAfterMs: options.databasePatienceMs ?? 5 * 60_000,
      note: options.note,
      wallMs: () => performance.now(),
    };
    this.facts = facts;
    this.isNew = installation.isNew;
    this.endsAt = midnight(facts.from, facts.days);
    this.logs = { carrier: join(dataDir, 'carrier.ndjson'), smsc: join(dataDir, 'smsc.ndjson') };
    this.faults = options.fault ? createFaults(options.fault, () => process.kill(process.pid, 'SIGKILL')) : null;
    this.whenItAnswers = patient(patience);
    this.watch = watchDatabase(() => installation.pool('mora').query('select 1'), patience);
    this.databaseGone = Promise.race([this.watch.gone, this.lostAtWork.promise]);
    this.databaseGone.catch(() => undefined);
    this.clock = createSteppedClock({
      anchorId: facts.anchorId,
      startAt: installation.clockAt,
      activity: this.activity,
      persist: (at) => this.whenItAnswers(() => installation.saveClock(at)),
      maxSpeed: options.maxSpeed,
      wall: Date.now,
      atRest: () => this.services?.all.lives.every((life) => life.isAtRest()) ?? true,
    });
    this.platform = this.ground();
    this.bank = new SimulatedBank(facts, join(dataDir, 'book'), this.logs);
  }

  async open(strategy: Strategy): Promise<void> {
    const services = await this.createServices();
    this.services = services;
    await services.all.open();
    this.live.begin(countsOf(await this.analytics.summary(), 0));
    for (const life of services.all.lives)
      for (const { writer } of life.cores) writer.onCommitted((events) => this.live.note(events));
    this.stopPolicies = await followPolicies(this.texts, this.platform.feed('policy'), this.activity);
    await this.bank.open(services.intake.get(IntakeInbound), this.clock.now());
    if (this.history.isHeld()) this.begin = () => this.work(services, strategy);
    else await this.work(services, strategy);
  }

  private async work(services: Services, strategy: Strategy): Promise<void> {
    await services.all.start();
    const hash = await services.tiering.get(Strategies).publish(strategy, 'installation');
    if (this.isNew) await this.tiering.activate(hash, strategy.about.name, 'installation');
    this.joinClock();
    this.watchHistory();
  }

  get history(): Mora['history'] {
    const { lives } = this.open_.all;
    return {
      isHeld: () => this.confirmed === null && lives.some((life) => life.lost() !== null),
      show: async () =>
        (await Promise.all(lives.map((life) => life.history()))).filter(
          ({ lost, missing }) => lost.length > 0 || missing.length > 0,
        ),
      confirm: (by) => {
        this.confirmed ??= this.confirm(lives, by);
        return this.confirmed;
      },
    };
  }

  private async confirm(lives: readonly ServiceLife[], by: string): Promise<number> {
    let imported = 0;
    for (const life of lives) imported += await life.confirmHistory(by);
    await this.begin();
    this.begun.resolve();
    return imported;
  }

  /** Whatever is in memory may rest on what is lost. */
  private watchHistory(): void {
    const timer = setInterval(() => {
      const lost = this.open_.all.lives.map((life) => life.lost()).find((found) => found !== null);
      if (lost) this.lostAtWork.reject(new HistoryLost(lost.reason));
    }, LOOK_MS);
    timer.unref();
    this.stopWatching = () => clearInterval(timer);
  }

  get whenBegun(): Promise<void> {
    return this.history.isHeld() ? this.begun.promise : Promise.resolve();
  }

  get analytics(): AnalyticsQueries {
    return this.open_.analytics.get(QUERIES);
  }

  get tiering(): TieringControl {
    return this.open_.tiering.get(TieringControl);
  }

  get intake(): IntakeInbound {
    return this.open_.intake.get(IntakeInbound);
  }

  get addresses(): Mora['addresses'] {
    const { postgres } = this.installation;
    const { analytics, door } = this.open_;
    const http = analytics.httpUrl;
    return [
      { what: 'PostgreSQL', where: `${LOOPBACK}:${postgres.port} (data in ${postgres.dataDir})` },
      ...(door === null ? [] : [{ what: 'gRPC intake.v1', where: `${LOOPBACK}:${door.port}` }]),
      ...(http === null ? [] : [{ what: 'API', where: `${http}/api  ·  OpenAPI ${http}/api/openapi.json` }]),
    ];
  }

  async wordsOf(attemptId: string): Promise<readonly Words[]> {
    const { debtorId, stream, turns } = await this.analytics.calls.words(attemptId);
    const key = await this.open_.intake.get<IntakeApi>(INTAKE_API).unwrap(debtorId);
    const open = (index: number, field: string, sealed: string | null) =>
      key === null || sealed === null
        ? null
        : openField(key, { debtorId, stream, field: `turn.${index}.${field}` }, sealed);
    return turns.map(({ index, spoken, heard }) => ({
      index,
      said: open(index, 'spoken', spoken),
      heard: open(index, 'heard', heard),
    }));
  }

  get feeds(): Mora['feeds'] {
    const { lives } = this.open_.all;
    const sum = async (counts: readonly Promise<number>[]) => (await Promise.all(counts)).reduce((a, b) => a + b, 0);
    return {
      standing: () => Promise.all(lives.map((life) => life.standing())),
      resume: () => sum(lives.map((life) => life.resumeFeeds())),
      redrive: (debtorId) => sum(lives.map((life) => life.redrive(debtorId))),
    };
  }

  async debtorOf(word: string): Promise<string> {
    return /^[0-9a-f-]{36}$/i.test(word) ? word : this.bank.debtorOf(word);
  }

  async status(): Promise<Readonly<Record<string, unknown>>> {
    const eventsStored = await this.eventCount();
    return {
      businessTime: this.clock.now(),
      endsAt: this.endsAt,
      ...this.facts,
      ...countsOf(await this.analytics.summary(), eventsStored),
      eventsStored,
      analyticsLag: this.analytics.lag(),
      stoppedFeeds: Object.fromEntries(this.open_.all.lives.flatMap((life) => [...life.failures()])),
    };
  }

  oracle(): ReturnType<Mora['oracle']> {
    const { installation, bank, logs } = this;
    return judge({ installation, player: bank.player, until: this.clock.now(), paths: logs });
  }

  async eventCount(): Promise<number> {
    let count = 0;
    for (const { cores } of this.open_.all.lives)
      for (const { store } of cores) for (const { position } of await store.heads()) count += position;
    return count;
  }

  stop(): Promise<void> {
    this.stopping ??= (async () => {
      this.clock.pause();
      await this.activity.quiet();
      if (!this.history.isHeld()) await this.analytics.drain();
      await this.close();
    })();
    return this.stopping;
  }

  /** Whatever is open of it. */
  async close(): Promise<void> {
    this.stopWatching();
    this.stopPolicies();
    await this.services?.all.close();
    this.watch.stop();
    await this.installation.close();
  }

  private get open_(): Services {
    return this.services!;
  }

  private ground(): Platform {
    const { installation, clock, faults } = this;
    return createEmbeddedPlatform({
      clock,
      activity: this.activity,
      shards: this.facts.shards,
      origin: {
        build: process.env['MORA_BUILD'] ?? 'development',
        tzdata: process.versions.tz ?? 'unknown',
        clock: clock.anchor,
        simulated: { version: SIMULATION_VERSION, seed: this.facts.seed },
        now: clock.now,
        wall: Date.now,
      },
      log: this.log,
      checkOwnEvents: this.options.checkOwnEvents ?? false,
      pool: installation.pool,
      policyText: (hash) => this.texts.get(hash),
      ...(faults ? { wrapStore: faults.wrapStore } : {}),
    });
  }

  private async createServices(): Promise<Services> {
    const { log, options, platform } = this;
    const { grpcPort, httpPort } = options;
    const modules = servicesOf(platform, this.facts, {
      carrierLog: this.logs.carrier,
      smscLog: this.logs.smsc,
      hearsCall: (record) => {
        this.faults?.onCarrier(record);
        this.bank.player.hearCall(record);
      },
      hearsSms: (record) => this.bank.player.hearSms(record),
    });
    const door = grpcPort === null ? null : bankDoor(grpcPort);
    const applications: Application[] = [];
    for (const module of modules) {
      const isApi = module.module === AnalyticsModule;
      applications.push(
        await Application.create({
          module: rootOf(module),
          log,
          http: isApi && httpPort !== null ? { host: LOOPBACK, port: httpPort } : null,
          doors: module.module === DebtorIntakeModule && door !== null ? [door] : [],
          ...(isApi ? { prepare: AnalyticsModule.prepare } : {}),
        }),
      );
    }
    const of = (module: unknown) => applications[modules.findIndex((each) => each.module === module)]!;
    return {
      all: new Applications(applications, log),
      intake: of(DebtorIntakeModule),
      tiering: of(RiskTieringModule),
      analytics: of(AnalyticsModule),
      door,
    };
  }

  /** From here on the clock waits for every service and for the bank. */
  private joinClock(): void {
    for (const life of this.open_.all.lives) this.clock.join(() => this.whenItAnswers(() => life.nextDue()));
    this.bank.join(this.clock, this.activity, this.log);
  }
}

interface Services {
  readonly all: Applications;
  readonly intake: Application;
  readonly tiering: Application;
  readonly analytics: Application;
  /** For the bank; null: not served. */
  readonly door: GrpcDoor | null;
}

/** Of intake's controllers only the bank's is served: keys are asked for inside this process. */
const bankDoor = (port: number): GrpcDoor =>
  new GrpcDoor({
    host: LOOPBACK,
    port,
    services: [intakeV1.IntakeService],
    hidden: [
      keysV1.KeysService,
      parkedV1.ParkedService,
      fileV1.FileService,
      feedV1.FeedService,
      healthV1.Health,
      clockV1.ClockService,
    ],
  });
