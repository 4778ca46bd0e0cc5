/**
 * The life of one service, whoever drives it: opened (stores, what is offered), started (processors, parts, timers), recovered,
 * quieted, stopped. Nothing starts before every service of the installation is open and its history is checked.
 */
import type { EventEnvelope, Source } from '@mora/contracts';
import {
  type CheckpointRow,
  Consumer,
  FeedStopped,
  type LatentTimer,
  type LostHistory,
  type Processor,
  type StoppedFeed,
  TimerLoop,
  type TimerRow,
} from '@mora/eventing';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { breachOf } from './contract-check.js';
import { messageOf } from './errors.js';
import type { EventCore } from './event-core.js';
import type { MissingContact } from './missing-contacts.js';
import type { Platform } from './platform.js';
import { ActsOutside, EventProcessor, Inlet, type ProvidesProcessor, type ServicePart } from './service-part.js';
import { CORES, PLATFORM, SERVICE } from './tokens.js';

export interface Standing {
  readonly service: string;
  readonly feeds: readonly StoppedFeed[];
  readonly timers: readonly LatentTimer[];
}

/** What a service's stores lost, and what the world outside knows of it. */
export interface History {
  readonly service: string;
  readonly lost: readonly (LostHistory & { readonly source: string })[];
  readonly missing: readonly MissingContact[];
}

const TIMERS_LISTED = 100;

/** An own source at work. */
interface Running {
  readonly core: EventCore;
  readonly timers: TimerLoop;
}

@Injectable()
export class ServiceLife implements BeforeApplicationShutdown {
  /** Of the main source. */
  readonly consumers: Consumer[] = [];
  private found: {
    processors: readonly Processor[];
    parts: readonly ServicePart[];
    inlets: readonly ServicePart[];
  } | null = null;
  private running: readonly Running[] = [];
  private started: ServicePart[] = [];
  private stopping: Promise<void> | null = null;

  constructor(
    @Inject(SERVICE) readonly name: string,
    @Inject(PLATFORM) private readonly platform: Platform,
    @Inject(CORES) readonly cores: readonly EventCore[],
    private readonly discovery: DiscoveryService,
  ) {}

  get processors(): readonly Processor[] {
    return this.discovered.processors;
  }

  async open(): Promise<void> {
    const { parts } = this.discovered;
    const listeners = parts.flatMap((part) =>
      part.onCommitted ? [(events: readonly EventEnvelope[]) => part.onCommitted!(events)] : [],
    );
    for (const core of this.cores) await core.open(core === this.cores[0] ? listeners : []);
    for (const part of parts) {
      if (part.offers) this.platform.provide(part.offers());
      await part.open?.();
    }
  }

  /** Rows of all subscriptions: those of processors, and what parts keep themselves. */
  async claims(): Promise<readonly CheckpointRow[]> {
    const { processors, parts } = this.discovered;
    const store = this.cores[0]?.store;
    const rows = [
      ...processors.map(async ({ name }) => (await store?.checkpoints(name)) ?? []),
      ...parts.map(async (part) => (await part.claims?.()) ?? []),
    ];
    return (await Promise.all(rows)).flat();
  }

  /** History that was lost and that nobody has confirmed, as last heard; null: none. */
  lost(): LostHistory | null {
    return this.cores.reduce<LostHistory | null>((found, core) => found ?? core.lost(), null);
  }

  /** Once the stores are open, before anything starts: contacts of which only the world outside knows prove a loss. */
  async lookOutside(): Promise<void> {
    const missing = await this.missing();
    const [core] = this.cores;
    if (missing.length === 0 || core === undefined || core.store.lost() !== null) return;
    await core.store.beginEpoch(`${missing.length} contacts are in the log of carrier or SMSC and not in this store`);
  }

  async history(): Promise<History> {
    await Promise.all(this.cores.map(({ store }) => store.heads()));
    const lost = this.cores.flatMap(({ store }) => {
      const found = store.lost();
      return found === null ? [] : [{ source: store.source, ...found }];
    });
    return { service: this.name, lost, missing: await this.missing() };
  }

  /** What is missing is stored as facts that count, and the loss is over. @returns how many contacts that was */
  async confirmHistory(by: string): Promise<number> {
    const missing = await this.missing();
    for (const part of this.discovered.parts) await part.importMissing?.(by);
    for (const { store } of this.cores) await store.confirmHistory(by);
    return missing.length;
  }

  private async missing(): Promise<readonly MissingContact[]> {
    const found = this.discovered.parts.map(async (part) => (await part.missing?.()) ?? []);
    return (await Promise.all(found)).flat();
  }

  async start(): Promise<void> {
    const { processors, parts } = this.discovered;
    for (const processor of processors) this.consumers.push(this.consumerOf(processor));
    for (const core of this.cores) core.heed((subject) => this.consumers.some(({ parked }) => parked.hasAny(subject)));
    await Promise.all(this.consumers.map((consumer) => consumer.start()));
    await this.startAll(parts);
    this.running = this.cores.map((core) => ({ core, timers: this.timersOf(core) }));
    for (const { core, timers } of this.running) {
      core.start();
      timers.start();
    }
  }

  /** The ways in from outside; ended first by {@link closeInlets}. */
  async openInlets(): Promise<void> {
    await this.startAll(this.discovered.inlets);
  }

  async closeInlets(): Promise<void> {
    const { inlets } = this.discovered;
    const open = this.started.filter((part) => inlets.includes(part));
    this.started = this.started.filter((part) => !inlets.includes(part));
    await this.stopAll(open);
  }

  async recover(): Promise<void> {
    for (const part of this.discovered.parts) await part.recover?.();
  }

  async whenActive(): Promise<void> {
    for (const part of this.discovered.parts) await part.onActive?.();
  }

  /** Takes nothing more in: no event, no timer. What is under way goes on, and the stores stay open for it. Idempotent. */
  async quiesce(): Promise<void> {
    await Promise.all(this.running.map(({ timers }) => timers.stop()));
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  /** Stops reading, drains what is under way; repeated: the same promise. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      await this.closeInlets();
      for (const core of this.cores) core.stopPolling();
      await this.stopAll(this.started.splice(0));
      await this.quiesce();
      for (const core of this.cores) await core.close();
    })();
    return this.stopping;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** When this service wants the clock next. */
  async nextDue(): Promise<string | null> {
    const timers = await Promise.all(this.running.map(({ core }) => core.store.nextTimer()));
    const ticks = this.discovered.parts.map((part) => part.wantsTick?.() ?? null);
    return earliest([...timers, ...ticks]);
  }

  /** False while a stop would cut something off. */
  isAtRest(): boolean {
    return this.discovered.parts.every((part) => part.isAtRest?.() ?? true);
  }

  /** What waits for a person: feeds that stopped, and timers that come to nothing again and again. */
  async standing(): Promise<Standing> {
    const feeds = await Promise.all(this.cores.map(({ store }) => store.stoppedFeeds()));
    const timers = await Promise.all(this.cores.map(({ store }) => store.latentTimers(TIMERS_LISTED)));
    return { service: this.name, feeds: feeds.flat(), timers: timers.flat() };
  }

  /** Lets every feed that stopped read on. @returns how many had stopped */
  async resumeFeeds(): Promise<number> {
    const resumed = await Promise.all(this.consumers.map((consumer) => consumer.resume()));
    return resumed.reduce((sum, each) => sum + each, 0);
  }

  /** Drives a debtor's parked events again, in order. @returns how many were taken in */
  async redrive(debtorId: string): Promise<number> {
    const taken = await Promise.all(this.consumers.map((consumer) => consumer.redrive(debtorId)));
    return taken.reduce((sum, each) => sum + each, 0);
  }

  /** Why a feed no longer flows, by `processor source/shard`. */
  failures(): ReadonlyMap<string, string> {
    return new Map(this.consumers.flatMap((consumer) => [...consumer.failures]));
  }

  private get discovered() {
    this.found ??= {
      processors: this.instances<ProvidesProcessor>(EventProcessor.KEY).map(({ processor }) => processor),
      parts: this.instances<ServicePart>(ActsOutside.KEY),
      inlets: this.instances<ServicePart>(Inlet.KEY),
    };
    return this.found;
  }

  private instances<T>(metadataKey: string): readonly T[] {
    const found = this.discovery.getProviders({ metadataKey }).map((wrapper) => wrapper.instance as T);
    return [...new Set(found)];
  }

  private consumerOf(processor: Processor): Consumer {
    const { store, writer } = this.cores[0]!;
    return new Consumer({
      processor,
      feeds: processor.sources.map((source) => this.platform.feed(source as Source)),
      store,
      writer,
      activity: this.platform.activity,
      check: breachOf,
      onError: (error, where) =>
        this.platform.log[error instanceof FeedStopped ? 'error' : 'warn'](
          { service: this.name, error: messageOf(error), ...where },
          'feed interrupted',
        ),
    });
  }

  private timersOf({ store, writer }: EventCore): TimerLoop {
    const { parts } = this.discovered;
    return new TimerLoop({
      store,
      writer,
      clock: this.platform.clock,
      activity: this.platform.activity,
      onTimer: (timer: TimerRow) => parts.flatMap((part) => part.onTimer?.(timer) ?? []),
      pause: (ms) => this.platform.pause(ms),
      onError: (error, timer) =>
        this.platform.log.error(
          { service: this.name, error: messageOf(error), timer: timer && `${timer.stream}/${timer.name}` },
          'timer failed',
        ),
    });
  }

  private async startAll(parts: readonly ServicePart[]): Promise<void> {
    for (const part of parts) {
      this.started.push(part);
      await part.start?.();
    }
  }

  /** In reverse; each is stopped, also when another one fails to. */
  private async stopAll(parts: readonly ServicePart[]): Promise<void> {
    for (const part of parts.toReversed()) {
      try {
        await part.stop?.();
      } catch (error) {
        const name = part.constructor.name;
        this.platform.log.error({ service: this.name, part: name, error: messageOf(error) }, 'did not stop in order');
      }
    }
  }
}

export const earliest = (all: readonly (string | null)[]): string | null =>
  all.reduce((least, due) => (due !== null && (least === null || due < least) ? due : least), null);
