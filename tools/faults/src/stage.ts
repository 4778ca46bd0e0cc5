/** One source under load, its relay, a topic, and consumers in one group; afterwards every event is looked for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureTopics, type FeedFigures, type KafkaConnection, KafkaPublisher, topicOf } from '@mora/event-feed-kafka';
import { createStoreFeed, Relay } from '@mora/eventing';
import type { KafkaCluster } from '@mora/kafka';
import type { DatabaseAddress, EmbeddedPostgres } from '@mora/postgres';
import type { Pool } from 'pg';
import { makeStores, type OpenStore, openStore } from './ground.js';
import { SHARDS, SINK, SOURCE, say } from './said.js';
import type { TakerOrders } from './taker.js';

/** Compiled: also a test runs it as a process. */
const TAKER = fileURLToPath(new URL('../dist/taker.js', import.meta.url));
const TICK_MS = 10;
const SUBJECTS = 3_000;
const SAID_AT_ONCE = 2_000;
const CATCH_UP_MS = 180_000;
const READY_MS = 60_000;

export interface Verdict {
  readonly events: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Appends that failed, of all: nothing here stops the source's own store. */
  readonly refused: number;
  /** Read from the source because Kafka did not have them, by takers that ended in order. */
  readonly backfilled: number;
}

interface Row {
  readonly shard: number;
  readonly from: number;
  /** Wall time, ms. */
  readonly at: number;
}

export class Taker {
  private figures: FeedFigures | null = null;
  private readonly ready: Promise<void>;
  readonly ended: Promise<void>;

  constructor(private readonly child: ChildProcess) {
    let isReady = () => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const told = JSON.parse(line) as { readonly ready?: true; readonly figures?: FeedFigures };
      if (told.ready) isReady();
      if (told.figures) this.figures = told.figures;
    });
  }

  get backfilled(): number {
    return this.figures?.backfilled ?? 0;
  }

  async joined(): Promise<this> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), READY_MS);
    const aborted = new Promise<never>((_, reject) =>
      late.signal.addEventListener('abort', () => reject(new Error('a consumer did not join its group'))),
    );
    await Promise.race([this.ready, aborted]).finally(() => clearTimeout(timer));
    return this;
  }

  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Ends in order. */
  async end(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}

export interface StageOptions {
  readonly kafka: Pick<KafkaCluster, 'brokers' | 'nodes'>;
  readonly postgres: EmbeddedPostgres;
  /** Of its database and topic. */
  readonly name: string;
  /** Events a second. */
  readonly rate: number;
  /** Default true: what is appended is published at once. */
  readonly relays?: boolean;
}

export class Stage {
  readonly topic: string;
  readonly connection: KafkaConnection;
  private readonly takers: Taker[] = [];
  private readonly publisher: KafkaPublisher;
  private readonly relay: Relay;
  private readonly writing = new Set<Promise<unknown>>();
  private loading: NodeJS.Timeout | null = null;
  private said = 0;
  private refused = 0;

  private constructor(
    private readonly options: StageOptions,
    private readonly addressOf: (service: string) => DatabaseAddress,
    private readonly source: OpenStore,
    private readonly sink: OpenStore,
  ) {
    const { kafka, name } = options;
    const topicPrefix = `${name}.`;
    this.topic = topicOf(SOURCE, topicPrefix);
    this.connection = { brokers: kafka.brokers, clientId: 'faults' };
    const { store, writer, activity } = source;
    this.publisher = new KafkaPublisher({ connection: this.connection, source: SOURCE, shards: SHARDS, topicPrefix });
    this.relay = new Relay({
      feed: createStoreFeed(store, writer, { wall: Date.now }),
      shards: SHARDS,
      publisher: this.publisher,
      activity,
      watermarkEveryMs: 1_000,
    });
  }

  static async open(options: StageOptions): Promise<Stage> {
    const addressOf = await makeStores(options.postgres, options.name, [SOURCE, SINK]);
    const [source, sink] = await Promise.all([SOURCE, SINK].map((name) => openStore(addressOf(name), name)));
    const stage = new Stage(options, addressOf, source!, sink!);
    await stage.makeTopic();
    if (options.relays !== false) await stage.relay.start();
    return stage;
  }

  async makeTopic(): Promise<void> {
    const replication = this.options.kafka.nodes.length;
    await ensureTopics(this.connection, [{ topic: this.topic, partitions: SHARDS, replication }]);
  }

  /** A consumer more in the group. */
  take(): Taker {
    const { kafka, name } = this.options;
    const orders: TakerOrders = {
      brokers: kafka.brokers,
      topicPrefix: `${name}.`,
      source: this.addressOf(SOURCE),
      sink: this.addressOf(SINK),
    };
    const child = spawn(process.execPath, [TAKER], {
      env: { PATH: process.env['PATH'] ?? '', FAULTS_TAKER: JSON.stringify(orders) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const taker = new Taker(child);
    this.takers.push(taker);
    return taker;
  }

  /** From now on `rate` events a second, whatever happens. */
  load(): void {
    const began = performance.now();
    const before = this.said;
    this.loading = setInterval(() => {
      const due = before + (this.options.rate * (performance.now() - began)) / 1_000;
      while (this.said < due) this.sayOne();
    }, TICK_MS);
  }

  async stopLoad(): Promise<void> {
    if (this.loading) clearInterval(this.loading);
    this.loading = null;
    await Promise.all(this.writing);
  }

  /** So many at once, and waits until all are appended. */
  async say(events: number): Promise<void> {
    for (let n = 0; n < events; n++) {
      this.sayOne();
      if (this.writing.size >= SAID_AT_ONCE) await Promise.race(this.writing);
    }
    await Promise.all(this.writing);
  }

  /** Starts a relay that was held back, and waits until so many events are in the topic. */
  async publish(events: number): Promise<void> {
    await this.relay.start();
    const heads = await this.source.store.heads();
    for (;;) {
      const reached = await Promise.all(heads.map(({ shard }) => this.publisher.published(shard)));
      if (reached.reduce((sum, { position }) => sum + position, 0) >= events) return;
      await pause(5);
    }
  }

  get sourcePool(): Pool {
    return this.source.pool;
  }

  /** From each event's commit to the commit of what was made of it, in ms. */
  async hops(): Promise<readonly number[]> {
    const { rows } = await this.source.pool.query<{ shard: number; position: string; at: string }>(
      'select shard, position, extract(epoch from recorded_at) * 1000 as at from events',
    );
    const said = new Map(rows.map(({ shard, position, at }) => [`${shard}/${position}`, Number(at)]));
    return (await this.rows()).map(({ shard, from, at }) => at - said.get(`${shard}/${from}`)!);
  }

  private sayOne(): void {
    const n = this.said++;
    const written = this.source.writer.execute(say(`debtor-${(n * 7919) % SUBJECTS}`, n)).catch(() => {
      this.refused += 1;
    });
    this.writing.add(written);
    void written.finally(() => this.writing.delete(written));
  }

  /** Waits until all is taken, ends the consumers, and looks for every event. */
  async judge(): Promise<Verdict & { readonly rows: readonly Row[] }> {
    await this.stopLoad();
    const heads = await this.source.store.heads();
    const total = heads.reduce((sum, { position }) => sum + position, 0);
    const deadline = performance.now() + CATCH_UP_MS;
    while ((await this.countTaken()) < total && performance.now() < deadline) await pause(100);
    for (const taker of this.takers) await taker.end();
    const rows = await this.rows();
    let [lost, doubled, disordered] = [0, 0, 0];
    for (const { shard, position } of heads) {
      const from = rows.filter((row) => row.shard === shard).map((row) => row.from);
      const distinct = new Set(from);
      lost += position - distinct.size;
      doubled += from.length - distinct.size;
      disordered += from.filter((at, i) => i > 0 && at <= from[i - 1]!).length;
    }
    const backfilled = this.takers.reduce((sum, taker) => sum + taker.backfilled, 0);
    return { events: total, lost, doubled, disordered, refused: this.refused, backfilled, rows };
  }

  async countTaken(): Promise<number> {
    const heads = await this.sink.store.heads();
    return heads.reduce((sum, { position }) => sum + position, 0);
  }

  private async rows(): Promise<readonly Row[]> {
    const { rows } = await this.sink.pool.query<{ shard: number; cause: string; at: string }>(
      `select shard, substring(meta from '"cause":"([^"]+)"') as cause, extract(epoch from recorded_at) * 1000 as at
       from events order by shard, position`,
    );
    return rows.map(({ shard, cause, at }) => ({ shard, from: Number(cause.split('/').at(-1)), at: Number(at) }));
  }

  async close(): Promise<void> {
    if (this.loading) clearInterval(this.loading);
    for (const taker of this.takers) await taker.kill();
    const stopped = this.relay.stop();
    await this.publisher.close();
    await stopped;
    for (const { writer, pool } of [this.source, this.sink]) {
      await writer.close();
      await pool.end();
    }
  }
}

/** The longest that any shard stood still within `ms` after `from`, counted from there, in ms. */
export const longestGap = (rows: readonly Row[], from: number, ms: number): number => {
  let longest = 0;
  for (const own of Map.groupBy(rows, ({ shard }) => shard).values()) {
    let last = from;
    for (const { at } of own) {
      if (at <= from) continue;
      longest = Math.max(longest, at - last);
      last = at;
      if (at > from + ms) break;
    }
  }
  return Math.round(longest);
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
