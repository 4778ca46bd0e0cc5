/** What each of the dialer's timers stands for. */
import { type Command, streamId, type TimerRow } from '@mora/eventing';
import { ActsOutside, EventCore, type ServicePart } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { REVOKE_TIMER, SETTLE_TIMER } from '../call/call.js';
import { DIALER_COMMANDS, type DialerCommands } from '../commands.js';
import { DIAL_TIMER, PLAN_TIMER, QUEUED_TIMER, REPLAN_TIMER } from '../dialing/dialing.js';

@ActsOutside()
@Injectable()
export class DialTimers implements ServicePart {
  constructor(
    @Inject(DIALER_COMMANDS) private readonly commands: DialerCommands,
    private readonly core: EventCore,
  ) {}

  onTimer({ name, subject: debtorId, stream }: TimerRow): readonly Command[] {
    const { commands } = this;
    switch (name) {
      case PLAN_TIMER:
        return [this.core.isParked(debtorId) ? commands.holdParked(debtorId) : commands.dayPlan(debtorId)];
      case REPLAN_TIMER:
        return [this.core.isParked(debtorId) ? commands.holdParked(debtorId) : commands.replan(debtorId)];
      case DIAL_TIMER:
        return [this.core.isParked(debtorId) ? commands.holdParked(debtorId) : commands.queue(debtorId)];
      case QUEUED_TIMER:
        return [commands.keepQueued(debtorId)];
      case SETTLE_TIMER:
        return [commands.askSettle(debtorId, streamId(stream))];
      case REVOKE_TIMER:
        return [commands.askRevoke(debtorId, streamId(stream))];
      default:
        return [];
    }
  }
}
