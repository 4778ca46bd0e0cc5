import type { z } from 'zod';

type Schemas = Readonly<Record<string, z.ZodType>>;

/** The union of a context's events: `{ type, data }`, deeply readonly. */
export type EventOf<S extends Schemas> = {
  [T in keyof S & string]: { readonly type: T; readonly data: DeepReadonly<z.infer<S[T]>> };
}[keyof S & string];

export type DeepReadonly<T> = T extends (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** The published events of one context: runtime checks by type, and (type-level only) the union `Event`. */
export interface EventSet<Source extends string, S extends Schemas> {
  readonly source: Source;
  readonly schemas: S;
  /** Type-level only: `(typeof xEvents)['Event']`. */
  readonly Event: EventOf<S>;
}

export const defineEvents = <Source extends string, S extends Schemas>(
  source: Source,
  schemas: S,
): EventSet<Source, S> => ({ source, schemas }) as EventSet<Source, S>;
