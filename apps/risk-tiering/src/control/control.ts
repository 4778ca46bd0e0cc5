import type { TieringEvent } from '@mora/contracts';
import type { Aggregate } from '@mora/eventing';

/** Private: the bank has posted all payments up to here; told once per shard. */
export interface PostingsNoted {
  readonly type: 'PostingsNoted';
  readonly data: { readonly asOf: string };
}

export type ControlEvent =
  | Extract<
      TieringEvent,
      { type: 'StrategyActivated' | 'CalendarActivated' | 'ContactsHalted' | 'ContactsResumed' | 'ClockSet' }
    >
  | PostingsNoted;

/** What holds for a whole shard: the strategy in force, the halts, the payments watermark. */
export interface Control {
  readonly strategyHash: string | null;
  readonly postedThrough: string | null;
  readonly halts: readonly { readonly haltId: string; readonly reason: string }[];
  readonly clockAnchor: string | null;
}

export const control: Aggregate<Control, ControlEvent> = {
  category: 'control',
  foldVersion: 1,
  initial: { strategyHash: null, postedThrough: null, halts: [], clockAnchor: null },
  evolve: (state, event) => {
    switch (event.type) {
      case 'StrategyActivated':
        return { ...state, strategyHash: event.data.hash };
      case 'PostingsNoted':
        return { ...state, postedThrough: event.data.asOf };
      case 'ContactsHalted':
        return {
          ...state,
          halts: [
            ...state.halts.filter((h) => h.haltId !== event.data.haltId),
            { haltId: event.data.haltId, reason: event.data.reason },
          ],
        };
      case 'ContactsResumed':
        return { ...state, halts: state.halts.filter((h) => h.haltId !== event.data.haltId) };
      case 'ClockSet':
        return { ...state, clockAnchor: event.data.anchorId };
      default:
        return state;
    }
  },
};
