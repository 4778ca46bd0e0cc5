/** What a process serves over gRPC: its ports while it takes work, its feeds and checkpoints from the moment its stores are open. */
import type { Server } from '@grpc/grpc-js';
import type { CheckpointRow } from '@mora/eventing';
import { addFeed, addGateway, addGuard, addHealth, addKeys, type PortServeOptions, type ServedFeed } from '@mora/grpc';
import { DoorClosed } from '../errors.js';
import type { Ports } from '../service.js';

export interface DoorsOptions {
  readonly name: string;
  readonly ports: Partial<Ports>;
  readonly feeds: readonly ServedFeed[];
  readonly checkpoints: (source: string) => Promise<readonly CheckpointRow[]>;
  readonly isOpen: () => boolean;
  readonly serve: Required<Pick<PortServeOptions, 'onError' | 'activity' | 'trace' | 'onAnswered'>>;
}

export const addDoors = (server: Server, options: DoorsOptions): void => {
  const { name, ports, isOpen, serve } = options;
  const guarded = <T extends object>(api: T): T => whileOpen(api, isOpen, name);
  if (ports.guard) addGuard(server, guarded(ports.guard), serve);
  if (ports.gateway) addGateway(server, guarded(ports.gateway), serve);
  if (ports.intake) addKeys(server, guarded(ports.intake), serve);
  const { activity: _, ...unheld } = serve;
  addFeed(server, options.feeds, { ...unheld, checkpoints: options.checkpoints });
  addHealth(server, (service) => (service === '' ? isOpen() : null), unheld);
};

/** Every call of `api` is refused while closed; the caller asks again. */
export const whileOpen = <T extends object>(api: T, isOpen: () => boolean, name: string): T =>
  new Proxy(api, {
    get: (target, key) => {
      const found = Reflect.get(target, key, target) as unknown;
      if (typeof found !== 'function') return found;
      return (...input: unknown[]) =>
        isOpen() ? (found.apply(target, input) as unknown) : Promise.reject(new DoorClosed(name));
    },
  });
