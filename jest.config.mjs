// Four lanes: pure (*.spec.ts), services in memory (*.svc.spec.ts), integration (*.int.spec.ts: real PostgreSQL, real Kafka),
// end to end (*.e2e.spec.ts: booted product).
const lane = process.env.MORA_TEST_LANE ?? 'pure';
const lanes = {
  pure: ['**/src/**/*.spec.ts'],
  svc: ['**/src/**/*.svc.spec.ts'],
  int: ['**/src/**/*.int.spec.ts'],
  e2e: ['**/src/**/*.e2e.spec.ts'],
};
if (!(lane in lanes)) throw new Error(`MORA_TEST_LANE must be one of ${Object.keys(lanes).join(', ')}`);
export default {
  testEnvironment: '<rootDir>/tools/run/jest-environment.mjs',
  rootDir: '.',
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'],
  testMatch: lanes[lane],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...(lane === 'pure' ? ['\\.(svc|int|e2e)\\.spec\\.ts$'] : [])],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^@mora/(sample-book|kafka)$': '<rootDir>/tools/$1/src/index.ts',
    '^@mora/(debtor-intake|risk-tiering|contact-guard|dialer|telephony-gateway|sms-trigger|scoring|analytics|mora)$':
      '<rootDir>/apps/$1/src/index.ts',
    '^@mora/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: lane === 'pure' || lane === 'svc' ? 10_000 : lane === 'int' ? 60_000 : 900_000,
  // Integration waits for servers more than it computes; a booted product takes both cores by itself.
  maxWorkers: lane === 'e2e' ? 1 : 2,
};
