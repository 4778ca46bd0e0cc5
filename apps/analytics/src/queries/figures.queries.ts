/** Figures of a period, what they are made of, and totals over everything. Sums are plain SQL: no rows come out of them. */
import { eventKey } from '@mora/contracts';
import type { Clock } from '@mora/eventing';
import { CLOCK, POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { findArchived } from '../archive/archive.js';
import { ANALYTICS_CONFIG, type AnalyticsConfig } from '../config.js';
import { Consumer } from '../consumer.js';
import { COUNTERS, type Counter, countOf } from '../figures/counters.js';
import { type Figures, figuresOf } from '../figures/figures.js';
import type { CutName, FigureReads, Period } from '../figures/reads.js';
import { sqlReads } from '../figures/sql-reads.js';
import { dayInstants, PLACE, type Place } from '../projection/place.js';
import { tableOf } from '../projection/view.js';
import { dailyFiguresView } from '../views/daily-figures.view.js';
import { isSimulated } from '../views/define.js';
import type { FiguresRequest, Lineage, Summary } from './answers.js';
import { CasesQueries } from './cases.queries.js';

const DAILY = tableOf(dailyFiguresView);

@Injectable()
export class FiguresQueries {
  private readonly reads: FigureReads;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(PLACE) private readonly place: Place,
    @Inject(ANALYTICS_CONFIG) private readonly config: AnalyticsConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly consumer: Consumer,
    private readonly cases: CasesQueries,
  ) {
    this.reads = sqlReads(pool);
  }

  async figures({ period, cut = null, simulated }: FiguresRequest): Promise<Figures> {
    const question = { period, cut, simulated: simulated ?? (await this.onlySimulated(period)) };
    const asOf = this.asOf();
    return figuresOf(this.reads, question, { asOf, today: this.place.day(asOf) });
  }

  figuresOfDay(day: string, cut: CutName | null = null): Promise<Figures> {
    return this.figures({ period: { from: day, to: day }, cut });
  }

  async summary(): Promise<Summary> {
    const { rows: span } = await this.pool.query<{ day: string; simulated: boolean }>(
      `select distinct day, simulated from ${DAILY} order by day`,
    );
    const simulated = span.length > 0 && span.every((row) => row.simulated);
    const days = [...new Set(span.filter((row) => row.simulated === simulated).map((row) => row.day))];
    const period = { from: days[0] ?? '', to: days.at(-1) ?? '' };
    const [sums, cases] = await Promise.all([
      this.reads.counters({ period, cut: null, simulated }),
      this.cases.countByState(),
    ]);
    const total = (name: Counter): number => sums.reduce((sum, part) => sum + part.sums[name], 0);
    return {
      asOf: this.asOf(),
      cases,
      totals: Object.fromEntries(COUNTERS.map((name) => [name, total(name)])) as Record<Counter, number>,
      simulated,
      days,
      facts: this.consumer.counts.taken,
      lag: this.consumer.lag(),
      faults: this.consumer.counts.faults,
    };
  }

  /** The facts that made a counter of a day. */
  async lineage(
    counter: Counter,
    day: string,
    { limit = 10_000, ...asked }: { readonly limit?: number; readonly simulated?: boolean } = {},
  ): Promise<Lineage> {
    const simulated = asked.simulated ?? (await this.onlySimulated({ from: day, to: day }));
    const types = dailyFiguresView.types.map((type) => type.slice(type.indexOf('.') + 1));
    const within = dayInstants(day, this.config.zone);
    const found = await findArchived(this.pool, { types, ...within, limit: 1_000_000 });
    const counted = found
      .filter((event) => isSimulated(event) === simulated)
      .map((event) => ({ event, n: countOf(event)?.add[counter] ?? 0 }))
      .filter(({ n }) => n !== 0);
    return {
      counter,
      day,
      simulated,
      value: counted.reduce((sum, { n }) => sum + n, 0),
      keys: counted.slice(0, limit).map(({ event }) => eventKey(event)),
      truncated: counted.length > limit,
    };
  }

  /** Caught up: business time now; else the time of the slowest feed's last fact. */
  private asOf(): string {
    const now = this.clock.now();
    if (this.consumer.caughtUp()) return now;
    const behind = this.consumer.feeds().filter((feed) => feed.lag > 0 && feed.lastAt !== '');
    return behind.reduce((oldest, feed) => (feed.lastAt < oldest ? feed.lastAt : oldest), now);
  }

  private async onlySimulated({ from, to }: Period): Promise<boolean> {
    const { rows } = await this.pool.query<{ simulated: boolean }>(
      `select distinct simulated from ${DAILY} where day between $1 and $2`,
      [from, to],
    );
    return rows.length > 0 && rows.every((row) => row.simulated);
  }
}
