/** `telephony.v1`, the dialer's side. */
import { status } from '@grpc/grpc-js';
import type { GatewayApi, SlotGrant, SlotRequest } from '@mora/contracts';
import type { Activity } from '@mora/eventing';
import { clientFor, RemoteError, type RemoteService } from '../client.js';
import { telephonyV1 } from '../generated.js';
import { answered, backOffMs, createCaller, isUnanswered, type PortClientOptions, pause } from '../remote.js';
import { legFate, originateMessage, originateReplyOf, slotGrantOf } from './messages.js';

export interface GatewayClientOptions extends PortClientOptions {
  /** How long one request for a slot stays open before it is asked again; default 10 minutes. */
  readonly slotWaitMs?: number;
}

const SLOT_WAIT_MS = 600_000;

type Telephony = Pick<RemoteService<typeof telephonyV1.TelephonyService>, 'requestSlot'>;

/**
 * Asks the gateway at `host:port`. A slot is waited for until it is granted or given back, over any restart of the gateway. Placing
 * a call is tried once, because a second try would hear that the attempt was placed already: after a failure ask `settle`.
 */
export const gatewayClient = (address: string, options: GatewayClientOptions = {}): GatewayApi & { close(): void } => {
  const service = clientFor(telephonyV1.TelephonyService, address, options);
  const closed = new AbortController();
  const caller = createCaller(options, closed.signal);
  const waits = new SlotWaits(service, options);
  return {
    requestSlot: (request) => waits.request(request),
    releaseSlot: async (attemptId) => {
      waits.giveUp(attemptId);
      await caller.repeated((per) => service.releaseSlot({ attemptId }, per));
    },
    originate: async (request) => {
      const message = originateMessage(request);
      return originateReplyOf(await caller.once((per) => service.originate(message, per)));
    },
    hangup: async (attemptId, why) => {
      await caller.repeated((per) => service.hangup({ attemptId, why }, per));
    },
    settle: async (attemptId, debtorId) => {
      const { fate } = await caller.repeated((per) => service.settle({ attemptId, debtorId }, per));
      return answered(legFate, fate, 'LegFate');
    },
    close: () => {
      closed.abort();
      waits.giveUpAll();
      service.close();
    },
  };
};

/** Everybody who waits for a line at the gateway. */
class SlotWaits {
  private readonly waiting = new Map<string, Set<AbortController>>();
  private closed = false;

  constructor(
    private readonly service: Telephony,
    private readonly options: GatewayClientOptions,
  ) {}

  async request(request: SlotRequest): Promise<SlotGrant> {
    const { attemptId } = request;
    const wait = new AbortController();
    if (this.closed) wait.abort();
    const same = this.waiting.get(attemptId) ?? new Set();
    this.waiting.set(attemptId, same.add(wait));
    const busy = new Busy(this.options.activity);
    try {
      return await this.untilGranted(request, wait.signal, busy);
    } finally {
      same.delete(wait);
      if (same.size === 0 && this.waiting.get(attemptId) === same) this.waiting.delete(attemptId);
      // Whoever asked goes on in this turn of the event loop.
      busy.begin();
      setImmediate(() => busy.end());
    }
  }

  giveUp(attemptId: string): void {
    for (const wait of this.waiting.get(attemptId) ?? []) wait.abort();
  }

  giveUpAll(): void {
    this.closed = true;
    for (const attemptId of [...this.waiting.keys()]) this.giveUp(attemptId);
  }

  /** Only the clock brings a slot: from the gateway's acknowledgement on nothing is going on here. */
  private async untilGranted(request: SlotRequest, signal: AbortSignal, busy: Busy): Promise<SlotGrant> {
    const { attemptId } = request;
    for (let failures = 0; ; failures++) {
      if (signal.aborted) throw released(attemptId);
      busy.begin();
      let queued = false;
      const onAcknowledged = () => {
        queued = true;
        busy.end();
      };
      try {
        const deadlineMs = this.options.slotWaitMs ?? SLOT_WAIT_MS;
        const per = { deadlineMs, waitForReady: true, signal, onAcknowledged };
        return slotGrantOf(await this.service.requestSlot({ ...request }, per), attemptId);
      } catch (error) {
        busy.begin();
        if (signal.aborted) throw released(attemptId);
        if (!asksAgain(error)) throw error;
        if (queued) failures = 0;
        if (!isOver(error)) await pause(backOffMs(failures), signal);
      }
    }
  }
}

/** Counts as one piece of work, or as none. */
class Busy {
  private finish: (() => void) | null = null;

  constructor(private readonly activity: Activity | undefined) {}

  begin(): void {
    this.finish ??= this.activity?.begin() ?? null;
  }

  end(): void {
    this.finish?.();
    this.finish = null;
  }
}

const released = (attemptId: string): RemoteError =>
  new RemoteError('SLOT_RELEASED', status.ABORTED, `the slot of ${attemptId} was given back`);

const isOver = (error: unknown): boolean => error instanceof RemoteError && error.status === status.DEADLINE_EXCEEDED;

/** A slot that was not given back here is still wanted: a gateway that closes gives all of them back. */
const asksAgain = (error: unknown): boolean =>
  isUnanswered(error) || isOver(error) || (error instanceof RemoteError && error.code === 'SLOT_RELEASED');
