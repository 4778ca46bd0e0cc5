import { monthsBefore } from '@mora/business-time';
import {
  type AccountFacts,
  type DeepReadonly,
  type DialerEvent,
  eventKey,
  type IntakeEvent,
  type TieringEvent,
} from '@mora/contracts';
import { type Aggregate, append, type Command, command, createProcessor, type Processor, ref } from '@mora/eventing';
import { type Strategy, StrategyMissing } from '@mora/strategy';
import { accountScore, type ScoredCall, type ScoredFacts } from '../account-score/account-score.js';
import { decideScore, type ScoreCommand } from '../account-score/decisions.js';

interface Gate {
  readonly strategyHash: string | null;
}
type GateEvent = { readonly type: 'StrategyNoted'; readonly data: { readonly hash: string } };

/** The strategy in force, per shard. */
const gate: Aggregate<Gate, GateEvent> = {
  category: 'gate',
  foldVersion: 1,
  initial: { strategyHash: null },
  evolve: (_state, event) => ({ strategyHash: event.data.hash }),
};

/** History as the card counts it: twelve months of episodes and kept promises, six of broken ones; cured early is by DPD 3. */
export const scoredFacts = (f: DeepReadonly<AccountFacts>, unpaidMinimum: number): ScoredFacts => {
  const year = monthsBefore(f.dueDate, 12);
  const half = monthsBefore(f.dueDate, 6);
  const episodes = f.history.earlierEpisodes.filter((e) => e.openedOn >= year && e.openedOn < f.dueDate);
  const early = episodes.filter((e) => e.curedAtDpd !== null && e.curedAtDpd <= 3).length;
  return {
    accountId: f.accountId,
    currency: f.currency,
    unpaidMinimum,
    minimumDue: f.minimumDue,
    statementBalance: f.statementBalance,
    creditLimit: f.creditLimit,
    dueDate: f.dueDate,
    graceDays: f.graceDays,
    recordedMonths: f.history.recordedMonths,
    earlierEpisodes12m: episodes.length,
    earlierCuredEarly: early,
    earlierCuredLate: episodes.length - early,
    promisesKept12m: f.history.promises.filter((p) => p.result === 'kept' && p.on >= year).length,
    brokenBefore6m: f.history.promises.filter((p) => p.result === 'broken' && p.on >= half && p.on < f.dueDate).length,
  };
};

type CallEnded = Extract<DialerEvent, { type: 'CallEnded' }>['data'];

const ASKED_HOW = new Set(['G-amount', 'G-minimum', 'G-how']);

export const scoredCall = (d: CallEnded): ScoredCall => ({
  attemptId: d.attemptId,
  endedAt: d.endedAt,
  disposition: d.disposition,
  connected: d.connected !== 'no',
  rpc: d.rightParty && d.conversation,
  talkSeconds: Math.round(d.talkMs / 1000),
  understoodTurns: d.dialogue?.understoodTurns ?? 0,
  label: d.dialogue?.label ?? 'none',
  labelDate: d.dialogue?.promise?.date ?? d.dialogue?.deferTo ?? null,
  reason: d.dialogue?.reason ?? 'not-said',
  askedHow: d.dialogue?.intents.some((i) => ASKED_HOW.has(i.intent)) ?? false,
});

export const scoringProcessor = (strategyOf: (hash: string) => Strategy | undefined): Processor => {
  const on = (
    event: { readonly subject: string; readonly shard: number },
    caseId: string,
    todo: ScoreCommand,
  ): Command => {
    const own = ref(accountScore, caseId);
    return command({
      name: `score.${todo.do}`,
      subject: event.subject,
      shard: event.shard,
      streams: [own, ref(gate, String(event.shard))],
      about: { correlationId: caseId },
      decide: ([state, shardState], context) => {
        const hash = shardState.strategyHash;
        const strategy = hash === null ? undefined : strategyOf(hash);
        if (hash === null || !strategy) throw new StrategyMissing(hash);
        const about = { policies: [{ kind: 'scorecard' as const, hash }] };
        return decideScore(todo, state, { at: context.at, strategy, strategyHash: hash }).map((e) =>
          append(own, e, about),
        );
      },
    });
  };
  const promised =
    (result: 'kept' | 'partly' | 'broken' | 'open') =>
    (e: {
      readonly subject: string;
      readonly shard: number;
      readonly data: { readonly caseId: string; readonly promiseId: string };
    }) =>
      on(e, e.data.caseId, { do: 'note-promise', promiseId: e.data.promiseId, result });
  return createProcessor<IntakeEvent | DialerEvent | TieringEvent>()({
    name: 'scoring',
    sources: ['intake', 'tiering', 'dialer'],
    on: {
      StrategyActivated: (e) => {
        const own = ref(gate, String(e.shard));
        return command({
          name: 'score.note-strategy',
          subject: own.stream,
          shard: e.shard,
          streams: [own],
          decide: ([state]) =>
            state.strategyHash === e.data.hash
              ? []
              : [append(own, { type: 'StrategyNoted', data: { hash: e.data.hash } })],
        });
      },
      CaseOpened: (e) => on(e, e.data.caseId, factsCommand(e.data)),
      AccountReported: (e) => on(e, e.data.caseId, factsCommand(e.data)),
      PaymentPosted: (e) =>
        on(e, e.data.caseId, {
          do: 'note-payment',
          key: eventKey(e),
          amount: e.data.amount,
          unpaidMinimum: e.data.unpaidMinimum,
        }),
      PaymentReversed: (e) =>
        on(e, e.data.caseId, {
          do: 'note-payment',
          key: eventKey(e),
          amount: -Math.abs(e.data.amount),
          unpaidMinimum: e.data.unpaidMinimum,
        }),
      CallEnded: (e) =>
        on(e, e.data.context.caseId, {
          do: 'note-call',
          call: scoredCall(e.data),
          flags: e.data.dialogue?.flags ?? [],
          labelTurns: e.data.dialogue?.labelTurns ?? [],
          conversation: e.data.conversation,
        }),
      PromiseReopened: promised('open'),
      PromiseKept: promised('kept'),
      PromisePartlyKept: promised('partly'),
      PromiseBroken: promised('broken'),
      AccountTiered: (e) => (e.data.nextPlanAt ? on(e, e.data.caseId, { do: 'score', trigger: 'day-plan' }) : null),
    },
  });
};

const factsCommand = (data: Extract<IntakeEvent, { type: 'CaseOpened' }>['data']): ScoreCommand => ({
  do: 'note-facts',
  caseId: data.caseId,
  debtorId: data.debtorId,
  facts: scoredFacts(data.facts, data.unpaidMinimum),
});
