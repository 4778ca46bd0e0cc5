/** `guard.v1`: the same contact always gets the same verdict, so the question may be repeated; whatever fails is a no. */
import { type GuardApi, permit } from '@mora/contracts';
import { z } from 'zod';
import { clientFor } from '../client.js';
import { guardV1 } from '../generated.js';
import { answered, createCaller, MalformedAnswer, type PortClientOptions, present } from '../remote.js';

const denial = z.object({ deniedBy: z.array(z.string()), retryNotBefore: z.string().nullable() });

/** Asks the guard at `host:port`. Every failure is thrown: it means no. */
export const guardClient = (address: string, options: PortClientOptions = {}): GuardApi & { close(): void } => {
  const service = clientFor(guardV1.GuardService, address, options);
  const closed = new AbortController();
  const caller = createCaller(options, closed.signal);
  return {
    authorize: async ({ solicitedBy, askedBy, actorId, ...rest }) => {
      const message = present({
        ...rest,
        solicitedBy: solicitedBy ?? undefined,
        askedBy: askedBy ?? undefined,
        actorId: actorId ?? undefined,
      });
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
