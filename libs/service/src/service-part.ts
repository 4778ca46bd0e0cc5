/** What a service hands to its life: found among the providers of its module by these decorators. */
import type { EventEnvelope } from '@mora/contracts';
import type { CheckpointRow, Command, Processor, TimerRow } from '@mora/eventing';
import { DiscoveryService } from '@nestjs/core';
import type { MissingContact } from './missing-contacts.js';
import type { Ports } from './platform.js';

/** Marks a provider whose value is {@link ProvidesProcessor}: reactions to the events of other services. */
export const EventProcessor = DiscoveryService.createDecorator<void>();

/** Marks a provider whose value is {@link ProvidesView}: rows folded from events. */
export const EventView = DiscoveryService.createDecorator<void>();

/** Marks an injectable that implements {@link ServicePart}. */
export const ActsOutside = DiscoveryService.createDecorator<void>();

export interface ProvidesProcessor {
  readonly processor: Processor;
}

/** `V` is whatever the service that keeps the rows takes for a view. */
export interface ProvidesView<V> {
  readonly view: V;
}

/** An injectable that acts beside the store. The life of the service calls what it implements, in the order of the module's providers. */
export interface ServicePart {
  /** What the service answers to others. */
  offers?(): Partial<Ports>;
  /** A due timer becomes commands; none of any part: the timer is simply gone. */
  onTimer?(timer: TimerRow): readonly Command[];
  /** Own committed events, in order per shard. Must begin an activity before it returns if it works on. */
  onCommitted?(events: readonly EventEnvelope[]): void;
  /** After the stores are open and before anything is read. */
  open?(): Promise<void> | void;
  /** Once processors read. */
  start?(): Promise<void> | void;
  /** Drains; may be repeated. */
  stop?(): Promise<void> | void;
  /** After every service is up: resumes what a crash left open. */
  recover?(): Promise<void> | void;
  /** Checkpoints that no processor keeps, for the epoch check at start. */
  claims?(): Promise<readonly CheckpointRow[]>;
  /** Contacts that the world outside knows and the store does not: it was put back. Asked before anything starts. */
  missing?(): Promise<readonly MissingContact[]>;
  /** Stores them as facts that count. @param by who has seen them */
  importMissing?(by: string): Promise<void>;
  /** Next business instant at which a tick must be seen although no timer is due; null: none. */
  wantsTick?(): string | null;
  /** False while something is under way that a stop would cut off, such as a call. */
  isAtRest?(): boolean;
  /** Once the process works, after `recover` was begun. */
  onActive?(): Promise<void>;
}

/** A way in from outside, such as a bank's topics: it starts when everything else runs, and ends first. */
export const Inlet = DiscoveryService.createDecorator<void>();
