/** What a store lost, and a person's word that he has seen it: while everything else is closed, and only on the machine itself. */
import { Body, Controller, Get, Inject, Post, UseGuards } from '@nestjs/common';
import { type History, ServiceLife } from '../service-life.js';
import { FromThisMachine } from './from-this-machine.js';
import { AlwaysOpen } from './while-open.js';

const NOBODY = 'somebody on the machine';

@Controller('history')
@AlwaysOpen()
@UseGuards(FromThisMachine)
export class HistoryController {
  constructor(@Inject(ServiceLife) private readonly life: ServiceLife) {}

  @Get()
  read(): Promise<History> {
    return this.life.history();
  }

  @Post('confirm')
  async confirm(@Body() body: { readonly by?: unknown } | undefined): Promise<{ readonly count: number }> {
    const by = typeof body?.by === 'string' && body.by !== '' ? body.by : NOBODY;
    return { count: await this.life.confirmHistory(by) };
  }
}
