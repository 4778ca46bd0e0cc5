/** Opens every service before any starts, looks for lost history, then starts each as a Nest microservice. */

import { type Host, startHost } from './life-cycle.js';
import { checkEpochs, type OpenOptions, type OpenService, openService } from './open-service.js';
import type { Platform, ReaderDefinition, ServiceDefinition, ServiceParts } from './service.js';

export type AnyDefinition = ServiceDefinition | ReaderDefinition;

export interface RunningServices {
  readonly services: readonly OpenService[];
  parts<P extends ServiceParts>(definition: ServiceDefinition<P> | ReaderDefinition<P>): P;
  /** Drains in reverse order. Idempotent. */
  stop(): Promise<void>;
}

export const runServices = async (
  definitions: readonly AnyDefinition[],
  platform: Platform,
  options: OpenOptions & { readonly onOpen?: (services: readonly OpenService[]) => Promise<void> | void },
): Promise<RunningServices> => {
  const services: OpenService[] = [];
  for (const definition of definitions) services.push(await openService(definition, platform, options));
  for (const [source, reason] of await checkEpochs(services))
    platform.log.warn({ source, reason }, 'a new epoch begins');
  await options.onOpen?.(services);
  const hosts: Host[] = [];
  const stop = async () => {
    for (const host of hosts.toReversed()) await host.close();
  };
  try {
    for (const service of services)
      hosts.push(
        await startHost({
          name: service.name,
          log: platform.log,
          loops: [{ name: service.name, start: service.start, stop: service.stop }],
        }),
      );
    for (const service of services) await service.recover();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    services,
    parts: <P extends ServiceParts>(definition: ServiceDefinition<P> | ReaderDefinition<P>): P => {
      const found = services.find((s) => s.name === definition.name);
      if (!found) throw new Error(`${definition.name} does not run here`);
      return found.parts as P;
    },
    stop,
  };
};
