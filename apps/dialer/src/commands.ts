/** The commands of the dialer: which streams they read, which decision they take, and when a new plan follows. */
import { businessDate, plusMinutes } from '@mora/business-time';
import { type LegOutcome, type SlotGrant, shardOf } from '@mora/contracts';
import { type Append, append, type Command, command, type DecideContext, type EventAbout, ref } from '@mora/eventing';
import type { Strategy } from '@mora/strategy';
import { type Call, type CallEvent, call } from './call/call.js';
import {
  askRevoke,
  askSettle,
  denyCall,
  endCall,
  intendCall,
  noteGiveUp,
  noteOriginated,
  noteRevocation,
  withdrawCall,
} from './call/decisions.js';
import { type PreparedCall, prepareCall } from './call/prepare.js';
import type { DialerConfig } from './config.js';
import { dialing } from './dialing/dialing.js';
import type { DayPlanned, DialingEvent } from './dialing/events.js';
import { casesOfDial, tomorrowOf } from './dialing/facts.js';
import {
  after,
  dayBegun,
  firstReview,
  keepQueued,
  type PlanOccasion,
  type PlanSources,
  planDebtor,
  queueDial,
  waited,
  wantPlan,
  zoneOf,
} from './dialing/plan.js';
import type { Dialing } from './dialing/records.js';
import { type Gate, type GateEvent, gate, haltOf, noteGate } from './gate/gate.js';
import { playbooks } from './playbook.js';

type DialingStep = DialingEvent | DayPlanned;
type CallStep = CallEvent | DialingEvent;

/** When a noted fact leads to a new plan: always, never, or only once the day's plan was due. */
export type Replan = 'always' | 'never' | 'after-day-plan';

export interface Noting {
  readonly name: string;
  readonly replan: Replan;
  /** What is new in the fact; nothing: it was known. */
  readonly events: (state: Dialing, at: string) => readonly DialingEvent[];
}

interface CallStates {
  readonly call: Call;
  readonly debtor: Dialing;
  readonly gate: Gate;
}

const HALTED_MINUTES = 5;

const isDebtorEvent = (event: CallStep): event is DialingEvent =>
  event.type.startsWith('Dial') || event.type === 'NumberNoted';

/** @param activeHash the strategy by which a plan was made */
const aboutOf = (event: DialingStep | CallEvent, activeHash: string | null): EventAbout => {
  if ('context' in event.data) {
    const { caseId, strategyHash } = event.data.context;
    return { correlationId: caseId, policies: [{ kind: 'strategy', hash: strategyHash }] };
  }
  if (!('leadCaseId' in event.data) || event.data.leadCaseId === null) return {};
  const policies: EventAbout = activeHash === null ? {} : { policies: [{ kind: 'strategy', hash: activeHash }] };
  return { correlationId: event.data.leadCaseId, ...policies };
};

export type DialerCommands = ReturnType<typeof dialerCommands>;

export interface DialerPlaybook extends Pick<DialerConfig, 'bank' | 'gatewayId' | 'chance' | 'zone'> {
  /** A published strategy by its hash; undefined: its content has not come yet, the decision waits. */
  readonly strategyOf: (hash: string) => Strategy | undefined;
}

/** Injection token of {@link DialerCommands}. */
export const DIALER_COMMANDS = Symbol('DialerCommands');

export const dialerCommands = (config: DialerPlaybook, shards: number) => {
  const playbookOf = playbooks(config.strategyOf);
  const sources: PlanSources = { playbookOf, chance: config.chance, zone: config.zone };
  const gateOf = (debtorId: string) => ref(gate, String(shardOf(debtorId, shards)));

  const occasion = (debtorId: string, context: DecideContext, trigger: string): PlanOccasion => ({
    debtorId,
    at: context.at,
    trigger,
    version: context.versions[0] ?? 0,
  });

  /** Decides on the debtor and the gate of his shard. */
  const onDebtor = (
    name: string,
    debtorId: string,
    decide: (state: Dialing, gateState: Gate, context: DecideContext) => readonly DialingStep[],
  ): Command => {
    const own = ref(dialing, debtorId);
    return command({
      name,
      subject: debtorId,
      streams: [own, gateOf(debtorId)],
      decide: ([state, gateState], context) =>
        decide(state, gateState, context).map((event) => append(own, event, aboutOf(event, gateState.strategyHash))),
    });
  };

  /** Decides on one call and its debtor; when the call is over, a new plan is wanted. */
  const onCall = (
    name: string,
    debtorId: string,
    attemptId: string,
    decide: (states: CallStates, context: DecideContext) => readonly CallStep[],
  ): Command => {
    const own = ref(dialing, debtorId);
    const ofCall = ref(call, attemptId);
    return command({
      name,
      subject: debtorId,
      cause: `cmd:${name}/${attemptId}`,
      streams: [own, ofCall, gateOf(debtorId)],
      decide: ([debtor, callState, gateState], context) => {
        const steps = decide({ call: callState, debtor, gate: gateState }, context);
        const caseId = 'intent' in callState ? callState.intent.context.caseId : null;
        const known: EventAbout = caseId === null ? {} : { correlationId: caseId };
        const written = steps.map(
          (event): Append =>
            isDebtorEvent(event)
              ? append(own, event, known)
              : append(ofCall, event, { ...known, ...aboutOf(event, gateState.strategyHash) }),
        );
        const ofDebtor = steps.filter(isDebtorEvent);
        if (!ofDebtor.some((event) => event.type === 'DialClosed' || event.type === 'DialEnded')) return written;
        const folded = after(debtor, ofDebtor, context.at);
        const wants = wantPlan(folded, gateState, sources, occasion(debtorId, context, name));
        return [...written, ...wants.map((event) => append(own, event, known))];
      },
    });
  };

  /** A slot came: the attempt becomes an intent, or its dial is dropped. */
  const decideIntent = (
    states: CallStates,
    context: DecideContext,
    of: { readonly attemptId: string; readonly grant: SlotGrant },
  ): { readonly steps: readonly CallStep[]; readonly prepared: PreparedCall | null } => {
    const { at } = context;
    const { attemptId, grant } = of;
    const dial = states.debtor.active;
    if (dial?.attemptId !== attemptId || dial.stage !== 'queued' || states.call.status !== 'none')
      return { steps: [], prepared: null };
    const zone = zoneOf(states.gate, sources);
    const drop = (because: string, heldUntil: string | null) => ({
      steps: [
        {
          type: 'DialClosed' as const,
          data: { attemptId, because, heldUntil, on: businessDate(at, zone), fromQueue: true },
        },
      ],
      prepared: null,
    });
    if (dial.windowTo !== null && at >= dial.windowTo) return drop('window-over', null);
    const playbook = playbookOf(dial.strategyHash);
    const cases = casesOfDial(states.debtor, dial, at);
    if (!playbook || !cases) return drop('nothing-to-call-about', plusMinutes(at, HALTED_MINUTES));
    const tier = cases.lead.tier.tier;
    if (haltOf(states.gate, { strategyHash: dial.strategyHash, tier, debtorId: dial.debtorId }))
      return drop('halted', plusMinutes(at, HALTED_MINUTES));
    const { bank, chance } = config;
    const prepared = prepareCall(states.debtor, { ...cases, dial, at, playbook, bank, chance });
    if (!prepared) return drop('facts-missing', tomorrowOf(at, zone));
    const version = context.versions[0] ?? 0;
    const intended = intendCall(states.call, { dial, prepared, grant, trigger: 'slot', version });
    return { steps: [...intended, { type: 'DialIntended', data: { attemptId } }], prepared };
  };

  return {
    noteGate: (shard: number, event: GateEvent): Command => {
      const own = ref(gate, String(shard));
      return command({
        name: 'note-gate',
        subject: own.stream,
        shard,
        streams: [own],
        decide: ([state]) => noteGate(event, state).map((one) => append(own, one)),
      });
    },

    note: (debtorId: string, { name, events, replan }: Noting): Command =>
      onDebtor(name, debtorId, (state, gateState, context) => {
        const { at } = context;
        const noted = events(state, at);
        if (noted.length === 0) return [];
        const folded = after(state, noted, at);
        const plans = replan === 'always' || (replan === 'after-day-plan' && dayBegun(gateState, sources, at));
        const wants = plans ? wantPlan(folded, gateState, sources, occasion(debtorId, context, name)) : [];
        return [...noted, ...(wants.length > 0 ? wants : firstReview(folded, gateState, sources, at))];
      }),

    /** The instant is over at which a plan was wanted. */
    replan: (debtorId: string): Command =>
      onDebtor('replan', debtorId, (state, gateState, context) => {
        if (state.wanted === null) return [];
        const trigger = state.wanted.because.join('+');
        const planned = planDebtor(state, gateState, sources, occasion(debtorId, context, trigger));
        if (planned.length > 0) return planned;
        const first = firstReview(state, gateState, sources, context.at);
        return first.length > 0 ? first : [{ type: 'PlanKept', data: {} }];
      }),

    dayPlan: (debtorId: string): Command =>
      onDebtor('day-plan', debtorId, (state, gateState, context) =>
        planDebtor(state, gateState, sources, occasion(debtorId, context, 'day-plan')),
      ),

    queue: (debtorId: string): Command =>
      onDebtor('dial', debtorId, (state, gateState, context) =>
        queueDial(state, gateState, sources, occasion(debtorId, context, 'dial')),
      ),

    /** An event of this debtor is parked here: nothing is planned for him. */
    holdParked: (debtorId: string): Command =>
      onDebtor('hold-parked', debtorId, (_state, _gate, { at }) => [waited(at, 'parked')]),

    keepQueued: (debtorId: string): Command =>
      onDebtor('keep-queued', debtorId, (state, _gate, context) =>
        keepQueued(state, occasion(debtorId, context, 'queued')),
      ),

    /** @param made gets what was prepared, null where nothing was; when it is called again, the last time counts. */
    intend: (of: {
      readonly debtorId: string;
      readonly attemptId: string;
      readonly grant: SlotGrant;
      readonly made: (prepared: PreparedCall | null) => void;
    }): Command =>
      onCall('intend', of.debtorId, of.attemptId, (states, context) => {
        const { steps, prepared } = decideIntent(states, context, of);
        of.made(prepared);
        return steps;
      }),

    deny: (
      debtorId: string,
      attemptId: string,
      denied: { readonly deniedBy: readonly string[]; readonly retryNotBefore: string | null },
    ): Command =>
      onCall('denied', debtorId, attemptId, (states, { at }) =>
        denyCall(states.call, denied, at, zoneOf(states.gate, sources)),
      ),

    withdraw: (debtorId: string, attemptId: string, because: string): Command =>
      onCall('withdrawn', debtorId, attemptId, (states, { at }) =>
        withdrawCall(states.call, because, at, zoneOf(states.gate, sources)),
      ),

    /** Why an attempt is given up, before the gateway is asked to swear that it never left. */
    giveUp: (debtorId: string, attemptId: string, because: string): Command =>
      onCall('give-up', debtorId, attemptId, (states) => noteGiveUp(states.call, because)),

    originated: (
      debtorId: string,
      attemptId: string,
      taken: { readonly trunk: string; readonly originatedAt: string },
    ): Command => onCall('originated', debtorId, attemptId, (states) => noteOriginated(states.call, taken)),

    end: (
      debtorId: string,
      attemptId: string,
      end: { readonly outcome: LegOutcome | null; readonly settledBy: 'live' | 'restart' | 'settle' },
    ): Command =>
      onCall('call-ended', debtorId, attemptId, (states, { at, cause }) => {
        if (!('intent' in states.call)) return [];
        const strategy = playbookOf(states.call.intent.context.strategyHash)?.strategy ?? null;
        return endCall(states.call, states.debtor, strategy, { ...end, at, key: cause });
      }),

    revoke: (debtorId: string, attemptId: string, why: string): Command =>
      onCall('revoked', debtorId, attemptId, (states) => noteRevocation(states.call, why)),

    askRevoke: (debtorId: string, attemptId: string): Command =>
      onCall('revoked-still', debtorId, attemptId, (states, { at }) => askRevoke(states.call, at)),

    askSettle: (debtorId: string, attemptId: string): Command =>
      onCall('settle', debtorId, attemptId, (states, { at }) => askSettle(states.call, at)),

    /** Writes nothing: its first state is what recovery reads. */
    look: (debtorId: string): Command => onDebtor('look', debtorId, () => []),
  };
};
