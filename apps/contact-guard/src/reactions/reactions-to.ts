import type { EventEnvelope } from '@mora/contracts';
import type { Command } from '@mora/eventing';

type DataOf<U, T> = Extract<U, { readonly type: T }> extends { readonly data: infer D } ? D : never;

/** Reactions to the events of one context; each turns a foreign fact into own commands. */
export type ReactionsTo<U extends { readonly type: string; readonly data: unknown }> = {
  readonly [T in U['type']]?: (event: EventEnvelope<T, DataOf<U, T>>) => readonly Command[] | Command | null;
};
