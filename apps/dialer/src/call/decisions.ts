import { businessDate, plusMinutes } from '@mora/business-time';
import type { DialerEvent, LegOutcome, SlotGrant } from '@mora/contracts';
import { afterCall, type EndedCall, type PastCall, type RedialAdvice, type Strategy } from '@mora/strategy';
import type { DialingEventNamed } from '../dialing/events.js';
import { callsOfEpisode, tomorrowOf } from '../dialing/facts.js';
import type { Dialing, QueuedDial } from '../dialing/records.js';
import { type Call, type CallPrivateEvent, type Intent, REVOKE_AGAIN_MINUTES } from './call.js';
import { dispositionOf } from './disposition.js';
import type { PreparedCall } from './prepare.js';
import { talkMsOf } from './talk.js';

type EventNamed<T extends DialerEvent['type']> = Extract<DialerEvent, { readonly type: T }>;

/** A dial that came to nothing is not tried again for this long. */
const HELD_MINUTES = 2;
const SETTLE_AGAIN_MINUTES = 5;

const refOf = ({ attemptId, contactId, debtorId }: Intent) => ({ attemptId, contactId, debtorId });

/** The attempt is meant; from here it has exactly one end. */
export const intendCall = (
  state: Call,
  of: {
    readonly dial: QueuedDial;
    readonly prepared: PreparedCall;
    readonly grant: SlotGrant;
    readonly trigger: string;
    readonly version: number;
  },
): readonly EventNamed<'CallIntended'>[] => {
  if (state.status !== 'none') return [];
  const { dial, prepared, grant } = of;
  const { voice } = prepared;
  return [
    {
      type: 'CallIntended',
      data: {
        attemptId: dial.attemptId,
        contactId: dial.attemptId,
        debtorId: dial.debtorId,
        context: prepared.context,
        reason: dial.reason,
        phoneRef: dial.phoneRef,
        phoneIndex: dial.phoneIndex,
        voice: voice.voice,
        voiceChoice: { pool: [...voice.pool], heard: [...voice.heard], rule: voice.rule },
        script: prepared.script,
        scriptHash: prepared.scriptHash,
        dialogueHash: prepared.dialogue.hash,
        wordings: [...prepared.wordings],
        priority: dial.priority,
        gatewayId: grant.gatewayId,
        trunkAsked: grant.trunk,
        queuedAt: dial.queuedAt,
        slotAt: grant.slotAt,
        limiter: grant.limiter,
        limit: grant.limit,
        inUse: grant.inUse,
        lifelongOrdinal: dial.ordinal,
        decision: {
          trigger: of.trigger,
          decidedOnVersion: of.version,
          inputs: {
            leadCaseId: dial.leadCaseId,
            otherCaseIds: dial.otherCaseIds,
            override: dial.override,
            windowId: dial.windowId,
            phoneRef: dial.phoneRef,
            plannedScript: dial.script,
          },
          options: [{ option: 'call', eligible: true, reason: dial.reason, probability: 1 }],
          chosen: 'call',
          chance: null,
          rules: [`voice-${voice.rule}`, dial.windowId ?? 'callback'],
          desiredAt: dial.queuedAt,
          notBefore: dial.queuedAt,
          notAfter: dial.windowTo,
          nextReviewAt: null,
        },
      },
    },
  ];
};

const closed = (
  intent: Pick<Intent, 'attemptId'>,
  of: { readonly because: string; readonly heldUntil: string | null; readonly on: string },
): DialingEventNamed<'DialClosed'> => ({
  type: 'DialClosed',
  data: { attemptId: intent.attemptId, fromQueue: false, ...of },
});

/** The guard said no: nothing before its `retryNotBefore`; without one, nothing more today. */
export const denyCall = (
  state: Call,
  denied: { readonly deniedBy: readonly string[]; readonly retryNotBefore: string | null },
  at: string,
  zone: string,
): readonly (EventNamed<'CallDeniedByGuard'> | DialingEventNamed<'DialClosed'>)[] => {
  if (state.status !== 'intended') return [];
  const { intent } = state;
  const { retryNotBefore } = denied;
  const soonest = plusMinutes(at, HELD_MINUTES);
  const heldUntil =
    retryNotBefore === null ? tomorrowOf(at, zone) : retryNotBefore > soonest ? retryNotBefore : soonest;
  return [
    {
      type: 'CallDeniedByGuard',
      data: { ...refOf(intent), context: intent.context, deniedBy: [...denied.deniedBy], retryNotBefore },
    },
    closed(intent, { because: 'denied', heldUntil, on: businessDate(at, zone) }),
  ];
};

/** Nothing left, and by the gateway's tombstone or the guard's denial nothing will: the intent is closed. */
export const withdrawCall = (
  state: Call,
  because: string,
  at: string,
  zone: string,
): readonly (EventNamed<'CallWithdrawn'> | DialingEventNamed<'DialClosed'>)[] => {
  if (!('intent' in state)) return [];
  const { intent } = state;
  const why = state.givenUp ?? because;
  return [
    { type: 'CallWithdrawn', data: { ...refOf(intent), context: intent.context, because: why } },
    closed(intent, { because: why, heldUntil: plusMinutes(at, HELD_MINUTES), on: businessDate(at, zone) }),
  ];
};

/** An attempt is given up: its reason is kept, whoever tells first that it never left. */
export const noteGiveUp = (state: Call, because: string): readonly CallPrivateEvent[] =>
  'intent' in state && state.givenUp === null
    ? [{ type: 'GiveUpNoted', data: { attemptId: state.intent.attemptId, because } }]
    : [];

/** The gateway took the call; told by its answer and by its event, whichever comes first. */
export const noteOriginated = (
  state: Call,
  taken: { readonly trunk: string; readonly originatedAt: string },
): readonly EventNamed<'CallOriginated'>[] =>
  state.status === 'intended'
    ? [
        {
          type: 'CallOriginated',
          data: { ...refOf(state.intent), context: state.intent.context, phoneRef: state.intent.phoneRef, ...taken },
        },
      ]
    : [];

/** The permit was taken back while the call is open. */
export const noteRevocation = (state: Call, why: string): readonly CallPrivateEvent[] =>
  'intent' in state && state.revoked === null
    ? [{ type: 'RevocationNoted', data: { attemptId: state.intent.attemptId, debtorId: state.intent.debtorId, why } }]
    : [];

/** The gateway is told again that the permit was taken back. */
export const askRevoke = (state: Call, at: string): readonly CallPrivateEvent[] => {
  if (!('intent' in state) || state.revoked === null) return [];
  const { attemptId, debtorId } = state.intent;
  const until = plusMinutes(at, REVOKE_AGAIN_MINUTES);
  return [{ type: 'RevocationAsked', data: { attemptId, debtorId, why: state.revoked, until } }];
};

/** An open call whose end did not come is asked for, and again until it has one. */
export const askSettle = (state: Call, at: string): readonly CallPrivateEvent[] =>
  'intent' in state
    ? [
        {
          type: 'SettleAsked',
          data: {
            attemptId: state.intent.attemptId,
            debtorId: state.intent.debtorId,
            until: plusMinutes(at, SETTLE_AGAIN_MINUTES),
          },
        },
      ]
    : [];

export interface CallEnd {
  /** Null: the gateway lost it. */
  readonly outcome: LegOutcome | null;
  readonly settledBy: 'live' | 'restart' | 'settle';
  readonly at: string;
  /** Key of the event that told the end. */
  readonly key: string;
}

type Ended = EventNamed<'CallEnded'>['data'];

const endedOf = (intent: Intent, revoked: string | null, end: CallEnd, firstAttemptOfEpisode: boolean): Ended => {
  const { outcome } = end;
  const dialogue = outcome?.dialogue ?? null;
  const rightParty = dialogue?.identity === 'confirmed';
  const byDigits = dialogue?.intents.some((heard) => heard.intent === 'digits-match') ?? false;
  return {
    ...refOf(intent),
    context: intent.context,
    phoneRef: intent.phoneRef,
    voice: intent.voice,
    script: intent.script,
    disposition: outcome === null ? 'unknown' : dispositionOf(outcome, revoked),
    connected: outcome?.connected ?? 'doubt',
    conversation: dialogue?.conversation ?? false,
    rightParty,
    rightPartyBy: rightParty ? (byDigits ? 'digits' : 'said') : 'none',
    talkMs: talkMsOf(outcome),
    endedAt: outcome?.endedAt ?? end.at,
    settledBy: end.settledBy,
    outcome,
    dialogue,
    firstAttemptOfEpisode,
  };
};

const numberStateOf = (ended: Ended, advice: RedialAdvice | null, past: PastCall) => {
  if (ended.disposition === 'invalid') return 'invalid' as const;
  if (advice && advice.barNumber !== 'no') return 'barred' as const;
  if (advice?.unconfirmed) return 'unconfirmed' as const;
  if (advice?.doubtful) return 'doubtful' as const;
  return past.rpc ? ('ok' as const) : null;
};

/**
 * The one end of a call: its disposition, what follows by the strategy, and what the debtor's next calls must know.
 * @param strategy null: its content is not here; the call ends without advice.
 */
export const endCall = (
  state: Call,
  debtor: Dialing,
  strategy: Strategy | null,
  end: CallEnd,
): readonly (EventNamed<'CallEnded'> | DialingEventNamed<'DialEnded'> | DialingEventNamed<'NumberNoted'>)[] => {
  if (!('intent' in state)) return [];
  const { intent, revoked } = state;
  const lead = debtor.cases[intent.context.caseId];
  const earlier = lead ? callsOfEpisode(debtor, lead) : [];
  const first = !earlier.some((one) => one.disposition !== 'trunk-fault');
  const ended = endedOf(intent, revoked, end, first);
  const past: PastCall = {
    attemptId: intent.attemptId,
    originatedAt: state.originatedAt ?? end.outcome?.inviteAt ?? end.at,
    endedAt: ended.endedAt,
    phoneRef: intent.phoneRef,
    voice: intent.voice,
    script: intent.script,
    windowId: debtor.active?.windowId ?? null,
    tier: intent.context.tier,
    disposition: ended.disposition,
    connected: ended.connected !== 'no',
    rpc: ended.rightParty && ended.conversation,
    matterNamed: ended.dialogue?.matterNamed ?? false,
    caseId: intent.context.caseId,
  };
  const call: EndedCall = {
    ...past,
    callbackAt: ended.dialogue?.callbackAt ?? null,
    deferTo: ended.dialogue?.deferTo ?? null,
  };
  const advice =
    strategy && lead
      ? afterCall(strategy, { call, earlier, tier: intent.context.tier, dueDate: lead.facts.dueDate })
      : null;
  const number = numberStateOf(ended, advice, past);
  const known = debtor.numbers[intent.phoneRef] ?? 'ok';
  return [
    { type: 'CallEnded', data: ended },
    {
      type: 'DialEnded',
      data: {
        call: past,
        advice,
        callback: advice?.callbackAt ? { at: advice.callbackAt, askedBy: end.key } : null,
        wordings: end.outcome?.wordingsSpoken ?? [],
        label: ended.dialogue && past.rpc ? { caseId: intent.context.caseId, intent: ended.dialogue.label } : null,
      },
    },
    ...(number === null || number === known
      ? []
      : [{ type: 'NumberNoted' as const, data: { phoneRef: intent.phoneRef, state: number } }]),
  ];
};
