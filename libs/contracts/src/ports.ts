import { z } from 'zod';
import { channel, contactActor, contactContext, isoInstant, phoneRef } from './values.js';

/** What services ask each other directly: in one process by call, between processes over gRPC. */

/** The guard's signed permission for one contact (Ed25519 over the canonical JSON of all fields but `signature`). */
export const permit = z.object({
  contactId: z.string(),
  debtorId: z.string(),
  phoneRef,
  channel,
  gatewayId: z.string(),
  /** Wall time; at most 15 s after it was signed. */
  startNotAfter: isoInstant,
  ringMaxSeconds: z.number().int(),
  /** Business time. */
  endBy: isoInstant,
  keyId: z.string(),
  signature: z.string(),
});
export type Permit = z.infer<typeof permit>;

export const authorizeRequest = z.object({
  contactId: z.string(),
  debtorId: z.string(),
  channel,
  phoneRef,
  gatewayId: z.string(),
  actor: contactActor,
  /** The agency by its id, or the desk of a human; absent: the robot, or any desk. */
  actorId: z.string().nullable().optional(),
  party: z.enum(['debtor', 'guarantor', 'third-party']),
  context: contactContext,
  /** Every account that the contact will speak of; the lead first. */
  accountIds: z.array(z.string()),
  /** SMS `q`: asked for or agreed to in a conversation of that day; the event key of the turn or call. */
  solicitedBy: z.string().nullable(),
  /** A callback time that the debtor asked for; event key. */
  askedBy: z.string().nullable(),
});
export type AuthorizeRequest = z.infer<typeof authorizeRequest>;

export type AuthorizeReply =
  | { readonly result: 'allowed'; readonly permit: Permit }
  | { readonly result: 'denied'; readonly deniedBy: readonly string[]; readonly retryNotBefore: string | null };

/** Same contactId, same verdict, whatever is repeated. Fails closed: an exception means no. */
export interface GuardApi {
  authorize(request: AuthorizeRequest): Promise<AuthorizeReply>;
}

export interface SlotRequest {
  readonly attemptId: string;
  readonly debtorId: string;
  /** Smaller is dialed earlier. */
  readonly priority: number;
  readonly queuedAt: string;
}

export interface SlotGrant {
  readonly attemptId: string;
  readonly slotAt: string;
  readonly limiter: 'channels' | 'starts-per-second' | 'none';
  readonly limit: number;
  readonly inUse: number;
  readonly gatewayId: string;
  readonly trunk: string;
}

/** The dialogue is opaque here: libs/dialogue compiles and interprets it. */
export interface OriginateRequest {
  readonly attemptId: string;
  readonly contactId: string;
  readonly debtorId: string;
  readonly context: z.infer<typeof contactContext>;
  readonly phoneRef: string;
  readonly permit: Permit;
  /** E.164; never stored by the gateway. */
  readonly number: string;
  /** Place of the number in the bank's order, from 0; a simulated carrier invents its nature by it. Absent: 0. */
  readonly phoneIndex?: number;
  /** How the debtor is addressed; spoken, never stored in clear. Absent: without a name. */
  readonly name?: string;
  readonly voice: string;
  readonly dialogueHash: string;
  readonly dialogue: unknown;
}

export type OriginateReply =
  | { readonly result: 'accepted'; readonly legId: string; readonly trunk: string; readonly acceptedAt: string }
  | { readonly result: 'refused'; readonly because: string };

/** `never-left` only after a tombstone is stored: that attempt can never be originated any more. */
export type LegFate = 'never-left' | 'open' | 'ended' | 'lost';

export interface GatewayApi {
  /** Resolves at the clock tick at which a slot is free; granted in order of (priority, attemptId). */
  requestSlot(request: SlotRequest): Promise<SlotGrant>;
  /** Gives back a slot that will not be used. */
  releaseSlot(attemptId: string): Promise<void>;
  originate(request: OriginateRequest): Promise<OriginateReply>;
  /** Idempotent; a ringing leg is cancelled, an answered one takes the exit that `why` calls for. */
  hangup(attemptId: string, why: string): Promise<void>;
  settle(attemptId: string, debtorId: string): Promise<LegFate>;
}

export interface IntakeApi {
  /** The clear number, against a valid unexpired permit only. @throws when the permit is not valid. */
  reveal(permit: Permit): Promise<string>;
  /** The debtor's data key (32 bytes), to be cached in memory for at most five minutes; null: erased. */
  unwrap(debtorId: string): Promise<{ readonly keyId: string; readonly key: Uint8Array } | null>;
  /** HMAC of the number under the installation's pepper: the guard's key for limits per number. Never put in an event. */
  numberKey(debtorId: string, phoneRef: string): Promise<string | null>;
}
