/** The figures of a Mora whose analytics is a process of its own: asked over its HTTP API. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SourceHead } from '@mora/grpc';
import type { AnalyticsQueries, FeedLag, Figures, Summary } from '../answers.js';
import { UsageError } from '../errors.js';
import type { Live } from '../live-counters.js';
import type { Mora } from '../mora.js';

const TRIES = 50;
const AGAIN_MS = 200;
const LOOK_MS = 20;
const LIVE_MS = 1_000;

interface Feeds {
  readonly lag: number;
  readonly caughtUp: boolean;
  readonly feeds: readonly FeedLag[];
}

export type Query = Readonly<Record<string, string | number | undefined | null>>;

export class AnalyticsApi {
  /** @param urls of its replicas, without the path, `http://127.0.0.1:8080` */
  constructor(private readonly urls: readonly string[]) {}

  /** Asks again while nobody answers. @throws UsageError with what the API says of a question it refuses */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)] as const],
    );
    const asked = new URLSearchParams(Object.fromEntries(given));
    for (let tries = 1; ; tries++) {
      const address = `${this.urls[(tries - 1) % this.urls.length]}/api/${path}?${asked}`;
      const answer = await fetch(address).catch((error: unknown) => {
        if (tries < TRIES) return null;
        throw error;
      });
      if (answer?.ok) return (await answer.json()) as T;
      if (answer !== null) throw new UsageError(await answer.text());
      await pause(AGAIN_MS);
    }
  }

  /** @param heads what must be in the answers */
  queries(heads: () => readonly SourceHead[]): Mora['analytics'] {
    const figures: AnalyticsQueries['figures'] = ({ period, cut, simulated }) =>
      this.get<Figures>('figures', { ...period, cut, simulated: simulated === undefined ? undefined : `${simulated}` });
    return {
      figures,
      figuresOfDay: (day, cut = null) => figures({ period: { from: day, to: day }, cut }),
      summary: () => this.get<Summary>('summary'),
      drain: () => this.drain(heads),
    };
  }

  private async drain(heads: () => readonly SourceHead[]): Promise<void> {
    for (;;) {
      const { caughtUp, feeds } = await this.get<Feeds>('feeds');
      const taken = new Map(feeds.map(({ source, shard, position }) => [`${source}/${shard}`, position]));
      const behind = heads().some(({ source, shard, position }) => position > (taken.get(`${source}/${shard}`) ?? 0));
      if (caughtUp && !behind) return;
      await pause(LOOK_MS);
    }
  }
}

/** The progress line's numbers, from the views: a second old at most, plus what the views lag behind. */
export class PolledCounters {
  private last: Summary | null = null;
  private isOver = false;
  private readonly polling: Promise<void>;

  constructor(
    private readonly api: AnalyticsApi,
    private readonly events: () => number,
  ) {
    this.polling = this.poll();
  }

  now(): Live {
    const totals = this.last?.totals;
    const cases = this.last?.cases ?? {};
    const of = (name: keyof Summary['totals']) => totals?.[name] ?? 0;
    return {
      events: this.events(),
      open: (cases['open'] ?? 0) + (cases['promised'] ?? 0),
      inFlight: Math.max(0, of('dialed') - of('ended')),
      dialed: of('dialed'),
      connected: of('connected'),
      promises: of('promises_made'),
      cured: of('cured'),
      handedOver: of('hand_overs'),
      sms: of('sms_submitted'),
      denied: of('denied'),
    };
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.polling;
  }

  private async poll(): Promise<void> {
    while (!this.isOver) {
      this.last = await this.api.get<Summary>('summary').catch(() => this.last);
      for (let waited = 0; waited < LIVE_MS && !this.isOver; waited += 100) await pause(100);
    }
  }
}
