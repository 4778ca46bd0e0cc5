import type { CallFacts } from '../treatment/calls.js';
import { inForce } from '../treatment/treatment.js';
import type { AccountStop, Accounts, AccountsEvent, SharedReply } from './accounts.js';

export type AccountsCommand =
  | { readonly do: 'join'; readonly caseId: string; readonly accountId: string }
  | { readonly do: 'note-stop'; readonly stop: AccountStop }
  | { readonly do: 'end-stop'; readonly stopId: string }
  | { readonly do: 'share-conversation'; readonly heldAbout: string; readonly call: CallFacts }
  | { readonly do: 'share-reply'; readonly heldAbout: string; readonly reply: SharedReply };

/** @param at business time */
export const decideAccounts = (command: AccountsCommand, state: Accounts, at: string): readonly AccountsEvent[] => {
  switch (command.do) {
    case 'join': {
      const { caseId, accountId } = command;
      if (state.joined.some((a) => a.caseId === caseId)) return [];
      return [{ type: 'AccountJoined', data: { caseId, accountId } }];
    }
    case 'note-stop': {
      const { stop } = command;
      const known = state.stops.some((s) => s.stopId === stop.stopId && s.until === stop.until);
      return known || !inForce(stop, at) ? [] : [{ type: 'DebtorStopNoted', data: { stop } }];
    }
    case 'end-stop': {
      const { stopId } = command;
      return state.stops.some((s) => s.stopId === stopId) ? [{ type: 'DebtorStopEnded', data: { stopId } }] : [];
    }
    case 'share-conversation': {
      const { heldAbout, call } = command;
      const others = state.joined.some((a) => a.caseId !== heldAbout);
      if (!others || state.shared.includes(call.call.attemptId)) return [];
      return [{ type: 'ConversationShared', data: { heldAbout, call } }];
    }
    case 'share-reply': {
      const { heldAbout, reply } = command;
      return state.joined.some((a) => a.caseId !== heldAbout)
        ? [{ type: 'ReplyShared', data: { heldAbout, reply } }]
        : [];
    }
    default: {
      const never: never = command;
      return never;
    }
  }
};
