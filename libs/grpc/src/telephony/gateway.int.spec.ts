import { afterEach, describe, expect, it } from '@jest/globals';
import type { GatewayApi, LegFate, OriginateReply, OriginateRequest, SlotGrant, SlotRequest } from '@mora/contracts';
import { createActivity } from '@mora/eventing';
import { Wire, waitFor } from '@mora/test-kit';
import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { clientFor } from '../client.js';
import { telephonyV1 } from '../generated.js';
import { CALL, CONTEXT, PERMIT } from '../ports.fixture.js';
import { ACTIVITY, GATEWAY_API } from '../tokens.js';
import { GatewayController } from './gateway.controller.js';
import { gatewayClient } from './gateway-client.js';

const ASKED: SlotRequest = {
  attemptId: 'attempt-1',
  debtorId: 'debtor-1',
  priority: -3,
  queuedAt: '2026-11-02T01:00:00.000Z',
};

class SlotReleased extends Error {
  readonly code = 'SLOT_RELEASED';
}

/** Slots as the gateway has them: asked twice, the same slot answers; a tick grants what waits. */
class FakeGateway implements GatewayApi {
  readonly asked: SlotRequest[] = [];
  readonly calls: OriginateRequest[] = [];
  readonly heard: string[] = [];
  private readonly pending = new Map<string, PromiseWithResolvers<SlotGrant>>();
  private readonly held = new Map<string, SlotGrant>();
  placing: () => Promise<OriginateReply> = async () => ({
    result: 'accepted',
    legId: 'leg-1',
    trunk: 'trunk-1',
    acceptedAt: '2026-11-02T01:00:30.000Z',
  });
  fate: LegFate = 'never-left';

  requestSlot(request: SlotRequest): Promise<SlotGrant> {
    this.asked.push(request);
    const held = this.held.get(request.attemptId);
    if (held) return Promise.resolve(held);
    const known = this.pending.get(request.attemptId) ?? Promise.withResolvers<SlotGrant>();
    known.promise.catch(() => undefined);
    this.pending.set(request.attemptId, known);
    return known.promise;
  }
  tick(): void {
    for (const [attemptId, { resolve }] of this.pending) {
      const grant = { ...GRANT, attemptId };
      this.held.set(attemptId, grant);
      resolve(grant);
    }
    this.pending.clear();
  }
  async releaseSlot(attemptId: string): Promise<void> {
    this.heard.push(`release ${attemptId}`);
    this.held.delete(attemptId);
    this.pending.get(attemptId)?.reject(new SlotReleased());
    this.pending.delete(attemptId);
  }
  /** As a gateway that goes down: nobody waits for it any more. */
  closeSlots(): void {
    for (const { reject } of this.pending.values()) reject(new SlotReleased());
    this.pending.clear();
    this.held.clear();
  }
  async originate(request: OriginateRequest): Promise<OriginateReply> {
    this.calls.push(request);
    const reply = await this.placing();
    this.held.delete(request.attemptId);
    return reply;
  }
  async hangup(attemptId: string, why: string): Promise<void> {
    this.heard.push(`hangup ${attemptId} ${why}`);
  }
  async settle(attemptId: string, debtorId: string): Promise<LegFate> {
    this.heard.push(`settle ${attemptId} ${debtorId}`);
    return this.fate;
  }
}

const GRANT: Omit<SlotGrant, 'attemptId'> = {
  slotAt: '2026-11-02T01:00:30.000Z',
  limiter: 'starts-per-second',
  limit: 12.5,
  inUse: 3,
  gatewayId: 'gateway-1',
  trunk: 'trunk-1',
};

@Controller()
class LyingGateway {
  @GrpcMethod('TelephonyService', 'RequestSlot')
  async requestSlot() {
    return { ...GRANT, attemptId: 'attempt-2' };
  }
  @GrpcMethod('TelephonyService', 'Originate')
  async originate() {
    return {};
  }
  @GrpcMethod('TelephonyService', 'Settle')
  async settle() {
    return { fate: 'perhaps' };
  }
}

let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  ending = [];
});

const rig = async ({ up = true, slotWaitMs = 60_000, deadlineMs = 2_000 } = {}) => {
  const api = new FakeGateway();
  const [there, here] = [createActivity(), createActivity()];
  const wire = await Wire.at({
    controllers: [GatewayController],
    providers: [
      { provide: GATEWAY_API, useValue: api },
      { provide: ACTIVITY, useValue: there },
    ],
    services: [telephonyV1.TelephonyService],
  });
  if (up) await wire.start();
  const gateway = gatewayClient(wire.address, { deadlineMs, slotWaitMs, activity: here });
  ending.push(() => wire.stop(), gateway.close);
  return { api, wire, gateway, there, here };
};
const asObject = async () => {
  const api = new FakeGateway();
  return { api, gateway: api as GatewayApi };
};
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

describe.each([
  ['as an object', asObject],
  ['over gRPC', async () => rig()],
])('the gateway %s', (_, connect) => {
  it('grants a slot at the tick, not before, and the same one to the same attempt', async () => {
    const { api, gateway } = await connect();
    const waiting = gateway.requestSlot(ASKED);
    const again = gateway.requestSlot(ASKED);
    await waitFor('the gateway was asked', () => api.asked.length === 2);
    let granted = false;
    void waiting.then(() => {
      granted = true;
    });
    await turn();
    expect(granted).toBe(false);
    api.tick();
    expect(await waiting).toEqual({ ...GRANT, attemptId: 'attempt-1' });
    expect(await again).toEqual({ ...GRANT, attemptId: 'attempt-1' });
    expect(api.asked).toEqual([ASKED, ASKED]);
  });

  it('ends the wait for a slot that is given back', async () => {
    const { api, gateway } = await connect();
    const waiting = gateway.requestSlot(ASKED);
    waiting.catch(() => undefined);
    await waitFor('the gateway was asked', () => api.asked.length === 1);
    await gateway.releaseSlot('attempt-1');
    await expect(waiting).rejects.toMatchObject({ code: 'SLOT_RELEASED' });
    expect(api.heard).toEqual(['release attempt-1']);
  });

  it('hears a call as it was asked for, with its dialogue, and what may be absent', async () => {
    const { api, gateway } = await connect();
    const full: OriginateRequest = { ...CALL, phoneIndex: 0, name: '' };
    expect(await gateway.originate(CALL)).toEqual({
      result: 'accepted',
      legId: 'leg-1',
      trunk: 'trunk-1',
      acceptedAt: '2026-11-02T01:00:30.000Z',
    });
    await gateway.originate(full);
    expect(api.calls).toEqual([CALL, full]);
    expect([api.calls[0]!.context, api.calls[0]!.permit]).toEqual([CONTEXT, PERMIT]);
  });

  it('says why it refuses a call', async () => {
    const { api, gateway } = await connect();
    api.placing = async () => ({ result: 'refused', because: 'permit expired' });
    expect(await gateway.originate(CALL)).toEqual({ result: 'refused', because: 'permit expired' });
  });

  it('hangs up, and tells every fate', async () => {
    const { api, gateway } = await connect();
    await gateway.hangup('attempt-1', 'cured');
    for (const fate of ['never-left', 'open', 'ended', 'lost'] as const) {
      api.fate = fate;
      expect(await gateway.settle('attempt-1', 'debtor-1')).toBe(fate);
    }
    expect(api.heard.slice(0, 2)).toEqual(['hangup attempt-1 cured', 'settle attempt-1 debtor-1']);
  });
});

describe('waiting for a slot at another process', () => {
  it('goes on over a gateway that starts later, goes down in order and is killed', async () => {
    const { api, wire, gateway } = await rig({ up: false });
    const waiting = gateway.requestSlot(ASKED);
    await turn();
    await wire.start();
    await waitFor('the gateway was asked', () => api.asked.length === 1);
    api.closeSlots();
    await wire.stop(100);
    await wire.start();
    await waitFor('the gateway was asked', () => api.asked.length > 1);
    await turn();
    const before = api.asked.length;
    await wire.stop();
    await wire.start();
    await waitFor('the gateway was asked', () => api.asked.length > before);
    await turn();
    api.tick();
    expect(await waiting).toMatchObject({ attemptId: 'attempt-1' });
  });

  it('asks again when the answer takes longer than a call may', async () => {
    const { api, gateway } = await rig({ slotWaitMs: 150 });
    const waiting = gateway.requestSlot(ASKED);
    await waitFor('the gateway was asked', () => api.asked.length >= 3);
    api.tick();
    expect(await waiting).toEqual({ ...GRANT, attemptId: 'attempt-1' });
  });

  it('ends at once when the slot is given back while the gateway is away', async () => {
    const { gateway } = await rig({ up: false, deadlineMs: 200 });
    const waiting = gateway.requestSlot(ASKED);
    waiting.catch(() => undefined);
    await turn();
    const release = gateway.releaseSlot('attempt-1');
    await expect(waiting).rejects.toMatchObject({ code: 'SLOT_RELEASED' });
    await expect(release).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('ends when its own process closes', async () => {
    const { api, gateway } = await rig();
    const waiting = gateway.requestSlot(ASKED);
    waiting.catch(() => undefined);
    await waitFor('the gateway was asked', () => api.asked.length === 1);
    gateway.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SLOT_RELEASED' });
    await expect(gateway.requestSlot(ASKED)).rejects.toMatchObject({ code: 'SLOT_RELEASED' });
  });

  it('holds the clock until the gateway has queued it, and not while it only waits for a tick', async () => {
    const { api, wire, gateway, here, there } = await rig({ up: false });
    const waiting = gateway.requestSlot(ASKED);
    await turn();
    expect(here.busy).toBe(1);
    await wire.start();
    await waitFor('the clock is free', () => here.busy === 0);
    expect([api.asked.length, there.busy]).toEqual([1, 0]);
    await wire.stop();
    await waitFor('the clock is held', () => here.busy === 1);
    await wire.start();
    await waitFor('the clock is free', () => here.busy === 0);
    api.tick();
    await waiting;
  });

  it('holds the clock from the grant until the slot is a call or given back', async () => {
    const { api, gateway, here, there } = await rig();
    for (const use of [() => gateway.originate(CALL), () => gateway.releaseSlot('attempt-1')]) {
      const waiting = gateway.requestSlot(ASKED);
      await waitFor('the clock is free', () => here.busy === 0 && api.asked.length > 0);
      api.tick();
      await waiting;
      await turn();
      expect([here.busy, there.busy]).toEqual([0, 1]);
      await use();
      expect(there.busy).toBe(0);
    }
  });

  it('holds no clock for a grant that nobody waits for any more', async () => {
    const { api, gateway, there, here } = await rig();
    void gateway.requestSlot(ASKED).catch(() => undefined);
    await waitFor('the clock is free', () => here.busy === 0 && api.asked.length === 1);
    gateway.close();
    await turn();
    api.tick();
    await turn();
    expect(there.busy).toBe(0);
  });
});

describe('placing a call at another process', () => {
  it('is never tried twice: when the gateway dies over it, the caller is told', async () => {
    const { api, wire, gateway } = await rig();
    const reached = Promise.withResolvers<void>();
    api.placing = () => {
      reached.resolve();
      return new Promise(() => undefined);
    };
    const reply = gateway.originate(CALL);
    reply.catch(() => undefined);
    await reached.promise;
    await wire.stop();
    await wire.start();
    await expect(reply).rejects.toThrow();
    await turn();
    expect(api.calls).toHaveLength(1);
    expect(await gateway.settle('attempt-1', 'debtor-1')).toBe('never-left');
  });

  it('waits for a gateway that is not there yet, and gives up at its deadline', async () => {
    const { api, wire, gateway } = await rig({ up: false, deadlineMs: 1_500 });
    const reply = gateway.originate(CALL);
    await turn();
    await wire.start();
    expect(await reply).toMatchObject({ result: 'accepted' });
    api.placing = () => new Promise(() => undefined);
    await expect(gateway.originate(CALL)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(api.calls).toHaveLength(2);
  });

  it('refuses a dialogue that is no JSON, and a request that is none', async () => {
    const { api, wire } = await rig();
    const raw = clientFor(telephonyV1.TelephonyService, wire.address);
    ending.push(raw.close);
    const { dialogue: _, ...rest } = CALL;
    for (const dialogue of [Buffer.from('{'), Buffer.from([0xff]), Buffer.alloc(0)])
      await expect(raw.originate({ ...rest, dialogue })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(raw.originate({})).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(raw.requestSlot({ attemptId: 'a' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(raw.settle({ attemptId: 'a' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect([api.calls, api.asked, api.heard]).toEqual([[], [], []]);
  });

  it('takes nothing that breaks the contract for an answer', async () => {
    const wire = await Wire.up({
      controllers: [LyingGateway],
      services: [telephonyV1.TelephonyService],
      notOffered: ['/mora.telephony.v1.TelephonyService/ReleaseSlot', '/mora.telephony.v1.TelephonyService/Hangup'],
    });
    const gateway = gatewayClient(wire.address);
    ending.push(() => wire.stop(), gateway.close);
    await expect(gateway.requestSlot(ASKED)).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    await expect(gateway.originate(CALL)).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    await expect(gateway.settle('attempt-1', 'debtor-1')).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});
