/** What an account's score is made of, folded from the facts of other services. */
import type { Disposition, IntentLabel, ReasonLabel, ScoringEvent } from '@mora/contracts';
import type { Aggregate } from '@mora/eventing';

export interface ScoredFacts {
  readonly accountId: string;
  readonly currency: string;
  readonly unpaidMinimum: number;
  readonly minimumDue: number;
  readonly statementBalance: number | null;
  readonly creditLimit: number | null;
  readonly dueDate: string;
  readonly graceDays: number | null;
  readonly recordedMonths: number;
  readonly earlierEpisodes12m: number;
  readonly earlierCuredEarly: number;
  readonly earlierCuredLate: number;
  readonly promisesKept12m: number;
  readonly brokenBefore6m: number;
}

export interface ScoredCall {
  readonly attemptId: string;
  readonly endedAt: string;
  readonly disposition: Disposition;
  readonly connected: boolean;
  readonly rpc: boolean;
  readonly talkSeconds: number;
  readonly understoodTurns: number;
  readonly label: IntentLabel;
  readonly labelDate: string | null;
  readonly reason: ReasonLabel;
  readonly askedHow: boolean;
}

export type AccountScoreEvent =
  | ScoringEvent
  | {
      readonly type: 'ScoredFactsNoted';
      readonly data: { readonly caseId: string; readonly debtorId: string; readonly facts: ScoredFacts };
    }
  | { readonly type: 'ScoredCallNoted'; readonly data: { readonly call: ScoredCall } }
  | {
      readonly type: 'PaidNoted';
      readonly data: { readonly key: string; readonly amount: number; readonly unpaidMinimum: number };
    }
  | {
      readonly type: 'PromiseResultNoted';
      readonly data: { readonly promiseId: string; readonly result: 'kept' | 'partly' | 'broken' | 'open' };
    };

/** `open`: its result was taken back. */
interface PromiseResult {
  readonly promiseId: string;
  readonly result: 'kept' | 'partly' | 'broken' | 'open';
}

export interface AccountScore {
  readonly caseId: string;
  readonly debtorId: string;
  readonly facts: ScoredFacts | null;
  readonly paidInEpisode: number;
  readonly payments: readonly string[];
  /** Newest last; the caps of an episode keep them few. */
  readonly calls: readonly ScoredCall[];
  /** Calls that left: a trunk fault certainly did not. */
  readonly attempts: number;
  readonly firstAttemptAt: string | null;
  readonly rpcConversations: number;
  readonly lastRpc: ScoredCall | null;
  readonly longest: ScoredCall | null;
  readonly askedHow: boolean;
  readonly promiseResults: readonly PromiseResult[];
  readonly score: number | null;
  readonly scoredOn: string | null;
}

/** A promise has one result, the last one. */
const withResult = (results: readonly PromiseResult[], one: PromiseResult): readonly PromiseResult[] => [
  ...results.filter((other) => other.promiseId !== one.promiseId),
  one,
];

export const accountScore: Aggregate<AccountScore, AccountScoreEvent> = {
  category: 'score',
  foldVersion: 1,
  initial: {
    caseId: '',
    debtorId: '',
    facts: null,
    paidInEpisode: 0,
    payments: [],
    calls: [],
    attempts: 0,
    firstAttemptAt: null,
    rpcConversations: 0,
    lastRpc: null,
    longest: null,
    askedHow: false,
    promiseResults: [],
    score: null,
    scoredOn: null,
  },
  evolve: (state, event, at) => {
    switch (event.type) {
      case 'ScoredFactsNoted':
        return { ...state, caseId: event.data.caseId, debtorId: event.data.debtorId, facts: event.data.facts };
      case 'ScoredCallNoted': {
        const { call } = event.data;
        const left = call.disposition !== 'trunk-fault';
        const longer = call.rpc && call.talkSeconds > (state.longest?.talkSeconds ?? -1);
        return {
          ...state,
          calls: [...state.calls, call],
          attempts: state.attempts + (left ? 1 : 0),
          firstAttemptAt: state.firstAttemptAt ?? (left ? call.endedAt : null),
          rpcConversations: state.rpcConversations + (call.rpc ? 1 : 0),
          lastRpc: call.rpc ? call : state.lastRpc,
          longest: longer ? call : state.longest,
          askedHow: state.askedHow || call.askedHow,
        };
      }
      case 'PaidNoted':
        return {
          ...state,
          facts: state.facts && { ...state.facts, unpaidMinimum: event.data.unpaidMinimum },
          paidInEpisode: state.paidInEpisode + event.data.amount,
          payments: [...state.payments, event.data.key],
        };
      case 'PromiseResultNoted':
        return { ...state, promiseResults: withResult(state.promiseResults, event.data) };
      case 'AccountScored':
        return { ...state, score: event.data.score, scoredOn: at };
      default:
        return state;
    }
  },
};
