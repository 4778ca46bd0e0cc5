import { append, type Command, command, streamId, type TimerRow } from '@mora/eventing';
import { ActsOutside, type ServicePart } from '@mora/service';
import { Injectable } from '@nestjs/common';
import { caseRef } from '../case/case.js';
import { closeTolerated } from '../case/decisions.js';

@ActsOutside()
@Injectable()
export class CaseTimers implements ServicePart {
  onTimer(timer: TimerRow): readonly Command[] {
    return timer.name === 'tolerance' ? [closeToleratedCase(timer)] : [];
  }
}

const closeToleratedCase = (timer: TimerRow): Command => {
  const stream = caseRef(streamId(timer.stream));
  return command({
    name: 'close-tolerated',
    subject: timer.subject,
    shard: timer.shard,
    streams: [stream],
    about: { correlationId: streamId(timer.stream) },
    decide: ([state]) => closeTolerated(state).map((event) => append(stream, event)),
  });
};
