import type { Command, TimerRow } from '@mora/eventing';
import { ActsOutside, type ServicePart } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { TIERING_GROUND, type TieringGround, timerCommand } from '../reactions/commands.js';

@ActsOutside()
@Injectable()
export class TieringTimers implements ServicePart {
  constructor(@Inject(TIERING_GROUND) private readonly ground: TieringGround) {}

  onTimer(timer: TimerRow): readonly Command[] {
    return [timerCommand(this.ground, timer)];
  }
}
