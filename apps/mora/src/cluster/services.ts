/** The processes of an installation: which they are, and what each is told by its environment. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatabaseAddress } from '@mora/postgres';

export interface ServiceProcess {
  readonly name: string;
  /** Services with schemas of their own in it. */
  readonly schemas: readonly string[];
  /** Which of its replicas work. */
  readonly active: 'one' | 'all';
}

const one = (name: string): ServiceProcess => ({ name, schemas: [name], active: 'one' });
const all = (name: string): ServiceProcess => ({ name, schemas: [name], active: 'all' });

/** In the order in which the clock tells them: as in one process. */
export const PROCESSES: readonly ServiceProcess[] = [
  all('debtor-intake'),
  { name: 'risk-tiering', schemas: ['risk-tiering', 'policy'], active: 'one' },
  one('scoring'),
  one('contact-guard'),
  one('telephony-gateway'),
  one('dialer'),
  one('sms-trigger'),
  all('analytics'),
];

const APPS = fileURLToPath(new URL('../../../', import.meta.url));

export const programOf = (name: string): string => join(APPS, name, 'dist/main.js');

export interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly clock: number;
}

/** One process of a service. */
export interface Replica {
  /** `dialer`, and of further ones `dialer-2`: of its log and its spans. */
  readonly name: string;
  readonly service: ServiceProcess;
  readonly ports: Ports;
}

export interface Surroundings {
  readonly seed: string;
  readonly shards: number;
  readonly anchorId: string;
  /** Of all services, those of one service together, in the order of {@link PROCESSES}. */
  readonly replicas: readonly Replica[];
  readonly brokers: readonly string[];
  readonly replication: number;
  readonly address: (schema: string) => DatabaseAddress;
  readonly owner: DatabaseAddress;
  readonly carrierLog: string;
  readonly smscLog: string;
  readonly strategy: string;
  readonly checkOwnEvents: boolean;
  /** Folder for spans; null: none are recorded. */
  readonly traces: string | null;
}

export const replicasOf = ({ replicas }: Pick<Surroundings, 'replicas'>, name: string): readonly Replica[] =>
  replicas.filter(({ service }) => service.name === name);

export const local = (port: number): string => `127.0.0.1:${port}`;

/** Where a service answers over gRPC: that of its replicas which works. */
export const grpcAddressOf = (at: Surroundings, name: string): string => {
  const hosts = replicasOf(at, name).map(({ ports }) => local(ports.grpc));
  return hosts.length === 1 ? hosts[0]! : `ipv4:${hosts.join()}`;
};

const capital = (name: string): string => name.toUpperCase().replaceAll('-', '_');

const peersOf = (at: Surroundings, name: string): string =>
  replicasOf(at, name)
    .map(({ ports }) => local(ports.grpc))
    .join('|');

/** @param now business time at which the process begins */
export const environmentOf = (
  { name, service, ports }: Replica,
  now: string,
  at: Surroundings,
): Record<string, string> => {
  const { host, port, database } = at.owner;
  const passwords = service.schemas.map((schema, i) => [
    `MORA_DATABASE${i === 0 ? '' : `_${capital(schema)}`}_PASSWORD`,
    at.address(schema).password,
  ]);
  return {
    PATH: process.env['PATH'] ?? '',
    MALLOC_ARENA_MAX: '2',
    ...Object.fromEntries(passwords),
    MORA_DATABASE_HOST: host,
    MORA_DATABASE_PORT: String(port),
    MORA_DATABASE_NAME: database,
    MORA_DATABASE_OWNER_USER: at.owner.user,
    MORA_DATABASE_OWNER_PASSWORD: at.owner.password,
    MORA_KAFKA_BROKERS: at.brokers.join(),
    MORA_KAFKA_REPLICATION: String(at.replication),
    MORA_SHARDS: String(at.shards),
    MORA_GRPC_HOST: '127.0.0.1',
    MORA_GRPC_PORT: String(ports.grpc),
    MORA_HTTP_HOST: '127.0.0.1',
    MORA_HTTP_PORT: String(ports.http),
    MORA_PEERS: PROCESSES.map(({ name }) => `${name}=${peersOf(at, name)}`).join(),
    MORA_CLOCK: 'stepped',
    MORA_CLOCK_ANCHOR: at.anchorId,
    MORA_CLOCK_START: now,
    MORA_CLOCK_PORT: String(ports.clock),
    MORA_SIMULATION_SEED: at.seed,
    MORA_PARENT_WATCH: 'on',
    MORA_CHECK_OWN_EVENTS: at.checkOwnEvents ? 'on' : 'off',
    ...(at.traces === null ? {} : { MORA_TRACES: 'file', MORA_TRACES_FILE: join(at.traces, `${name}.jsonl`) }),
    MORA_BANK_NAME: '示例银行',
    MORA_BANK_HOTLINE: '400-000-0000',
    MORA_CARRIER_LOG: at.carrierLog,
    MORA_SMSC_LOG: at.smscLog,
    MORA_STRATEGY: at.strategy,
  };
};
