/** The working part of a process: opened, checked, started, drained. A replica that stands by has none. */
import type { Source } from '@mora/contracts';
import { createKafkaFeeds, type KafkaConnection, type KafkaFeeds } from '@mora/event-feed-kafka';
import { type Activity, type CheckpointRow, type EventFeed, HistoryLost, type Trace } from '@mora/eventing';
import {
  type GrpcDoor,
  type PortClientOptions,
  type ProcessorCursor,
  type RemoteReader,
  remoteCheckpoints,
  remoteReader,
  type ServedFeed,
  type SourceHead,
} from '@mora/grpc';
import type { PolicyTexts } from '@mora/strategy';
import type { Sample, Telemetry } from '@mora/telemetry';
import { type Log } from '@mora/telemetry';
import type { Application } from '../applications.js';
import { messageOf, UnknownSubscription } from '../errors.js';
import { followPolicies } from '../follow-policies.js';
import type { ServiceLife } from '../service-life.js';
import type { ProcessConfig } from './config.js';
import { checkEpoch } from './epoch-check.js';
import { OWNERS, SUBSCRIBERS, shardsOf } from './installation.js';
import { Lease } from './lease.js';
import { announceCommits, canPoll, Outlet } from './outlet.js';
import type { DeployedPlatform } from './platform.js';
import { samplesOfFeeds, standingOf } from './samples.js';
import { whenDatabaseAnswers } from './schema.js';
import type { ProcessSpec } from './service-module.js';
import { checkpointsOf, cursorsOf, headsOf } from './standing.js';
import type { Topics } from './topics.js';

export interface ActiveOptions {
  readonly name: string;
  readonly config: ProcessConfig;
  readonly spec: Pick<ProcessSpec<unknown>, 'active' | 'reads' | 'followsPolicies' | 'closedAfterLossMs'>;
  readonly application: Application;
  /** Opened when the stores are, for others to read the feeds; what asks for work waits for {@link Active.isOpen}. */
  readonly door: GrpcDoor;
  readonly platform: DeployedPlatform;
  readonly texts: PolicyTexts;
  readonly kafka: KafkaConnection;
  readonly clients: PortClientOptions;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly topics: Pick<Topics, 'ensureForeign'>;
  /** Something after which the process must end. */
  readonly onFatal: (error: unknown) => void;
  /** Aborted when the process is told to end, also while it still starts. */
  readonly signal: AbortSignal;
}

/** One try of a question that is repeated. */
const ASK_MS = 500;
const RECOVER_RETRY_MS = 2_000;
const LOOK_MS = 1_000;
/** A guard's word is at most as old as the watermarks it has consumed; a stepped run does not wait long for them. */
const WATERMARK_MS = { real: 5_000, stepped: 1_000 } as const;
const QUIET_SHARE = 0.3;

export class Active {
  readonly activity: Activity;
  private readonly log: Log;
  private readonly trace: Trace;
  private readonly life: ServiceLife;
  private readonly outlets: Outlet[] = [];
  private readonly readers = new Map<string, RemoteReader>();
  private readonly leases: Lease[] = [];
  private feeds: KafkaFeeds | null = null;
  private readonly undo: (() => void)[] = [];
  private checking = false;
  private doorsOpen = false;
  private ending = false;
  private drained: Promise<boolean> | null = null;

  constructor(private readonly options: ActiveOptions) {
    this.activity = options.platform.activity;
    this.log = options.log;
    this.trace = options.platform.trace;
    this.life = options.application.life;
  }

  isOpen(): boolean {
    return this.doorsOpen && !this.ending && this.life.lost() === null;
  }

  async start(): Promise<void> {
    const { application, door, spec } = this.options;
    await whenDatabaseAnswers(() => this.life.open(), this.options);
    this.refuseUnknownSubscriptions();
    this.makeOutlets();
    await application.openDoor(door);
    this.checking = true;
    const foreign = this.foreignSources();
    const [hasLost] = await Promise.all([this.checkEpochs(), this.options.topics.ensureForeign(foreign)]);
    this.checking = false;
    this.connectFeeds(foreign);
    await this.followPolicies();
    await this.life.lookOutside();
    const wasLost = (await this.untilConfirmed()) || hasLost;
    this.ifEnding();
    await this.life.start();
    await Promise.all(this.outlets.map((outlet) => this.publish(outlet)));
    this.feeds?.start();
    await this.life.openInlets();
    this.ifEnding();
    this.openDoors(wasLost ? (spec.closedAfterLossMs ?? 0) : 0);
    this.watchHistory();
    this.recover();
    await this.life.whenActive();
  }

  /** Next business instant at which it has something to do; null: none. */
  nextDue(): Promise<string | null> {
    return this.life.nextDue();
  }

  heads(): Promise<readonly SourceHead[]> {
    return headsOf(this.life);
  }

  cursors(): readonly ProcessorCursor[] {
    return cursorsOf(this.life);
  }

  /** Why no work can be taken, by part. */
  notReady(): Readonly<Record<string, string>> {
    const problems: Record<string, string> = {};
    if (this.ending) problems['process'] = 'is ending';
    else if (!this.doorsOpen) problems['ports'] = this.checking ? 'wait for subscribers or Kafka' : 'are closed';
    const lost = this.life.lost();
    if (lost !== null) problems['history'] = lost.reason;
    const kafka = this.feeds?.notReady() ?? null;
    if (kafka !== null) problems['kafka'] = kafka;
    for (const outlet of this.outlets) {
      const why = outlet.notReady();
      if (why !== null) problems[`relay ${outlet.source}`] = why;
    }
    for (const [feed, why] of this.life.failures()) problems[`feed ${feed}`] = why;
    return problems;
  }

  /** What can only be read, for metrics. */
  async samples(): Promise<readonly Sample[]> {
    const relays = this.outlets.map(async (outlet): Promise<Sample> => {
      return { metric: 'mora_relay_lag_events', value: await outlet.lag(), labels: { source: outlet.source } };
    });
    return [
      ...standingOf(this.life),
      ...(this.feeds ? samplesOfFeeds(this.feeds) : []),
      ...(await Promise.all(relays)),
    ];
  }

  /** Ends everything in order; repeated: the same promise. @returns whether all that was stored has been published */
  drain(deadline: number): Promise<boolean> {
    this.ending = true;
    this.drained ??= this.drainAll(deadline);
    return this.drained;
  }

  private async drainAll(deadline: number): Promise<boolean> {
    const left = () => Math.max(0, deadline - performance.now());
    await this.step('inlets', () => this.life.closeInlets());
    const taken = this.step('processors', () => this.life.quiesce());
    // A read from a source that is away would hold its consumer for as long as it may take.
    for (const undo of this.undo) undo();
    for (const reader of this.readers.values()) reader.close();
    await taken;
    await this.step('feeds', async () => this.feeds?.stop());
    await Promise.race([this.activity.quiet(), pause(left() * QUIET_SHARE)]);
    await this.step('service', () => this.life.stop());
    let isFlushed = true;
    for (const outlet of this.outlets)
      await this.step(`relay ${outlet.source}`, async () => {
        isFlushed = (await outlet.flush(performance.now() + left() / 2)) && isFlushed;
        await outlet.stop();
      });
    for (const lease of this.leases) await this.step('lease', () => lease.release());
    await this.step('grpc', () => this.options.door.close(Math.min(2_000, left())));
    this.options.platform.close();
    return isFlushed;
  }

  /** Whatever one part does, the others end. */
  private async step(part: string, work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => this.log.error({ part, error: messageOf(error) }, 'did not end in order'));
  }

  /** Nothing starts over a loss before a person has confirmed it. @returns whether there was one */
  private async untilConfirmed(): Promise<boolean> {
    const lost = this.life.lost();
    if (lost === null) return false;
    this.log.error({ ...lost }, 'history was lost: nothing starts before "mora history confirm"');
    while (this.life.lost() !== null) {
      this.ifEnding();
      await pause(LOOK_MS);
      for (const { store } of this.life.cores) await store.heads().catch(() => undefined);
    }
    this.log.info({}, 'the loss was confirmed; going on');
    return true;
  }

  /** Whatever is in memory may rest on what is lost: the process ends, and its next start asks everybody. */
  private watchHistory(): void {
    const timer = setInterval(() => {
      const lost = this.life.lost();
      if (lost === null || this.ending) return;
      clearInterval(timer);
      this.options.onFatal(new HistoryLost(lost.reason));
    }, LOOK_MS);
    timer.unref();
    this.undo.push(() => clearInterval(timer));
  }

  private ifEnding(): void {
    this.options.signal.throwIfAborted();
  }

  private refuseUnknownSubscriptions(): void {
    for (const { sources } of this.life.processors)
      for (const source of sources)
        if (!(SUBSCRIBERS[source as Source] ?? []).includes(this.options.name))
          throw new UnknownSubscription(this.options.name, source);
  }

  private makeOutlets(): void {
    const { config, kafka, platform } = this.options;
    for (const { store, own } of this.life.cores)
      this.outlets.push(
        new Outlet({
          store,
          feed: platform.feed(own.source),
          activity: this.activity,
          log: this.log,
          kafka: { connection: kafka, topicPrefix: config.topicPrefix, trace: this.trace },
          watermarkEveryMs: WATERMARK_MS[config.clock.kind],
        }),
      );
  }

  /** Of own sources, for others to read. */
  servedFeeds(): readonly ServedFeed[] {
    const { platform, config } = this.options;
    return platform.ownFeeds().map((feed) => ({
      source: feed.source,
      shards: shardsOf(feed.source as Source, config.shards),
      read: (request) => feed.read(request),
      watermark: (shard) => feed.watermark(shard),
    }));
  }

  /** Rows that this process has stored of a source. */
  checkpoints(source: string): Promise<readonly CheckpointRow[]> {
    return checkpointsOf(this.life, source);
  }

  private async checkEpochs(): Promise<boolean> {
    const { config, name, clients, signal } = this.options;
    const asked = new Map<string, ReturnType<typeof remoteCheckpoints>>();
    const ask = (service: string, source: string) => {
      const known = asked.get(service) ?? remoteCheckpoints(config.peer(service), { ...clients, deadlineMs: ASK_MS });
      asked.set(service, known);
      return known.checkpoints(source);
    };
    this.undo.push(() => {
      for (const remote of asked.values()) remote.close();
    });
    const found = await Promise.all(
      this.outlets.map((outlet) =>
        checkEpoch({
          store: this.life.cores.find(({ own }) => own.source === outlet.source)!.store,
          published: () => outlet.publisher.claims(),
          own: (source) => this.checkpoints(source),
          here: name,
          ask,
          waitMs: config.peerWaitMs,
          log: this.log,
          signal,
        }),
      ),
    );
    return found.some(({ reason }) => reason !== null);
  }

  private foreignSources(): readonly Source[] {
    const { spec, platform } = this.options;
    const own = new Set(platform.ownFeeds().map((feed) => feed.source));
    const read = this.life.processors.flatMap(({ sources }) => sources as readonly Source[]);
    const policies: readonly Source[] = spec.followsPolicies ? ['policy'] : [];
    return [...new Set([...read, ...(spec.reads ?? []), ...policies])].filter((source) => !own.has(source));
  }

  private connectFeeds(foreign: readonly Source[]): void {
    const { config, platform, kafka, name } = this.options;
    this.feeds = createKafkaFeeds({
      connection: kafka,
      groupId: `${config.topicPrefix}mora.${name}`,
      topicPrefix: config.topicPrefix,
      sources: foreign.map((source) => ({ reader: this.reader(source), shards: shardsOf(source, config.shards) })),
      onError: (error) => this.log.warn({ error: messageOf(error) }, 'Kafka interrupted the feeds'),
      onBadRecord: (bad) => this.log.error({ ...bad }, 'a record of ours cannot be read'),
    });
    platform.connect(this.feeds);
  }

  private reader(source: Source): RemoteReader {
    const known = this.readers.get(source);
    if (known) return known;
    const { config, clients } = this.options;
    const made = remoteReader(config.peer(OWNERS[source]), source, { ...clients, activity: this.activity });
    this.readers.set(source, made);
    return made;
  }

  /** Texts are few and wanted early: they are read from their source, the topic only says when. */
  private async followPolicies(): Promise<void> {
    const { spec, platform, texts } = this.options;
    if (!spec.followsPolicies) return;
    const feed = platform.feed('policy');
    const isOwn = platform.ownFeeds().includes(feed);
    const followed = followPolicies(texts, isOwn ? feed : this.fromSource(feed), this.activity);
    void followed.then((end) => this.undo.push(end));
    if (isOwn) await followed;
  }

  private fromSource(feed: EventFeed): Pick<EventFeed, 'read' | 'onMore'> {
    const reader = this.reader('policy');
    return { read: (request) => reader.read(request), onMore: (listener) => feed.onMore(listener) };
  }

  private async publish(outlet: Outlet): Promise<void> {
    if (this.options.spec.active !== 'all') return outlet.start();
    const { platform, config, name } = this.options;
    const feed = platform.feed(outlet.source as Source);
    const key = `relay ${outlet.source}`;
    const lease = new Lease({
      address: config.databases.get(name)!,
      key,
      log: this.log,
      onTaken: this.options.onFatal,
      onNotified: () => {
        if (canPoll(feed)) void feed.poll().catch(() => undefined);
      },
    });
    this.leases.push(lease);
    this.undo.push(announceCommits(feed, lease, { pool: platform.pool(name), key }));
    void lease.acquire().then(async (held) => {
      if (held && !this.ending) await outlet.start({ stoodBy: true });
    }, this.options.onFatal);
  }

  private openDoors(afterMs: number): void {
    if (afterMs === 0) {
      this.doorsOpen = true;
      return;
    }
    this.log.warn({ afterMs }, 'the ports open when every permit of the lost history has ended');
    const timer = setTimeout(() => {
      this.doorsOpen = true;
    }, afterMs);
    this.undo.push(() => clearTimeout(timer));
  }

  /** Beside the work: others that it needs may still be starting. */
  private recover(): void {
    const end = this.activity.begin();
    const run = async () => {
      while (!this.ending) {
        try {
          return await this.life.recover();
        } catch (error) {
          this.log.warn({ service: this.life.name, error: messageOf(error) }, 'what was open is not resumed yet');
          await pause(RECOVER_RETRY_MS);
        }
      }
    };
    void run().finally(end);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
