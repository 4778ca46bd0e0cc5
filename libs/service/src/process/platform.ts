/** The ground of a service that is a process of its own: own feeds are its stores', foreign ones come through Kafka, ports are gRPC clients. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaFeeds } from '@mora/event-feed-kafka';
import { PostgresStore } from '@mora/event-store-postgres';
import type { EventFeed } from '@mora/eventing';
import { gatewayClient, guardClient, intakeClient, type PortClientOptions } from '@mora/grpc';
import type { Platform, Ports } from '../platform.js';

export interface DeployedPlatform extends Platform {
  /** Sources that this process owns. */
  ownFeeds(): readonly EventFeed[];
  /** Foreign feeds, once it is known which the services read. */
  connect(feeds: KafkaFeeds): void;
  close(): void;
}

type Given = Pick<
  Platform,
  'clock' | 'activity' | 'shards' | 'origin' | 'log' | 'trace' | 'onCommit' | 'pool' | 'policyText' | 'checkOwnEvents'
> & {
  readonly peer: (service: string) => string;
  readonly clients: PortClientOptions;
};

type Clients = { [K in keyof Ports]: Ports[K] & { close(): void } };

/** Names of the processes behind the ports. */
const BEHIND = { guard: 'contact-guard', gateway: 'telephony-gateway', intake: 'debtor-intake' } as const;

export const createDeployedPlatform = (given: Given): DeployedPlatform => {
  const { peer, clients: options, ...base } = given;
  const own = new Map<string, EventFeed>();
  const provided: Partial<Ports> = {};
  const clients: Partial<Clients> = {};
  const client = <K extends keyof Ports>(name: K, make: () => Clients[K]): Clients[K] => {
    const made = clients[name] ?? make();
    clients[name] = made;
    return made as Clients[K];
  };
  let foreign: KafkaFeeds | null = null;
  return {
    ...base,
    pause,
    openStore: ({ name, source, shards }) => PostgresStore.open({ pool: base.pool(name), source, shards }),
    feed: (source) => {
      const found = own.get(source) ?? foreign?.feed(source);
      if (!found) throw new RangeError(`no feed of ${source} here`);
      return found;
    },
    provideFeed: (feed) => void own.set(feed.source, feed),
    ports: {
      get guard() {
        return provided.guard ?? client('guard', () => guardClient(peer(BEHIND.guard), options));
      },
      get gateway() {
        return provided.gateway ?? client('gateway', () => gatewayClient(peer(BEHIND.gateway), options));
      },
      get intake() {
        return provided.intake ?? client('intake', () => intakeClient(peer(BEHIND.intake), options));
      },
    },
    provide: (ports) => void Object.assign(provided, ports),
    ownFeeds: () => [...own.values()],
    connect: (feeds) => {
      foreign = feeds;
    },
    close: () => {
      for (const client of Object.values(clients)) client.close();
    },
  };
};
