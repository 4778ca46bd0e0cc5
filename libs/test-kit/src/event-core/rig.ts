/** What the suites of the event core are played with: a counting aggregate, a source of facts, a consumer that counts them. */
import { type EventEnvelope, eventKey, type NewEvent } from '@mora/contracts';
import {
  type Activity,
  type Aggregate,
  append,
  type Command,
  Consumer,
  type ConsumerOptions,
  command,
  createActivity,
  createStoreFeed,
  type EventFeed,
  type EventStore,
  MemoryStore,
  type Origin,
  type Processor,
  ref,
  ShardWriter,
  type StoreFeed,
} from '@mora/eventing';

export const SHARDS = 3;
export const NOON = '2026-11-02T04:00:00.000Z';

/** One kind of store. `fresh` empties and opens it, `replica` opens the same data as another process would. */
export interface StoreLane {
  readonly fresh: () => Promise<EventStore>;
  readonly replica: () => Promise<EventStore>;
  /** SQL that cuts the connection inside the transaction, where there is one. */
  readonly cut?: string;
}

export type CounterEvent =
  | NewEvent<'Counted', { readonly of: string; readonly note?: unknown }>
  | NewEvent<'TimerSet', { readonly name: string; readonly dueAt: string }>
  | NewEvent<'TimerCleared', { readonly name: string }>;

export interface Counter {
  readonly count: number;
  readonly of: readonly string[];
  readonly timers: Readonly<Record<string, string>>;
}

export const counter: Aggregate<Counter, CounterEvent> = {
  category: 'counter',
  foldVersion: 1,
  initial: { count: 0, of: [], timers: {} },
  snapshotEvery: 5,
  evolve: (state, event) => {
    switch (event.type) {
      case 'Counted':
        return { ...state, count: state.count + 1, of: [...state.of, event.data.of] };
      case 'TimerSet':
        return { ...state, timers: { ...state.timers, [event.data.name]: event.data.dueAt } };
      case 'TimerCleared': {
        const { [event.data.name]: _, ...timers } = state.timers;
        return { ...state, timers };
      }
      default:
        return state;
    }
  },
  timersOf: (state) => Object.entries(state.timers).map(([name, dueAt]) => ({ name, dueAt })),
};

/** Appends without asking: whoever takes an event in twice counts it twice. */
export const addTo = (id: string, event: CounterEvent, shard?: number): Command => {
  const stream = ref(counter, id);
  const where = shard === undefined ? {} : { shard };
  return command({ name: 'add', subject: id, ...where, streams: [stream], decide: () => [append(stream, event)] });
};
export const count = (id: string, of = 'x', shard?: number): Command =>
  addTo(id, { type: 'Counted', data: { of } }, shard);

/** Counts once for each `of`: repeated, it yields nothing. */
export const countOnce = (id: string, of: string, shard?: number): Command => {
  const stream = ref(counter, id);
  return command({
    name: 'count once',
    subject: id,
    ...(shard === undefined ? {} : { shard }),
    streams: [stream],
    decide: ([state]) => (state.of.includes(of) ? [] : [append(stream, { type: 'Counted', data: { of } })]),
  });
};

export const originOf = (source: string, shards: number, now: () => string = () => NOON): Origin => ({
  source,
  shards,
  build: 'test',
  tzdata: 'test',
  clock: { kind: 'stepped', anchorId: 'test' },
  simulated: null,
  now,
  wall: () => Date.now(),
});

export const writerOn = (
  store: EventStore,
  activity: Activity = createActivity(),
  now?: () => string,
  cachedStreams?: number,
): ShardWriter =>
  new ShardWriter({
    store,
    activity,
    origin: originOf(store.source, store.shards, now),
    ...(cachedStreams === undefined ? {} : { cachedStreams }),
  });

export interface FactSource {
  readonly store: EventStore;
  readonly writer: ShardWriter;
  readonly feed: StoreFeed;
  readonly activity: Activity;
  /** Commits a fact about a debtor, always in shard 0. */
  say(subject: string, of: string): Promise<EventEnvelope>;
}

/** Another service: facts in memory, read through its `StoreFeed`. */
export const createSource = (source: string, activity = createActivity()): FactSource => {
  const store = new MemoryStore(source, SHARDS, () => Date.now());
  const writer = writerOn(store, activity);
  return {
    store,
    writer,
    activity,
    feed: createStoreFeed(store, writer, { wall: () => Date.now() }),
    say: async (subject, of) => (await writer.execute(count(subject, of, 0))).events[0]!,
  };
};

/** The fact's name in the data of a `Counted` event. */
export const factOf = (event: EventEnvelope): string => (event.data as { readonly of: string }).of;

/** For every fact one count in the debtor's own stream, under the fact's event key. */
export const countFacts =
  (wrong: (event: EventEnvelope) => void = () => undefined) =>
  (event: EventEnvelope<string, never>): Command => {
    const stream = ref(counter, event.subject);
    return command({
      name: 'count fact',
      subject: event.subject,
      shard: event.shard,
      streams: [stream],
      decide: () => {
        wrong(event);
        return [append(stream, { type: 'Counted', data: { of: factOf(event), note: eventKey(event) } })];
      },
    });
  };

export interface Reader {
  readonly store: EventStore;
  readonly writer: ShardWriter;
  readonly consumer: Consumer;
  readonly activity: Activity;
  readonly errors: unknown[];
}

/** One replica of the counting service, not yet started. */
export const createReader = (
  store: EventStore,
  feeds: readonly EventFeed[],
  options: {
    readonly on?: Processor['on'];
    readonly activity?: Activity;
    readonly check?: ConsumerOptions['check'];
    readonly batch?: number;
    readonly processor?: string;
  } = {},
): Reader => {
  const activity = options.activity ?? createActivity();
  const errors: unknown[] = [];
  const writer = writerOn(store, activity);
  const consumer = new Consumer({
    processor: {
      name: options.processor ?? 'counting',
      sources: feeds.map((feed) => feed.source),
      on: options.on ?? { Counted: countFacts() },
    },
    feeds,
    store,
    writer,
    activity,
    onError: (error) => errors.push(error),
    ...(options.check ? { check: options.check } : {}),
    ...(options.batch ? { batch: options.batch } : {}),
  });
  return { store, writer, consumer, activity, errors };
};

/** Everything a store holds in a shard, through `read`. */
export const allOf = async (store: EventStore, shard = 0): Promise<readonly EventEnvelope[]> => {
  const events: EventEnvelope[] = [];
  let after = { epoch: 0, position: 0 };
  for (;;) {
    const result = await store.read({ shard, after, limit: 500 });
    events.push(...result.events);
    const last = result.events.at(-1);
    after = last ? { epoch: last.epoch, position: last.position } : result.from;
    if (!last && result.from.position >= result.head.position) return events;
  }
};

/** What was counted, in order. */
export const countedIn = async (store: EventStore, subject?: string): Promise<readonly string[]> =>
  (await allOf(store))
    .filter((event) => event.type === 'Counted' && (subject === undefined || event.subject === subject))
    .map(factOf);

/** A store whose calls can be cut or changed on the way. */
export const wrapStore = (store: EventStore, changes: Partial<EventStore>): EventStore =>
  new Proxy(store, {
    get: (target, name) => {
      const change = Reflect.get(changes, name);
      if (change !== undefined) return change;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
