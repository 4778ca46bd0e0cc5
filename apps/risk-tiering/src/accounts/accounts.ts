/**
 * The accounts of one debtor under treatment, and what concerns more than the one it was said of: stops and conversations.
 * Each fact waits here for every treatment that it concerns, until that has taken it in: a timer per treatment makes it so
 * when the tick's facts are all there, so that what it comes to does not hang on their order.
 */
import type { HandOverReason } from '@mora/contracts';
import { type Aggregate, snapToTick, type Timer } from '@mora/eventing';
import type { CallFacts } from '../treatment/calls.js';
import type { SharedFact } from '../treatment/shared-facts.js';
import { inForce, type TreatmentStop } from '../treatment/treatment.js';

/** A stop of the guard on the debtor or on one of his accounts. */
export interface AccountStop extends TreatmentStop {
  readonly scope: 'account' | 'debtor';
  readonly accountId: string | null;
}

export type SharedReply = Omit<Extract<SharedFact, { readonly what: 'reply' }>, 'what'>;

// Private events of this stream (persisted names).
export type AccountsEvent =
  | { readonly type: 'AccountJoined'; readonly data: { readonly caseId: string; readonly accountId: string } }
  /** Humans still have the account: its next episode is theirs from its first day. */
  | { readonly type: 'HandOverKept'; readonly data: { readonly caseId: string; readonly reason: HandOverReason } }
  | { readonly type: 'DebtorStopNoted'; readonly data: { readonly stop: AccountStop } }
  | { readonly type: 'DebtorStopEnded'; readonly data: { readonly stopId: string } }
  /** A conversation about one account counts for the others as well (`domain.md` 2.10). */
  | {
      readonly type: 'ConversationShared';
      readonly data: { readonly heldAbout: string; readonly call: CallFacts };
    }
  /** In an answer to an SMS about one account he asked for a human: for all of them. */
  | { readonly type: 'ReplyShared'; readonly data: { readonly heldAbout: string; readonly reply: SharedReply } }
  | { readonly type: 'SharedFactsTaken'; readonly data: { readonly caseId: string } };

interface JoinedAccount {
  readonly accountId: string;
  /** Its newest episode. */
  readonly caseId: string;
}

export interface Waiting {
  readonly caseId: string;
  readonly dueAt: string;
  readonly facts: readonly SharedFact[];
}

export interface Accounts {
  readonly joined: readonly JoinedAccount[];
  /** In force, or out of date and not yet forgotten. */
  readonly stops: readonly AccountStop[];
  /** Attempts whose conversations were shared, the last ones. */
  readonly shared: readonly string[];
  readonly waiting: readonly Waiting[];
  /** Reasons for which humans have accounts whose next episode, by its case, is still to come. */
  readonly kept: Readonly<Record<string, HandOverReason>>;
}

const REMEMBERED_CONVERSATIONS = 20;

const concerns =
  (stop: AccountStop) =>
  (account: JoinedAccount): boolean =>
    stop.scope === 'debtor' || stop.accountId === account.accountId;

/** Lets a fact wait for the accounts that it concerns. */
const letWait = (
  state: Accounts,
  fact: SharedFact,
  at: string,
  whom: (account: JoinedAccount) => boolean,
): Accounts => {
  const cases = state.joined.filter(whom).map((a) => a.caseId);
  const added = cases.map((caseId): Waiting => {
    const before = state.waiting.find((w) => w.caseId === caseId);
    return { caseId, dueAt: before?.dueAt ?? snapToTick(at), facts: [...(before?.facts ?? []), fact] };
  });
  return { ...state, waiting: [...state.waiting.filter((w) => !cases.includes(w.caseId)), ...added] };
};

/** A new episode takes the place of the account's earlier one, and what is in force concerns it from its first day. */
const join = (state: Accounts, account: JoinedAccount, at: string): Accounts => {
  const earlier = state.joined.find((a) => a.accountId === account.accountId);
  const facts = state.stops
    .filter((stop) => inForce(stop, at) && concerns(stop)(account))
    .map((stop): SharedFact => ({ what: 'stop', stop }));
  const { [account.caseId]: reason, ...kept } = state.kept;
  if (reason !== undefined) facts.push({ what: 'hand-over', reason });
  const fresh = facts.length > 0 ? [{ caseId: account.caseId, dueAt: snapToTick(at), facts }] : [];
  return {
    ...state,
    kept,
    joined: [...state.joined.filter((a) => a !== earlier), account],
    waiting: [...state.waiting.filter((w) => w.caseId !== earlier?.caseId), ...fresh],
  };
};

const evolve = (state: Accounts, event: AccountsEvent, at: string): Accounts => {
  switch (event.type) {
    case 'AccountJoined':
      return join(state, event.data, at);
    case 'HandOverKept':
      return { ...state, kept: { ...state.kept, [event.data.caseId]: event.data.reason } };
    case 'DebtorStopNoted': {
      const { stop } = event.data;
      const stops = [...state.stops.filter((s) => s.stopId !== stop.stopId && inForce(s, at)), stop];
      return letWait({ ...state, stops }, { what: 'stop', stop }, at, concerns(stop));
    }
    case 'DebtorStopEnded': {
      const { stopId } = event.data;
      const ended = state.stops.find((s) => s.stopId === stopId);
      const stops = state.stops.filter((s) => s !== ended);
      return ended ? letWait({ ...state, stops }, { what: 'lift', stopId }, at, concerns(ended)) : state;
    }
    case 'ConversationShared': {
      const { heldAbout, call } = event.data;
      const shared = [...state.shared, call.call.attemptId].slice(-REMEMBERED_CONVERSATIONS);
      return letWait({ ...state, shared }, { what: 'conversation', call }, at, (a) => a.caseId !== heldAbout);
    }
    case 'ReplyShared': {
      const { heldAbout, reply } = event.data;
      return letWait(state, { what: 'reply', ...reply }, at, (a) => a.caseId !== heldAbout);
    }
    case 'SharedFactsTaken':
      return { ...state, waiting: state.waiting.filter((w) => w.caseId !== event.data.caseId) };
    default:
      return state;
  }
};

/** Name of a timer, with the case behind it; persisted. */
const TAKE_IN = 'take-in/';

export const caseOfTimer = (name: string): string => name.slice(TAKE_IN.length);

const timersOf = (state: Accounts): readonly Timer[] =>
  state.waiting.map(({ caseId, dueAt }) => ({ name: `${TAKE_IN}${caseId}`, dueAt }));

export const accounts: Aggregate<Accounts, AccountsEvent> = {
  category: 'accounts',
  foldVersion: 2,
  initial: { joined: [], stops: [], shared: [], waiting: [], kept: {} },
  evolve,
  timersOf,
};
