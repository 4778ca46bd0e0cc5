import type { SlotGrant, SlotRequest } from '@mora/contracts';
import { grantSlots, type Limits, type Waiting } from './capacity.js';

/** The slot was given back, or the gateway closes: nobody waits for it any more. */
export class SlotReleased extends Error {
  readonly code = 'SLOT_RELEASED';
  constructor(readonly attemptId: string) {
    super(`the slot of ${attemptId} was given back`);
    this.name = 'SlotReleased';
  }
}

interface Pending {
  readonly request: SlotRequest;
  readonly promise: Promise<SlotGrant>;
  heldBy: Waiting['heldBy'];
  resolve(grant: SlotGrant): void;
  reject(error: SlotReleased): void;
}

interface Held {
  readonly grant: SlotGrant;
  readonly untilWallMs: number;
}

/** A slot that nobody uses goes back after this much wall time: its asker died. */
const UNUSED_SLOT_MS = 60_000;

/** Who waits for a line, and who was given one and has not dialed yet. */
export class Slots {
  private readonly pending = new Map<string, Pending>();
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly limits: Limits,
    private readonly line: { readonly gatewayId: string; readonly trunk: string },
  ) {}

  /** Asked twice, the same slot answers. */
  request(request: SlotRequest): Promise<SlotGrant> {
    const held = this.held.get(request.attemptId);
    if (held) return Promise.resolve(held.grant);
    const known = this.pending.get(request.attemptId);
    if (known) return known.promise;
    const { promise, resolve, reject } = Promise.withResolvers<SlotGrant>();
    promise.catch(() => undefined);
    this.pending.set(request.attemptId, { request, promise, heldBy: 'none', resolve, reject });
    return promise;
  }

  release(attemptId: string): void {
    this.held.delete(attemptId);
    const waiting = this.pending.get(attemptId);
    this.pending.delete(attemptId);
    waiting?.reject(new SlotReleased(attemptId));
  }

  has(attemptId: string): boolean {
    return this.held.has(attemptId);
  }

  /** The slot became a call. */
  use(attemptId: string): void {
    this.held.delete(attemptId);
  }

  get waiting(): number {
    return this.pending.size;
  }

  /** @returns how many were granted. Only who asked before the tick is served at it. */
  grant(tick: {
    readonly at: string;
    readonly seconds: number;
    readonly legs: number;
    readonly wallMs: number;
  }): number {
    for (const [attemptId, held] of this.held) if (held.untilWallMs <= tick.wallMs) this.held.delete(attemptId);
    const waiting = [...this.pending.values()].map(({ request, heldBy }) => ({
      attemptId: request.attemptId,
      priority: request.priority,
      heldBy,
    }));
    const inUse = tick.legs + this.held.size;
    const { granted, left } = grantSlots({ waiting, inUse, seconds: tick.seconds, limits: this.limits });
    for (const one of left) this.pending.get(one.attemptId)!.heldBy = one.heldBy;
    for (const one of granted) {
      const asked = this.pending.get(one.attemptId)!;
      this.pending.delete(one.attemptId);
      const grant: SlotGrant = { ...one, slotAt: tick.at, ...this.line };
      this.held.set(one.attemptId, { grant, untilWallMs: tick.wallMs + UNUSED_SLOT_MS });
      asked.resolve(grant);
    }
    return granted.length;
  }

  close(): void {
    for (const attemptId of [...this.pending.keys()]) this.release(attemptId);
  }
}
