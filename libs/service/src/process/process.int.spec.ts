import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureTopics, KafkaPublisher, topicOf } from '@mora/event-feed-kafka';
import { MemoryStore } from '@mora/eventing';
import { freePorts, type KafkaCluster, startKafka } from '@mora/kafka';
import {
  createPool,
  type EmbeddedPostgres,
  ownerAddress,
  provision,
  serviceAddress,
  startEmbeddedPostgres,
} from '@mora/postgres';
import { addTo, waitFor, writerOn } from '@mora/test-kit';

const MAIN = join(import.meta.dirname, '../../../../apps/scoring/dist/main.js');
const SHARDS = 2;
const DATABASE = 'mora';

interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly http: number;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
}

let kafka: KafkaCluster;
let postgres: EmbeddedPostgres;
let folder: string;
const children: Child[] = [];

const startPostgres = (port?: number): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({
    dataDir: folder,
    log: () => undefined,
    settings: { fsync: 'off', shared_buffers: '32MB' },
    ...(port === undefined ? {} : { port }),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mora-process-'));
  [kafka, postgres] = await Promise.all([startKafka({ heapMb: 256 }), startPostgres()]);
  await provision(postgres, { database: DATABASE, services: ['scoring'] });
}, 240_000);
afterEach(async () => {
  for (const { process } of children) process.kill('SIGKILL');
  await Promise.all(children.splice(0).map(({ ended }) => ended));
});
afterAll(async () => {
  await Promise.all([kafka.stop(0), postgres.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const environment = async (prefix: string): Promise<Record<string, string>> => {
  const [grpc, http] = await freePorts(2);
  const login = serviceAddress(postgres, DATABASE, 'scoring');
  const owner = ownerAddress(postgres, DATABASE);
  return {
    MORA_DATABASE_HOST: login.host,
    MORA_DATABASE_PORT: String(login.port),
    MORA_DATABASE_PASSWORD: login.password,
    MORA_DATABASE_OWNER_USER: owner.user,
    MORA_DATABASE_OWNER_PASSWORD: owner.password,
    MORA_KAFKA_BROKERS: kafka.brokers.join(),
    MORA_KAFKA_REPLICATION: '1',
    MORA_KAFKA_TOPIC_PREFIX: prefix,
    MORA_SHARDS: String(SHARDS),
    MORA_GRPC_HOST: '127.0.0.1',
    MORA_GRPC_PORT: String(grpc),
    MORA_HTTP_HOST: '127.0.0.1',
    MORA_HTTP_PORT: String(http),
    // Nobody else runs here.
    MORA_PEERS: ['risk-tiering', 'debtor-intake', 'dialer', 'analytics'].map((each) => `${each}=127.0.0.1:1`).join(),
    MORA_PEER_WAIT_SECONDS: '0',
  };
};

const begin = (env: Record<string, string>): Child => {
  const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const made: Child = {
    process: child,
    http: Number(env['MORA_HTTP_PORT']),
    said: () => said,
    ended: new Promise((resolve) => child.once('close', resolve)),
    get: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${env['MORA_HTTP_PORT']}${path}`);
      return { status: answer.status, body: await answer.text() };
    },
  };
  children.push(made);
  return made;
};

const isReady = (child: Child) =>
  waitFor('readiness', async () => (await child.get('/ready')).status === 200, { timeoutMs: 30_000 }).catch((error) => {
    throw new Error(child.said(), { cause: error });
  });

/** Events that concern nobody move a stored checkpoint by the thousand, and when the process ends. */
const EVENTS = 1_200;
const CHECKPOINT = `select position, event_id from checkpoints where source = 'intake' and shard = 0`;

const asService = async <T>(work: (query: (sql: string) => Promise<readonly T[]>) => Promise<void>) => {
  const pool = createPool(serviceAddress(postgres, DATABASE, 'scoring'), 'scoring', { max: 1, log: () => undefined });
  try {
    await work(async (sql) => (await pool.query(sql)).rows as readonly T[]);
  } finally {
    await pool.end();
  }
};

describe('a service that is a process of its own', () => {
  it('says which variables it lacks, and ends', async () => {
    const child = begin({});
    expect(await child.ended).toBe(2);
    expect(child.said()).toContain('MORA_DATABASE_HOST is not set');
  });

  it('migrates, takes in what Kafka brings, drains at SIGTERM and ends in order', async () => {
    const prefix = 'drain.';
    const connection = { brokers: kafka.brokers, clientId: 'test' };
    const child = begin(await environment(prefix));
    await isReady(child);
    expect((await child.get('/live')).status).toBe(200);
    expect((await child.get('/startup')).status).toBe(200);
    expect((await child.get('/metrics')).body).toContain('\nmora_ready 1\n');

    await ensureTopics(connection, [{ topic: topicOf('intake', prefix), partitions: SHARDS, replication: 1 }]);
    const store = new MemoryStore('intake', SHARDS, Date.now);
    const writer = writerOn(store);
    for (let of = 0; of < EVENTS; of++)
      await writer.execute(addTo('ann', { type: 'Counted', data: { of: `${of}` } }, 0));
    const { events } = await store.read({ shard: 0, after: { epoch: 0, position: 0 }, limit: EVENTS });
    const publisher = new KafkaPublisher({ connection, source: 'intake', shards: SHARDS, topicPrefix: prefix });
    await publisher.publish(0, events);
    await publisher.close();
    await asService<{ position: string }>(async (query) => {
      const stored = async () => (await query(CHECKPOINT))[0]?.position ?? '0';
      await waitFor('a checkpoint', async () => Number(await stored()) > 1_000);
    });
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await asService<{ position: string; event_id: string }>(async (query) => {
      expect(await query(CHECKPOINT)).toEqual([{ position: String(EVENTS), event_id: events.at(-1)!.id }]);
    });
  });

  it('is alive but not ready while the database is away, and goes on when it is back', async () => {
    const child = begin(await environment('away.'));
    await isReady(child);
    const { port } = postgres;
    await postgres.stop();
    await waitFor('the lack of it', async () => (await child.get('/ready')).status === 503);
    expect((await child.get('/ready')).body).toContain('database');
    expect((await child.get('/live')).status).toBe(200);
    postgres = await startPostgres(port);
    await isReady(child);
    expect(child.process.exitCode).toBeNull();
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });

  it('stands by while another replica works, and takes over when that one is killed', async () => {
    const [first, second] = [await environment('two.'), await environment('two.')];
    const working = begin(first);
    await isReady(working);
    const standby = begin(second);
    await waitFor('the stand-by', () => standby.said().includes('standing by'));
    expect((await standby.get('/ready')).status).toBe(200);
    expect(standby.said()).not.toContain('"started"');
    working.process.kill('SIGKILL');
    await waitFor('the other one', () => standby.said().includes('"msg":"started"'), { timeoutMs: 20_000 });
    await isReady(standby);
  });

  it('ends when it turns out that history was lost, and starts nothing again before a person confirms', async () => {
    const env = await environment('lost.');
    const child = begin(env);
    await isReady(child);
    await asService(async (query) => {
      await query(
        `with begun as (insert into epochs (epoch, shard, base, reason, lost)
           select 2, shard, position, 'a subscriber is ahead', true from heads returning shard)
         update heads h set epoch = 2 from begun where h.shard = begun.shard`,
      );
    });
    expect(await child.ended).toBe(1);
    expect(child.said()).toContain('history was lost');
    const again = begin(env);
    await waitFor('the reason', async () => (await again.get('/ready')).body.includes('a subscriber is ahead'), {
      timeoutMs: 20_000,
    });
    expect((await again.get('/ready')).status).toBe(503);
    expect(JSON.parse((await again.get('/history')).body)).toMatchObject({ lost: [{ epoch: 2, source: 'scoring' }] });
    const answer = await fetch(`http://127.0.0.1:${again.http}/history/confirm`, { method: 'POST' });
    expect(answer.status).toBe(201);
    await isReady(again);
  });

  it('ends when its parent does', async () => {
    const child = begin({ ...(await environment('orphan.')), MORA_PARENT_WATCH: '1' });
    await isReady(child);
    child.process.stdin.end();
    expect(await child.ended).toBe(0);
  });

  it('refuses a topic whose partitions are not one per shard', async () => {
    const connection = { brokers: kafka.brokers, clientId: 'test' };
    await ensureTopics(connection, [{ topic: topicOf('scoring', 'wrong.'), partitions: SHARDS + 1, replication: 1 }]);
    const child = begin(await environment('wrong.'));
    expect(await child.ended).toBe(1);
    expect(child.said()).toContain('TOPIC_PARTITIONS_DIFFER');
  });

  it('refuses a schema that lacks migrations it may not run', async () => {
    await provision(postgres, { database: 'bare', services: ['scoring'] });
    const { MORA_DATABASE_OWNER_USER: _, MORA_DATABASE_OWNER_PASSWORD: __, ...env } = await environment('bare.');
    const child = begin({ ...env, MORA_DATABASE_NAME: 'bare' });
    expect(await child.ended).toBe(1);
    expect(child.said()).toContain('SCHEMA_MISSING');
  });
});
