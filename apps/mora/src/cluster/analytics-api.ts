/** Analytics in its process, asked over its HTTP API. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SourceHead } from '@mora/grpc';
import type { AnalyticsQueries, FeedLag, Summary } from '../answers.js';
import { UsageError } from '../errors.js';
import { countsOf, type Live } from '../live-counters.js';
import type { Mora } from '../mora.js';
import { type Posted, post } from '../post.js';
import { AnalyticsUnanswered } from './errors.js';

const TRIES = 50;
const AGAIN_MS = 200;
const LOOK_MS = 20;
const UNAVAILABLE = 503;
const LIVE_MS = 1_000;

interface Feeds {
  readonly lag: number;
  readonly caughtUp: boolean;
  readonly feeds: readonly FeedLag[];
}

type Query = Readonly<Record<string, string | number | boolean | undefined | null>>;
type Questions = Mora['analytics'];

/** Nobody was there, or nobody who works yet: nothing has been done. */
const isRefused = (error: unknown): boolean => (error as { code?: unknown }).code === 'ECONNREFUSED';

const detailOf = ({ status, text }: Posted): string => {
  try {
    return (JSON.parse(text) as { detail: string }).detail;
  } catch {
    return `analytics answered ${status}`;
  }
};

const wordOf = (part: string): string => encodeURIComponent(part);

export class AnalyticsApi {
  /** @param urls of its replicas, without the path, `http://127.0.0.1:8080` */
  constructor(private readonly urls: readonly string[]) {}

  /** Asks again while nobody answers. @throws UsageError with what the API says of a question it refuses | AnalyticsUnanswered */
  get<T>(path: string, query: Query = {}): Promise<T> {
    const ask = async (address: string): Promise<Posted> => {
      const answer = await fetch(address);
      return { status: answer.status, text: await answer.text() };
    };
    return this.answered((address) => ask(address).catch(() => null), path, query);
  }

  /** What is done only once, and takes its time. @throws as `get`, and when the answer is lost */
  private post<T>(path: string, query: Query): Promise<T> {
    const ask = (address: string) =>
      post(address).catch((error: unknown) => {
        if (isRefused(error)) return null;
        throw error;
      });
    return this.answered(ask, path, query);
  }

  /** @param ask resolves to null when another replica, or the same one later, is to be asked */
  private async answered<T>(ask: (address: string) => Promise<Posted | null>, path: string, query: Query): Promise<T> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)] as const],
    );
    const asked = new URLSearchParams(Object.fromEntries(given));
    for (let tries = 1; tries <= TRIES; tries++) {
      const answer = await ask(`${this.urls[(tries - 1) % this.urls.length]}/api/${path}?${asked}`);
      if (answer?.status === 200) return JSON.parse(answer.text) as T;
      if (answer !== null && answer.status !== UNAVAILABLE) throw new UsageError(detailOf(answer));
      await pause(AGAIN_MS);
    }
    throw new AnalyticsUnanswered();
  }

  /** @param heads what must be in the answers, as it is now */
  queries(heads: () => Promise<readonly SourceHead[]>): Questions {
    const figures: AnalyticsQueries['figures'] = ({ period, cut, simulated }) =>
      this.get('figures', { ...period, cut, simulated });
    return {
      figures,
      figuresOfDay: (day, cut = null) => figures({ period: { from: day, to: day }, cut }),
      summary: () => this.get('summary'),
      cases: {
        list: (filter) => this.get('cases', { ...filter }),
        show: (caseId) => this.get(`cases/${wordOf(caseId)}`),
      },
      calls: {
        list: (filter) => this.get('calls', { ...filter }),
        show: (attemptId) => this.get(`calls/${wordOf(attemptId)}`),
      },
      views: {
        names: () => this.get('views'),
        rebuild: (name, { compare } = {}) => this.post(`views/${wordOf(name)}/rebuild`, { compare }),
      },
      timeline: (debtorId, limit) => this.get(`debtors/${wordOf(debtorId)}/timeline`, { limit }),
      why: (debtorId, at) => this.get(`debtors/${wordOf(debtorId)}/why`, { at }),
      drain: () => this.drain(heads),
    };
  }

  /** Facts that wait to be taken in. */
  async lag(): Promise<number> {
    return (await this.get<Feeds>('feeds')).lag;
  }

  private async drain(heads: () => Promise<readonly SourceHead[]>): Promise<void> {
    const wanted = await heads();
    for (;;) {
      const { caughtUp, feeds } = await this.get<Feeds>('feeds');
      const taken = new Map(feeds.map(({ source, shard, position }) => [`${source}/${shard}`, position]));
      const behind = wanted.some(({ source, shard, position }) => position > (taken.get(`${source}/${shard}`) ?? 0));
      if (caughtUp && !behind) return;
      await pause(LOOK_MS);
    }
  }
}

const NOTHING_YET: Pick<Summary, 'cases' | 'totals'> = { cases: {}, totals: {} as Summary['totals'] };

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
    return countsOf(this.last ?? NOTHING_YET, this.events());
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
