/** Orders to risk-tiering in its process. */
import { clientFor, controlV1, createCaller } from '@mora/grpc';
import type { Asked } from '../methods.js';

export const tieringClient = (address: string): Asked['tiering'] & { close(): void } => {
  const service = clientFor(controlV1.ControlService, address);
  const closed = new AbortController();
  const caller = createCaller({}, closed.signal);
  return {
    // The same halt again changes nothing; a halt must also get through while another replica takes over.
    halt: async ({ haltId, scope, reason, by }) => {
      const { strategyHash, tier, channel, debtorId } = scope;
      const covered = {
        ...(strategyHash === null ? {} : { strategyHash }),
        ...(tier === null ? {} : { tier }),
        ...(channel === null ? {} : { channel }),
        ...(debtorId === null ? {} : { debtorId }),
      };
      await caller.repeated((per) => service.halt({ haltId, scope: covered, reason, by }, per));
    },
    resume: async ({ haltId, reason, by }) => {
      const { wasHalted } = await caller.once((per) => service.resume({ haltId, reason, by }, per));
      return wasHalted;
    },
    close: () => {
      closed.abort();
      service.close();
    },
  };
};
