/** `telephony.v1`, the gateway's side. */
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { GatewayApi } from '@mora/contracts';
import type { Activity } from '@mora/eventing';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { telephonyV1 } from '../generated.js';
import { acknowledge, goneSignal, inHand } from '../grpc-door.js';
import { requested } from '../remote.js';
import { ACTIVITY, GATEWAY_API } from '../tokens.js';
import { attempt, originateRequestOf, originateResult, settled, slotRequestOf } from './messages.js';

/** As long as the gateway itself keeps a slot that nobody uses. */
const UNUSED_SLOT_MS = 60_000;

/**
 * A slot that was granted and not used yet is work: while the grant is on its way to the dialer neither process has anything else
 * to do, and the stepped clock must not move.
 */
class GrantedSlots {
  private readonly held = new Map<string, () => void>();

  constructor(private readonly activity: Activity) {}

  hold(attemptId: string): void {
    if (this.held.has(attemptId)) return;
    const end = this.activity.begin();
    const late = setTimeout(() => this.drop(attemptId), UNUSED_SLOT_MS);
    late.unref();
    this.held.set(attemptId, () => {
      clearTimeout(late);
      end();
    });
  }

  drop(attemptId: string): void {
    this.held.get(attemptId)?.();
    this.held.delete(attemptId);
  }
}

@Controller()
export class GatewayController {
  private readonly slots: GrantedSlots;

  constructor(
    @Inject(GATEWAY_API) private readonly gateway: GatewayApi,
    @Inject(ACTIVITY) private readonly activity: Activity,
  ) {
    this.slots = new GrantedSlots(activity);
  }

  /** Acknowledged as soon as it is queued, answered at the clock tick that grants it. */
  @GrpcMethod('TelephonyService', 'RequestSlot')
  async requestSlot(
    message: telephonyV1.RequestSlotRequest,
    _metadata: unknown,
    call: ServerUnaryCall<unknown, unknown>,
  ) {
    const granted = this.gateway.requestSlot(slotRequestOf(message));
    const gone = goneSignal(call);
    acknowledge(call);
    const grant = await granted;
    if (!gone.aborted) this.slots.hold(grant.attemptId);
    return { ...grant };
  }

  @GrpcMethod('TelephonyService', 'ReleaseSlot')
  releaseSlot(message: telephonyV1.ReleaseSlotRequest) {
    return inHand(this.activity, async () => {
      const { attemptId } = requested(attempt, message, 'ReleaseSlotRequest');
      await this.gateway.releaseSlot(attemptId);
      this.slots.drop(attemptId);
      return {};
    });
  }

  @GrpcMethod('TelephonyService', 'Originate')
  originate(message: telephonyV1.OriginateRequest) {
    return inHand(this.activity, async () => {
      const request = originateRequestOf(message);
      try {
        return { result: originateResult(await this.gateway.originate(request)) };
      } finally {
        this.slots.drop(request.attemptId);
      }
    });
  }

  @GrpcMethod('TelephonyService', 'Hangup')
  hangup(message: telephonyV1.HangupRequest) {
    return inHand(this.activity, async () => {
      await this.gateway.hangup(requested(attempt, message, 'HangupRequest').attemptId, message.why);
      return {};
    });
  }

  @GrpcMethod('TelephonyService', 'Settle')
  settle(message: telephonyV1.SettleRequest) {
    return inHand(this.activity, async () => {
      const { attemptId, debtorId } = requested(settled, message, 'SettleRequest');
      return { fate: await this.gateway.settle(attemptId, debtorId) };
    });
  }
}
