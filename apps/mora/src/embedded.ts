/** Every service in one process, on an embedded PostgreSQL, a stepped clock and a simulated world: the default of `mora start`. */
import { join } from 'node:path';
import { type AnalyticsQueries, analyticsService } from '@mora/analytics';
import { contactGuardService } from '@mora/contact-guard';
import { shippedProfile } from '@mora/contact-rules';
import type { Permit } from '@mora/contracts';
import { debtorIdOf, debtorIntakeService, type IntakeInbound, seededSecrets } from '@mora/debtor-intake';
import { dialerService } from '@mora/dialer';
import { createActivity, createSteppedClock, type SteppedClock } from '@mora/eventing';
import { createPermitSigner, permitKeyOfSecret, seededChance, seededPermitSecret, verifyPermit } from '@mora/keys';
import { policyService, riskTieringService, type TieringApi } from '@mora/risk-tiering';
import { openBook } from '@mora/sample-book';
import { scoringService } from '@mora/scoring';
import { createEmbeddedPlatform, followPolicies, type RunningServices, runServices } from '@mora/service';
import type { CarrierRecord, SmscRecord } from '@mora/simulation';
import { smsTriggerService } from '@mora/sms-trigger';
import { describeProblem, PolicyTexts, readStrategyFolder, strategyProvider } from '@mora/strategy';
import { createLog, type Log } from '@mora/telemetry';
import { DEFAULT_CHANNELS, DEFAULT_STARTS_PER_SECOND, telephonyGatewayService } from '@mora/telephony-gateway';
import { BankPlayer } from './bank-player.js';
import { midnight, ZONE } from './business-zone.js';
import { StrategyInvalid } from './errors.js';
import { createFaults, type Fault, type Faults } from './faults.js';
import { type Installation, type InstallationFacts, openInstallation } from './installation.js';
import { openIntakeDoor } from './intake-door.js';
import { LiveCounters } from './live-counters.js';
import type { Mora } from './mora.js';
import { judge } from './oracle.js';
import { patient, watchDatabase } from './patience.js';

export type { AnalyticsQueries, FeedLag, Figures, Summary } from '@mora/analytics';
export {
  BANK_EVENT_TYPES,
  BANK_TOPICS,
  debtorIdOf,
  type IntakeInbound,
  seededSecrets,
  typeNameOf,
} from '@mora/debtor-intake';

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly wanted: Partial<InstallationFacts>;
  /** Business milliseconds per wall millisecond at most; null: as fast as the work allows. */
  readonly maxSpeed: number | null;
  readonly httpPort: number | null;
  /** Port of `intake.v1`; 0: any free one, null: not served. */
  readonly grpcPort: number | null;
  readonly log?: Log;
  readonly checkOwnEvents?: boolean;
  /** For tests: the moment at which this process ends itself. */
  readonly fault?: Fault | null;
  /** How long a database that does not answer is waited for; 5 minutes. */
  readonly databasePatienceMs?: number;
  readonly note: (message: string) => void;
}

export interface Embedded extends Mora {
  readonly clock: SteppedClock;
  readonly live: LiveCounters;
  readonly analytics: AnalyticsQueries;
  readonly tiering: TieringApi;
  readonly intake: IntakeInbound;
  readonly parked: {
    list(limit: number): Promise<unknown>;
    show(id: string): Promise<unknown>;
    redrive(id: string, corrected?: Record<string, string>): Promise<unknown>;
  };
  load(path: string, options: { readonly dryRun: boolean }): Promise<unknown>;
  debtorOf(word: string): Promise<string>;
  status(): Promise<Readonly<Record<string, unknown>>>;
}

export const DEFAULTS: InstallationFacts = {
  seed: '1',
  shards: 12,
  from: '2026-11-02',
  days: 10,
  accounts: 6_818,
  anchorId: 'embedded-1',
};

const SIMULATION_VERSION = '1';
const GATEWAY = 'gateway-1';
export const STRATEGY = new URL('../../../strategies/cn-early-delinquency', import.meta.url).pathname;

const definitionsOf = (
  facts: InstallationFacts,
  paths: { carrier: string; smsc: string },
  player: () => BankPlayer,
  texts: PolicyTexts,
  options: EmbeddedOptions,
  faults: Faults | null,
) => {
  const { seed } = facts;
  const signer = createPermitSigner(permitKeyOfSecret(seededPermitSecret(seed)));
  const chance = seededChance(seed);
  const check = (permit: Permit, wallAt: string): string | null => {
    const result = verifyPermit(permit, signer.publicKey, Date.parse(wallAt));
    return result.ok ? null : result.problem;
  };
  const bank = { name: '示例银行', hotline: '400-000-0000' };
  return {
    policy: policyService(),
    intake: debtorIntakeService({ secrets: seededSecrets(seed), verifyPermit: check }),
    tiering: riskTieringService({ chance }),
    scoring: scoringService(),
    guard: contactGuardService({ profiles: [shippedProfile('cn-bank-creditcard')], signer }),
    gateway: telephonyGatewayService({
      gatewayId: GATEWAY,
      trunk: 'simulated-1',
      numberShown: '+999400000000',
      channels: DEFAULT_CHANNELS,
      startsPerSecond: DEFAULT_STARTS_PER_SECOND,
      incarnation: `${process.pid}-${Date.now()}`,
      verifyPermit: check,
      simulated: {
        seed,
        logPath: paths.carrier,
        onRecord: (record: CarrierRecord) => {
          faults?.onCarrier(record);
          player().hearCall(record);
        },
      },
    }),
    dialer: dialerService({
      bank,
      gatewayId: GATEWAY,
      chance,
      zone: ZONE,
      strategyOf: strategyProvider((hash) => texts.get(hash)),
    }),
    sms: smsTriggerService({
      chance,
      bankName: bank.name,
      hotline: bank.hotline,
      sender: '999400',
      gatewayId: 'smsc-1',
      simulated: { seed, logPath: paths.smsc, onRecord: (record: SmscRecord) => player().hearSms(record) },
    }),
    analytics: analyticsService({
      zone: ZONE,
      http: options.httpPort === null ? null : { host: '127.0.0.1', port: options.httpPort },
      batchSize: 1_000,
      holdAbove: 4_000,
    }),
  };
};

export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const log: Log = options.log ?? createLog({ service: 'mora', level: 'warn' });
  const loaded = await readStrategyFolder(STRATEGY);
  if (!loaded.ok) throw new StrategyInvalid(loaded.problems.map(describeProblem));

  const faults = options.fault ? createFaults(options.fault, () => process.kill(process.pid, 'SIGKILL')) : null;
  const texts = new PolicyTexts();
  const paths = { carrier: '', smsc: '' };
  let player: BankPlayer | null = null;
  const playerNow = (): BankPlayer => player!;
  // Schemas must exist before the installation's facts are known; the names and migrations do not depend on them.
  const schemas = Object.values(
    definitionsOf(DEFAULTS, { carrier: '/dev/null', smsc: '/dev/null' }, playerNow, texts, options, faults),
  );
  const installation: Installation = await openInstallation({
    dataDir: options.dataDir,
    wanted: options.wanted,
    defaults: DEFAULTS,
    services: schemas.map((d) => ({ name: d.name, ownsStreams: d.source !== null, migrations: d.migrations })),
    startAt: (facts) => midnight(facts.from),
    log: options.note,
  });
  const { facts } = installation;
  paths.carrier = join(installation.dataDir, 'carrier.ndjson');
  paths.smsc = join(installation.dataDir, 'smsc.ndjson');

  const patience = {
    giveUpAfterMs: options.databasePatienceMs ?? 5 * 60_000,
    note: options.note,
    wallMs: () => performance.now(),
  };
  const whenItAnswers = patient(patience);
  const activity = createActivity();
  const clock = createSteppedClock({
    anchorId: facts.anchorId,
    startAt: installation.clockAt,
    activity,
    persist: (at) => whenItAnswers(() => installation.saveClock(at)),
    maxSpeed: options.maxSpeed,
    wall: Date.now,
  });
  const platform = createEmbeddedPlatform({
    clock,
    activity,
    shards: facts.shards,
    origin: {
      build: process.env['MORA_BUILD'] ?? 'development',
      tzdata: process.versions.tz ?? 'unknown',
      clock: clock.anchor,
      simulated: { version: SIMULATION_VERSION, seed: facts.seed },
      now: clock.now,
      wall: Date.now,
    },
    log,
    pool: installation.pool,
    policyText: (hash) => texts.get(hash),
  });

  const definitions = definitionsOf(facts, paths, playerNow, texts, options, faults);
  const live = new LiveCounters();
  const book = await openBook({ seed: facts.seed, accounts: facts.accounts, from: facts.from });
  const secrets = seededSecrets(facts.seed);
  let running: RunningServices | null = null;
  let stopPolicies: () => void = () => undefined;
  try {
    running = await runServices(Object.values(definitions), platform, {
      checkOwnEvents: options.checkOwnEvents ?? false,
      ...(faults ? { wrapStore: faults.wrapStore } : {}),
      onOpen: async (services) => {
        for (const { writer } of services) writer?.onCommitted((events) => live.note(events));
        stopPolicies = await followPolicies(texts, platform.feed('policy'), activity);
        const intake = services.find((s) => s.name === definitions.intake.name)!.parts as { api: IntakeInbound };
        player = new BankPlayer(
          {
            seed: facts.seed,
            book,
            folder: join(installation.dataDir, 'book'),
            logs: paths,
            from: facts.from,
            inlet: {
              submit: async (records) => {
                await intake.api.submit(records, { kind: 'grpc', name: 'simulated-bank' });
              },
              loadFile: async (path) => {
                await intake.api.loadFile(path);
              },
              debtorIdOf: (customerNo) => debtorIdOf(secrets.pepper, customerNo),
            },
          },
          clock.now(),
        );
      },
    });
  } catch (error) {
    await installation.close();
    throw error;
  }
  const services = running;
  const tiering = services.parts(definitions.tiering).api;
  const policies = services.parts(definitions.policy).api;
  const intake = services.parts(definitions.intake).api;
  const analytics = services.parts(definitions.analytics).api;
  const hash = await policies.publish(loaded.strategy, 'installation');
  if (installation.isNew) await tiering.activate(hash, loaded.strategy.about.name, 'installation');

  const door = options.grpcPort === null ? null : await openIntakeDoor(intake, options.grpcPort, log);
  for (const service of services.services) clock.join(() => whenItAnswers(() => service.nextDue()));
  clock.join(() => playerNow().nextDue());
  clock.onTick((now) => {
    if (playerNow().nextDue() > now) return;
    const end = activity.begin();
    playerNow()
      .playUntil(now)
      .catch((error: unknown) =>
        log.error({ error: error instanceof Error ? error.message : String(error) }, 'the simulated bank failed'),
      )
      .finally(end);
  });

  const endsAt = midnight(facts.from, facts.days);
  const http = services.parts(definitions.analytics).http;
  const eventCount = async () => {
    let count = 0;
    for (const { store } of services.services) for (const head of (await store?.heads()) ?? []) count += head.position;
    return count;
  };
  const watch = watchDatabase(() => installation.pool('mora').query('select 1'), patience);
  let stopping: Promise<void> | null = null;
  return {
    facts,
    isNew: installation.isNew,
    clock,
    live,
    analytics,
    tiering,
    intake,
    endsAt,
    addresses: [
      {
        what: 'PostgreSQL',
        where: `127.0.0.1:${installation.postgres.port} (data in ${installation.postgres.dataDir})`,
      },
      ...(door === null ? [] : [{ what: 'gRPC intake.v1', where: door.address }]),
      ...(http === null ? [] : [{ what: 'API', where: `${http.url}/api  ·  OpenAPI ${http.url}/api/openapi.json` }]),
    ],
    parked: {
      list: (limit) => intake.parked.list({ limit }),
      show: (id) => intake.parked.show(id),
      redrive: (id, corrected) => intake.parked.redrive(id, corrected),
    },
    load: (path, { dryRun }) => intake.loadFile(path, { dryRun }),
    debtorOf: async (word) => {
      if (/^[0-9a-f-]{36}$/i.test(word)) return word;
      const index = book.indexOf(word);
      return debtorIdOf(secrets.pepper, index >= 0 ? book.row(index).customer_no : word);
    },
    status: async () => ({
      businessTime: clock.now(),
      endsAt,
      ...facts,
      ...live.now(),
      eventsStored: await eventCount(),
      analyticsLag: analytics.lag(),
      stoppedFeeds: Object.fromEntries(services.services.flatMap((s) => [...s.failures()])),
    }),
    oracle: () => judge({ installation, player: playerNow(), until: clock.now(), paths }),
    eventCount,
    databaseGone: watch.gone,
    stop: () => {
      stopping ??= (async () => {
        clock.pause();
        await activity.quiet();
        await analytics.drain();
        stopPolicies();
        await door?.close();
        await services.stop();
        watch.stop();
        await installation.close();
      })();
      return stopping;
    },
  };
};
