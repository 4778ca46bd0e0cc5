/** Everything a process reads from its environment, once, into frozen objects; values are never part of a message. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaConnection, KafkaLogin } from '@mora/event-feed-kafka';
import { type DatabaseAddress, databaseRoleOf } from '@mora/postgres';
import type { TelemetryOptions } from '@mora/telemetry';
import {
  type Config,
  flag,
  integer,
  oneOf,
  port,
  readConfig,
  type Setting,
  type Settings,
  setting,
  text,
  Unfit,
  variableOf,
} from '../config.js';
import { ConfigInvalid } from '../errors.js';
import { isLoopback } from '../loopback.js';
import { DEFAULT_GRPC_PORT, SERVICES } from './installation.js';

type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'MORA';
const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';
const FORMAT = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;

const addresses = (value: string): readonly string[] => {
  const list = value.split(',').map((each) => each.trim());
  if (list.every((each) => FORMAT.test(each))) return list;
  throw new Unfit('must be host:port, several separated by commas');
};

const brokers = setting(addresses);

/** `dialer=host:port,scoring=host:port`; replicas of one: `host:port|host:port`. */
const peers = setting((value): Readonly<Record<string, string>> => {
  const entries = value.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  const found = entries.map((entry) => {
    const [name = '', ...rest] = entry.split('=');
    const hosts = rest.join('=').split('|');
    if (!SERVICES.includes(name) || hosts.some((host) => !FORMAT.test(host)))
      throw new Unfit(`must be service=host:port, separated by commas; services: ${SERVICES.join(', ')}`);
    return [name, hosts.length === 1 ? hosts[0] : `ipv4:${hosts.join(',')}`] as const;
  });
  return Object.fromEntries(found) as Record<string, string>;
});

const instant = setting((value) => {
  const at = new Date(value);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== value)
    throw new Unfit('must be an instant such as 2026-11-01T16:00:00.000Z');
  return value;
});

const share = setting((value) => {
  const number = /^[01](\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  throw new Unfit('must be a share from 0 to 1');
});

/** A setting that may be absent. */
const optional = <T>({ parse }: Setting<T>): Setting<T | null> => ({ parse, fallback: null });

export const COMMON = {
  databaseHost: text(),
  databasePort: port(5_432),
  databaseName: text('mora'),
  databasePool: integer({ min: 2, max: 64 }, 8),
  databaseOwnerUser: optional(text()),
  databaseOwnerPassword: optional(text()),
  kafkaBrokers: brokers(),
  kafkaSaslMechanism: optional(oneOf(['plain', 'scram-sha-256', 'scram-sha-512'])),
  kafkaSaslUsername: optional(text()),
  kafkaSaslPassword: optional(text()),
  kafkaTls: flag(false),
  kafkaTlsCa: optional(text()),
  kafkaTlsCert: optional(text()),
  kafkaTlsKey: optional(text()),
  kafkaTopicPrefix: text(''),
  kafkaReplication: integer({ min: 1, max: 7 }, 3),
  shards: integer({ min: 1, max: 256 }, 12),
  grpcHost: optional(text()),
  grpcPort: port(DEFAULT_GRPC_PORT),
  grpcTlsCert: optional(text()),
  grpcTlsKey: optional(text()),
  grpcTlsCa: optional(text()),
  httpHost: text('0.0.0.0'),
  httpPort: port(8_081),
  peers: peers({}),
  peerWaitSeconds: integer({ min: 0, max: 3_600 }, 20),
  drainSeconds: integer({ min: 1, max: 600 }, 25),
  clock: oneOf(['real', 'stepped'], 'real'),
  clockAnchor: optional(text()),
  clockStart: optional(instant()),
  clockPort: optional(port()),
  simulationSeed: optional(text()),
  checkOwnEvents: flag(false),
  traces: oneOf(['off', 'otlp', 'file'], 'off'),
  tracesFile: optional(text()),
  tracesRatio: share(1),
  logLevel: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info'),
  build: text('development'),
  parentWatch: flag(false),
} as const satisfies Settings;

export interface ProcessConfig {
  readonly shards: number;
  /** How each service of this process logs in. */
  readonly databases: ReadonlyMap<string, DatabaseAddress>;
  readonly databasePool: number;
  /** Set: this process runs its own migrations. */
  readonly owner: DatabaseAddress | null;
  readonly kafka: Pick<KafkaConnection, 'brokers' | 'ssl' | 'sasl'>;
  readonly topicPrefix: string;
  readonly replication: number;
  readonly grpc: { readonly host: string; readonly port: number };
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string } | null;
  readonly http: { readonly host: string; readonly port: number };
  peer(service: string): string;
  readonly peerWaitMs: number;
  readonly drainMs: number;
  readonly clock: {
    readonly kind: 'real' | 'stepped';
    readonly anchorId: string;
    readonly startAt: string;
    /** Where a stepped clock is moved. */
    readonly port: number;
  };
  readonly seed: string | null;
  readonly checkOwnEvents: boolean;
  readonly traces: TelemetryOptions['traces'];
  readonly tracesRatio: number;
  readonly logLevel: Common['logLevel'];
  readonly build: string;
  readonly parentWatch: boolean;
}

export interface Wanted<S extends Settings, K extends Settings> {
  readonly name: string;
  /** Services whose schemas this process uses; the first logs in by `MORA_DATABASE_USER`. */
  readonly services: readonly string[];
  readonly settings: S;
  /** Read, and required, only when no seed gives them. */
  readonly secrets: K;
  /** Without a seed there is nobody at the other end of an outward adapter. */
  readonly needsSeed: boolean;
}

export interface ReadSettings<S extends Settings, K extends Settings> {
  readonly process: ProcessConfig;
  readonly own: Config<S>;
  /** Null: they derive from the seed. */
  readonly secrets: Config<K> | null;
}

const loginSettings = (services: readonly string[]): Settings =>
  Object.fromEntries(
    services.flatMap((service, at) => {
      const infix =
        at === 0 ? '' : service.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
      return [
        [`database${infix}User`, text(databaseRoleOf(service))],
        [`database${infix}Password`, text()],
      ];
    }),
  );

/** @throws ConfigInvalid naming every variable that is missing, malformed or contradicts another */
export const readProcess = <S extends Settings, K extends Settings>(
  wanted: Wanted<S, K>,
  env: Environment,
): ReadSettings<S, K> => {
  const problems: { variable: string; problem: string }[] = [];
  const read = <T extends Settings>(settings: T): Config<T> | null => {
    try {
      return readConfig(settings, env, PREFIX);
    } catch (error) {
      if (!(error instanceof ConfigInvalid)) throw error;
      problems.push(...error.problems);
      return null;
    }
  };
  const isSeeded = (env['MORA_SIMULATION_SEED'] ?? '').trim() !== '';
  const common = read(COMMON);
  const logins = read(loginSettings(wanted.services));
  const own = read(wanted.settings);
  const secrets = isSeeded ? null : read(wanted.secrets);
  const lack = (key: string, why: string) => problems.push({ variable: variableOf(PREFIX, key), problem: why });
  if (common) {
    const isStepped = common.clock === 'stepped';
    if (isStepped && !isSeeded)
      lack('simulationSeed', 'is not set: a stepped clock needs simulated debtors and secrets');
    else if (!isStepped && isSeeded)
      lack('simulationSeed', 'is set beside a real clock: whoever knows a seed has every secret that derives from it');
    else if (wanted.needsSeed && !isSeeded)
      lack('simulationSeed', `is not set: ${wanted.name} has simulated adapters only`);
    if (isStepped && common.clockAnchor === null)
      lack('clockAnchor', 'is not set: a stepped clock is shared by its name');
    if (isStepped && common.clockStart === null) lack('clockStart', 'is not set: a stepped clock starts somewhere');
    if (isStepped && common.clockPort === null) lack('clockPort', 'is not set: a stepped clock is moved from there');
    if (common.traces === 'file' && common.tracesFile === null)
      lack('tracesFile', 'is not set: spans are written there');
    if (common.grpcTlsCert === null && common.grpcHost !== null && !isLoopback(common.grpcHost))
      lack(
        'grpcHost',
        `is no loopback address: others are answered only by TLS, set ${variableOf(PREFIX, 'grpcTlsCert')}`,
      );
    together(common, ['databaseOwnerUser', 'databaseOwnerPassword'], lack);
    together(common, ['kafkaSaslMechanism', 'kafkaSaslUsername', 'kafkaSaslPassword'], lack);
    together(common, ['kafkaTlsCert', 'kafkaTlsKey'], lack);
    together(common, ['grpcTlsCert', 'grpcTlsKey', 'grpcTlsCa'], lack);
    for (const key of ['kafkaTlsCa', 'kafkaTlsCert', 'kafkaTlsKey', 'grpcTlsCert', 'grpcTlsKey', 'grpcTlsCa'] as const)
      if (common[key] !== null && fileText(common[key]) === null) lack(key, 'names a file that cannot be read');
  }
  if (problems.length > 0 || !common || !logins || !own) throw new ConfigInvalid(problems);
  return Object.freeze({ process: processOf(common, logins, wanted.services), own, secrets });
};

type Common = Config<typeof COMMON>;

/** All of them or none. */
const together = (
  common: Common,
  keys: readonly (keyof Common & string)[],
  lack: (key: string, why: string) => void,
): void => {
  if (keys.every((key) => common[key] === null)) return;
  for (const key of keys)
    if (common[key] === null)
      lack(key, `is not set: it belongs to ${keys.map((k) => variableOf(PREFIX, k)).join(', ')}`);
};

const processOf = (common: Common, logins: Config<Settings>, services: readonly string[]): ProcessConfig => {
  const { databaseHost: host, databasePort, databaseName: database } = common;
  const passwords = Object.values(logins) as string[];
  const databases = new Map(
    services.map((service, at) => [
      service,
      { host, port: databasePort, database, user: passwords[at * 2]!, password: passwords[at * 2 + 1]! },
    ]),
  );
  const { databaseOwnerUser, databaseOwnerPassword } = common;
  return Object.freeze({
    shards: common.shards,
    databases,
    databasePool: common.databasePool,
    owner:
      databaseOwnerUser === null
        ? null
        : { host, port: databasePort, database, user: databaseOwnerUser, password: databaseOwnerPassword! },
    kafka: kafkaOf(common),
    topicPrefix: common.kafkaTopicPrefix,
    replication: common.kafkaReplication,
    grpc: { host: common.grpcHost ?? (common.grpcTlsCert === null ? LOOPBACK : EVERYWHERE), port: common.grpcPort },
    tls:
      common.grpcTlsCert === null ? null : { cert: common.grpcTlsCert, key: common.grpcTlsKey!, ca: common.grpcTlsCa! },
    http: { host: common.httpHost, port: common.httpPort },
    peer: (service: string) => common.peers[service] ?? `${service}:${DEFAULT_GRPC_PORT}`,
    peerWaitMs: common.peerWaitSeconds * 1_000,
    drainMs: common.drainSeconds * 1_000,
    clock: {
      kind: common.clock,
      anchorId: common.clockAnchor ?? common.clock,
      startAt: common.clockStart ?? '',
      port: common.clockPort ?? 0,
    },
    seed: common.simulationSeed,
    checkOwnEvents: common.checkOwnEvents,
    traces: tracesOf(common),
    tracesRatio: common.tracesRatio,
    logLevel: common.logLevel,
    build: common.build,
    parentWatch: common.parentWatch,
  });
};

const tracesOf = ({ traces, tracesFile }: Common): ProcessConfig['traces'] =>
  traces === 'file' ? { to: traces, path: tracesFile! } : { to: traces };

const kafkaOf = (common: Common): ProcessConfig['kafka'] => {
  const { kafkaTls, kafkaTlsCa, kafkaTlsCert, kafkaTlsKey, kafkaSaslMechanism } = common;
  const ssl: boolean | ConnectionOptions =
    kafkaTlsCa === null && kafkaTlsCert === null
      ? kafkaTls
      : {
          ...(kafkaTlsCa === null ? {} : { ca: [fileText(kafkaTlsCa)!] }),
          ...(kafkaTlsCert === null ? {} : { cert: fileText(kafkaTlsCert)!, key: fileText(kafkaTlsKey!)! }),
        };
  const sasl: KafkaLogin | null =
    kafkaSaslMechanism === null
      ? null
      : { mechanism: kafkaSaslMechanism, username: common.kafkaSaslUsername!, password: common.kafkaSaslPassword! };
  return { brokers: common.kafkaBrokers, ...(ssl === false ? {} : { ssl }), ...(sasl === null ? {} : { sasl }) };
};

const fileText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};
