/** Wires a service's parts: store, shard writer, feed, consumers, timers. It starts nothing before every service is open. */
import { type EventEnvelope, type Source, schemaOf } from '@mora/contracts';
import { PostgresStore } from '@mora/event-store-postgres';
import {
  beginEpochIfLost,
  type CheckpointRow,
  Consumer,
  createStoreFeed,
  type EventStore,
  FeedStopped,
  ShardWriter,
  TimerLoop,
  type Trace,
} from '@mora/eventing';
import type {
  Platform,
  ReaderDefinition,
  ServiceBase,
  ServiceCore,
  ServiceDefinition,
  ServiceParts,
} from './service.js';

export interface OpenService<P extends ServiceParts = ServiceParts> {
  readonly name: string;
  readonly parts: P;
  readonly store: EventStore | null;
  readonly writer: ShardWriter | null;
  readonly consumers: readonly Consumer[];
  start(): Promise<void>;
  recover(): Promise<void>;
  /** Takes nothing more in: no event, no timer. What is under way goes on, and the store stays open for it. Idempotent. */
  quiesce(): Promise<void>;
  /** Stops reading, drains what is under way. Idempotent. */
  stop(): Promise<void>;
  /** When this service wants the clock next. */
  nextDue(): Promise<string | null>;
  /** Why a feed no longer flows, by `processor source/shard`. */
  failures(): ReadonlyMap<string, string>;
}

/** The event as its contract has it, or why not. */
const checkContract = (type: string, data: unknown, source: string): string | null => {
  const schema = schemaOf(source, type);
  if (!schema) return null;
  const result = schema.safeParse(data);
  if (result.success) return null;
  const issue = result.error.issues[0]!;
  return `${source}.${type}: ${issue.path.join('.')}: ${issue.message}`;
};

export interface OpenOptions {
  /** Check own events against their contract when they are written. */
  readonly checkOwnEvents: boolean;
  /** Puts something between a service and its store; for tests of crashes. */
  readonly wrapStore?: (store: EventStore) => EventStore;
}

export const openService = async <P extends ServiceParts>(
  definition: ServiceDefinition<P> | ReaderDefinition<P>,
  platform: Platform,
  options: OpenOptions,
): Promise<OpenService<P>> => {
  const pool = platform.pool(definition.name);
  const { clock, activity, log } = platform;
  const base: ServiceBase = { name: definition.name, pool, platform, clock, activity, log };
  if (definition.source === null) return reader(definition, base);

  const shards = definition.shards ?? platform.shards;
  const opened = await PostgresStore.open({ pool, source: definition.source, shards });
  const store: EventStore = options.wrapStore?.(opened) ?? opened;
  const { trace, onCommit } = platform;
  const { source } = definition;
  const writer = new ShardWriter({
    store,
    activity,
    trace,
    ...(onCommit ? { onCommit: (committed) => onCommit({ source, ...committed }) } : {}),
    origin: {
      ...platform.origin,
      source: definition.source,
      shards,
      ...(options.checkOwnEvents ? { check: refuseBreach(definition.source) } : {}),
    },
  });
  const feed = createStoreFeed(store, writer, { wall: platform.origin.wall });
  platform.provideFeed(feed);
  const consumers: Consumer[] = [];
  const core: ServiceCore = {
    ...base,
    store,
    writer,
    isParked: (subject) => consumers.some((c) => c.parked.hasAny(subject)),
  };
  const parts = await definition.open(core);
  if (parts.provides) platform.provide(parts.provides);
  if (parts.onCommitted) writer.onCommitted(inItsTrace(trace, parts.onCommitted));
  const onError = (error: unknown, where: object) =>
    log[error instanceof FeedStopped ? 'error' : 'warn'](
      { service: definition.name, error: messageOf(error), ...where },
      'feed interrupted',
    );
  const timers = new TimerLoop({
    store,
    writer,
    clock,
    activity,
    onTimer: parts.onTimer ?? (() => []),
    onError: (error, timer) =>
      log.error(
        { service: definition.name, error: messageOf(error), timer: timer && `${timer.stream}/${timer.name}` },
        'timer failed',
      ),
  });
  let polling: NodeJS.Timeout | null = null;
  const quiesce = async () => {
    await timers.stop();
    await Promise.all(consumers.map((consumer) => consumer.stop()));
  };

  return {
    name: definition.name,
    parts,
    store,
    writer,
    consumers,
    start: async () => {
      for (const processor of parts.processors ?? []) {
        const consumer = new Consumer({
          processor,
          feeds: processor.sources.map((source) => platform.feed(source as Source)),
          store,
          writer,
          activity,
          onError,
        });
        consumers.push(consumer);
      }
      await Promise.all(consumers.map((consumer) => consumer.start()));
      for (const loop of parts.loops ?? []) await loop.start();
      timers.start();
      polling = setInterval(() => void feed.poll().catch(() => undefined), 1_000);
      polling.unref();
    },
    recover: async () => parts.recover?.(),
    quiesce,
    stop: async () => {
      if (polling) clearInterval(polling);
      for (const loop of parts.loops ?? []) await loop.stop();
      await quiesce();
      await writer.close();
    },
    nextDue: async () => earliest(await store.nextTimer(), parts.wantsTick?.() ?? null),
    failures: () => new Map(consumers.flatMap((c) => [...c.failures])),
  };
};

/** Live effects go on in the trace of the event that they answer. */
const inItsTrace =
  (trace: Trace, listener: (events: readonly EventEnvelope[]) => void) =>
  (events: readonly EventEnvelope[]): void => {
    for (let from = 0; from < events.length; ) {
      const { traceparent } = events[from]!.meta;
      const end = events.findIndex(({ meta }, i) => i > from && meta.traceparent !== traceparent);
      const same = events.slice(from, end === -1 ? undefined : end);
      trace.within(traceparent, () => listener(same));
      from += same.length;
    }
  };

const reader = async <P extends ServiceParts>(
  definition: ReaderDefinition<P>,
  base: ServiceBase,
): Promise<OpenService<P>> => {
  const parts = await definition.open(base);
  return {
    name: definition.name,
    parts,
    store: null,
    writer: null,
    consumers: [],
    start: async () => {
      for (const loop of parts.loops ?? []) await loop.start();
    },
    recover: async () => parts.recover?.(),
    quiesce: async () => undefined,
    stop: async () => {
      for (const loop of parts.loops ?? []) await loop.stop();
    },
    nextDue: async () => parts.wantsTick?.() ?? null,
    failures: () => new Map(),
  };
};

/**
 * Before anything is appended: a subscriber that is ahead of a store, or remembers another event, proves that the store lost
 * history; a new epoch begins there. @returns what was found, by source.
 */
export const checkEpochs = async (services: readonly OpenService[]): Promise<ReadonlyMap<string, string>> => {
  const claims: CheckpointRow[] = [];
  for (const { store, parts } of services) {
    for (const processor of parts.processors ?? []) claims.push(...((await store?.checkpoints(processor.name)) ?? []));
    claims.push(...((await parts.claims?.()) ?? []));
  }
  const found = new Map<string, string>();
  for (const { store } of services) {
    if (!store) continue;
    const reason = await beginEpochIfLost(store, claims);
    if (reason !== null) found.set(store.source, reason);
  }
  return found;
};

const refuseBreach = (source: string) => (type: string, data: unknown) => {
  const problem = checkContract(type, data, source);
  if (problem !== null) throw new TypeError(problem);
};

const earliest = (a: string | null, b: string | null): string | null =>
  a === null ? b : b === null ? a : a < b ? a : b;

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
