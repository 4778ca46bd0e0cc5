/**
 * One loop over every (source, shard): reads what is new in big batches, and in one transaction archives the bytes, projects
 * all views and moves the checkpoints. A gap takes nothing; a batch is either wholly in or not at all, whatever is killed.
 */
import { type Cursor, compareCursors, type EventEnvelope } from '@mora/contracts';
import { type Activity, contiguous, type EventFeed } from '@mora/eventing';
import type { Log } from '@mora/telemetry';
import type { Pool } from 'pg';
import { appendToArchive, openMonths } from './archive/archive.js';
import {
  lockCheckpoints,
  moveCheckpoints,
  openCheckpoints,
  type Progress,
  pairKey,
  readCheckpoints,
} from './projection/checkpoints.js';
import { behind, catchUpAll, leaveBehind, noteUse, signatureOf, together } from './projection/handover.js';
import type { ProjectionFault } from './projection/project.js';
import { liveTargets, projectBatch } from './projection/projector.js';
import { arrayOf, type Queryable } from './projection/table.js';
import type { Place, View } from './projection/view.js';
import { withTransaction } from './rebuild.js';

export interface ConsumerOptions {
  readonly pool: Pool;
  readonly views: () => readonly View[];
  readonly place: Place;
  readonly activity: Activity;
  readonly log: Log;
  /** Asked at start, when every service of the process has opened its own. */
  readonly feeds: () => readonly { readonly feed: EventFeed; readonly shards: number }[];
  /** Events of one transaction. */
  readonly batchSize?: number;
  /** Lag above which the stepped clock is held. */
  readonly holdAbove?: number;
  /** Wall time that a small batch waits for company. */
  readonly lingerMs?: number;
  /** Wall time after which a feed is asked even if it did not say that there is more. */
  readonly pollMs?: number;
}

interface Pair {
  readonly feed: EventFeed;
  readonly source: string;
  readonly shard: number;
  at: Cursor;
  lastAt: string;
  /** Position of the source's head as last heard. */
  head: number;
  dirty: boolean;
  /** Wall time before which a feed that failed is not asked again. */
  notBefore: number;
  error: string | null;
}

interface Slice {
  readonly pair: Pair;
  readonly from: Cursor;
  readonly events: readonly EventEnvelope[];
}

export interface FeedLag {
  readonly source: string;
  readonly shard: number;
  readonly position: number;
  readonly head: number;
  readonly lag: number;
  readonly lastAt: string;
  readonly error: string | null;
}

const RETRY_MS = 500;
const TELL_USE_MS = 60_000;

export class Consumer {
  private pairs: Pair[] = [];
  private readonly unsubscribe: (() => void)[] = [];
  private wake: () => void = () => undefined;
  private loop: Promise<void> | null = null;
  private stopping = false;
  private release: (() => void) | null = null;
  private waiters: (() => void)[] = [];
  private working = false;
  private taken = 0;
  private toldUse = performance.now();
  private faults = 0;

  constructor(private readonly options: ConsumerOptions) {}

  async start(): Promise<void> {
    const feeds = this.options.feeds();
    const pairs = feeds.flatMap(({ feed, shards }) =>
      Array.from({ length: shards }, (_, shard) => ({ feed, source: feed.source, shard })),
    );
    const known = new Map((await openCheckpoints(this.options.pool, pairs)).map((p) => [pairKey(p), p]));
    this.pairs = pairs.map((pair) => {
      const progress = known.get(pairKey(pair));
      const at = { epoch: progress?.epoch ?? 0, position: progress?.position ?? 0 };
      return { ...pair, at, lastAt: progress?.lastAt ?? '', head: 0, dirty: true, notBefore: 0, error: null };
    });
    for (const { feed } of feeds) {
      this.unsubscribe.push(feed.onMore((shard) => this.mark(feed.source, shard)));
    }
    await this.adopt();
    this.loop = this.run();
  }

  /** Ends after the batch in hand; idempotent. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const end of this.unsubscribe.splice(0)) end();
    this.wake();
    await this.loop;
    this.hold(false);
    this.settle();
  }

  /** Events that exist and are not taken in, as far as the feeds have said. */
  lag(): number {
    return this.pairs.reduce((sum, pair) => sum + Math.max(0, pair.head - pair.at.position), 0);
  }

  /** True when every feed was asked after its last news and had nothing more. */
  caughtUp(): boolean {
    return this.loop !== null && !this.working && this.pairs.every((pair) => !pair.dirty);
  }

  feeds(): readonly FeedLag[] {
    return this.pairs.map(({ source, shard, at, head, lastAt, error }) => ({
      source,
      shard,
      position: at.position,
      head: Math.max(head, at.position),
      lag: Math.max(0, head - at.position),
      lastAt,
      error,
    }));
  }

  get counts(): { readonly taken: number; readonly faults: number } {
    return { taken: this.taken, faults: this.faults };
  }

  /** Asks every feed again and resolves when all are taken in to their heads, or when the consumer is stopped. */
  async drain(): Promise<void> {
    for (const pair of this.pairs) pair.dirty = true;
    this.wake();
    while (!this.caughtUp() && !this.stopping) {
      await new Promise<void>((resolve) => {
        this.waiters.push(resolve);
      });
    }
  }

  private mark(source: string, shard: number): void {
    for (const pair of this.pairs) if (pair.source === source && pair.shard === shard) pair.dirty = true;
    this.wake();
  }

  private async run(): Promise<void> {
    const { batchSize = 2_000, lingerMs = 200, pollMs = 1_000 } = this.options;
    let polled = performance.now();
    while (!this.stopping) {
      const took = await this.takeBatch(batchSize);
      this.settle();
      if (took >= batchSize / 4) continue;
      await this.sleep(this.waiters.length > 0 ? 1 : lingerMs, false);
      if (!this.hasWork()) await this.sleep(Math.min(pollMs, RETRY_MS), true);
      if (performance.now() - polled < pollMs) continue;
      polled = performance.now();
      await this.follow();
      for (const pair of this.pairs) pair.dirty = true;
    }
  }

  /** Other replicas take in the shards that this one's feeds do not have: what is told here is where all stand. */
  private async follow(): Promise<void> {
    try {
      await this.tellUse();
      await this.adopt();
      const stored = new Map((await readCheckpoints(this.options.pool)).map((p) => [pairKey(p), p]));
      for (const pair of this.pairs) {
        const progress = stored.get(pairKey(pair));
        if (progress === undefined || compareCursors(progress, pair.at) <= 0) continue;
        pair.at = { epoch: progress.epoch, position: progress.position };
        pair.lastAt = progress.lastAt;
      }
    } catch (error) {
      this.options.log.warn(
        { error: String(error) },
        'Checkpoints could not be read; figures may look older than they are',
      );
    }
  }

  /** Of pairs in which nothing new comes, too, these views must not stay behind. */
  private async adopt(): Promise<void> {
    const { pool, place } = this.options;
    const views = this.options.views();
    if (behind(views, await readCheckpoints(pool)).length === 0) return;
    await withTransaction(pool, async (db) => {
      const left = behind(views, [...(await lockCheckpoints(db, null)).values()]);
      for (const at of left) await this.note(db, await catchUpAll(db, views, at, place));
      await moveCheckpoints(
        db,
        left.map((at) => together(views, at)),
      );
    });
  }

  private async tellUse(): Promise<void> {
    if (performance.now() - this.toldUse < TELL_USE_MS) return;
    await noteUse(this.options.pool, this.options.views());
    this.toldUse = performance.now();
  }

  private hasWork(): boolean {
    const now = performance.now();
    return this.pairs.some((pair) => pair.dirty && pair.notBefore <= now);
  }

  /** @returns how many events were taken in; a failure leaves everything to be read again. */
  private async takeBatch(batchSize: number): Promise<number> {
    this.working = true;
    let slices: readonly Slice[] = [];
    try {
      slices = await this.read(batchSize);
      this.hold(this.lag() > (this.options.holdAbove ?? 5_000));
      if (slices.length === 0) return 0;
      return await this.commit(slices);
    } catch (error) {
      for (const { pair } of slices) {
        pair.dirty = true;
        pair.notBefore = performance.now() + RETRY_MS;
      }
      this.options.log.error({ error: String(error) }, 'Analytics could not take in a batch; trying again');
      return 0;
    } finally {
      this.working = false;
    }
  }

  private async commit(slices: readonly Slice[]): Promise<number> {
    const { pool } = this.options;
    await openMonths(
      pool,
      slices.flatMap((slice) => slice.events),
    );
    const moves = await withTransaction(pool, (db) => this.takeIn(db, slices));
    let count = 0;
    for (const { pair, progress, events } of moves) {
      pair.at = { epoch: progress.epoch, position: progress.position };
      pair.lastAt = progress.lastAt;
      count += events;
    }
    this.taken += count;
    return count;
  }

  private async read(batchSize: number): Promise<readonly Slice[]> {
    const now = performance.now();
    const due = this.pairs.filter((pair) => pair.dirty && pair.notBefore <= now);
    if (due.length === 0) return [];
    const limit = Math.max(50, Math.ceil(batchSize / due.length));
    const slices = await Promise.all(due.map((pair) => this.readPair(pair, limit)));
    return slices.filter((slice) => slice !== null);
  }

  private async readPair(pair: Pair, limit: number): Promise<Slice | null> {
    pair.dirty = false;
    try {
      const result = await pair.feed.read({ shard: pair.shard, after: pair.at, limit });
      const { events, gap } = contiguous(result.from, result.events);
      const last = events.at(-1);
      pair.head = result.head.position;
      pair.error = gap ? 'gap' : null;
      if (gap) pair.notBefore = performance.now() + RETRY_MS;
      pair.dirty ||= gap || (last?.position ?? result.from.position) < result.head.position;
      return events.length === 0 && result.from.epoch === pair.at.epoch ? null : { pair, from: result.from, events };
    } catch (error) {
      pair.dirty = true;
      pair.error = String(error);
      pair.notBefore = performance.now() + RETRY_MS;
      this.options.log.warn({ source: pair.source, shard: pair.shard, error: String(error) }, 'Feed could not be read');
      return null;
    }
  }

  /** Under the checkpoints' locks: what another replica took meanwhile is dropped. */
  private async takeIn(db: Queryable, slices: readonly Slice[]) {
    const shards = [...new Set(slices.map((slice) => slice.pair.shard))].sort((a, b) => a - b);
    const stored = await lockCheckpoints(db, shards);
    const moves: { readonly pair: Pair; readonly progress: Progress; readonly events: number }[] = [];
    const batch: EventEnvelope[] = [];
    const views = this.options.views();
    const signature = signatureOf(views);
    const missed: ProjectionFault[] = [];
    for (const { pair, from, events } of slices) {
      const mine = stored.get(pairKey(pair));
      if (mine === undefined) continue;
      const isWhereIWas = mine.epoch === pair.at.epoch && mine.position === pair.at.position;
      if (!isWhereIWas) {
        pair.dirty = true;
        moves.push({ pair, progress: mine, events: 0 });
        continue;
      }
      if (mine.views !== signature) {
        missed.push(...(await catchUpAll(db, views, mine, this.options.place)));
        await leaveBehind(db, views, mine);
      }
      batch.push(...events);
      const last = events.at(-1);
      const progress: Progress = {
        source: pair.source,
        shard: pair.shard,
        epoch: last?.epoch ?? from.epoch,
        position: last?.position ?? from.position,
        lastAt: last?.meta.at ?? mine.lastAt,
        eventId: last?.id ?? '',
        views: signature,
      };
      moves.push({ pair, progress, events: events.length });
    }
    await appendToArchive(db, batch);
    const faults = await projectBatch(db, liveTargets(views), batch, this.options.place);
    await this.note(db, [...missed, ...faults]);
    await moveCheckpoints(
      db,
      moves.map((move) => move.progress),
    );
    return moves;
  }

  private async note(db: Queryable, faults: readonly ProjectionFault[]): Promise<void> {
    if (faults.length === 0) return;
    this.faults += faults.length;
    const first = faults[0];
    this.options.log.error(
      { faults: faults.length, view: first?.view, error: first?.error },
      'A view could not take facts',
    );
    const column = (of: (fault: ProjectionFault) => string | number, type: 'text' | 'int') =>
      arrayOf(faults.map(of), type);
    await db.query(
      `insert into projection_faults (view, source, epoch, shard, position, type, error)
       select * from unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::bigint[], $6::text[], $7::text[])
       on conflict do nothing`,
      [
        column((f) => f.view, 'text'),
        column((f) => f.event.source, 'text'),
        column((f) => f.event.epoch, 'int'),
        column((f) => f.event.shard, 'int'),
        column((f) => f.event.position, 'int'),
        column((f) => f.event.type, 'text'),
        column((f) => f.error, 'text'),
      ],
    );
  }

  private hold(wanted: boolean): void {
    if (wanted && this.release === null) this.release = this.options.activity.begin();
    if (!wanted && this.release !== null) {
      this.release();
      this.release = null;
    }
  }

  private settle(): void {
    if (!this.stopping && !this.caughtUp()) return;
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  private sleep(ms: number, wakeable: boolean): Promise<void> {
    if (this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      if (wakeable) this.wake = end;
    });
  }
}
