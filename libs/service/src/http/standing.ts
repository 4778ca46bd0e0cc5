/** What waits for a person, such as a feed that stopped, and his word to go on: only on the machine itself. */
import { Controller, Get, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { ServiceLife, type Standing } from '../service-life.js';
import { FromThisMachine } from './from-this-machine.js';

@Controller('standing')
@UseGuards(FromThisMachine)
export class StandingController {
  constructor(@Inject(ServiceLife) private readonly life: ServiceLife) {}

  @Get()
  read(): Promise<Standing> {
    return this.life.standing();
  }

  @Post('resume')
  async resume(): Promise<{ readonly count: number }> {
    return { count: await this.life.resumeFeeds() };
  }

  @Post('redrive/:debtorId')
  async redrive(@Param('debtorId') debtorId: string): Promise<{ readonly count: number }> {
    return { count: await this.life.redrive(debtorId) };
  }
}
