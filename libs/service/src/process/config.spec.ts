import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { bytes, integer } from '../config.js';
import { ConfigInvalid } from '../errors.js';
import { readProcess } from './config.js';

const wanted = {
  name: 'risk-tiering',
  services: ['risk-tiering', 'policy'],
  settings: { channels: integer({ min: 1, max: 10 }, 3) },
  secrets: { chanceSalt: bytes(32) },
  needsSeed: false,
};
const SECRET = Buffer.alloc(32, 7).toString('base64');
const whole = {
  MORA_DATABASE_HOST: 'db',
  MORA_DATABASE_PASSWORD: 'first-password',
  MORA_DATABASE_POLICY_PASSWORD: 'second-password',
  MORA_KAFKA_BROKERS: 'a:9092, b:9092',
  MORA_CHANCE_SALT: SECRET,
};
const stepped = {
  MORA_CLOCK: 'stepped',
  MORA_CLOCK_ANCHOR: 'a',
  MORA_CLOCK_START: '2026-11-01T16:00:00.000Z',
  MORA_CLOCK_PORT: '50052',
};
/** Whatever is there. */
const FILE = fileURLToPath(import.meta.url);
const problemsOf = (env: Record<string, string>, of = wanted): readonly string[] => {
  try {
    readProcess(of, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    return error.problems.map(({ variable }) => variable);
  }
};

describe('the environment of a process', () => {
  it('is read whole, with a role for each service and Kubernetes names for the peers', () => {
    const { process, own, secrets } = readProcess(wanted, { ...whole, MORA_PEERS: 'dialer=127.0.0.1:1|127.0.0.1:2' });
    expect([...process.databases.values()].map(({ user, password }) => [user, password])).toEqual([
      ['mora_risk_tiering', 'first-password'],
      ['mora_policy', 'second-password'],
    ]);
    expect(process.kafka).toEqual({ brokers: ['a:9092', 'b:9092'] });
    expect(process.peer('scoring')).toBe('scoring:50051');
    expect(process.peer('dialer')).toBe('ipv4:127.0.0.1:1,127.0.0.1:2');
    expect([own.channels, secrets?.chanceSalt.length]).toEqual([3, 32]);
    expect(Object.isFrozen(process)).toBe(true);
  });

  it('is refused with the name of every variable that is missing', () => {
    expect(problemsOf({})).toEqual([
      'MORA_DATABASE_HOST',
      'MORA_KAFKA_BROKERS',
      'MORA_DATABASE_PASSWORD',
      'MORA_DATABASE_POLICY_PASSWORD',
      'MORA_CHANCE_SALT',
    ]);
  });

  it.each([
    ['MORA_SHARDS', '0'],
    ['MORA_GRPC_PORT', '70000'],
    ['MORA_KAFKA_BROKERS', 'nonsense'],
    ['MORA_PEERS', 'nobody=host:1'],
    ['MORA_PEERS', 'dialer=host'],
    ['MORA_CLOCK', 'fast'],
    ['MORA_CLOCK_START', '2026-11-02'],
    ['MORA_CHANCE_SALT', 'c2hvcnQ='],
    ['MORA_CHANNELS', '11'],
    ['MORA_KAFKA_TLS_CA', '/nowhere/ca.pem'],
  ])('is refused when %s is %p, without telling the value', (variable, value) => {
    const env = { ...whole, [variable]: value };
    expect(problemsOf(env)).toEqual([variable]);
    expect(() => readProcess(wanted, env)).toThrow(new RegExp(`^(?!.*${value.replace(/[.\\/=]/g, '.')}).*${variable}`));
  });

  it('needs no secret where a seed gives them', () => {
    const { MORA_CHANCE_SALT: _, ...unsalted } = whole;
    expect(readProcess(wanted, { ...unsalted, ...stepped, MORA_SIMULATION_SEED: '1' }).secrets).toBeNull();
  });

  it('refuses a seed beside a real clock, whatever the service: whoever knows the seed has its secrets', () => {
    for (const needsSeed of [false, true])
      for (const clock of [{}, { MORA_CLOCK: 'real' }])
        expect(problemsOf({ ...whole, ...clock, MORA_SIMULATION_SEED: '1' }, { ...wanted, needsSeed })).toEqual([
          'MORA_SIMULATION_SEED',
        ]);
  });

  it('listens for other services on this machine alone, until it has TLS', () => {
    const tls = { MORA_GRPC_TLS_CERT: FILE, MORA_GRPC_TLS_KEY: FILE, MORA_GRPC_TLS_CA: FILE };
    const hostOf = (env: object) => readProcess(wanted, { ...whole, ...env }).process.grpc.host;
    expect([hostOf({}), hostOf({ MORA_GRPC_HOST: '::1' })]).toEqual(['127.0.0.1', '::1']);
    expect([hostOf(tls), hostOf({ ...tls, MORA_GRPC_HOST: '10.0.0.7' })]).toEqual(['0.0.0.0', '10.0.0.7']);
    for (const host of ['0.0.0.0', '::', '10.0.0.7', 'dialer'])
      expect(problemsOf({ ...whole, MORA_GRPC_HOST: host })).toEqual(['MORA_GRPC_HOST']);
  });

  it('refuses a stepped clock without a seed, a name, a start and a door', () => {
    const env = { ...whole, MORA_CLOCK: 'stepped' };
    expect(problemsOf(env)).toEqual([
      'MORA_SIMULATION_SEED',
      'MORA_CLOCK_ANCHOR',
      'MORA_CLOCK_START',
      'MORA_CLOCK_PORT',
    ]);
    const named = { ...env, ...stepped };
    expect(problemsOf(named)).toEqual(['MORA_SIMULATION_SEED']);
    expect(problemsOf({ ...named, MORA_SIMULATION_SEED: '1' })).toEqual([]);
  });

  it('refuses a service with simulated adapters only when there is no seed', () => {
    expect(problemsOf(whole, { ...wanted, needsSeed: true })).toEqual(['MORA_SIMULATION_SEED']);
  });

  it.each([
    ['MORA_DATABASE_OWNER_USER', ['MORA_DATABASE_OWNER_PASSWORD']],
    ['MORA_KAFKA_SASL_USERNAME', ['MORA_KAFKA_SASL_MECHANISM', 'MORA_KAFKA_SASL_PASSWORD']],
  ])('refuses half a login: %s alone', (variable, missing) => {
    expect(problemsOf({ ...whole, [variable]: 'x' })).toEqual(missing);
  });
});
