/**
 * What is counted, and from which fact: one entry per event type. The view `daily_figures` adds these up, and lineage asks the
 * same entries which facts made a number.
 */
import type { ContactContext } from '@mora/contracts';
import type { SeenEvent } from '../projection/view.js';
import { type DataOf, type EventName, nameOf } from '../views/define.js';

/** Persisted column names. Amounts in minor units of the row's currency. */
export const COUNTERS = [
  'intended',
  'withdrawn',
  'dialed',
  'ended',
  'trunk_faults',
  'connected',
  'connected_person',
  'conversations',
  'rpc',
  'rpc_personalised',
  'decided',
  'talk_ms',
  'conversation_talk_ms',
  'understood_turns',
  'unclear_turns',
  'unknown_outcomes',
  'permitted',
  'denied',
  'released',
  'revoked',
  'complaints',
  'stop_requests',
  'stops',
  'promises_made',
  'promised_amount',
  'promises_kept',
  'kept_amount',
  'promises_partly',
  'partly_amount',
  'promises_broken',
  'broken_amount',
  'promises_voided',
  'voided_amount',
  'hand_overs',
  'entered',
  'entry_unpaid',
  'cured',
  'reopened',
  'closed',
  'payments',
  'paid_amount',
  'reversals',
  'reversed_amount',
  'dpd_differs',
  'sms_submitted',
  'sms_segments',
  'sms_delivered',
  'sms_undelivered',
  'sms_rejected',
  'sms_unknown',
  'sms_replies',
] as const;
export type Counter = (typeof COUNTERS)[number];

/** Of these each currency has its own sum: they are never added up over currencies. */
export const AMOUNTS = [
  'promised_amount',
  'kept_amount',
  'partly_amount',
  'broken_amount',
  'voided_amount',
  'entry_unpaid',
  'paid_amount',
  'reversed_amount',
] as const satisfies readonly Counter[];
export type AmountCounter = (typeof AMOUNTS)[number];
/** Counters of things, whatever their currency. */
export type PlainCounter = Exclude<Counter, AmountCounter>;
const amounts = new Set<Counter>(AMOUNTS);
export const isAmount = (counter: Counter): counter is AmountCounter => amounts.has(counter);
export const PLAIN_COUNTERS = COUNTERS.filter((name): name is PlainCounter => !isAmount(name));

/** Dimensions of a count, beside day, hour, shard and whether it was simulated; empty where the fact has none. */
export interface Cut {
  readonly tier: string;
  readonly term: string;
  readonly arm: string;
  readonly strategy: string;
  readonly script: string;
  readonly voice: string;
  /** Disposition of a call, trigger of an SMS, reason of a hand-over, channel of a verdict, kind of a stop. */
  readonly detail: string;
  readonly currency: string;
}

export interface Count {
  readonly cut: Cut;
  readonly add: Readonly<Partial<Record<Counter, number>>>;
  /** Instant whose day it counts for; absent: when the fact was recorded. A fact of an earlier day restates that day. */
  readonly on?: string;
}

const NOWHERE: Cut = { tier: '', term: '', arm: '', strategy: '', script: '', voice: '', detail: '', currency: '' };
const contextCut = (context: ContactContext): Cut => ({
  ...NOWHERE,
  tier: context.tier,
  term: context.term,
  arm: context.arm,
  strategy: context.strategyHash,
  script: context.stage,
});
const flag = (yes: boolean): number => (yes ? 1 : 0);
const money = (currency: string): Cut => ({ ...NOWHERE, currency });
const smsCut = (data: { readonly context: ContactContext; readonly trigger: string }): Cut => ({
  ...contextCut(data.context),
  detail: data.trigger,
});
const treatment = (data: { readonly strategyHash: string; readonly currency: string }): Cut => ({
  ...money(data.currency),
  strategy: data.strategyHash,
});

/** The result that was counted counts no more. */
const takenBack = (was: 'kept' | 'partly' | 'broken', amount: number): Count['add'] => ({
  [`promises_${was}` as const]: -1,
  [`${was}_amount` as const]: -amount,
});

/** Ends of a conversation that leave open what the debtor will do. */
const UNDECIDED = new Set([
  'hung-up-early',
  'silent',
  'unverified',
  'busy-now',
  'unclear',
  'dropped',
  'unknown',
  'cured',
]);
const isDecided = (d: DataOf<'dialer.CallEnded'>): boolean =>
  d.conversation && !UNDECIDED.has(d.disposition) && !(d.disposition === 'no-promise' && d.dialogue?.label === 'none');

type Entries = { readonly [N in EventName]?: (data: DataOf<N>) => Count };

const ENTRIES: Entries = {
  'dialer.CallIntended': (d) => ({
    cut: { ...contextCut(d.context), script: d.script, voice: d.voice },
    add: { intended: 1 },
  }),
  'dialer.CallWithdrawn': (d) => ({ cut: contextCut(d.context), add: { withdrawn: 1 } }),
  'dialer.CallOriginated': (d) => ({ cut: contextCut(d.context), add: { dialed: 1 } }),
  'dialer.CallEnded': (d) => ({
    cut: { ...contextCut(d.context), script: d.script, voice: d.voice, detail: d.disposition },
    add: {
      ended: 1,
      trunk_faults: flag(d.disposition === 'trunk-fault'),
      connected: flag(d.connected !== 'no'),
      connected_person: flag(d.connected !== 'no' && d.disposition !== 'machine'),
      conversations: flag(d.conversation),
      rpc: flag(d.rightParty),
      rpc_personalised: flag(d.rightParty && d.dialogue?.personalised === true),
      decided: flag(isDecided(d)),
      talk_ms: d.talkMs,
      conversation_talk_ms: d.conversation ? d.talkMs : 0,
      understood_turns: d.dialogue?.understoodTurns ?? 0,
      unclear_turns: d.dialogue?.unclearTurns ?? 0,
      unknown_outcomes: flag(d.disposition === 'unknown'),
    },
  }),
  'guard.ContactPermitted': (d) => ({ cut: { ...contextCut(d.context), detail: d.channel }, add: { permitted: 1 } }),
  'guard.ContactDenied': (d) => ({ cut: { ...contextCut(d.context), detail: d.channel }, add: { denied: 1 } }),
  'guard.ReservationReleased': (d) => ({ cut: { ...NOWHERE, detail: d.channel }, add: { released: 1 } }),
  'guard.PermitRevoked': (d) => ({ cut: { ...NOWHERE, detail: d.channel }, add: { revoked: 1 } }),
  'guard.StopPlaced': (d) => ({
    cut: { ...NOWHERE, detail: d.kind },
    add: {
      stops: 1,
      complaints: flag(d.kind === 'complaint'),
      stop_requests: flag(d.kind === 'stop-asked' || d.kind === 'third-party-stop'),
    },
  }),
  // a third party who asks to stop bars the number for everybody
  'guard.NumberBarred': (d) => ({ cut: NOWHERE, add: { stop_requests: flag(d.everywhere) } }),
  'tiering.PromiseMade': (d) => ({ cut: treatment(d), add: { promises_made: 1, promised_amount: d.amount } }),
  'tiering.PromiseKept': (d) => ({ cut: treatment(d), add: { promises_kept: 1, kept_amount: d.amount } }),
  'tiering.PromisePartlyKept': (d) => ({ cut: treatment(d), add: { promises_partly: 1, partly_amount: d.amount } }),
  'tiering.PromiseBroken': (d) => ({ cut: treatment(d), add: { promises_broken: 1, broken_amount: d.amount } }),
  'tiering.PromiseReopened': (d) => ({ cut: treatment(d), on: d.settledAt, add: takenBack(d.was, d.amount) }),
  'tiering.PromiseVoided': (d) => ({ cut: treatment(d), add: { promises_voided: 1, voided_amount: d.amount } }),
  'tiering.HandedOver': (d) => ({
    cut: { ...NOWHERE, tier: d.tier ?? '', strategy: d.strategyHash, detail: d.reason },
    add: { hand_overs: 1 },
  }),
  'intake.CaseOpened': (d) => ({
    cut: money(d.facts.currency),
    add: { entered: 1, entry_unpaid: Math.max(0, d.unpaidMinimum) },
  }),
  'intake.CaseCured': () => ({ cut: NOWHERE, add: { cured: 1 } }),
  'intake.CaseReopened': () => ({ cut: NOWHERE, add: { reopened: 1 } }),
  'intake.CaseClosed': (d) => ({ cut: { ...NOWHERE, detail: d.reason }, add: { closed: 1 } }),
  'intake.PaymentPosted': (d) => ({
    cut: money(d.currency),
    on: d.postedAt,
    add: { payments: 1, paid_amount: d.amount },
  }),
  'intake.PaymentReversed': (d) => ({
    cut: money(d.currency),
    on: d.postedAt,
    add: { reversals: 1, reversed_amount: d.amount },
  }),
  'intake.DpdDiffers': () => ({ cut: NOWHERE, add: { dpd_differs: 1 } }),
  'sms.SmsSubmitted': (d) => ({ cut: smsCut(d), add: { sms_submitted: 1, sms_segments: d.segments } }),
  'sms.SmsDelivered': (d) => ({
    cut: smsCut(d),
    // The loss that is taken back counts no more, from the day on which that was known.
    add: { sms_delivered: 1, ...(d.undeliveredAt === undefined ? {} : { sms_undelivered: -1 }) },
  }),
  'sms.SmsUndelivered': (d) => ({ cut: smsCut(d), add: { sms_undelivered: 1 } }),
  'sms.SmsRejected': (d) => ({ cut: smsCut(d), add: { sms_rejected: 1 } }),
  'sms.SmsUnknown': (d) => ({ cut: smsCut(d), add: { sms_unknown: 1 } }),
  'sms.SmsReplied': (d) => ({ cut: { ...NOWHERE, detail: d.reply }, add: { sms_replies: 1 } }),
};

const byName = new Map(Object.entries(ENTRIES) as readonly [string, (data: never) => Count][]);

export const COUNTED_TYPES: readonly string[] = [...byName.keys()];

/** Types whose facts may count for another day than that of their recording. */
export const DATED_TYPES = ['intake.PaymentPosted', 'intake.PaymentReversed', 'tiering.PromiseReopened'] as const;

/** What a fact adds to which counters; null: nothing. */
export const countOf = (event: SeenEvent): Count | null => byName.get(nameOf(event))?.(event.data as never) ?? null;
