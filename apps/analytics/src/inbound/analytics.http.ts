/** The HTTP API: decodes, asks, encodes. Reads projected views and the archive only. */
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Consumer } from '../consumer.js';
import { COUNTERS } from '../figures/counters.js';
import { DEFINITIONS } from '../figures/definitions.js';
import { CUTS } from '../figures/reads.js';
import { CallsQueries } from '../queries/calls.queries.js';
import { CasesQueries } from '../queries/cases.queries.js';
import { NotFound } from '../queries/errors.js';
import { FiguresQueries } from '../queries/figures.queries.js';
import { TimelineQueries } from '../queries/timeline.queries.js';
import { VerdictsQueries } from '../queries/verdicts.queries.js';
import { WhyQueries } from '../queries/why.queries.js';
import {
  callsQuery,
  casesQuery,
  decodeQuery,
  figuresQuery,
  given,
  lineageQuery,
  timelineQuery,
  whyQuery,
} from './requests.js';

const optional = (name: string, description: string, more: object = {}) =>
  ApiQuery({ name, description, required: false, type: String, ...more });

@ApiTags('figures')
@Controller('api/figures')
export class FiguresController {
  constructor(private readonly queries: FiguresQueries) {}

  @Get()
  @ApiOperation({ summary: 'Figures of a day or period, each with numerator, denominator, definition and age' })
  @optional('day', 'Local day, 2026-11-02')
  @optional('from', 'First local day')
  @optional('to', 'Last local day, included')
  @optional('cut', 'Cut by', { enum: CUTS })
  @optional('simulated', 'Simulated outcomes instead of real ones; absent: whichever there are', { type: Boolean })
  @ApiOkResponse({ description: 'Figures' })
  figures(@Query() query: unknown) {
    const { day, from = day, to = day, cut, simulated } = decodeQuery(figuresQuery, query);
    const period = { from: from as string, to: to as string };
    return this.queries.figures({ period, ...given({ cut, simulated }) });
  }

  @Get('definitions')
  @ApiOperation({ summary: 'What each figure means' })
  @ApiOkResponse({ description: 'Definitions' })
  definitions() {
    return DEFINITIONS;
  }

  @Get('lineage')
  @ApiOperation({ summary: 'The facts that made a counter of a day' })
  @ApiQuery({ name: 'counter', enum: COUNTERS })
  @ApiQuery({ name: 'day', type: String })
  @optional('simulated', 'Simulated outcomes instead of real ones', { type: Boolean })
  @optional('limit', 'Event keys to list')
  @ApiOkResponse({ description: 'Value and event keys' })
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
  @ApiOperation({ summary: 'Cases, by id; `after` the last id of the page before' })
  @optional('state', 'open, promised, cured, closed, tolerance, handed-over')
  @optional('tier', 'L, M, H')
  @optional('label', 'Intent label')
  @optional('debtorId', 'Debtor')
  @optional('accountId', 'Account')
  @optional('openedOn', 'Local day')
  @optional('limit', '1–1000')
  @optional('after', 'caseId')
  @ApiOkResponse({ description: 'Cases' })
  list(@Query() query: unknown) {
    return this.queries.list(given(decodeQuery(casesQuery, query)));
  }

  @Get(':caseId')
  @ApiOperation({ summary: 'One case with its calls, SMS, promises and timeline' })
  @ApiParam({ name: 'caseId', type: String })
  @ApiOkResponse({ description: 'Case' })
  show(@Param('caseId') caseId: string) {
    return this.queries.show(caseId);
  }
}

@ApiTags('calls')
@Controller('api/calls')
export class CallsController {
  constructor(private readonly queries: CallsQueries) {}

  @Get()
  @ApiOperation({ summary: 'Calls, newest first' })
  @optional('debtorId', 'Debtor')
  @optional('caseId', 'Case')
  @optional('day', 'Local day of origination')
  @optional('disposition', 'Disposition')
  @optional('limit', '1–1000')
  @ApiOkResponse({ description: 'Calls' })
  list(@Query() query: unknown) {
    return this.queries.list(given(decodeQuery(callsQuery, query)));
  }

  @Get(':attemptId')
  @ApiOperation({ summary: 'One call turn by turn, with the rules that judged it' })
  @ApiParam({ name: 'attemptId', type: String })
  @ApiOkResponse({ description: 'Call' })
  show(@Param('attemptId') attemptId: string) {
    return this.queries.show(attemptId);
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
  @ApiOperation({ summary: 'Everything known of a debtor, in time order, without personal data' })
  @ApiParam({ name: 'debtorId', type: String })
  @optional('limit', 'Newest entries to list')
  @ApiOkResponse({ description: 'Timeline' })
  timeline(@Param('debtorId') debtorId: string, @Query() query: unknown) {
    return this.timelines.of(debtorId, decodeQuery(timelineQuery, query).limit);
  }

  @Get('debtors/:debtorId/why')
  @ApiOperation({ summary: 'Why the debtor was or was not contacted on the day of an instant' })
  @ApiParam({ name: 'debtorId', type: String })
  @optional('at', 'Instant; absent: now')
  @ApiOkResponse({ description: 'Grounds, verdicts, stops, plan' })
  why(@Param('debtorId') debtorId: string, @Query() query: unknown) {
    const { at } = decodeQuery(whyQuery, query);
    return this.whys.why(debtorId, at === undefined ? undefined : new Date(at).toISOString());
  }

  @Get('contacts/:contactId/verdict')
  @ApiOperation({ summary: 'The stored verdict of a contact: every rule with its inputs' })
  @ApiParam({ name: 'contactId', type: String })
  @ApiOkResponse({ description: 'Verdict' })
  async verdict(@Param('contactId') contactId: string) {
    const verdict = await this.verdicts.show(contactId);
    if (verdict === null) throw new NotFound('contact', contactId);
    return verdict;
  }

  @Get('denials')
  @ApiOperation({ summary: 'Denied contacts by rule' })
  @optional('day', 'Local day')
  @optional('from', 'First local day')
  @optional('to', 'Last local day, included')
  @optional('simulated', 'Simulated outcomes', { type: Boolean })
  @ApiOkResponse({ description: 'Denials' })
  async denials(@Query() query: unknown) {
    const { day, from = day, to = day, simulated } = decodeQuery(figuresQuery, query);
    const period = { from: from as string, to: to as string };
    const figures = await this.ofFigures.figures({ period, ...given({ simulated }) });
    return { period, simulated: figures.simulated, asOf: figures.asOf, denials: figures.denials };
  }

  @Get('feeds')
  @ApiOperation({ summary: 'How far each feed is taken in' })
  @ApiOkResponse({ description: 'Feeds' })
  feeds() {
    return { lag: this.consumer.lag(), caughtUp: this.consumer.caughtUp(), feeds: this.consumer.feeds() };
  }

  @Get('summary')
  @ApiOperation({ summary: 'Totals over everything' })
  @ApiOkResponse({ description: 'Summary' })
  summary() {
    return this.ofFigures.summary();
  }
}
