/** The ground for every service in one process: feeds and ports are the objects themselves. */

import { setTimeout as pause } from 'node:timers/promises';
import { PostgresStore } from '@mora/event-store-postgres';
import { type EventFeed, type EventStore, NO_TRACE } from '@mora/eventing';
import { NotHere } from './errors.js';
import type { Platform, Ports } from './platform.js';

export type EmbeddedGround = Pick<
  Platform,
  'clock' | 'activity' | 'shards' | 'origin' | 'log' | 'pool' | 'policyText' | 'checkOwnEvents'
> & {
  /** Puts something between a service and its store; for tests of crashes. */
  readonly wrapStore?: (store: EventStore) => EventStore;
};

export const createEmbeddedPlatform = ({ wrapStore, ...given }: EmbeddedGround): Platform => {
  const feeds = new Map<string, EventFeed>();
  const provided: Partial<Ports> = {};
  const port = <K extends keyof Ports>(name: K): Ports[K] => {
    const found = provided[name];
    if (!found) throw new NotHere(name);
    return found as Ports[K];
  };
  return {
    ...given,
    trace: NO_TRACE,
    pause,
    openStore: async ({ name, source, shards }) => {
      const store = await PostgresStore.open({ pool: given.pool(name), source, shards });
      return wrapStore?.(store) ?? store;
    },
    feed: (source) => {
      const found = feeds.get(source);
      if (!found) throw new NotHere(source);
      return found;
    },
    provideFeed: (feed) => void feeds.set(feed.source, feed),
    ports: {
      get guard() {
        return port('guard');
      },
      get gateway() {
        return port('gateway');
      },
      get intake() {
        return port('intake');
      },
    },
    provide: (ports) => void Object.assign(provided, ports),
  };
};
