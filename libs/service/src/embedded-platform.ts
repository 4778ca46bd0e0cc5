/** The ground for every service in one process: feeds and ports are the objects themselves. */
import { type EventFeed, NO_TRACE } from '@mora/eventing';
import type { Platform, Ports } from './service.js';

export const createEmbeddedPlatform = (
  given: Pick<Platform, 'clock' | 'activity' | 'shards' | 'origin' | 'log' | 'pool' | 'policyText'>,
): Platform => {
  const feeds = new Map<string, EventFeed>();
  const provided: Partial<Ports> = {};
  const port = <K extends keyof Ports>(name: K): Ports[K] => {
    const found = provided[name];
    if (!found) throw new Error(`no service of this process provides ${name}`);
    return found as Ports[K];
  };
  return {
    ...given,
    trace: NO_TRACE,
    feed: (source) => {
      const found = feeds.get(source);
      if (!found) throw new Error(`no service of this process owns ${source}`);
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
