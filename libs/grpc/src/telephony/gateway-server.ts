/** `telephony.v1`, the gateway's side. */
import type { GatewayApi } from '@mora/contracts';
import type { Activity } from '@mora/eventing';
import { telephonyV1 } from '../generated.js';
import { addService } from '../grpc.js';
import { inHand, type PortServeOptions, type PortServer, requested, withStatuses } from '../remote.js';
import { attempt, originateRequestOf, originateResult, settled, slotRequestOf } from './messages.js';

/** As long as the gateway itself keeps a slot that nobody uses. */
const UNUSED_SLOT_MS = 60_000;

/**
 * A slot that was granted and not used yet is work: while the grant is on its way to the dialer neither process has anything else
 * to do, and the stepped clock must not move.
 */
class GrantedSlots {
  private readonly held = new Map<string, () => void>();

  constructor(private readonly activity: Activity | undefined) {}

  hold(attemptId: string): void {
    if (this.activity === undefined || this.held.has(attemptId)) return;
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

/** A request for a slot is acknowledged as soon as it is queued and answered at the clock tick that grants it. */
export const addGateway = (server: PortServer, api: GatewayApi, options: PortServeOptions): void => {
  const slots = new GrantedSlots(options.activity);
  addService(
    server,
    telephonyV1.TelephonyService,
    {
      requestSlot: async (message, call) => {
        const granted = api.requestSlot(slotRequestOf(message));
        call.acknowledge();
        const grant = await granted;
        if (!call.signal.aborted) slots.hold(grant.attemptId);
        return { ...grant };
      },
      releaseSlot: (message) =>
        inHand(options, async () => {
          const { attemptId } = requested(attempt, message, 'ReleaseSlotRequest');
          await api.releaseSlot(attemptId);
          slots.drop(attemptId);
          return {};
        }),
      originate: (message) =>
        inHand(options, async () => {
          const request = originateRequestOf(message);
          try {
            return { result: originateResult(await api.originate(request)) };
          } finally {
            slots.drop(request.attemptId);
          }
        }),
      hangup: (message) =>
        inHand(options, async () => {
          await api.hangup(requested(attempt, message, 'HangupRequest').attemptId, message.why);
          return {};
        }),
      settle: (message) =>
        inHand(options, async () => {
          const { attemptId, debtorId } = requested(settled, message, 'SettleRequest');
          return { fate: await api.settle(attemptId, debtorId) };
        }),
    },
    withStatuses(options),
  );
};
