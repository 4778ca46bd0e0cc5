/** The producers in docs/guides/examples are run as they are, and intake takes what they send. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { businessDate } from '@mora/business-time';
import { BANK_TOPICS } from '@mora/contracts';
import { createActivity } from '@mora/eventing';
import { ensureKafka, type KafkaCluster, startKafka } from '@mora/kafka';
import { type TestDatabase, testDatabase, waitFor } from '@mora/test-kit';
import kafkajs from 'kafkajs';
import { validate } from './bank-record/validate.js';
import { bankTopicsLoop } from './inbound/bank-topics/bank-topics.js';
import type { Outcome } from './inbound/outcome.js';
import { migrations } from './migrations/index.js';
import { FRAME } from './testing/samples.js';

const EXAMPLES = fileURLToPath(new URL('../../../docs/guides/examples', import.meta.url));
/** A Python that has kafka-python, which nothing here installs: its example is run where one is named. */
const PYTHON = process.env['MORA_PYTHON'];
/** A Java runtime alone cannot run a source file: then the test fails and says so. */
const hasCompiler =
  spawnSync('java', ['--list-modules'], { encoding: 'utf8' }).stdout?.includes('jdk.compiler@') ?? false;

let kafka: KafkaCluster;
let database: TestDatabase;
let classPath: string;
const taken: string[] = [];
const silent = () => undefined;
let stop: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  [kafka, database] = await Promise.all([startKafka({ heapMb: 256 }), testDatabase()]);
  classPath = (await ensureKafka()).classpath;
  await database.install('debtor-intake', migrations);
  const admin = new kafkajs.Kafka({ brokers: [...kafka.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: BANK_TOPICS.map((topic) => ({ topic, numPartitions: 3 })), waitForLeaders: true });
  await admin.disconnect();
  const loop = bankTopicsLoop({
    kafka: { brokers: [...kafka.brokers], clientId: 'intake' },
    markKey: Buffer.alloc(32, 3),
    intake: {
      submit: async (inputs) =>
        inputs.map(({ raw, broken, channel }): Outcome => {
          const problems =
            broken ??
            (validate(raw, { ...FRAME, today: businessDate(new Date().toISOString(), 'Asia/Shanghai') }).ok
              ? []
              : [{ field: 'record', reason: 'refused', value: '' }]);
          taken.push(
            `${problems.length === 0 ? raw['record'] : problems[0]!.reason} ${raw['bank_event_id']} ${channel.name.split('/')[0]}`,
          );
          return problems.length === 0
            ? { result: 'accepted', debtorId: null, caseId: null }
            : { result: 'parked', parkedId: null, problems };
        }),
      park: async () => [],
    },
    pool: database.pool('debtor-intake', 2),
    activity: createActivity(),
    log: { info: silent, warn: silent, error: silent },
  });
  stop = () => loop.stop();
  await loop.start();
}, 240_000);

afterAll(async () => {
  await stop();
  await database?.close();
  await kafka?.stop(0);
});

const run = (command: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 50_000 });
  if (status !== 0) throw new Error(stderr);
  if (process.env['MORA_SHOW_EXAMPLES']) process.stderr.write(`${command} ${args.at(-1)}\n${stdout}`);
  expect(stdout.trim().split('\n')).toHaveLength(3);
};

const expectThree = async (language: string) => {
  const day = '\\d{4}-\\d{2}-\\d{2}';
  const found = await waitFor('three records', () => {
    const own = taken.filter((line) => line.includes(` ${language}-`));
    return own.length >= 3 && [...own].sort();
  });
  expect(found).toEqual([
    expect.stringMatching(`^account ${language}-account-${day} bank.overdue.v1$`),
    expect.stringMatching(`^payment ${language}-payment-${day} bank.payments.v1$`),
    expect.stringMatching(`^payments-posted-through ${language}-through-${day}T.* bank.payments.v1$`),
  ]);
  taken.splice(0);
};

describe('the example producers', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('in Java are understood, packed by %s', async (compression) => {
    if (!hasCompiler) throw new Error('the Java example needs a JDK 17 or newer (Debian: openjdk-17-jdk-headless)');
    run('java', '-cp', classPath, join(EXAMPLES, 'java/BankEvents.java'), kafka.brokers[0]!, compression);
    await expectThree('java');
  });

  if (PYTHON)
    it('in Python are understood', async () => {
      run(PYTHON, join(EXAMPLES, 'python/bank_events.py'), kafka.brokers[0]!);
      await expectThree('py');
    });
});
