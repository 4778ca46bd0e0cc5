/** One process per service, Kafka between them, PostgreSQL below, and a simulated bank at its topics: `mora start --kafka`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clockClient } from '@mora/grpc';
import { freePorts, startKafka } from '@mora/kafka';
import { debtorIdOf, seededSecrets } from '@mora/keys';
import { openBook } from '@mora/sample-book';
import type { CarrierRecord, SmscRecord } from '@mora/simulation';
import { BankPlayer } from '../bank-player.js';
import { midnight } from '../business-zone.js';
import { UsageError } from '../errors.js';
import { DEFAULTS, type Installation, type OwnDatabase, openInstallation, STRATEGY } from '../installation.js';
import { countsOf } from '../live-counters.js';
import type { EmbeddedOptions, Mora } from '../mora.js';
import { judge } from '../oracle.js';
import { patient, watchDatabase } from '../patience.js';
import { AnalyticsApi, PolledCounters } from './analytics-api.js';
import { BankOutlet } from './bank-outlet.js';
import { ServiceChild } from './child-process.js';
import { createClusterClock } from './cluster-clock.js';
import { feedsClient } from './feeds-client.js';
import { answeringWhileHeld } from './held-start.js';
import { historyClient } from './history-client.js';
import { intakeClient } from './intake-client.js';
import { LogTail } from './log-tail.js';
import {
  environmentOf,
  grpcAddressOf,
  local,
  PROCESSES,
  programOf,
  type Replica,
  replicasOf,
  type Surroundings,
} from './services.js';
import { tieringClient } from './tiering-client.js';

export interface ClusterOptions extends EmbeddedOptions {
  /** Null: a broker of one node is started, its data in the data directory. */
  readonly brokers: readonly string[] | null;
  /** An administrator's URL; null: an embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Spans of every service are written below the data directory. */
  readonly traces: boolean;
  /** Processes of each service: of most one works and the others stand by. */
  readonly replicas: number;
}

const READY_MS = 90_000;
const STOP_MS = 25_000;
const MOST_REPLICAS = 3;
const NODE_ARGS = ['--max-semi-space-size=2', '--enable-source-maps'];

/** What is open, ended in the opposite order whatever happens. */
class Closing {
  private readonly all: (() => Promise<unknown> | unknown)[] = [];

  add(close: () => Promise<unknown> | unknown): void {
    this.all.push(close);
  }

  async end(): Promise<void> {
    for (const close of this.all.splice(0).toReversed()) await Promise.resolve(close()).catch(() => undefined);
  }
}

/** @throws UsageError */
const databaseOf = (url: string): OwnDatabase => {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new UsageError('--database must be postgres://administrator:password@host:port/database');
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    server: {
      host: hostname,
      port: port === '' ? 5_432 : Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    },
    database: pathname.length > 1 ? pathname.slice(1) : 'mora',
  };
};

export const startCluster = async (options: ClusterOptions): Promise<Mora> => {
  const closing = new Closing();
  // kafkajs computes pauses that are over already; Node says so on every start.
  process.removeAllListeners('warning').on('warning', ({ name, message }) => {
    if (name !== 'TimeoutNegativeWarning') options.note(`${name}: ${message}`);
  });
  try {
    return await open(options, closing);
  } catch (error) {
    await closing.end();
    throw error;
  }
};

const open = async (options: ClusterOptions, closing: Closing): Promise<Mora> => {
  const { note } = options;
  const brokers = options.brokers ?? (await ownBroker(options, closing));
  const installation = await openInstallation({
    dataDir: options.dataDir,
    wanted: options.wanted,
    defaults: DEFAULTS,
    services: PROCESSES.flatMap(({ schemas }) =>
      schemas.map((name) => ({ name, ownsStreams: name !== 'analytics', migrations: null })),
    ),
    startAt: (facts) => midnight(facts.from),
    log: note,
    own: options.databaseUrl === null ? null : databaseOf(options.databaseUrl),
  });
  closing.add(() => installation.close());
  const { facts, dataDir } = installation;
  const logs = join(dataDir, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });

  const bank = new BankOutlet(brokers, installation.pool('debtor-intake'));
  closing.add(() => bank.close());
  const replication = Math.min(MOST_REPLICAS, await bank.open());
  await bank.makeTopics(replication);
  const paths = { carrier: join(dataDir, 'carrier.ndjson'), smsc: join(dataDir, 'smsc.ndjson') };
  const player = await playerOf(installation, bank);
  const carrier = new LogTail<CarrierRecord>(paths.carrier, (record) => player.hearCall(record));
  const smsc = new LogTail<SmscRecord>(paths.smsc, (record) => player.hearSms(record));

  const at = await surroundings(options, installation, { brokers, replication, paths });
  const patience = {
    giveUpAfterMs: options.databasePatienceMs ?? 5 * 60_000,
    note,
    wallMs: () => performance.now(),
  };
  const whenItAnswers = patient(patience);
  const clocks = at.replicas.map(({ ports }) => clockClient(local(ports.clock)));
  closing.add(() => {
    for (const clock of clocks) clock.close();
  });
  const steps = createClusterClock({
    clocks,
    startAt: installation.clockAt,
    world: {
      hear: () => {
        carrier.catchUp();
        smsc.catchUp();
      },
      nextDue: () => player.nextDue(),
      playUntil: (now) => player.playUntil(now),
    },
    persist: (now) => whenItAnswers(() => installation.saveClock(now)),
    maxSpeed: options.maxSpeed,
    note,
  });

  const children = at.replicas.map(
    (each) =>
      new ServiceChild({
        name: each.name,
        program: programOf(each.service.name),
        nodeArgs: NODE_ARGS,
        env: () => environmentOf(each, steps.clock.now(), at),
        logFile: join(logs, `${each.name}.log`),
        probes: `http://${local(each.ports.http)}`,
        note,
      }),
  );
  closing.add(() => Promise.all(children.map((child) => child.stop(STOP_MS))));
  const failed = Promise.race(children.map((child) => child.failed));
  failed.catch((error: unknown) => note(error instanceof Error ? error.message : String(error)));
  await Promise.all(children.map((child) => child.start()));
  const urls = PROCESSES.map(({ name }) => replicasOf(at, name).map(({ ports }) => `http://${local(ports.http)}`));
  const history = historyClient(urls);
  await answeringWhileHeld({ dataDir, history, note }, (onHeld) =>
    Promise.race([allReady(children, at, onHeld), failed]),
  );
  await Promise.race([strategyInForce(steps, facts.shards), failed]);

  const api = new AnalyticsApi(replicasOf(at, 'analytics').map(({ ports }) => `http://${local(ports.http)}`));
  const count = (heads = steps.heads) => heads.reduce((sum, { position }) => sum + position, 0);
  const eventsBefore = count();
  const live = new PolledCounters(api, () => count() - eventsBefore);
  closing.add(() => live.stop());
  const watch = watchDatabase(() => installation.pool('mora').query('select 1'), patience);
  closing.add(() => watch.stop());
  let stopping: Promise<void> | null = null;
  const pause = () => {
    steps.clock.pause();
    bank.stopWaiting();
  };
  const tiering = tieringClient(grpcAddressOf(at, 'risk-tiering'));
  const intake = intakeClient(grpcAddressOf(at, 'debtor-intake'));
  closing.add(() => {
    tiering.close();
    intake.close();
  });
  const analytics = api.queries(() => steps.look());
  const debtorOf = await debtorsOf(facts);
  const endsAt = midnight(facts.from, facts.days);
  return {
    facts,
    isNew: installation.isNew,
    clock: {
      now: steps.clock.now,
      runUntil: (until) => Promise.race([steps.clock.runUntil(until), failed]),
      pause,
    },
    live,
    analytics,
    tiering,
    intake,
    wordsOf: async () => {
      throw new UsageError('words are revealed by the Mora of one process only: this one has no login yet');
    },
    feeds: feedsClient(urls),
    history,
    whenBegun: Promise.resolve(),
    debtorOf,
    endsAt,
    addresses: addressesOf(installation, at, options.brokers === null),
    oracle: () => judge({ installation, player, until: steps.clock.now(), paths }),
    eventCount: async () => count(await steps.look()),
    status: async () => {
      const eventsStored = count(await steps.look());
      return {
        businessTime: steps.clock.now(),
        endsAt,
        ...facts,
        ...countsOf(await analytics.summary(), eventsStored),
        eventsStored,
        analyticsLag: await api.lag(),
      };
    },
    databaseGone: watch.gone,
    stop: () => {
      pause();
      stopping ??= closing.end();
      return stopping;
    },
  };
};

const debtorsOf = async (facts: Installation['facts']): Promise<Mora['debtorOf']> => {
  const { pepper } = seededSecrets(facts.seed);
  const book = await openBook(facts);
  return async (word) => {
    if (/^[0-9a-f-]{36}$/i.test(word)) return word;
    const index = book.indexOf(word);
    return debtorIdOf(pepper, index >= 0 ? book.row(index).customer_no : word);
  };
};

const ownBroker = async (options: ClusterOptions, closing: Closing): Promise<readonly string[]> => {
  const kafka = await startKafka({ dataDirectory: join(options.dataDir, 'kafka'), say: options.note });
  closing.add(() => kafka.stop());
  return kafka.brokers;
};

const playerOf = async ({ facts, dataDir, clockAt }: Installation, bank: BankOutlet): Promise<BankPlayer> => {
  const secrets = seededSecrets(facts.seed);
  return new BankPlayer(
    {
      seed: facts.seed,
      book: await openBook(facts),
      folder: join(dataDir, 'book'),
      logs: null,
      from: facts.from,
      inlet: {
        submit: (records) => bank.submit(records),
        debtorIdOf: (customerNo) => debtorIdOf(secrets.pepper, customerNo),
      },
    },
    clockAt,
  );
};

const surroundings = async (
  options: ClusterOptions,
  { facts, dataDir, address, owner }: Installation,
  found: {
    readonly brokers: readonly string[];
    readonly replication: number;
    readonly paths: { readonly carrier: string; readonly smsc: string };
  },
): Promise<Surroundings> => {
  const free = [...(await freePorts(PROCESSES.length * options.replicas * 3))];
  const replicas = PROCESSES.flatMap((service) =>
    Array.from({ length: options.replicas }, (_, index): Replica => {
      const [grpc, http, clock] = free.splice(0, 3) as [number, number, number];
      const isFirst = index === 0;
      return {
        name: isFirst ? service.name : `${service.name}-${index + 1}`,
        service,
        ports: {
          grpc: (isFirst && service.name === 'debtor-intake' && options.grpcPort) || grpc,
          http: (isFirst && service.name === 'analytics' && options.httpPort) || http,
          clock,
        },
      };
    }),
  );
  return {
    seed: facts.seed,
    shards: facts.shards,
    anchorId: facts.anchorId,
    replicas,
    brokers: found.brokers,
    replication: found.replication,
    address,
    owner,
    carrierLog: found.paths.carrier,
    smscLog: found.paths.smsc,
    strategy: STRATEGY,
    checkOwnEvents: options.checkOwnEvents ?? false,
    traces: options.traces ? join(dataDir, 'traces') : null,
  };
};

/** Where one of them works, the others stand by and are not ready. */
const allReady = async (
  children: readonly ServiceChild[],
  { replicas }: Surroundings,
  onHeld: (service: string, why: string) => void,
): Promise<void> => {
  const enough = new AbortController();
  const ready = PROCESSES.map(({ name, active }) => {
    const all = children.filter((_, i) => replicas[i]!.service.name === name);
    const each = all.map((child) => child.ready(READY_MS, enough.signal, (why) => onHeld(name, why)));
    return active === 'all' ? Promise.all(each) : Promise.any(each);
  });
  await Promise.all(ready).finally(() => enough.abort());
};

/** Before the clock moves for the first time every shard has its strategy, as in one process. */
const strategyInForce = async (steps: ReturnType<typeof createClusterClock>, shards: number): Promise<void> => {
  for (;;) {
    if ((await steps.quiet()) === undefined) return;
    const active = steps.heads.filter(({ source, position }) => source === 'tiering' && position > 0);
    if (active.length === shards) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const addressesOf = ({ postgres }: Installation, at: Surroundings, isOwnBroker: boolean): Mora['addresses'] => [
  { what: 'PostgreSQL', where: `${postgres.host}:${postgres.port} (data ${postgres.dataDir})` },
  { what: 'Kafka', where: `${at.brokers.join()}${isOwnBroker ? ' (one node, data in kafka/)' : ''}` },
  { what: 'gRPC intake.v1', where: local(replicasOf(at, 'debtor-intake')[0]!.ports.grpc) },
  { what: 'Services', where: at.replicas.map(({ name, ports }) => `${name} :${ports.http}`).join(' · ') },
  {
    what: 'API',
    where: replicasOf(at, 'analytics')
      .slice(0, 1)
      .map(({ ports: { http } }) => `http://${local(http)}/api  ·  OpenAPI http://${local(http)}/api/openapi.json`)
      .join(),
  },
];
