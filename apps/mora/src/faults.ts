/**
 * Crash points for tests: `MORA_FAULT` names one moment at which this process ends itself by SIGKILL, as a power cut would.
 * Nothing is decorated while the variable is unset.
 */
import type { CommitResult, EventStore, StoreWrite } from '@mora/eventing';
import type { CarrierRecord } from '@mora/simulation';
import { UsageError } from './errors.js';

/** `n`-th occurrence of: an event's commit (before or after it), a checkpoint's commit of a source, a line of the carrier's log. */
export type Fault =
  | { readonly at: 'before' | 'after'; readonly eventType: string; readonly n: number }
  | { readonly at: 'after-checkpoint'; readonly source: string; readonly n: number }
  | { readonly at: 'carrier'; readonly kind: CarrierRecord['kind']; readonly n: number };

export interface Faults {
  wrapStore(store: EventStore): EventStore;
  onCarrier(record: CarrierRecord): void;
}

const CARRIER: Readonly<Record<string, CarrierRecord['kind']>> = {
  invite: 'invite',
  ringing: 'ringing',
  answer: 'answer',
  cancel: 'cancel',
  end: 'end',
};
const MALFORMED =
  'MORA_FAULT must be before:EVENT:N, after:EVENT:N, after-checkpoint:SOURCE:N, or invite, ringing, answer, cancel or end with :N';

/** @throws UsageError when the text names no crash point. */
export const parseFault = (text: string): Fault => {
  const parts = text.split(':');
  const n = Number(parts.at(-1));
  if (!Number.isInteger(n) || n < 1) throw new UsageError(MALFORMED);
  const [at, what] = parts;
  const kind = CARRIER[at!];
  if (parts.length === 2 && kind !== undefined) return { at: 'carrier', kind, n };
  if (parts.length !== 3 || !what) throw new UsageError(MALFORMED);
  if (at === 'before' || at === 'after') return { at, eventType: what, n };
  if (at === 'after-checkpoint') return { at, source: what, n };
  throw new UsageError(MALFORMED);
};

/** @param die ends the process at once, without any of its own code running. */
export const createFaults = (fault: Fault, die: () => void): Faults => {
  let left = fault.n;
  const passed = (count: number): void => {
    if (left > 0 && count > 0) {
      left -= count;
      if (left <= 0) die();
    }
  };
  const eventsIn = (write: StoreWrite): number =>
    fault.at === 'before' || fault.at === 'after' ? write.events.filter((e) => e.type === fault.eventType).length : 0;
  const before = (write: StoreWrite): void => {
    if (fault.at === 'before') passed(eventsIn(write));
  };
  const after = (source: string, write: StoreWrite, result: CommitResult): void => {
    if (result.status !== 'committed') return;
    if (fault.at === 'after') passed(eventsIn(write));
    if (fault.at === 'after-checkpoint' && fault.source === source) passed(write.checkpoints.length > 0 ? 1 : 0);
  };
  return {
    wrapStore: (store) =>
      overridden(store, {
        commit: async (write) => {
          before(write);
          const result = await store.commit(write);
          after(store.source, write, result);
          return result;
        },
        locked: async (shards, build) => {
          let built: StoreWrite | null = null;
          const result = await store.locked(shards, async (session) => {
            built = await build(session);
            before(built);
            return built;
          });
          if (built !== null) after(store.source, built, result);
          return result;
        },
      }),
    onCarrier: (record) => {
      if (fault.at === 'carrier' && record.kind === fault.kind) passed(1);
    },
  };
};

/** The store with some methods replaced; the others keep running on the store itself. */
const overridden = (store: EventStore, methods: Pick<EventStore, 'commit' | 'locked'>): EventStore =>
  new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit' || name === 'locked') return methods[name];
      const found = Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
