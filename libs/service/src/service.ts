/**
 * What a service is, apart from its rules: a definition names its source, migrations and parts; `startService` wires the
 * store, the shard writer, timers and consumers around them inside a Nest microservice. The same definition runs embedded
 * and as a process of its own.
 */
import type { EventEnvelope, GatewayApi, GuardApi, IntakeApi, Source } from '@mora/contracts';
import type {
  Activity,
  CheckpointRow,
  Clock,
  Command,
  EventFeed,
  EventStore,
  Origin,
  Processor,
  ShardWriter,
  TimerRow,
  Trace,
} from '@mora/eventing';
import type { SqlMigration } from '@mora/postgres';
import type { Log } from '@mora/telemetry';
import type { Pool } from 'pg';

/** What services ask each other directly. In one process these are the objects themselves, else gRPC clients. */
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

/** The ground a service stands on; differs between embedded and deployed, the service does not. */
export interface Platform {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly shards: number;
  readonly origin: Omit<Origin, 'source' | 'shards'>;
  readonly log: Log;
  readonly trace: Trace;
  /** Told of every own commit: its events, and how long it took. */
  readonly onCommit?: (committed: Committed) => void;
  /** Pool of a service's role on its own schema. */
  pool(service: string): Pool;
  /** Available once every owner has opened its store: inside `loops`, `recover` and live effects, not while opening. */
  feed(source: Source): EventFeed;
  provideFeed(feed: EventFeed): void;
  /** Canonical text of a published policy, or undefined while it has not arrived: the decision then waits. */
  policyText(hash: string): string | undefined;
  /** Resolved at the first call, so that services may start in any order. */
  readonly ports: Ports;
  provide(ports: Partial<Ports>): void;
}

/** What every service has; one that only reads (analytics) has no more. */
export interface ServiceBase {
  readonly name: string;
  readonly pool: Pool;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Log;
}

export interface ServiceCore extends ServiceBase {
  readonly store: EventStore;
  readonly writer: ShardWriter;
  /** True while an event of this debtor is parked in this service: nothing is planned for him. */
  isParked(subject: string): boolean;
}

export interface Loop {
  readonly name: string;
  start(): Promise<void>;
  /** Drains; idempotent. */
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly processors?: readonly Processor[];
  /** A due timer becomes commands (none: the timer is simply gone). */
  readonly onTimer?: (timer: TimerRow) => readonly Command[];
  /** Live effects: called with own committed events, in order per shard. Must begin an activity before it returns if it works on. */
  readonly onCommitted?: (events: readonly EventEnvelope[]) => void;
  readonly loops?: readonly Loop[];
  readonly provides?: Partial<Ports>;
  /** Checkpoints of parts that do not run through `processors`, for the epoch check at start. */
  readonly claims?: () => Promise<readonly CheckpointRow[]>;
  /** After every service is up: resume what a crash left open. */
  readonly recover?: () => Promise<void>;
  /** Next business instant at which this service must see a tick although no timer of it is due; null: none. */
  readonly wantsTick?: () => string | null;
}

interface Definition {
  readonly name: string;
  readonly migrations: readonly SqlMigration[];
}

/** A service that owns streams. */
export interface ServiceDefinition<P extends ServiceParts = ServiceParts> extends Definition {
  readonly source: Source;
  /** Default: the installation's. */
  readonly shards?: number;
  open(core: ServiceCore): Promise<P> | P;
}

/** A service that only reads: it owns views, no streams. */
export interface ReaderDefinition<P extends ServiceParts = ServiceParts> extends Definition {
  readonly source: null;
  open(base: ServiceBase): Promise<P> | P;
}
