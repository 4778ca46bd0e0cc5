/** `Authorize`: the only way to a permit. Whatever goes wrong is thrown, and the caller takes that as a no. */

import type { RuleProfile } from '@mora/contact-rules';
import {
  type AuthorizeReply,
  type AuthorizeRequest,
  authorizeRequest,
  type GuardApi,
  type IntakeApi,
  shardOf,
} from '@mora/contracts';
import type { Activity, ShardWriter } from '@mora/eventing';
import type { PermitSigner } from '@mora/keys';
import { authorizeCommand } from '../contacts/authorize.js';
import type { Contact, Contacts } from '../contacts/contacts.js';
import { ContactNotJudged, PermitForOther } from '../errors.js';
import type { Freshness } from '../outbound/freshness.js';

export interface GuardApiOptions {
  readonly writer: Pick<ShardWriter, 'execute' | 'shards'>;
  readonly activity: Activity;
  readonly intake: () => Pick<IntakeApi, 'numberKey'>;
  readonly freshness: Freshness;
  readonly isParked: (debtorId: string) => boolean;
  readonly profiles: readonly RuleProfile[];
  readonly signer: PermitSigner;
  readonly wall: () => number;
  readonly skewMs: () => number;
}

/** Why a permit that was once given is not given again; the caller closes the intent and takes a new ordinal. */
export const PERMIT_EXPIRED = 'PERMIT-EXPIRED';
export const PERMIT_REVOKED = 'PERMIT-REVOKED';
export const PERMIT_USED = 'PERMIT-USED';

const spent = (contact: Extract<Contact, { status: 'permitted' }>, wall: number): string | null => {
  if (!contact.open) return PERMIT_USED;
  if (contact.revoked) return PERMIT_REVOKED;
  return wall > Date.parse(contact.startNotAfter) ? PERMIT_EXPIRED : null;
};

/** The stored verdict as an answer. @throws PermitForOther when the contact was judged for another number or channel. */
export const replyOf = (
  contact: Contact,
  request: AuthorizeRequest,
  signer: PermitSigner,
  wall: number,
): AuthorizeReply => {
  if (contact.status === 'denied')
    return { result: 'denied', deniedBy: contact.deniedBy, retryNotBefore: contact.retryNotBefore };
  const { contactId, phoneRef, channel, gatewayId, startNotAfter, ringMaxSeconds, endBy } = contact;
  if (phoneRef !== request.phoneRef || channel !== request.channel || gatewayId !== request.gatewayId)
    throw new PermitForOther(contactId);
  const problem = spent(contact, wall);
  if (problem !== null) return { result: 'denied', deniedBy: [problem], retryNotBefore: null };
  const { debtorId } = request;
  const permit = { contactId, debtorId, phoneRef, channel, gatewayId, startNotAfter, ringMaxSeconds, endBy };
  return { result: 'allowed', permit: signer.sign(permit) };
};

export const createGuardApi = (options: GuardApiOptions): GuardApi => {
  const { writer, activity, profiles, signer, wall } = options;
  const authorize = async (asked: AuthorizeRequest): Promise<AuthorizeReply> => {
    const request = authorizeRequest.parse(asked);
    const shard = shardOf(request.debtorId, writer.shards);
    const numberKey = await options.intake().numberKey(request.debtorId, request.phoneRef);
    const watermarks = await options.freshness(shard);
    const moment = {
      wall: new Date(wall()).toISOString(),
      skewMs: options.skewMs(),
      watermarks,
      parked: options.isParked(request.debtorId),
    };
    const decision = await writer.execute(authorizeCommand({ request, moment, profiles }, shard, numberKey));
    const state = decision.states[0] as Contacts;
    const contact = state.contacts.find((c) => c.contactId === request.contactId);
    if (!contact) throw new ContactNotJudged(request.contactId);
    return replyOf(contact, request, signer, wall());
  };
  return {
    authorize: async (request) => {
      const end = activity.begin();
      try {
        return await authorize(request);
      } finally {
        end();
      }
    },
  };
};
