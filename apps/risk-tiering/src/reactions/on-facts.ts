/** Foreign facts as commands of the treatment they concern, or of the debtor's accounts where they concern several. */
import type {
  AccountFacts,
  DeepReadonly,
  DialerEvent,
  GuardEvent,
  IntakeEvent,
  ScoringEvent,
  SmsEvent,
  StopKind,
  Tier,
} from '@mora/contracts';
import { eventKey } from '@mora/contracts';
import { type Command, createProcessor, type Processor } from '@mora/eventing';
import type { EndedCall } from '@mora/strategy';
import type { AccountsCommand } from '../accounts/decisions.js';
import type { CallFacts } from '../treatment/calls.js';
import type { TreatmentCommand } from '../treatment/decisions.js';
import type { TreatmentFacts } from '../treatment/treatment.js';
import { accountsCommand, controlCommand, keepHandOver, type TieringGround, treatmentCommand } from './commands.js';

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

/** Where the bank gave no time of posting, intake says when it heard of it: that is no time at which anybody paid. */
const movement = ({ valueDate, postedAt, paymentId, provenance }: DeepReadonly<PaymentPosted>) => ({
  valueDate,
  paymentId,
  ...(postedAt === provenance.receivedAt ? {} : { postedAt }),
});

type PaymentPosted = Pick<
  Extract<IntakeEvent, { type: 'PaymentPosted' }>['data'],
  'valueDate' | 'postedAt' | 'paymentId' | 'provenance'
>;
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
  matterNamed: d.dialogue?.matterNamed ?? false,
  callbackAt: d.dialogue?.callbackAt ?? null,
  deferTo: d.dialogue?.deferTo ?? null,
});

const callFacts = (d: CallEnded): CallFacts => ({
  call: endedCall(d),
  promise: d.dialogue?.promise ?? null,
  claimedPaidOn: d.dialogue?.claimedPaidOn ?? null,
  stops: (d.dialogue?.stops ?? []).map(({ kind, scope }) => ({ kind, scope })),
  handOver: d.dialogue?.handOver ?? null,
});

type StopPlaced = Extract<GuardEvent, { type: 'StopPlaced' }>['data'];

/** What the guard only repeats of tiering's own events (a hand-over, a claim of payment), and what intake says of a case. */
const NOT_NEW: ReadonlySet<StopKind> = new Set(['handed-over', 'claims-paid', 'cured', 'tolerance']);

/** Bars of a number say nothing about who owes. */
const noteStop = (data: DeepReadonly<StopPlaced>): AccountsCommand | null => {
  const { stopId, kind, scope, accountId, channels, until } = data;
  if (NOT_NEW.has(kind) || (scope !== 'account' && scope !== 'debtor')) return null;
  return { do: 'note-stop', stop: { stopId, kind, scope, accountId, channels: [...channels], until } };
};

interface Where {
  readonly subject: string;
  readonly shard: number;
}

export const tieringProcessor = (ground: TieringGround): Processor => {
  const on = (event: Where, caseId: string, todo: TreatmentCommand): Command =>
    treatmentCommand(ground, { caseId, debtorId: event.subject, shard: event.shard }, todo);
  const smsTask = (
    e: Where & { readonly data: DeepReadonly<Extract<SmsEvent, { type: 'SmsHeld' | 'SmsLapsed' }>['data']> },
    lapsed: boolean,
  ): Command | null => {
    const { caseId, trigger, reason, handOver } = e.data;
    return handOver
      ? on(e, caseId, { do: 'note-sms-task', task: { trigger, reason }, reason: handOver, lapsed })
      : null;
  };
  return createProcessor<IntakeEvent | DialerEvent | ScoringEvent | SmsEvent | GuardEvent>()({
    name: 'risk-tiering',
    sources: ['intake', 'dialer', 'scoring', 'sms', 'guard'],
    on: {
      CaseOpened: (e) => {
        const { caseId, debtorId, accountId } = e.data;
        return [
          on(e, caseId, { do: 'start', caseId, debtorId, facts: factsOf(e.data.facts, e.data.unpaidMinimum) }),
          accountsCommand(e, { do: 'join', caseId, accountId }),
        ];
      },
      AccountReported: (e) =>
        on(e, e.data.caseId, { do: 'note-facts', facts: factsOf(e.data.facts, e.data.unpaidMinimum) }),
      PaymentPosted: (e) =>
        on(e, e.data.caseId, {
          do: 'note-payment',
          payment: { ...movement(e.data), key: eventKey(e), amount: e.data.amount },
          unpaidMinimum: e.data.unpaidMinimum,
        }),
      PaymentReversed: (e) =>
        on(e, e.data.caseId, {
          do: 'note-payment',
          payment: {
            ...movement(e.data),
            key: eventKey(e),
            amount: -Math.abs(e.data.amount),
            reversalOf: e.data.reversalOf,
          },
          unpaidMinimum: e.data.unpaidMinimum,
        }),
      CaseCured: (e) => on(e, e.data.caseId, { do: 'end', reason: 'cured' }),
      CaseClosed: (e) => {
        const { caseId, reason, successor } = e.data;
        const end = on(e, caseId, { do: 'end', reason: 'closed' });
        return reason === 'withdrawn' && successor ? [end, keepHandOver(e, { caseId, next: successor.caseId })] : end;
      },
      CaseReopened: (e) => on(e, e.data.caseId, { do: 'resume', because: e.data.because }),
      PaymentsPostedThrough: (e) => controlCommand(e.shard, { do: 'note-postings', asOf: e.data.asOf }),
      CallEnded: (e) => {
        const { caseId } = e.data.context;
        const call = callFacts(e.data);
        const own = on(e, caseId, { do: 'note-call', facts: call });
        return call.call.rpc ? [own, accountsCommand(e, { do: 'share-conversation', heldAbout: caseId, call })] : own;
      },
      StopPlaced: (e) => {
        const todo = noteStop(e.data);
        return todo && accountsCommand(e, todo);
      },
      StopLifted: (e) => accountsCommand(e, { do: 'end-stop', stopId: e.data.stopId }),
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
      AccountScored: (e) => on(e, e.data.caseId, { do: 'note-score', score: e.data.score, trigger: e.data.trigger }),
      SmsHeld: (e) => smsTask(e, false),
      SmsLapsed: (e) => smsTask(e, true),
      SmsReplied: (e) => {
        const { smsId, at: repliedAt, context, stops = [], handOver = null } = e.data;
        const claimsPaid = stops.some(({ kind }) => kind === 'claims-paid');
        if (context === undefined || (!claimsPaid && handOver === null)) return null;
        const { caseId } = context;
        const own = on(e, caseId, { do: 'note-reply', facts: { smsId, repliedAt, claimsPaid, handOver } });
        if (handOver === null) return own;
        const reply = { smsId, repliedAt, handOver };
        return [own, accountsCommand(e, { do: 'share-reply', heldAbout: caseId, reply })];
      },
      SmsDelivered: (e) =>
        e.data.trigger === 'n' || e.data.trigger === 'ack' ? null : on(e, e.data.context.caseId, { do: 'note-reach' }),
    },
  });
};
