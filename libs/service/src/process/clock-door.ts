/** Where a stepped clock is moved: open from the start of the process, so that a replica that stands by is never behind. */
import type { Activity, RemoteSteppedClock } from '@mora/eventing';
import { addClock, type ClockHost, createGrpcServer, serverTls } from '@mora/grpc';
import { type Log } from '@mora/telemetry';
import { messageOf } from '../errors.js';
import type { ProcessConfig } from './config.js';

/** What a process has open; a replica that stands by has nothing. */
export type Working = Pick<ClockHost, 'nextDue' | 'heads' | 'cursors'>;

const CLOSE_MS = 1_000;

export const openClockDoor = async (options: {
  readonly steps: RemoteSteppedClock;
  readonly activity: Activity;
  readonly incarnation: string;
  readonly isSettled: () => boolean;
  readonly working: () => Working | null;
  readonly config: Pick<ProcessConfig, 'grpc' | 'clock' | 'tls'>;
  readonly log: Log;
}): Promise<{ close(): Promise<void> }> => {
  const { steps, activity, incarnation, isSettled, working, config, log } = options;
  const grpc = createGrpcServer();
  const host: ClockHost = {
    clock: steps,
    steps,
    activity,
    incarnation,
    isSettled,
    nextDue: async () => (await working()?.nextDue()) ?? null,
    heads: async () => (await working()?.heads()) ?? [],
    cursors: () => working()?.cursors() ?? [],
  };
  addClock(grpc.server, host, {
    onError: (error, method) => log.error({ method, error: messageOf(error) }, 'a call failed'),
  });
  await grpc.listen(
    { host: config.grpc.host, port: config.clock.port },
    config.tls ? serverTls(config.tls) : undefined,
  );
  return { close: () => grpc.close(CLOSE_MS) };
};
