/** Score and labels after each call, payment, promise result and at the day plan (`domain.md` 4). */
import { businessDate, daysBetween } from '@mora/business-time';
import type { FlagLabel } from '@mora/contracts';
import { graceEnd, type ScoreFeatures, type Strategy, scoreAccount } from '@mora/strategy';
import {
  type AccountScore,
  type AccountScoreEvent,
  accountScore,
  type ScoredCall,
  type ScoredFacts,
} from './account-score.js';

export interface Ground {
  readonly at: string;
  readonly strategy: Strategy;
  readonly strategyHash: string;
}

export type ScoreCommand =
  | { readonly do: 'note-facts'; readonly caseId: string; readonly debtorId: string; readonly facts: ScoredFacts }
  | {
      readonly do: 'note-call';
      readonly call: ScoredCall;
      readonly flags: readonly FlagLabel[];
      readonly labelTurns: readonly number[];
      readonly conversation: boolean;
    }
  | { readonly do: 'note-payment'; readonly key: string; readonly amount: number; readonly unpaidMinimum: number }
  | { readonly do: 'note-promise'; readonly promiseId: string; readonly result: 'kept' | 'partly' | 'broken' | 'open' }
  | { readonly do: 'score'; readonly trigger: string };

export const decideScore = (
  command: ScoreCommand,
  state: AccountScore,
  ground: Ground,
): readonly AccountScoreEvent[] => {
  const noted = note(command, state);
  if (noted === null) return [];
  const after = noted.reduce((s, event) => accountScore.evolve(s, event, ground.at), state);
  if (command.do === 'note-facts' || !after.facts) return noted;
  const trigger = command.do === 'score' ? command.trigger : command.do.slice(5);
  const awaited = command.do === 'note-call' && command.call.rpc;
  const scored = score(after, after.facts, ground, { trigger, awaited });
  return scored === null ? noted : [...noted, scored];
};

/** @returns null when the command is a repetition. */
const note = (command: ScoreCommand, state: AccountScore): readonly AccountScoreEvent[] | null => {
  switch (command.do) {
    case 'note-facts': {
      if (JSON.stringify(state.facts) === JSON.stringify(command.facts)) return null;
      const { caseId, debtorId, facts } = command;
      return [{ type: 'ScoredFactsNoted', data: { caseId, debtorId, facts } }];
    }
    case 'note-call': {
      const { call } = command;
      if (state.calls.some((c) => c.attemptId === call.attemptId)) return null;
      return [{ type: 'ScoredCallNoted', data: { call } }, ...(command.conversation ? [labelled(command, state)] : [])];
    }
    case 'note-payment':
      return state.payments.includes(command.key)
        ? null
        : [
            {
              type: 'PaidNoted',
              data: { key: command.key, amount: command.amount, unpaidMinimum: command.unpaidMinimum },
            },
          ];
    case 'note-promise':
      return (state.promiseResults.find((p) => p.promiseId === command.promiseId)?.result ?? 'open') === command.result
        ? null
        : [{ type: 'PromiseResultNoted', data: { promiseId: command.promiseId, result: command.result } }];
    case 'score':
      return [];
    default: {
      const never: never = command;
      return never;
    }
  }
};

const labelled = (command: Extract<ScoreCommand, { do: 'note-call' }>, state: AccountScore): AccountScoreEvent => {
  const { call } = command;
  return {
    type: 'ConversationLabelled',
    data: {
      caseId: state.caseId,
      debtorId: state.debtorId,
      accountId: state.facts?.accountId ?? '',
      attemptId: call.attemptId,
      intent: call.label,
      intentTurns: [...command.labelTurns],
      reason: call.reason,
      flags: [...command.flags],
      rightParty: call.rpc,
    },
  };
};

interface Occasion {
  readonly trigger: string;
  /** Whoever judges the last conversation waits for the score that knows of it. */
  readonly awaited: boolean;
}

/** An unchanged score is not said again on the same day, but after a conversation. */
const score = (
  state: AccountScore,
  facts: ScoredFacts,
  ground: Ground,
  { trigger, awaited }: Occasion,
): AccountScoreEvent | null => {
  const { strategy, at } = ground;
  const { zone } = strategy.about;
  const today = businessDate(at, zone);
  const features = featuresOf(state, facts, strategy, today);
  const result = scoreAccount(strategy, features);
  const said = state.scoredOn !== null && businessDate(state.scoredOn, zone) === today && state.score === result.score;
  if (said && !awaited) return null;
  return {
    type: 'AccountScored',
    data: {
      caseId: state.caseId,
      debtorId: state.debtorId,
      accountId: facts.accountId,
      scorecardHash: ground.strategyHash,
      score: result.score,
      band: result.band,
      features: { ...features },
      reasons: result.reasons.filter((r) => r.points !== 0).map((r) => ({ ...r, inputs: { ...r.inputs } })),
      trigger,
    },
  };
};

const featuresOf = (state: AccountScore, facts: ScoredFacts, strategy: Strategy, today: string): ScoreFeatures => {
  const { zone } = strategy.about;
  const { lastRpc, longest } = state;
  const reachedFrom = lastRpc?.endedAt ?? state.firstAttemptAt;
  const connected = state.calls.filter((c) => c.connected).slice(-strategy.scorecard.hungUpEarly.calls);
  return {
    lastLabel: lastRpc?.label ?? null,
    lastLabelDate: lastRpc?.labelDate ?? null,
    lastLabelOn: lastRpc && businessDate(lastRpc.endedAt, zone),
    lastReason: lastRpc?.reason ?? null,
    askedHow: state.askedHow,
    longestConversationSeconds: longest?.talkSeconds ?? 0,
    understoodTurnsOfLongest: longest?.understoodTurns ?? 0,
    hungUpEarlyOfLastConnected: connected.filter((c) => c.disposition === 'hung-up-early').length,
    attempts: state.attempts,
    rpcConversations: state.rpcConversations,
    daysWithoutRpc: reachedFrom === null ? null : Math.max(0, daysBetween(businessDate(reachedFrom, zone), today)),
    promisesKept12m: facts.promisesKept12m + state.promiseResults.filter((p) => p.result === 'kept').length,
    brokenInEpisode: state.promiseResults.filter((p) => p.result === 'broken').length,
    brokenBefore6m: facts.brokenBefore6m,
    paidInEpisode: state.paidInEpisode,
    minimumDue: facts.minimumDue,
    unpaidMinimum: facts.unpaidMinimum,
    currency: facts.currency,
    recordedMonths: facts.recordedMonths,
    earlierEpisodes12m: facts.earlierEpisodes12m,
    earlierCuredEarly: facts.earlierCuredEarly,
    earlierCuredLate: facts.earlierCuredLate,
    statementBalance: facts.statementBalance,
    creditLimit: facts.creditLimit,
    daysAfterGrace: Math.max(0, daysBetween(graceEnd(strategy, facts.dueDate, facts.graceDays), today)),
  };
};
