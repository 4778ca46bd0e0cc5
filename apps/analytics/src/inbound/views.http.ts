/** The views themselves over HTTP: which there are, and one built anew. */

import { FromThisMachine } from '@mora/service';
import { Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ViewsQueries } from '../queries/views.queries.js';
import { Described } from './described.js';
import { decodeQuery, given, idOf, noQuery, rebuildQuery } from './requests.js';
import { rebuilt, viewNames } from './responses.js';

@ApiTags('views')
@Controller('api/views')
export class ViewsController {
  constructor(private readonly queries: ViewsQueries) {}

  @Get()
  @Described({ summary: 'Names of the views', answers: viewNames })
  names(@Query() query: unknown) {
    decodeQuery(noQuery, query);
    return this.queries.names();
  }

  @Post(':name/rebuild')
  @HttpCode(200)
  @UseGuards(FromThisMachine)
  @Described({
    summary: 'Builds a view anew from the archive and switches to it; answers when it is done. From this machine only',
    ids: { name: 'View' },
    query: rebuildQuery,
    answers: rebuilt,
  })
  rebuild(@Param('name') name: string, @Query() query: unknown) {
    return this.queries.rebuild(idOf('name', name), given(decodeQuery(rebuildQuery, query)));
  }
}
