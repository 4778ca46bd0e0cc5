/** `clock.v1`: business time, moved by another process. */
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { isoInstant } from '@mora/contracts';
import type { Activity, Clock, RemoteSteppedClock } from '@mora/eventing';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { z } from 'zod';
import type { clockV1 } from '../generated.js';
import { goneSignal } from '../grpc-door.js';
import { InvalidRequest, pause, present, requested, safeInteger } from '../remote.js';
import { CLOCK_HOST } from '../tokens.js';
import type { ProcessorCursor, QuietAnswer, SourceHead } from './all-quiet.js';

/** A process as the one who moves the clock sees it. */
export interface ClockHost {
  readonly clock: Clock;
  /** Moves `clock`; null: it is a real one. */
  readonly steps: RemoteSteppedClock | null;
  readonly activity: Activity;
  /** Another one after every start of the process. */
  readonly incarnation: string;
  /** Neither starting nor ending: then what follows is all there is. */
  isSettled(): boolean;
  nextDue(): Promise<string | null>;
  /** Of the stores that the process owns. */
  heads(): Promise<readonly SourceHead[]>;
  /** Of every consumer that the clock must wait for. */
  cursors(): readonly ProcessorCursor[] | Promise<readonly ProcessorCursor[]>;
}

/** Real time is not stepped. */
class ClockIsReal extends Error {
  readonly code = 'CLOCK_IS_REAL';
}

const LONGEST_WAIT_MS = 5_000;
const to = z.object({ to: isoInstant });

@Controller()
export class ClockController {
  constructor(@Inject(CLOCK_HOST) private readonly host: ClockHost) {}

  @GrpcMethod('ClockService', 'Now')
  async now() {
    const { clock, steps } = this.host;
    return { now: clock.now(), ...clock.anchor, step: BigInt(steps?.step ?? 0) };
  }

  @GrpcMethod('ClockService', 'Quiet')
  async quiet({ waitMs }: clockV1.QuietRequest, _metadata: unknown, call: ServerUnaryCall<unknown, unknown>) {
    const { activity } = this.host;
    if (activity.busy > 0 && waitMs > 0) {
      const waited = new AbortController();
      const ended = AbortSignal.any([goneSignal(call), waited.signal]);
      await Promise.race([activity.quiet(), pause(Math.min(waitMs, LONGEST_WAIT_MS), ended)]);
      waited.abort();
    }
    return quietMessage(await lookAt(this.host));
  }

  @GrpcMethod('ClockService', 'Advance')
  async advance(message: clockV1.AdvanceRequest) {
    const { clock, steps } = this.host;
    if (steps === null) throw new ClockIsReal('a real clock does not step');
    const at = requested(to, message, 'AdvanceRequest').to;
    const step = safeInteger(message.step, () => new InvalidRequest('AdvanceRequest: step'));
    if (message.hold) steps.hold(at);
    else steps.advance(at, step);
    return { now: clock.now() };
  }
}

/** Quiet only if nothing was going on from before the heads were read until after. */
const lookAt = async (host: ClockHost): Promise<QuietAnswer> => {
  const { activity, clock, steps, incarnation } = host;
  const { begun } = activity;
  const idle = () => host.isSettled() && activity.busy === 0 && steps?.held !== true;
  const before = idle();
  const [heads, cursors, nextDueAt] = await Promise.all([host.heads(), host.cursors(), host.nextDue()]);
  const quiet = before && idle() && activity.begun === begun;
  return { incarnation, now: clock.now(), quiet, begun: activity.begun, nextDueAt, heads, cursors };
};

const quietMessage = ({ begun, nextDueAt, heads, cursors, ...rest }: QuietAnswer) => ({
  ...present({ ...rest, nextDueAt: nextDueAt ?? undefined }),
  begun: BigInt(begun),
  heads: heads.map(({ position, ...head }) => ({ ...head, position: BigInt(position) })),
  cursors: cursors.map(({ position, ...cursor }) => ({ ...cursor, position: BigInt(position) })),
});
