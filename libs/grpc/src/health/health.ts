/** `grpc.health.v1`, as the probes of orchestrators ask it. */
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { clientFor, type RemoteOptions } from '../client.js';
import { healthV1 } from '../generated.js';
import { SERVING } from '../tokens.js';

const { HealthCheckResponse_ServingStatus: Status } = healthV1;

class UnknownService extends Error {
  readonly code = 'UNKNOWN_SERVICE';
}

@Controller()
export class GrpcHealthController {
  /** @param serving of a service by its full name, of the whole process by the empty one; null: there is no such service */
  constructor(@Inject(SERVING) private readonly serving: (service: string) => boolean | null) {}

  @GrpcMethod('Health', 'Check')
  async check({ service }: healthV1.HealthCheckRequest) {
    const up = this.serving(service);
    if (up === null) throw new UnknownService('there is no such service here');
    return { status: up ? Status.SERVING : Status.NOT_SERVING };
  }
}

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
