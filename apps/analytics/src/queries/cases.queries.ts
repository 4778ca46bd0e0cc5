/** Cases: a page of them, one with everything done for it, and how many stand where. */
import type { Clock } from '@mora/eventing';
import { CLOCK, POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { findArchived } from '../archive/archive.js';
import { PLACE, type Place } from '../projection/place.js';
import { callsView } from '../views/calls.view.js';
import { casesView } from '../views/cases.view.js';
import { promisesView } from '../views/promises.view.js';
import { smsView } from '../views/sms.view.js';
import type { AnalyticsQueries, CaseDetail, CaseFilter, CaseSummary } from './answers.js';
import { CASE_TYPES, casesOf, summaryOf } from './case-standing.js';
import { NotFound } from './errors.js';
import { TimelineQueries } from './timeline.queries.js';
import { equal, limitOf, ViewRows } from './view-rows.js';

type Questions = AnalyticsQueries['cases'];

@Injectable()
export class CasesQueries implements Questions {
  constructor(
    @Inject(POOL) private readonly archive: Pool,
    @Inject(PLACE) private readonly place: Place,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly rows: ViewRows,
    private readonly timeline: TimelineQueries,
  ) {}

  /** By id: `after` is the last one of the page before. */
  async list(filter: CaseFilter = {}): Promise<readonly CaseSummary[]> {
    const { tier, label, debtorId, accountId, openedOn, after, state } = filter;
    const found = await this.rows.list(casesView, (query) => {
      equal(query.where(IS_OPENED), { tier, label, debtor_id: debtorId, account_id: accountId, opened_day: openedOn });
      if (after !== undefined) query.andWhere('v.case_id > :after', { after });
      if (state !== undefined) query.andWhere(`${STATE} = :state`, { state });
      return query.orderBy('v.case_id').limit(limitOf(filter));
    });
    const today = this.today();
    return found.map((row) => summaryOf(row, today));
  }

  async show(caseId: string): Promise<CaseDetail> {
    const [row] = await this.rows.list(casesView, (query) => equal(query, { case_id: caseId }));
    if (row === undefined || row.debtor_id === null) throw new NotFound('case', caseId);
    const ofCase = { case_id: caseId };
    const [calls, sms, promises, timeline] = await Promise.all([
      this.rows.list(callsView, (query) => equal(query, ofCase).orderBy('v.intended_at')),
      this.rows.list(smsView, (query) => equal(query, ofCase).orderBy('v.intended_at')),
      this.rows.list(promisesView, (query) => equal(query, ofCase).orderBy('v.made_at')),
      this.timeline.of(row.debtor_id),
    ]);
    return { case: summaryOf(row, this.today()), calls, sms, promises, timeline };
  }

  /** As they stood at an instant, from the archive. @param to business time, not included */
  async ofDebtorBefore(debtorId: string, to: string, today: string): Promise<readonly CaseSummary[]> {
    const events = await findArchived(this.archive, { subject: debtorId, types: CASE_TYPES, to, limit: MOST_EVENTS });
    return casesOf(events, this.place).map((row) => summaryOf(row, today));
  }

  private today(): string {
    return this.place.day(this.clock.now());
  }

  async countByState(): Promise<Readonly<Record<string, number>>> {
    const query = this.rows.query(casesView).select(STATE, 'state').addSelect('count(*)', 'n');
    const found = await query.where(IS_OPENED).groupBy('1').orderBy('1').getRawMany<{ state: string; n: string }>();
    return Object.fromEntries(found.map(({ state, n }) => [state, Number(n)]));
  }
}

/** A debtor has a few hundred in an episode. */
const MOST_EVENTS = 50_000;

const IS_OPENED = 'v.opened_at is not null';

/** The same as `caseState`. */
const STATE = `(case when v.intake_state in ('cured', 'closed', 'tolerance') then v.intake_state
  when v.with_human then 'handed-over' when v.promise_state = 'open' then 'promised' else 'open' end)`;
