/** `grpc.health.v1`, as the probes of orchestrators ask it. */
import { healthV1 } from '../generated.js';
import { addService, clientFor, type RemoteOptions } from '../grpc.js';
import { type PortServeOptions, type PortServer, withStatuses } from '../remote.js';

const { HealthCheckResponse_ServingStatus: Status } = healthV1;

class UnknownService extends Error {
  readonly code = 'UNKNOWN_SERVICE';
}

/** @param serving of a service by its full name, of the whole process by the empty one; null: there is no such service */
export const addHealth = (
  server: PortServer,
  serving: (service: string) => boolean | null,
  options: Omit<PortServeOptions, 'activity'>,
): void =>
  addService(
    server,
    healthV1.Health,
    {
      check: async ({ service }) => {
        const up = serving(service);
        if (up === null) throw new UnknownService('there is no such service here');
        return { status: up ? Status.SERVING : Status.NOT_SERVING };
      },
    },
    withStatuses(options),
  );

/** @returns whether the process, or a service of it, serves; false also when nobody answers */
export const isServing = async (address: string, service = '', options: RemoteOptions = {}): Promise<boolean> => {
  const client = clientFor(healthV1.Health, address, options);
  try {
    return (await client.check({ service })).status === Status.SERVING;
  } catch {
    return false;
  } finally {
    client.close();
  }
};
