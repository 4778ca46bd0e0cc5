/** What waits in a mailbox: one caller's work for one shard, and how he hears of its end. */
import type { TimerRow } from '../store/store.js';
import type { TracedPiece } from '../trace.js';
import { type Command, shardOfCommand } from './command.js';
import type { Cause } from './envelope.js';
import type { FeedWork } from './feed-work.js';

export interface Item {
  readonly shard: number;
  readonly commands: readonly Command[];
  readonly feed?: FeedWork;
  readonly timer?: TimerRow;
  readonly cause?: Cause;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  end(): void;
}

export type Work = Omit<Item, 'resolve' | 'reject' | 'end'>;

/** What was decided for an item; told to its caller once it is committed. */
export type Outcome = { readonly item: Item; readonly work?: readonly TracedPiece[] } & (
  | { readonly value: unknown }
  | { readonly error: unknown }
);

export const NO_CAUSE: Cause = { cause: 'cmd:none', traceparent: null };

export const workOf = (command: Command, shards: number, traceparent: string | null): Work => ({
  shard: shardOfCommand(command, shards),
  commands: [command],
  cause: { cause: command.cause ?? NO_CAUSE.cause, traceparent },
});

/** An item nobody waits for: what goes wrong is thrown where it is told. */
export const settled = (work: Work): Item => ({
  ...work,
  resolve: () => undefined,
  reject: (error) => {
    throw error;
  },
  end: () => undefined,
});

export const shardsOf = (items: readonly Item[]): number[] => [...new Set(items.map((i) => i.shard))];
