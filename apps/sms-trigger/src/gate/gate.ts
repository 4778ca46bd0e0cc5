import type { NewEvent, Tier } from '@mora/contracts';
import type { Aggregate } from '@mora/eventing';

export interface Halt {
  readonly haltId: string;
  readonly strategyHash: string | null;
  readonly tier: Tier | null;
  readonly channel: 'call' | 'sms' | null;
  readonly debtorId: string | null;
}

/** What holds for every debtor of a shard. */
export interface Gate {
  readonly strategyHash: string | null;
  readonly halts: readonly Halt[];
}

type Event<T extends string, D> = NewEvent<T, D>;

/** Private events (persisted names). */
export type GateEvent =
  | Event<'StrategyNoted', { readonly hash: string }>
  | Event<'HaltNoted', Halt>
  | Event<'HaltLifted', { readonly haltId: string }>;

const evolve = (state: Gate, event: GateEvent): Gate => {
  switch (event.type) {
    case 'StrategyNoted':
      return { ...state, strategyHash: event.data.hash };
    case 'HaltNoted':
      return { ...state, halts: [...state.halts.filter((one) => one.haltId !== event.data.haltId), event.data] };
    case 'HaltLifted':
      return { ...state, halts: state.halts.filter((one) => one.haltId !== event.data.haltId) };
    default: {
      const never: never = event;
      return never;
    }
  }
};

export const gate: Aggregate<Gate, GateEvent> = {
  category: 'gate',
  foldVersion: 1,
  initial: { strategyHash: null, halts: [] },
  evolve,
};

/** A fact that the gate knows already is not noted again. */
export const noteGate = (event: GateEvent, state: Gate): readonly GateEvent[] => {
  switch (event.type) {
    case 'StrategyNoted':
      return state.strategyHash === event.data.hash ? [] : [event];
    case 'HaltNoted':
      return state.halts.some((one) => one.haltId === event.data.haltId) ? [] : [event];
    case 'HaltLifted':
      return state.halts.some((one) => one.haltId === event.data.haltId) ? [event] : [];
    default: {
      const never: never = event;
      return never;
    }
  }
};

/** The halt that covers an SMS, or null. */
export const haltOf = (
  state: Gate,
  sms: { readonly strategyHash: string; readonly tier: Tier | null; readonly debtorId: string },
): Halt | null =>
  state.halts.find(
    (halt) =>
      (halt.channel === null || halt.channel === 'sms') &&
      (halt.strategyHash === null || halt.strategyHash === sms.strategyHash) &&
      (halt.tier === null || halt.tier === sms.tier) &&
      (halt.debtorId === null || halt.debtorId === sms.debtorId),
  ) ?? null;
