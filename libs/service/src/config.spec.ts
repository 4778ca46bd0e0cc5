import { describe, expect, test } from '@jest/globals';
import { address, bytes, flag, integer, oneOf, port, readConfig, text } from './config.js';

const settings = {
  grpcPort: port(),
  shards: integer({ min: 1, max: 1024 }, 12),
  clock: oneOf(['real', 'stepped'], 'real'),
  guard: address('localhost:7001'),
  verbose: flag(false),
  pepper: bytes(4),
  name: text('mora'),
};
const good = { MORA_DIALER_GRPC_PORT: '7000', MORA_DIALER_PEPPER: 'AAECAw==' };
const read = (env: Record<string, string>) => readConfig(settings, { ...good, ...env }, 'MORA_DIALER');
const messageOf = (env: Record<string, string>): string => {
  try {
    read(env);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('configuration', () => {
  test('is typed, frozen and falls back where nothing is set', () => {
    const config = read({ MORA_DIALER_SHARDS: ' 24 ', MORA_DIALER_VERBOSE: 'YES', MORA_DIALER_NAME: '' });
    expect(config).toMatchObject({ grpcPort: 7000, shards: 24, clock: 'real', verbose: true, name: 'mora' });
    expect([...config.pepper]).toEqual([0, 1, 2, 3]);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('names every missing and malformed variable at once', () => {
    expect(() =>
      readConfig(settings, { MORA_DIALER_PEPPER: 'secret!', MORA_DIALER_SHARDS: '0' }, 'MORA_DIALER'),
    ).toThrow(
      'Configuration: MORA_DIALER_GRPC_PORT is not set; MORA_DIALER_SHARDS must be a whole number from 1 to 1024; ' +
        'MORA_DIALER_PEPPER must be 4 bytes in base64',
    );
  });

  test.each([
    ['SHARDS', '1025'],
    ['SHARDS', '1e3'],
    ['SHARDS', '12.5'],
    ['GRPC_PORT', '65536'],
    ['GRPC_PORT', 'NaN'],
    ['CLOCK', 'hourglass'],
    ['GUARD', 'no-port-here'],
    ['GUARD', 'host:0'],
    ['VERBOSE', 'perhaps'],
    ['PEPPER', 'hunter2hunter2'],
  ])('refuses %s=%s and never prints the value', (key, value) => {
    const message = messageOf({ [`MORA_DIALER_${key}`]: value });
    expect(message).toContain(`MORA_DIALER_${key} must be`);
    expect(message).not.toContain(value);
  });

  test.each([
    ['SHARDS', '1'],
    ['SHARDS', '1024'],
    ['GRPC_PORT', '0'],
    ['GRPC_PORT', '65535'],
    ['GUARD', '[::1]:7001'],
  ])('takes %s=%s', (key, value) => {
    expect(messageOf({ [`MORA_DIALER_${key}`]: value })).toBe('');
  });
});
