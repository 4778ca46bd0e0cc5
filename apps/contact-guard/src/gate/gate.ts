/** What holds for every debtor of a shard: how far payments are posted, which strategy is active, what is halted. */
import type { Halt } from '@mora/contact-rules';
import type { NewEvent } from '@mora/contracts';
import { type Aggregate, ref, type StreamRef } from '@mora/eventing';

// Private events of this stream (persisted names).
export type PostingsNoted = NewEvent<'PostingsNoted', { readonly asOf: string; readonly fact: string }>;
export type StrategyNoted = NewEvent<'StrategyNoted', { readonly hash: string; readonly fact: string }>;
export type CalendarNoted = NewEvent<'CalendarNoted', { readonly hash: string; readonly fact: string }>;
export type HaltNoted = NewEvent<'HaltNoted', Halt>;
export type HaltEnded = NewEvent<'HaltEnded', { readonly haltId: string; readonly fact: string }>;
export type GateEvent = PostingsNoted | StrategyNoted | CalendarNoted | HaltNoted | HaltEnded;

export interface Gate {
  readonly postings: { readonly asOf: string; readonly fact: string } | null;
  readonly strategyHash: string | null;
  readonly calendarHash: string | null;
  readonly halts: readonly Halt[];
}

const evolve = (state: Gate, event: GateEvent): Gate => {
  switch (event.type) {
    case 'PostingsNoted':
      return { ...state, postings: event.data };
    case 'StrategyNoted':
      return { ...state, strategyHash: event.data.hash };
    case 'CalendarNoted':
      return { ...state, calendarHash: event.data.hash };
    case 'HaltNoted':
      return { ...state, halts: [...state.halts, event.data] };
    case 'HaltEnded':
      return { ...state, halts: state.halts.filter((h) => h.haltId !== event.data.haltId) };
    default:
      return state;
  }
};

export const gate: Aggregate<Gate, GateEvent> = {
  category: 'gate',
  foldVersion: 1,
  initial: { postings: null, strategyHash: null, calendarHash: null, halts: [] },
  evolve,
};

export const gateOf = (shard: number): StreamRef<Gate, GateEvent> => ref(gate, String(shard));
