/**
 * A view is a value: which events it listens to, which rows an event touches, and how a row grows. It never rejects a fact.
 * Its columns are each written by events of one source only, so that rows do not depend on how sources interleave: whatever
 * order they were taken in, live or in a rebuild, the same events give the same rows.
 */
import type { EventEnvelope, EventMeta } from '@mora/contracts';

/** `int` is a safe integer (bigint in SQL), `json` is text that holds JSON. Instants and dates are ISO text. */
export type ColumnType = 'text' | 'int' | 'real' | 'bool' | 'json';
export type Columns = Readonly<Record<string, ColumnType>>;

type ValueOf<T extends ColumnType> = (T extends 'text' | 'json' ? string : T extends 'bool' ? boolean : number) | null;
/** A row as it is stored: column → value; columns that are not in the key may be null. */
export type RowOf<C extends Columns> = { readonly [K in keyof C]: ValueOf<C[K]> };
export type Value = string | number | boolean | null;
export type AnyRow = Readonly<Record<string, Value>>;

/** Key columns of one row, in the order of `View.key`. */
export type Key = readonly (string | number | boolean)[];

/** What a view may read of an event: as little as a rebuild must fetch; a whole envelope has it all. */
export interface SeenEvent extends Pick<EventEnvelope, 'source' | 'type' | 'epoch' | 'shard' | 'position' | 'data'> {
  /** Of `simulated` only whether it is null. */
  readonly meta: Pick<EventMeta, 'at'> & { readonly simulated: object | null };
}

export interface View<C extends Columns = Columns> {
  /** Persisted: the table is `<name>_v<version>`. A changed meaning or shape is a new version. */
  readonly name: string;
  readonly version: number;
  readonly columns: C;
  /** Names of the key columns. */
  readonly key: readonly string[];
  /** Further indexes: column lists. */
  readonly indexes: readonly string[];
  /** `<source>.<type>` of every event that can touch it. */
  readonly types: readonly string[];
  keysOf(event: SeenEvent, place: Place): readonly Key[];
  evolve(row: RowOf<C> | null, event: SeenEvent, key: Key, place: Place): RowOf<C> | null;
}

/** Where a fact falls in the business calendar. */
export interface Place {
  /** Local calendar day of an instant. */
  day(at: string): string;
  /** Local hour, 0–23. */
  hour(at: string): number;
}

/** Schema of all view tables: the service makes, rebuilds and switches them itself. Persisted name. */
export const VIEW_SCHEMA = 'mora_analytics_views';

type Versioned = Pick<View, 'name' | 'version'>;
/** Without its schema. */
export const plainTableOf = ({ name, version }: Versioned): string => `${name}_v${version}`;
export const tableOf = (view: Versioned): string => `${VIEW_SCHEMA}.${plainTableOf(view)}`;

export const keyText = (key: Key): string => key.join('\u001f');

export const keyOfRow = (view: View, row: AnyRow): Key => view.key.map((column) => row[column] as string);
