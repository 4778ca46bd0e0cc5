/** The ground a service stands on; it differs between embedded, deployed and test, the service does not. */
import type { EventEnvelope, GatewayApi, GuardApi, IntakeApi, Source } from '@mora/contracts';
import type { Activity, Clock, EventFeed, EventStore, Origin, Trace } from '@mora/eventing';
import type { Log } from '@mora/telemetry';
import type { Pool } from 'pg';

/** What services ask each other directly: in one process the services themselves, else gRPC clients. */
export interface Ports {
  guard: GuardApi;
  gateway: GatewayApi;
  intake: IntakeApi;
}

export interface Committed {
  readonly source: string;
  readonly events: readonly EventEnvelope[];
  /** From the decision, wall time. */
  readonly ms: number;
}

/** A source that a service owns: streams, and the store that holds them. */
export interface OwnSource {
  /** Names role and schema; the service's own name but for a second source. */
  readonly name: string;
  readonly source: Source;
  readonly shards: number;
}

export interface Platform {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly shards: number;
  readonly origin: Omit<Origin, 'source' | 'shards'>;
  readonly log: Log;
  readonly trace: Trace;
  /** Own events are checked against their contracts when they are written. */
  readonly checkOwnEvents: boolean;
  /** Told of every own commit: its events, and how long it took. */
  readonly onCommit?: (committed: Committed) => void;
  /** Waits, wall milliseconds; at once in tests. */
  pause(ms: number): Promise<void>;
  openStore(own: OwnSource): Promise<EventStore>;
  /** Pool of a service's role on its own schema. */
  pool(service: string): Pool;
  /** There once every owner has opened its store: for what starts, recovers and acts, not while opening. */
  feed(source: Source): EventFeed;
  provideFeed(feed: EventFeed): void;
  /** Canonical text of a published policy, or undefined while it has not arrived: the decision then waits. */
  policyText(hash: string): string | undefined;
  /** Resolved at the first call, so that services may start in any order. */
  readonly ports: Ports;
  provide(ports: Partial<Ports>): void;
}
