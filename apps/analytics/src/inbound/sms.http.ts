import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { SmsQueries } from '../queries/sms.queries.js';
import { decodeQuery, given, repliesQuery, timelineQuery } from './requests.js';

const optional = (name: string, description: string, more: object = {}) =>
  ApiQuery({ name, description, required: false, type: String, ...more });

@ApiTags('sms')
@Controller('api/sms')
export class SmsController {
  constructor(private readonly queries: SmsQueries) {}

  @Get('replies')
  @ApiOperation({ summary: 'Answers to SMS, newest first, without their words' })
  @optional('day', 'Local day')
  @optional('reply', 'N, T, 1, 2 or other')
  @optional('debtorId', 'Of one debtor')
  @optional('forHuman', 'Only those that a human reads', { type: Boolean })
  @optional('limit', 'Rows to list')
  @ApiOkResponse({ description: 'Answers' })
  replies(@Query() query: unknown) {
    return this.queries.replies(given(decodeQuery(repliesQuery, query)));
  }

  @Get('letters')
  @ApiOperation({ summary: 'Notices before an adverse credit report that did not arrive: they need a letter' })
  @optional('limit', 'Rows to list')
  @ApiOkResponse({ description: 'Notices' })
  letters(@Query() query: unknown) {
    return this.queries.letters(given(decodeQuery(timelineQuery, query)));
  }
}
