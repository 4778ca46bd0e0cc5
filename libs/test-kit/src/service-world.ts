/**
 * One service in memory: its real Nest module on `MemoryStore`, other services as sources whose facts are told by hand.
 * `given` facts, `when` something is asked or time passes, `then` look at the events. Every own event is checked against its contract.
 */
import { type EventEnvelope, type NewEvent, type Source, schemaOf, shardOf } from '@mora/contracts';
import {
  type Activity,
  type Aggregate,
  append,
  type Clock,
  type Command,
  command,
  createActivity,
  createStoreFeed,
  type EventFeed,
  type EventStore,
  MemoryStore,
  NO_TRACE,
  type Origin,
  ref,
  ShardWriter,
  START,
} from '@mora/eventing';
import { EventCore, type Platform, type Ports, rootOf, ServiceLife } from '@mora/service';
import type { Log } from '@mora/telemetry';
import type { DynamicModule, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Pool } from 'pg';

export interface ServiceWorldOptions {
  readonly module: (platform: Platform) => DynamicModule;
  /** Business time at the start. */
  readonly at: string;
  /** Wall time at the start, milliseconds; default 2026-01-01. It stands still but for `passWall`. */
  readonly wall?: number;
  readonly shards?: number;
  /** Default: stepped. A real one is compared with the stores' own. */
  readonly clock?: 'real' | 'stepped';
  /** What other services answer; what is not given fails. */
  readonly ports?: Partial<{ [K in keyof Ports]: Partial<Ports[K]> }>;
  readonly policyText?: (hash: string) => string | undefined;
  /** Stores by source, own and told, to go on with after a restart; default: empty ones. */
  readonly stores?: ReadonlyMap<string, EventStore>;
  /** Made but not opened, as a replica that stands by. */
  readonly standsBy?: boolean;
  /** Adapters and configuration put in place of the module's. */
  readonly override?: (
    testing: ReturnType<typeof Test.createTestingModule>,
  ) => ReturnType<typeof Test.createTestingModule>;
}

interface Told {
  readonly writer: ShardWriter;
  readonly feed: EventFeed & { poll(): Promise<void> };
}

const SAID: Aggregate<null> = { category: 'said', foldVersion: 1, initial: null, evolve: (state) => state };
const WALL = Date.parse('2026-01-01T00:00:00.000Z');

export class ServiceWorld {
  readonly activity: Activity = createActivity();
  readonly events: EventEnvelope[] = [];
  readonly warnings: string[] = [];
  readonly stores: Map<string, EventStore>;
  readonly shards: number;
  private readonly told = new Map<string, Told>();
  private readonly ticks = new Set<(now: string) => void>();
  private at: string;
  private wallMs: number;
  private breaking = false;
  private testing: TestingModule | null = null;

  private constructor(private readonly options: ServiceWorldOptions) {
    this.at = options.at;
    this.wallMs = options.wall ?? WALL;
    this.shards = options.shards ?? 4;
    this.stores = new Map(options.stores);
  }

  /** The service opened, started and recovered. */
  static async of(options: ServiceWorldOptions): Promise<ServiceWorld> {
    const world = new ServiceWorld(options);
    await world.start();
    return world;
  }

  private async start(): Promise<void> {
    const { module, override } = this.options;
    const testing = Test.createTestingModule({ imports: [rootOf(module(this.platform()))] });
    this.testing = await (override?.(testing) ?? testing).compile();
    await this.testing.init();
    if (this.options.standsBy) return;
    await this.life.open();
    for (const { writer } of this.life.cores) writer.onCommitted((events) => void this.events.push(...events));
    await this.life.start();
    await this.life.recover();
    await this.settled();
  }

  get life(): ServiceLife {
    return this.get(ServiceLife);
  }

  get core(): EventCore {
    return this.get(EventCore);
  }

  /** A provider of the service's module. */
  get<T>(token: Type<T> | symbol | string): T {
    return this.testing!.get<T>(token, { strict: false });
  }

  get now(): string {
    return this.at;
  }

  get wall(): number {
    return this.wallMs;
  }

  /** Facts of another service about one debtor, in one commit, taken in before it resolves. */
  async given(source: Source, subject: string, ...facts: readonly NewEvent[]): Promise<readonly EventEnvelope[]> {
    const events = await this.meanwhile(source, subject, ...facts);
    await this.settled();
    return events;
  }

  /** As {@link given}, but nothing is waited for: facts that come while something is under way. */
  async meanwhile(source: Source, subject: string, ...facts: readonly NewEvent[]): Promise<readonly EventEnvelope[]> {
    const { writer, feed } = this.toldBy(source);
    const shard = this.shardOf(subject);
    const stream = ref(SAID, subject);
    const decide = () => facts.map((fact) => append(stream, fact));
    const { events } = await writer.execute(command({ name: 'say', subject, shard, streams: [stream], decide }));
    await feed.poll();
    return events;
  }

  /** All that a source has said is delivered once more, past the checkpoints. @returns how many events were taken in */
  async deliverAgain(source: Source): Promise<number> {
    const { store, writer } = this.core;
    let taken = 0;
    for (const { name: processor, sources, on } of this.life.processors) {
      if (!sources.includes(source)) continue;
      const rows = (await store.checkpoints(processor)).filter((row) => row.source === source);
      for (const { shard, epoch, position } of rows) {
        const { events } = await this.stores.get(source)!.read({ shard, after: START, limit: position });
        const steps = events.map((event) => {
          const made = Object.hasOwn(on, event.type)
            ? (on[event.type]?.(event as EventEnvelope<string, never>) ?? [])
            : [];
          return { event, commands: [made].flat(), park: null };
        });
        if (steps.length === 0) continue;
        const outcome = await writer.take({ processor, source, shard, from: { epoch, position }, steps });
        if (outcome.status === 'done') taken += outcome.taken;
      }
    }
    await this.settled();
    return taken;
  }

  /** As `given`, of facts that break their contract: the service parks what it cannot take. */
  async givenBroken(source: Source, subject: string, ...facts: readonly NewEvent[]): Promise<void> {
    this.breaking = true;
    await this.given(source, subject, ...facts).finally(() => {
      this.breaking = false;
    });
  }

  /** What `source` says from now on of a debtor's shard is an effect of all that `of` said there, and of `more` still to come. */
  async knows(source: Source, of: Source, subject: string, more = 0): Promise<void> {
    const shard = this.shardOf(subject);
    const { epoch, position } = await this.toldBy(of).feed.watermark(shard);
    this.toldBy(source).writer.noteTaken(of, shard, { epoch, position: position + more });
  }

  /** @returns what the command added and its streams' states */
  async when(todo: Command): ReturnType<EventCore['execute']> {
    const decision = await this.core.execute(todo);
    await this.settled();
    return decision;
  }

  /** Business time moves on, through every timer that is due on the way. */
  async moveTo(at: string): Promise<void> {
    for (;;) {
      const due = await this.life.nextDue();
      if (due === null || due > at) break;
      const known = this.events.length;
      this.tick(due > this.at ? due : this.at);
      await this.settled();
      if ((await this.life.nextDue()) === due && this.events.length === known) break;
    }
    this.tick(at);
    await this.settled();
  }

  passWall(ms: number): void {
    this.wallMs += ms;
  }

  /** Own events of a type, oldest first. */
  thenOf<T = Readonly<Record<string, never>>>(type: string): readonly T[] {
    return this.events.filter((event) => event.type === type).map(({ data }) => data as T);
  }

  /** Own events with a contract, oldest first. */
  get published(): readonly EventEnvelope[] {
    return this.events.filter(({ source, type }) => schemaOf(source, type) !== undefined);
  }

  /** Types of own events so far, or after the first `from`. */
  thenTypes(from = 0): readonly string[] {
    return this.events.slice(from).map(({ type }) => type);
  }

  /** Everything that was begun is done. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      await this.activity.quiet();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Ends the service; the stores stay for another world. */
  async stop(): Promise<void> {
    await this.testing?.close();
    this.testing = null;
  }

  /** As after a crash: the same stores and time, everything else anew. */
  async restarted(): Promise<ServiceWorld> {
    await this.stop();
    return ServiceWorld.of({ ...this.options, at: this.at, wall: this.wallMs, stores: this.stores });
  }

  private tick(at: string): void {
    this.at = at;
    for (const listener of this.ticks) listener(at);
  }

  private shardOf(subject: string): number {
    return /(-shard|^control|^policy)-\d+$/.test(subject)
      ? Number(subject.split('-').at(-1))
      : shardOf(subject, this.shards);
  }

  private toldBy(source: string): Told {
    const known = this.told.get(source);
    if (known) return known;
    const store = this.stores.get(source) ?? new MemoryStore(source, this.shards, () => Date.parse(this.at));
    this.stores.set(source, store);
    const writer = new ShardWriter({
      store,
      activity: this.activity,
      origin: {
        ...this.origin(),
        source,
        shards: this.shards,
        check: (type, data) => {
          if (!this.breaking) schemaOf(source, type)!.parse(data);
        },
      },
    });
    const feed = createStoreFeed(store, writer, { wall: () => this.wallMs });
    const made = { writer, feed };
    this.told.set(source, made);
    return made;
  }

  private origin(): Omit<Origin, 'source' | 'shards'> {
    return {
      build: 'test',
      tzdata: 'test',
      clock: this.clock.anchor,
      simulated: { version: '1', seed: '1' },
      now: () => this.at,
      wall: () => this.wallMs,
    };
  }

  private get clock(): Clock {
    return {
      anchor: { kind: this.options.clock ?? 'stepped', anchorId: 'test' },
      now: () => this.at,
      onTick: (listener) => {
        this.ticks.add(listener);
        return () => void this.ticks.delete(listener);
      },
    };
  }

  private platform(): Platform {
    const own = new Map<string, EventFeed>();
    const { options } = this;
    const heard = (_fields: object, message: string) => void this.warnings.push(message);
    const log: Log = { info: () => undefined, warn: heard, error: heard };
    return {
      clock: this.clock,
      activity: this.activity,
      shards: this.shards,
      origin: this.origin(),
      log,
      trace: NO_TRACE,
      checkOwnEvents: true,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      openStore: async ({ source, shards }) => {
        const store = this.stores.get(source) ?? new MemoryStore(source, shards, () => Date.parse(this.at));
        this.stores.set(source, store);
        return store;
      },
      // Connects only when it is asked, and then tells in its error why it cannot.
      pool: () => new Pool({ host: 'override-what-asks-for-a-database.invalid' }),
      feed: (source) => own.get(source) ?? this.toldBy(source).feed,
      provideFeed: (feed) => void own.set(feed.source, feed),
      policyText: (hash) => options.policyText?.(hash),
      ports: (options.ports ?? {}) as Ports,
      provide: () => undefined,
    };
  }
}
