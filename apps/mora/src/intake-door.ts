/** The bank's door over gRPC: `mora.intake.v1` on loopback, served beside the embedded services. */

import { addService, createGrpcServer, intakeV1 } from '@mora/grpc';
import { type Log } from '@mora/telemetry';
import type { IntakeInbound } from './embedded.js';

export interface IntakeDoor {
  readonly address: string;
  close(): Promise<void>;
}

/** @throws PortInUse */
export const openIntakeDoor = async (intake: IntakeInbound, port: number, log: Log): Promise<IntakeDoor> => {
  const grpc = createGrpcServer();
  addService(grpc.server, intakeV1.IntakeService, intake.grpc, {
    onError: (error, method) =>
      log.error({ method, error: error instanceof Error ? error.message : String(error) }, 'a call failed'),
  });
  const bound = await grpc.listen({ host: '127.0.0.1', port });
  return { address: `127.0.0.1:${bound}`, close: () => grpc.close() };
};
