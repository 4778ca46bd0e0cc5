/** Foreign facts as commands of the treatment they concern; the shard's control stream comes along for strategy and watermark. */
import type {
  AccountFacts,
  DeepReadonly,
  DialerEvent,
  IntakeEvent,
  ScoringEvent,
  SmsEvent,
  Tier,
} from '@mora/contracts';
import { eventKey } from '@mora/contracts';
import { append, type Command, command, createProcessor, type Processor, ref } from '@mora/eventing';
import { type ChanceSource, type EndedCall, type Strategy, StrategyMissing } from '@mora/strategy';
import { control } from '../control/control.js';
import { type ControlCommand, decideControl } from '../control/decisions.js';
import { decideTreatment, type TreatmentCommand } from '../treatment/decisions.js';
import { type TreatmentFacts, treatment } from '../treatment/treatment.js';

export interface TieringGround {
  readonly strategyOf: (hash: string) => Strategy | undefined;
  readonly chance: ChanceSource;
}

export const treatmentCommand = (
  ground: TieringGround,
  place: { readonly caseId: string; readonly debtorId: string; readonly shard: number },
  todo: TreatmentCommand,
): Command => {
  const own = ref(treatment, place.caseId);
  return command({
    name: `treatment.${todo.do}`,
    subject: place.debtorId,
    shard: place.shard,
    streams: [own, ref(control, String(place.shard))],
    about: { correlationId: place.caseId },
    decide: ([state, shardState], context) => {
      const hash = shardState.strategyHash;
      const strategy = hash === null ? undefined : ground.strategyOf(hash);
      if (hash === null || !strategy) throw new StrategyMissing(hash);
      const events = decideTreatment(todo, state, {
        at: context.at,
        version: context.versions[0]!,
        cause: context.cause,
        strategy,
        strategyHash: hash,
        postedThrough: shardState.postedThrough,
        chance: ground.chance,
      });
      const about = { policies: [{ kind: 'strategy' as const, hash }] };
      return events.map((event) => append(own, event, about));
    },
  });
};

export const controlCommand = (shard: number, todo: ControlCommand): Command => {
  const own = ref(control, String(shard));
  return command({
    name: `control.${todo.do}`,
    subject: own.stream,
    shard,
    streams: [own],
    about: { correlationId: own.stream },
    decide: ([state]) => decideControl(todo, state).map((event) => append(own, event)),
  });
};

const factsOf = (f: DeepReadonly<AccountFacts>, unpaidMinimum: number): TreatmentFacts => ({
  accountId: f.accountId,
  currency: f.currency,
  unpaidMinimum,
  minimumDue: f.minimumDue,
  statementBalance: f.statementBalance,
  creditLimit: f.creditLimit,
  dueDate: f.dueDate,
  graceDays: f.graceDays,
  tolerance: f.tolerance,
  history: f.history,
});

type CallEnded = Extract<DialerEvent, { type: 'CallEnded' }>['data'];

const endedCall = (d: CallEnded): EndedCall => ({
  attemptId: d.attemptId,
  originatedAt: d.outcome?.inviteAt ?? d.endedAt,
  endedAt: d.endedAt,
  phoneRef: d.phoneRef,
  voice: d.voice,
  script: d.script,
  windowId: null,
  tier: d.context.tier as Tier,
  disposition: d.disposition,
  connected: d.connected !== 'no',
  rpc: d.rightParty && d.conversation,
  callbackAt: d.dialogue?.callbackAt ?? null,
  deferTo: d.dialogue?.deferTo ?? null,
});

export const tieringProcessor = (ground: TieringGround): Processor => {
  const on = (
    event: { readonly subject: string; readonly shard: number },
    caseId: string,
    todo: TreatmentCommand,
  ): Command => treatmentCommand(ground, { caseId, debtorId: event.subject, shard: event.shard }, todo);
  return createProcessor<IntakeEvent | DialerEvent | ScoringEvent | SmsEvent>()({
    name: 'risk-tiering',
    sources: ['intake', 'dialer', 'scoring', 'sms'],
    on: {
      CaseOpened: (e) =>
        on(e, e.data.caseId, {
          do: 'start',
          caseId: e.data.caseId,
          debtorId: e.data.debtorId,
          facts: factsOf(e.data.facts, e.data.unpaidMinimum),
        }),
      AccountReported: (e) =>
        on(e, e.data.caseId, { do: 'note-facts', facts: factsOf(e.data.facts, e.data.unpaidMinimum) }),
      PaymentPosted: (e) =>
        on(e, e.data.caseId, {
          do: 'note-payment',
          payment: { key: eventKey(e), amount: e.data.amount, valueDate: e.data.valueDate },
          unpaidMinimum: e.data.unpaidMinimum,
        }),
      PaymentReversed: (e) =>
        on(e, e.data.caseId, {
          do: 'note-payment',
          payment: { key: eventKey(e), amount: -Math.abs(e.data.amount), valueDate: e.data.valueDate },
          unpaidMinimum: e.data.unpaidMinimum,
        }),
      CaseCured: (e) => on(e, e.data.caseId, { do: 'end', reason: 'cured' }),
      CaseClosed: (e) => on(e, e.data.caseId, { do: 'end', reason: 'closed' }),
      CaseReopened: (e) => on(e, e.data.caseId, { do: 'resume', because: e.data.because }),
      PaymentsPostedThrough: (e) => controlCommand(e.shard, { do: 'note-postings', asOf: e.data.asOf }),
      CallEnded: (e) =>
        on(e, e.data.context.caseId, {
          do: 'note-call',
          facts: {
            call: endedCall(e.data),
            promise: e.data.dialogue?.promise ?? null,
            claimedPaidOn: e.data.dialogue?.claimedPaidOn ?? null,
            stops: e.data.dialogue?.stops ?? [],
          },
        }),
      DayPlanned: (e) =>
        e.data.why === 'no-number'
          ? [e.data.leadCaseId, ...e.data.otherCaseIds].flatMap((caseId) =>
              caseId === null ? [] : [on(e, caseId, { do: 'note-numbers', usable: 0 })],
            )
          : null,
      ConversationLabelled: (e) =>
        on(e, e.data.caseId, {
          do: 'note-label',
          attemptId: e.data.attemptId,
          label: e.data.intent,
          rightParty: e.data.rightParty,
        }),
      AccountScored: (e) => on(e, e.data.caseId, { do: 'note-score', score: e.data.score }),
      SmsDelivered: (e) => (e.data.trigger === 'n' ? null : on(e, e.data.context.caseId, { do: 'note-reach' })),
    },
  });
};
