/** Figures of a period, what they are made of, and totals over everything. Sums are plain SQL: no rows come out of them. */
import { toInstant } from '@mora/business-time';
import { type EventEnvelope, eventKey } from '@mora/contracts';
import type { Clock } from '@mora/eventing';
import { CLOCK, POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { findArchived } from '../archive/archive.js';
import { ANALYTICS_CONFIG, type AnalyticsConfig } from '../config.js';
import { Consumer } from '../consumer.js';
import {
  AMOUNTS,
  type AmountCounter,
  type Count,
  type Counter,
  countOf,
  DATED_TYPES,
  isAmount,
  PLAIN_COUNTERS,
  type PlainCounter,
} from '../figures/counters.js';
import { type Figures, figuresOf } from '../figures/figures.js';
import { type CounterSums, type CutName, type FigureReads, type Period, plainSums } from '../figures/reads.js';
import { sqlReads } from '../figures/sql-reads.js';
import { dayInstants, PLACE, type Place } from '../projection/place.js';
import { tableOf } from '../projection/view.js';
import { dailyFiguresView } from '../views/daily-figures.view.js';
import { isSimulated } from '../views/define.js';
import type { FiguresRequest, Lineage, Summary } from './answers.js';
import { CasesQueries } from './cases.queries.js';

const DAILY = tableOf(dailyFiguresView);
const MANY = 1_000_000;
/** A payment is posted at most ten days ahead of when it is told. */
const TOLD_AHEAD_MS = 11 * 86_400_000;
const DATED = new Set<string>(DATED_TYPES);
const UNDATED = dailyFiguresView.types.filter((type) => !DATED.has(type));
const plainTypes = (types: readonly string[]): readonly string[] =>
  types.map((type) => type.slice(type.indexOf('.') + 1));

const totalsOf = (of: (name: PlainCounter) => number = () => 0): Summary['totals'] =>
  Object.fromEntries(PLAIN_COUNTERS.map((name) => [name, of(name)])) as Record<PlainCounter, number>;
const amountsOf = (sums: readonly CounterSums[]): Summary['amounts'] =>
  Object.fromEntries(
    sums
      .filter(({ currency }) => currency !== '')
      .map((part) => [
        part.currency,
        Object.fromEntries(AMOUNTS.map((name) => [name, part.sums[name]])) as Record<AmountCounter, number>,
      ]),
  );
const sumsByCurrency = (counted: readonly { readonly count: Count }[], counter: Counter): Lineage['byCurrency'] => {
  const sums: Record<string, number> = {};
  for (const { count } of counted)
    sums[count.cut.currency] = (sums[count.cut.currency] ?? 0) + (count.add[counter] ?? 0);
  return sums;
};

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
    const question = { period, cut: null, simulated };
    const [sums, cases] = await Promise.all([this.reads.counters(question), this.cases.countByState()]);
    return {
      asOf: this.asOf(),
      cases,
      totals: totalsOf(plainSums(question, sums)[0]?.of),
      amounts: amountsOf(sums),
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
    const counted = (await this.factsOf(day))
      .filter((event) => isSimulated(event) === simulated)
      .flatMap((event) => {
        const count = countOf(event);
        const isOfDay = this.place.day(count?.on ?? event.meta.at) === day;
        return count !== null && isOfDay && (count.add[counter] ?? 0) !== 0 ? [{ event, count }] : [];
      });
    const byCurrency = isAmount(counter) ? sumsByCurrency(counted, counter) : {};
    return {
      counter,
      day,
      simulated,
      value:
        Object.keys(byCurrency).length > 1
          ? null
          : counted.reduce((sum, { count }) => sum + (count.add[counter] ?? 0), 0),
      byCurrency,
      keys: counted.slice(0, limit).map(({ event }) => eventKey(event)),
      truncated: counted.length > limit,
    };
  }

  /** Facts that may count for a day: those of the day, and of some types those around it or later. */
  private async factsOf(day: string): Promise<readonly EventEnvelope[]> {
    const { from, to } = dayInstants(day, this.config.zone);
    const earliest = toInstant(Date.parse(from) - TOLD_AHEAD_MS);
    const [within, dated] = await Promise.all([
      findArchived(this.pool, { types: plainTypes(UNDATED), from, to, limit: MANY }),
      findArchived(this.pool, { types: plainTypes(DATED_TYPES), from: earliest, limit: MANY }),
    ]);
    return [...within, ...dated];
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
