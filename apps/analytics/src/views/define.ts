/** Views written as one handler per published event, typed by the contracts. */
import type {
  ContactContext,
  DialerEvent,
  GuardEvent,
  IntakeEvent,
  ScoringEvent,
  SmsEvent,
  TelephonyEvent,
  TieringEvent,
} from '@mora/contracts';
import type { Columns, Key, Place, RowOf, SeenEvent, View } from '../projection/view.js';

interface Published {
  readonly intake: IntakeEvent;
  readonly tiering: TieringEvent;
  readonly guard: GuardEvent;
  readonly dialer: DialerEvent;
  readonly telephony: TelephonyEvent;
  readonly sms: SmsEvent;
  readonly scoring: ScoringEvent;
}
/** `<source>.<type>` of a published event. */
export type EventName = { [S in keyof Published]: `${S}.${Published[S]['type']}` }[keyof Published];
export type DataOf<N extends EventName> = N extends `${infer S extends keyof Published}.${infer T}`
  ? Extract<Published[S], { readonly type: T }>['data']
  : never;

export const nameOf = (event: SeenEvent): string => `${event.source}.${event.type}`;
export const isSimulated = (event: SeenEvent): boolean => event.meta.simulated !== null;

export interface Fact {
  readonly event: SeenEvent;
  /** Business time. */
  readonly at: string;
  readonly place: Place;
}

interface Handler<R, N extends EventName> {
  readonly keys: (data: DataOf<N>, fact: Fact) => readonly Key[];
  readonly evolve: (row: R, data: DataOf<N>, fact: Fact) => R | null;
}
export type Handlers<R> = { readonly [N in EventName]?: Handler<R, N> };
type AnyHandler<R> = Handler<R, never> | undefined;

/** A view whose new rows begin as `empty(key)`. */
export const defineView = <const C extends Columns>(spec: {
  readonly name: string;
  readonly version: number;
  readonly columns: C;
  readonly key: readonly (keyof C & string)[];
  readonly indexes?: readonly string[];
  readonly empty: (key: Key) => RowOf<C>;
  readonly on: Handlers<RowOf<C>>;
}): View<C> => {
  const handlers = new Map(Object.entries(spec.on) as readonly [string, AnyHandler<RowOf<C>>][]);
  const fact = (event: SeenEvent, place: Place): Fact => ({ event, at: event.meta.at, place });
  return {
    name: spec.name,
    version: spec.version,
    columns: spec.columns,
    key: spec.key,
    indexes: spec.indexes ?? [],
    types: [...handlers.keys()],
    keysOf: (event, place) => handlers.get(nameOf(event))?.keys(event.data as never, fact(event, place)) ?? [],
    evolve: (row, event, key, place) => {
      const handler = handlers.get(nameOf(event));
      if (handler === undefined) return row;
      return handler.evolve(row ?? spec.empty(key), event.data as never, fact(event, place));
    },
  };
};

/** A row with every column null but the key's. */
export const emptyRow =
  <const C extends Columns>(columns: C, names: readonly (keyof C & string)[]) =>
  (key: Key): RowOf<C> => {
    const row: Record<string, unknown> = {};
    for (const name of Object.keys(columns)) row[name] = null;
    names.forEach((name, i) => {
      row[name] = key[i];
    });
    return row as RowOf<C>;
  };

export const contextColumns = {
  case_id: 'text',
  account_id: 'text',
  business_date: 'text',
  dpd: 'int',
  tier: 'text',
  term: 'text',
  stage: 'text',
  arm: 'text',
  strategy: 'text',
} as const satisfies Columns;

export const contextOf = (context: ContactContext): RowOf<typeof contextColumns> => ({
  case_id: context.caseId,
  account_id: context.accountId,
  business_date: context.businessDate,
  dpd: context.dpd,
  tier: context.tier,
  term: context.term,
  stage: context.stage,
  arm: context.arm,
  strategy: context.strategyHash,
});
/** The later of two instants; null is never. */
export const later = (a: string | null, b: string): string => (a === null || b > a ? b : a);
