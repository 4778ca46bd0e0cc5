/** `Authorize`: the only way to a permit. Whatever goes wrong is thrown, and the caller takes that as a no. */

import { type AuthorizeReply, type AuthorizeRequest, authorizeRequest, type GuardApi, shardOf } from '@mora/contracts';
import { type Activity, ClockAhead, HistoryLost } from '@mora/eventing';
import type { PermitSigner } from '@mora/keys';
import { ACTIVITY, ActsOutside, EventCore, PORTS, type Ports, type ServicePart, WALL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { GUARD_CONFIG, type GuardConfig } from '../config.js';
import { authorizeCommand } from '../contacts/authorize.js';
import type { Contact, Contacts } from '../contacts/contacts.js';
import { ContactNotJudged, DebtorParked, PermitForOther } from '../errors.js';
import { SourceFreshness } from '../outbound/source-freshness.js';

/** Why a permit that was once given is not given again; the caller closes the intent and takes a new ordinal. */
export const PERMIT_EXPIRED = 'PERMIT-EXPIRED';
export const PERMIT_REVOKED = 'PERMIT-REVOKED';
export const PERMIT_USED = 'PERMIT-USED';
/** By a clock that is ahead no verdict is stored: the answer alone says so. */
export const CLOCK_AHEAD = 'OP-CLOCK';

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
  if (contact.status === 'imported') return { result: 'denied', deniedBy: [PERMIT_USED], retryNotBefore: null };
  const { contactId, phoneRef, channel, gatewayId, startNotAfter, ringMaxSeconds, endBy } = contact;
  if (phoneRef !== request.phoneRef || channel !== request.channel || gatewayId !== request.gatewayId)
    throw new PermitForOther(contactId);
  const problem = spent(contact, wall);
  if (problem !== null) return { result: 'denied', deniedBy: [problem], retryNotBefore: null };
  const { debtorId } = request;
  const permit = { contactId, debtorId, phoneRef, channel, gatewayId, startNotAfter, ringMaxSeconds, endBy };
  return { result: 'allowed', permit: signer.sign(permit) };
};

@ActsOutside()
@Injectable()
export class Authorities implements GuardApi, ServicePart {
  constructor(
    private readonly core: EventCore,
    private readonly freshness: SourceFreshness,
    @Inject(GUARD_CONFIG) private readonly config: GuardConfig,
    @Inject(PORTS) private readonly ports: Pick<Ports, 'intake'>,
    @Inject(ACTIVITY) private readonly activity: Activity,
    @Inject(WALL) private readonly wall: () => number,
  ) {}

  offers(): Partial<Ports> {
    return { guard: this };
  }

  async authorize(request: AuthorizeRequest): Promise<AuthorizeReply> {
    const end = this.activity.begin();
    try {
      return await this.judge(authorizeRequest.parse(request));
    } catch (error) {
      if (error instanceof ClockAhead) return { result: 'denied', deniedBy: [CLOCK_AHEAD], retryNotBefore: null };
      throw error;
    } finally {
      end();
    }
  }

  /** @throws HistoryLost until a person has confirmed what this store lost */
  private refuseLost(): void {
    const lost = this.core.lost();
    if (lost !== null) throw new HistoryLost(lost.reason);
  }

  private async judge(request: AuthorizeRequest): Promise<AuthorizeReply> {
    const { profiles, signer } = this.config;
    this.refuseLost();
    const shard = shardOf(request.debtorId, this.core.writer.shards);
    const numberKey = await this.ports.intake.numberKey(request.debtorId, request.phoneRef);
    const watermarks = await this.freshness.of(shard);
    const moment = {
      wall: new Date(this.wall()).toISOString(),
      watermarks,
      parked: this.core.isParked(request.debtorId),
    };
    const decision = await this.core.execute(
      authorizeCommand({ request, moment, profiles, shards: this.core.writer.shards }, shard, numberKey),
    );
    // Both may have turned out only by this very write, or while it waited for its turn.
    this.refuseLost();
    if (!moment.parked && this.core.isParked(request.debtorId)) throw new DebtorParked(request.contactId);
    const state = decision.states[0] as Contacts;
    const contact = state.contacts.find((c) => c.contactId === request.contactId);
    if (!contact) throw new ContactNotJudged(request.contactId);
    return replyOf(contact, request, signer, this.wall());
  }
}
