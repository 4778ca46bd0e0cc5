/** The views themselves over HTTP: which there are, and one built anew. */

import { FromThisMachine } from '@mora/service';
import { Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  ApiForbiddenResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { ViewsQueries } from '../queries/views.queries.js';
import { decodeQuery, given, rebuildQuery } from './requests.js';

@ApiTags('views')
@Controller('api/views')
export class ViewsController {
  constructor(private readonly queries: ViewsQueries) {}

  @Get()
  @ApiOperation({ summary: 'Names of the views' })
  @ApiOkResponse({ description: 'Names' })
  names() {
    return this.queries.names();
  }

  @Post(':name/rebuild')
  @HttpCode(200)
  @UseGuards(FromThisMachine)
  @ApiOperation({ summary: 'Builds a view anew from the archive and switches to it; answers when it is done' })
  @ApiParam({ name: 'name', type: String })
  @ApiQuery({ name: 'compare', description: 'Only tell the differences', required: false, type: Boolean })
  @ApiOkResponse({ description: 'Facts read, rows before and after, differences' })
  @ApiForbiddenResponse({ description: 'Asked from another machine: there is no login yet' })
  @ApiNotFoundResponse({ description: 'No such view' })
  rebuild(@Param('name') name: string, @Query() query: unknown) {
    return this.queries.rebuild(name, given(decodeQuery(rebuildQuery, query)));
  }
}
