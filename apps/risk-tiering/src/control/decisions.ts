import type { Control, ControlEvent } from './control.js';

export type ControlCommand =
  | {
      readonly do: 'activate';
      readonly hash: string;
      readonly name: string;
      readonly at: string;
      readonly by: string;
      /** Nothing happens where any strategy has ever been activated. */
      readonly onlyFirst?: boolean;
    }
  | {
      readonly do: 'halt';
      readonly haltId: string;
      readonly scope: Halt['scope'];
      readonly reason: string;
      readonly by: string;
    }
  | { readonly do: 'resume'; readonly haltId: string; readonly reason: string; readonly by: string }
  | { readonly do: 'note-postings'; readonly asOf: string }
  | {
      readonly do: 'set-clock';
      readonly kind: 'real' | 'stepped';
      readonly anchorId: string;
      readonly at: string;
      readonly by: string;
    };

type Halt = Extract<ControlEvent, { type: 'ContactsHalted' }>['data'];

/** The same command goes to every shard; where it changes nothing it yields nothing. */
export const decideControl = (command: ControlCommand, state: Control): readonly ControlEvent[] => {
  switch (command.do) {
    case 'activate': {
      if (state.strategyHash === command.hash || (command.onlyFirst && state.strategyHash !== null)) return [];
      const { hash, name, at, by } = command;
      return [{ type: 'StrategyActivated', data: { hash, name, at, by } }];
    }
    case 'halt': {
      if (state.halts.some((h) => h.haltId === command.haltId)) return [];
      const { haltId, scope, reason, by } = command;
      return [{ type: 'ContactsHalted', data: { haltId, scope, reason, by } }];
    }
    case 'resume': {
      if (!state.halts.some((h) => h.haltId === command.haltId)) return [];
      const { haltId, reason, by } = command;
      return [{ type: 'ContactsResumed', data: { haltId, reason, by } }];
    }
    case 'note-postings':
      return state.postedThrough !== null && state.postedThrough >= command.asOf
        ? []
        : [{ type: 'PostingsNoted', data: { asOf: command.asOf } }];
    case 'set-clock': {
      if (state.clockAnchor === command.anchorId) return [];
      const { kind, anchorId, at, by } = command;
      return [{ type: 'ClockSet', data: { kind, anchorId, businessAt: at, by } }];
    }
    default: {
      const never: never = command;
      return never;
    }
  }
};
