/** Why a debtor was or was not contacted on the day of an instant, up to it: nothing that came later is known in the answer. */
import { type EventEnvelope, eventKey } from '@mora/contracts';
import type { Clock } from '@mora/eventing';
import { CLOCK, POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { type ArchiveFilter, findArchived } from '../archive/archive.js';
import { ANALYTICS_CONFIG, type AnalyticsConfig } from '../config.js';
import { dayInstants, PLACE, type Place } from '../projection/place.js';
import { type DataOf, nameOf } from '../views/define.js';
import type { CaseSummary, VerdictView, WhyAnswer } from './answers.js';
import { CasesQueries } from './cases.queries.js';
import { TIMELINE } from './timeline.queries.js';
import { entryOf } from './timeline-entry.js';
import { VerdictsQueries } from './verdicts.queries.js';

@Injectable()
export class WhyQueries {
  constructor(
    @Inject(POOL) private readonly archive: Pool,
    @Inject(PLACE) private readonly place: Place,
    @Inject(ANALYTICS_CONFIG) private readonly config: AnalyticsConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly verdicts: VerdictsQueries,
    private readonly cases: CasesQueries,
  ) {}

  /** @param at default: now */
  async why(debtorId: string, at = this.clock.now()): Promise<WhyAnswer> {
    const day = this.place.day(at);
    const { from } = dayInstants(day, this.config.zone);
    const to = after(at);
    const [verdicts, plan, stopEvents, cases, entries] = await Promise.all([
      this.verdicts.ofDebtor(debtorId, { from, to }),
      this.planOf(debtorId, from, to),
      this.find(debtorId, { types: ['StopPlaced', 'StopLifted'], to, limit: 1_000 }),
      this.cases.ofDebtorBefore(debtorId, to, day),
      this.find(debtorId, { from, to, limit: TIMELINE }),
    ]);
    const stops = openStops(stopEvents, at);
    return {
      debtorId,
      at,
      day,
      because: reasons(verdicts, stops, plan?.why ?? null, cases),
      plan,
      verdicts,
      stops,
      cases,
      timeline: entries.map(entryOf),
    };
  }

  /** The last plan of the day up to this instant. */
  private async planOf(debtorId: string, from: string, to: string): Promise<WhyAnswer['plan']> {
    const asked = { types: ['DayPlanned'], from, to, limit: 1, newestFirst: true };
    const [event] = await this.find(debtorId, asked);
    if (event === undefined) return null;
    const { why, nextDialAt } = event.data as DataOf<'dialer.DayPlanned'>;
    return { why, nextDialAt, key: eventKey(event) };
  }

  private find(subject: string, filter: Omit<ArchiveFilter, 'subject'>): Promise<readonly EventEnvelope[]> {
    return findArchived(this.archive, { subject, ...filter });
  }
}

const after = (at: string): string => new Date(Date.parse(at) + 1).toISOString();

const openStops = (events: readonly EventEnvelope[], at: string) => {
  const open = new Map<string, WhyAnswer['stops'][number]>();
  for (const event of events) {
    if (nameOf(event) === 'guard.StopLifted') {
      open.delete((event.data as DataOf<'guard.StopLifted'>).stopId);
      continue;
    }
    const stop = event.data as DataOf<'guard.StopPlaced'>;
    if (stop.until !== null && stop.until <= at) continue;
    open.set(stop.stopId, { kind: stop.kind, scope: stop.scope, since: event.meta.at, key: eventKey(event) });
  }
  return [...open.values()];
};

const reasons = (
  verdicts: readonly VerdictView[],
  stops: WhyAnswer['stops'],
  plan: string | null,
  cases: readonly CaseSummary[],
): readonly string[] => {
  const closed =
    cases.length > 0 && cases.every((row) => ['cured', 'closed', 'tolerance', 'handed-over'].includes(row.state));
  const allowed = verdicts.filter((verdict) => verdict.result === 'allowed').length;
  const denied = verdicts.filter((verdict) => verdict.result === 'denied');
  return [
    ...(allowed > 0 ? [`${allowed} contact(s) were permitted that day`] : []),
    ...denied.map((verdict) => `${verdict.channel} at ${verdict.at} was denied by ${verdict.deniedBy.join(', ')}`),
    ...stops.map((stop) => `stop ${stop.kind} (${stop.scope}) since ${stop.since}`),
    ...(closed ? [`every case is ${[...new Set(cases.map((row) => row.state))].join(' or ')}`] : []),
    ...(cases.some((row) => row.holdout === true) ? ['the debtor is in the no-contact holdout'] : []),
    ...(plan === null ? ['there is no day plan for that day'] : [`day plan: ${plan}`]),
  ];
};
