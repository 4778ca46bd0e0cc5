/** The HTTP API: decodes, asks, encodes. Reads projected views and the archive only. */
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Consumer } from '../consumer.js';
import { DEFINITIONS } from '../figures/definitions.js';
import { CallsQueries } from '../queries/calls.queries.js';
import { CasesQueries } from '../queries/cases.queries.js';
import { NotFound } from '../queries/errors.js';
import { FiguresQueries } from '../queries/figures.queries.js';
import { TimelineQueries } from '../queries/timeline.queries.js';
import { VerdictsQueries } from '../queries/verdicts.queries.js';
import { WhyQueries } from '../queries/why.queries.js';
import { Described } from './described.js';
import {
  callsQuery,
  casesQuery,
  decodeQuery,
  denialsQuery,
  figuresQuery,
  given,
  idOf,
  lineageQuery,
  noQuery,
  timelineQuery,
  whyQuery,
} from './requests.js';
import * as answers from './responses.js';

@ApiTags('figures')
@Controller('api/figures')
export class FiguresController {
  constructor(private readonly queries: FiguresQueries) {}

  @Get()
  @Described({
    summary: 'Figures of a day or period, each with numerator, denominator, definition and age',
    query: figuresQuery,
    answers: answers.figures,
  })
  figures(@Query() query: unknown) {
    const { day, from = day, to = day, cut, simulated } = decodeQuery(figuresQuery, query);
    const period = { from: from as string, to: to as string };
    return this.queries.figures({ period, ...given({ cut, simulated }) });
  }

  @Get('definitions')
  @Described({ summary: 'What each figure means', answers: answers.definitions })
  definitions(@Query() query: unknown) {
    decodeQuery(noQuery, query);
    return DEFINITIONS;
  }

  @Get('lineage')
  @Described({
    summary: 'The facts that made a counter of a day: value and event keys',
    query: lineageQuery,
    answers: answers.lineage,
  })
  lineage(@Query() query: unknown) {
    const { counter, day, ...options } = decodeQuery(lineageQuery, query);
    return this.queries.lineage(counter, day, given(options));
  }
}

@ApiTags('cases')
@Controller('api/cases')
export class CasesController {
  constructor(private readonly queries: CasesQueries) {}

  @Get()
  @Described({
    summary: 'Cases, by id; `after` the last id of the page before',
    query: casesQuery,
    answers: answers.cases,
  })
  list(@Query() query: unknown) {
    return this.queries.list(given(decodeQuery(casesQuery, query)));
  }

  @Get(':caseId')
  @Described({
    summary: 'One case with its calls, SMS, promises and timeline',
    ids: { caseId: 'Case' },
    answers: answers.caseDetail,
  })
  show(@Param('caseId') caseId: string, @Query() query: unknown) {
    decodeQuery(noQuery, query);
    return this.queries.show(idOf('caseId', caseId));
  }
}

@ApiTags('calls')
@Controller('api/calls')
export class CallsController {
  constructor(private readonly queries: CallsQueries) {}

  @Get()
  @Described({ summary: 'Calls, newest first', query: callsQuery, answers: answers.calls })
  list(@Query() query: unknown) {
    return this.queries.list(given(decodeQuery(callsQuery, query)));
  }

  @Get(':attemptId')
  @Described({
    summary: 'One call turn by turn, with the rules that judged it',
    ids: { attemptId: 'Attempt' },
    answers: answers.callDetail,
  })
  show(@Param('attemptId') attemptId: string, @Query() query: unknown) {
    decodeQuery(noQuery, query);
    return this.queries.show(idOf('attemptId', attemptId));
  }
}

@ApiTags('proof')
@Controller('api')
export class ProofController {
  constructor(
    private readonly timelines: TimelineQueries,
    private readonly whys: WhyQueries,
    private readonly verdicts: VerdictsQueries,
    private readonly ofFigures: FiguresQueries,
    private readonly consumer: Consumer,
  ) {}

  @Get('debtors/:debtorId/timeline')
  @Described({
    summary: 'Everything known of a debtor, in time order, without personal data',
    ids: { debtorId: 'Debtor' },
    neverMissing: true,
    query: timelineQuery,
    answers: answers.timeline,
  })
  timeline(@Param('debtorId') debtorId: string, @Query() query: unknown) {
    return this.timelines.of(idOf('debtorId', debtorId), decodeQuery(timelineQuery, query).limit);
  }

  @Get('debtors/:debtorId/why')
  @Described({
    summary: 'Why the debtor was or was not contacted on the day of an instant, as it stood at that instant',
    ids: { debtorId: 'Debtor' },
    neverMissing: true,
    query: whyQuery,
    answers: answers.why,
  })
  why(@Param('debtorId') debtorId: string, @Query() query: unknown) {
    const { at } = decodeQuery(whyQuery, query);
    return this.whys.why(idOf('debtorId', debtorId), at === undefined ? undefined : new Date(at).toISOString());
  }

  @Get('contacts/:contactId/verdict')
  @Described({
    summary: 'The stored verdict of a contact: every rule with its inputs',
    ids: { contactId: 'Call or SMS' },
    answers: answers.verdictView,
  })
  async verdict(@Param('contactId') contactId: string, @Query() query: unknown) {
    decodeQuery(noQuery, query);
    const verdict = await this.verdicts.show(idOf('contactId', contactId));
    if (verdict === null) throw new NotFound('contact', contactId);
    return verdict;
  }

  @Get('denials')
  @Described({ summary: 'Denied contacts by rule', query: denialsQuery, answers: answers.deniedContacts })
  async denials(@Query() query: unknown) {
    const { day, from = day, to = day, simulated } = decodeQuery(denialsQuery, query);
    const period = { from: from as string, to: to as string };
    const figures = await this.ofFigures.figures({ period, ...given({ simulated }) });
    return { period, simulated: figures.simulated, asOf: figures.asOf, denials: figures.denials };
  }

  @Get('feeds')
  @Described({ summary: 'How far each feed is taken in', answers: answers.feeds })
  feeds(@Query() query: unknown) {
    decodeQuery(noQuery, query);
    return { lag: this.consumer.lag(), caughtUp: this.consumer.caughtUp(), feeds: this.consumer.feeds() };
  }

  @Get('summary')
  @Described({ summary: 'Totals over everything', answers: answers.summary })
  summary(@Query() query: unknown) {
    decodeQuery(noQuery, query);
    return this.ofFigures.summary();
  }
}
