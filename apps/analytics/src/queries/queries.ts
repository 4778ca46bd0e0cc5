/** All questions in one object, for who asks in the same process: the command line. */
import { Injectable } from '@nestjs/common';
import { Consumer } from '../consumer.js';
import type { AnalyticsQueries } from './answers.js';
import { CallsQueries } from './calls.queries.js';
import { CasesQueries } from './cases.queries.js';
import { FiguresQueries } from './figures.queries.js';
import { SmsQueries } from './sms.queries.js';
import { TimelineQueries } from './timeline.queries.js';
import { VerdictsQueries } from './verdicts.queries.js';
import { ViewsQueries } from './views.queries.js';
import { WhyQueries } from './why.queries.js';

/** Injection token of `AnalyticsQueries`. */
export const QUERIES = Symbol('AnalyticsQueries');

@Injectable()
export class Queries implements AnalyticsQueries {
  constructor(
    readonly cases: CasesQueries,
    readonly calls: CallsQueries,
    readonly views: ViewsQueries,
    private readonly ofFigures: FiguresQueries,
    private readonly ofTimelines: TimelineQueries,
    private readonly ofVerdicts: VerdictsQueries,
    private readonly ofWhy: WhyQueries,
    private readonly consumer: Consumer,
  ) {}

  figures: AnalyticsQueries['figures'] = (request) => this.ofFigures.figures(request);
  figuresOfDay: AnalyticsQueries['figuresOfDay'] = (day, cut) => this.ofFigures.figuresOfDay(day, cut);
  summary: AnalyticsQueries['summary'] = () => this.ofFigures.summary();
  lineage: AnalyticsQueries['lineage'] = (counter, day, options) => this.ofFigures.lineage(counter, day, options);
  timeline: AnalyticsQueries['timeline'] = (debtorId, limit) => this.ofTimelines.of(debtorId, limit);
  verdict: AnalyticsQueries['verdict'] = (contactId) => this.ofVerdicts.show(contactId);
  why: AnalyticsQueries['why'] = (debtorId, at) => this.ofWhy.why(debtorId, at);
  feeds: AnalyticsQueries['feeds'] = () => this.consumer.feeds();
  lag: AnalyticsQueries['lag'] = () => this.consumer.lag();
  caughtUp: AnalyticsQueries['caughtUp'] = () => this.consumer.caughtUp();
  drain: AnalyticsQueries['drain'] = () => this.consumer.drain();
}

/** Providers: each question, and all of them as {@link QUERIES}. */
export const questions = [
  CasesQueries,
  CallsQueries,
  FiguresQueries,
  TimelineQueries,
  VerdictsQueries,
  WhyQueries,
  ViewsQueries,
  SmsQueries,
  { provide: QUERIES, useClass: Queries },
];
