/** The event core of one own source: store, shard writer and feed, there from the moment the service's life opens it. */
import { type EventEnvelope, schemaOf } from '@mora/contracts';
import {
  type Command,
  createStoreFeed,
  type EventStore,
  type LostHistory,
  MOST_SKEW_MS,
  ShardWriter,
  type StoreFeed,
  type Trace,
} from '@mora/eventing';
import { CoreNotOpen, messageOf } from './errors.js';
import type { OwnSource, Platform } from './platform.js';

interface Opened {
  readonly store: EventStore;
  readonly writer: ShardWriter;
  readonly feed: StoreFeed;
}

const POLL_MS = 1_000;
/** Commits measure the clock as well; this is for a time without any. */
const MEASURE_MS = 10_000;

export class EventCore {
  private opened: Opened | null = null;
  private polling: NodeJS.Timeout | null = null;
  private measuring: NodeJS.Timeout | null = null;
  private parked: (subject: string) => boolean = () => false;

  constructor(
    readonly own: OwnSource,
    private readonly platform: Platform,
  ) {}

  /** @throws CoreNotOpen */
  get store(): EventStore {
    return this.open_().store;
  }

  /** @throws CoreNotOpen */
  get writer(): ShardWriter {
    return this.open_().writer;
  }

  /** History that was lost and that nobody has confirmed; null also before the store is open. */
  lost(): LostHistory | null {
    return this.opened?.store.lost() ?? null;
  }

  /** By such a clock nobody may judge how old a permit is. */
  get isClockOff(): boolean {
    return Math.abs(this.writer.skewMs) > MOST_SKEW_MS;
  }

  /** @returns the events the command added and its streams' states. @throws what it was refused with, or StoreUnavailable */
  execute(command: Command): ReturnType<ShardWriter['execute']> {
    return this.writer.execute(command);
  }

  /** True while an event of this debtor is parked in this service: nothing is planned for him. */
  isParked(subject: string): boolean {
    return this.parked(subject) || (this.opened?.writer.cannotRead(subject) ?? false);
  }

  async open(listeners: readonly ((events: readonly EventEnvelope[]) => void)[]): Promise<void> {
    const { own, platform } = this;
    const { activity, log, trace, onCommit } = platform;
    const { source, shards } = own;
    const store = await platform.openStore(own);
    const writer = new ShardWriter({
      store,
      activity,
      trace,
      onTellingFailed: (error) => log.error({ source, error: messageOf(error) }, 'a commit could not be told'),
      ...(onCommit ? { onCommit: (committed) => onCommit({ source, ...committed }) } : {}),
      origin: {
        ...platform.origin,
        source,
        shards,
        ...(platform.checkOwnEvents ? { check: refuseBreach(source) } : {}),
      },
    });
    const feed = createStoreFeed(store, writer, { wall: platform.origin.wall });
    platform.provideFeed(feed);
    for (const listener of listeners) writer.onCommitted(inItsTrace(trace, listener));
    await writer.recall();
    await writer.measureSkew();
    this.opened = { store, writer, feed };
  }

  /** Before anything of the service decides. @param parked whether a debtor is parked by any processor of it */
  heed(parked: (subject: string) => boolean): void {
    this.parked = parked;
  }

  start(): void {
    const { feed } = this.open_();
    this.polling = setInterval(() => void feed.poll().catch(() => undefined), POLL_MS);
    this.polling.unref();
    const { writer } = this.open_();
    this.measuring = setInterval(() => void writer.measureSkew().catch(() => undefined), MEASURE_MS);
    this.measuring.unref();
  }

  stopPolling(): void {
    if (this.polling) clearInterval(this.polling);
    this.polling = null;
    if (this.measuring) clearInterval(this.measuring);
    this.measuring = null;
  }

  async close(): Promise<void> {
    this.stopPolling();
    await this.opened?.writer.close();
  }

  private open_(): Opened {
    if (this.opened === null) throw new CoreNotOpen(this.own.name);
    return this.opened;
  }
}

const refuseBreach = (source: string) => (type: string, data: unknown) => {
  const result = schemaOf(source, type)?.safeParse(data);
  if (result === undefined || result.success) return;
  const issue = result.error.issues[0]!;
  throw new TypeError(`${source}.${type}: ${issue.path.join('.')}: ${issue.message}`);
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
