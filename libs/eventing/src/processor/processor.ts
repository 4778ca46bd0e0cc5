/**
 * A processor is a value: which sources, and for each event type the commands it leads to. It decides (through the shard
 * writer) or it projects (through a view), never both.
 */
import type { EventEnvelope, Source } from '@mora/contracts';
import type { Command } from '../writer/command.js';

export type Reaction = (event: EventEnvelope<string, never>) => readonly Command[] | Command | null;

export interface Processor {
  readonly name: string;
  readonly sources: readonly string[];
  readonly on: Readonly<Record<string, Reaction>>;
}

/** Own names only: an event may be called `toString` or `constructor`. */
export const reactionOf = ({ on }: Processor, type: string): Reaction | undefined =>
  Object.hasOwn(on, type) ? on[type] : undefined;

type DataOf<U, T extends string> = Extract<U, { readonly type: T }> extends { readonly data: infer D } ? D : never;

/** Reactions typed by the union of the contracts' events: `createProcessor<IntakeEvent | TieringEvent>()({ … })`. */
export const createProcessor =
  <U extends { readonly type: string; readonly data: unknown }>() =>
  (spec: {
    readonly name: string;
    readonly sources: readonly Source[];
    readonly on: {
      readonly [T in U['type']]?: (event: EventEnvelope<T, DataOf<U, T>>) => readonly Command[] | Command | null;
    };
  }): Processor => ({
    name: spec.name,
    sources: spec.sources,
    on: spec.on as unknown as Readonly<Record<string, Reaction>>,
  });
