import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SmsQueries } from '../queries/sms.queries.js';
import { Described } from './described.js';
import { decodeQuery, given, repliesQuery, timelineQuery } from './requests.js';
import * as answers from './responses.js';

@ApiTags('sms')
@Controller('api/sms')
export class SmsController {
  constructor(private readonly queries: SmsQueries) {}

  @Get('replies')
  @Described({
    summary: 'Answers to SMS, newest first, without their words',
    query: repliesQuery,
    answers: answers.smsReplies,
  })
  replies(@Query() query: unknown) {
    return this.queries.replies(given(decodeQuery(repliesQuery, query)));
  }

  @Get('letters')
  @Described({
    summary: 'Notices before an adverse credit report that did not arrive: they need a letter',
    query: timelineQuery,
    answers: answers.letters,
  })
  letters(@Query() query: unknown) {
    return this.queries.letters(given(decodeQuery(timelineQuery, query)));
  }
}
