/** Between `telephony.v1` and the gateway's port. */
import {
  contactContext,
  isoInstant,
  type OriginateReply,
  type OriginateRequest,
  permit,
  type SlotGrant,
  type SlotRequest,
} from '@mora/contracts';
import { z } from 'zod';
import type { telephonyV1 } from '../generated.js';
import { answered, InvalidRequest, MalformedAnswer, present, requested } from '../remote.js';

const id = z.string().min(1);
const slotRequest: z.ZodType<SlotRequest> = z.object({
  attemptId: id,
  debtorId: id,
  priority: z.number(),
  queuedAt: isoInstant,
});
const slotGrant: z.ZodType<SlotGrant> = z.object({
  attemptId: id,
  slotAt: isoInstant,
  limiter: z.enum(['channels', 'starts-per-second', 'none']),
  limit: z.number(),
  inUse: z.number(),
  gatewayId: id,
  trunk: z.string(),
});
const originate = z.object({
  attemptId: id,
  contactId: id,
  debtorId: id,
  context: contactContext,
  phoneRef: z.string(),
  permit,
  number: id,
  voice: z.string(),
  dialogueHash: z.string(),
});
const accepted = z.object({ legId: id, trunk: z.string(), acceptedAt: isoInstant });
export const legFate = z.enum(['never-left', 'open', 'ended', 'lost']);
export const attempt = z.object({ attemptId: id });
export const settled = z.object({ attemptId: id, debtorId: id });

export const slotRequestOf = (message: telephonyV1.RequestSlotRequest): SlotRequest =>
  requested(slotRequest, message, 'RequestSlotRequest');

export const slotGrantOf = (message: telephonyV1.RequestSlotResponse, attemptId: string): SlotGrant => {
  const grant = answered(slotGrant, message, 'SlotGrant');
  if (grant.attemptId !== attemptId) throw new MalformedAnswer('SlotGrant: it is for another attempt');
  return grant;
};

/** The compiled dialogue crosses as its JSON, whose hash the gateway checks. */
export const originateMessage = ({ dialogue, phoneIndex, name, ...rest }: OriginateRequest) =>
  present({ ...rest, dialogue: Buffer.from(JSON.stringify(dialogue) ?? 'null', 'utf8'), phoneIndex, name });

export const originateRequestOf = (message: telephonyV1.OriginateRequest): OriginateRequest => {
  const { phoneIndex, name } = message;
  const dialogue = dialogueOf(message.dialogue);
  return { ...requested(originate, message, 'OriginateRequest'), dialogue, ...present({ phoneIndex, name }) };
};

const dialogueOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InvalidRequest('OriginateRequest: dialogue', { cause });
  }
};

export const originateResult = (reply: OriginateReply) =>
  reply.result === 'accepted'
    ? {
        case: 'accepted' as const,
        value: { legId: reply.legId, trunk: reply.trunk, acceptedAt: reply.acceptedAt },
      }
    : { case: 'refused' as const, value: { because: reply.because } };

export const originateReplyOf = ({ result }: telephonyV1.OriginateResponse): OriginateReply => {
  if (result.case === 'accepted') return { result: 'accepted', ...answered(accepted, result.value, 'Accepted') };
  if (result.case === 'refused') return { result: 'refused', because: result.value.because };
  throw new MalformedAnswer('OriginateReply: it is not there');
};
