/** `guard.v1`: the same contact always gets the same verdict, so the question may be repeated; whatever fails is a no. */
import { type AuthorizeReply, authorizeRequest, type GuardApi, permit } from '@mora/contracts';
import { z } from 'zod';
import { guardV1 } from '../generated.js';
import { addService, clientFor } from '../grpc.js';
import {
  answered,
  createCaller,
  inHand,
  MalformedAnswer,
  type PortClientOptions,
  type PortServeOptions,
  type PortServer,
  present,
  requested,
  withStatuses,
} from '../remote.js';

/** The guard learns what became of a contact from events; no caller settles over gRPC. */
class NotOffered extends Error {
  readonly code = 'NOT_OFFERED';
}

const denial = z.object({ deniedBy: z.array(z.string()), retryNotBefore: z.string().nullable() });

export const addGuard = (server: PortServer, api: GuardApi, options: PortServeOptions): void =>
  addService(
    server,
    guardV1.GuardService,
    {
      authorize: (message) =>
        inHand(options, async () => {
          const { solicitedBy = null, askedBy = null } = message;
          const request = requested(authorizeRequest, { ...message, solicitedBy, askedBy }, 'AuthorizeRequest');
          return { result: resultOf(await api.authorize(request)) };
        }),
      settle: async () => {
        throw new NotOffered('contacts are settled by events');
      },
    },
    withStatuses(options),
  );

const resultOf = (reply: AuthorizeReply) =>
  reply.result === 'allowed'
    ? { case: 'permit' as const, value: reply.permit }
    : {
        case: 'denial' as const,
        value: present({ deniedBy: [...reply.deniedBy], retryNotBefore: reply.retryNotBefore ?? undefined }),
      };

/** Asks the guard at `host:port`. Every failure is thrown: it means no. */
export const guardClient = (address: string, options: PortClientOptions = {}): GuardApi & { close(): void } => {
  const service = clientFor(guardV1.GuardService, address, options);
  const closed = new AbortController();
  const caller = createCaller(options, closed.signal);
  return {
    authorize: async ({ solicitedBy, askedBy, ...rest }) => {
      const message = present({ ...rest, solicitedBy: solicitedBy ?? undefined, askedBy: askedBy ?? undefined });
      const { result } = await caller.repeated((per) => service.authorize(message, per));
      if (result.case === 'permit') {
        const given = answered(permit, result.value, 'Permit');
        if (given.contactId !== rest.contactId || given.debtorId !== rest.debtorId)
          throw new MalformedAnswer('Permit: it is for another contact');
        return { result: 'allowed', permit: given };
      }
      if (result.case !== 'denial') throw new MalformedAnswer('verdict: it is not there');
      const { retryNotBefore = null } = result.value;
      return { result: 'denied', ...answered(denial, { ...result.value, retryNotBefore }, 'Denial') };
    },
    close: () => {
      closed.abort();
      service.close();
    },
  };
};
