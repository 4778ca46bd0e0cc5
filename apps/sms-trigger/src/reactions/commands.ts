/** Decisions bound to their streams: what the processor, the timers and the sender execute. */
import { append, type Command, command, ref } from '@mora/eventing';
import { type ChanceSource, type Strategy, StrategyMissing } from '@mora/strategy';
import { type Gate, type GateEvent, gate, haltOf, noteGate } from '../gate/gate.js';
import { lookAtPlan, lookLater } from '../messaging/decisions.js';
import { KEPT_MS, messaging } from '../messaging/messaging.js';
import { type CallFacts, type NoteCommand, noteCall, noteFact } from '../messaging/notes.js';
import type { CaseNote, Messaging } from '../messaging/records.js';
import type { House } from '../messaging/template-facts.js';
import { decideSms, type SmsCommand } from '../sms/decisions.js';
import { type Sms, sms } from '../sms/sms.js';
import { keepUnmatched, type Unmatched, unmatchedMessages } from '../unmatched/unmatched.js';

/** Injection token of {@link SmsServices}. */
export const SMS_SERVICES = Symbol('SmsServices');

export interface SmsServices {
  readonly strategyOf: (hash: string) => Strategy | undefined;
  readonly chance: ChanceSource;
  readonly house: House;
  readonly isParked: (debtorId: string) => boolean;
}

export interface Place {
  readonly debtorId: string;
  readonly shard: number;
}

const STRATEGY_WAIT_MS = 600_000;

const strategyIn = (services: Pick<SmsServices, 'strategyOf'>, hash: string | null): Strategy => {
  const strategy = hash === null ? undefined : services.strategyOf(hash);
  if (strategy === undefined) throw new StrategyMissing(hash);
  return strategy;
};

export const gateCommand = (shard: number, note: GateEvent): Command => {
  const own = ref(gate, String(shard));
  return command({
    name: `sms.gate.${note.type}`,
    subject: own.stream,
    shard,
    streams: [own],
    about: { correlationId: own.stream },
    decide: ([state]) => noteGate(note, state).map((event) => append(own, event)),
  });
};

export const noteCommand = ({ debtorId, shard }: Place, todo: NoteCommand): Command => {
  const own = ref(messaging, debtorId);
  return command({
    name: `sms.${todo.do === 'note' ? todo.note.type : todo.do}`,
    subject: debtorId,
    shard,
    streams: [own],
    decide: ([state]) => noteFact(todo, state).map((event) => append(own, event)),
  });
};

export const callCommand = (services: SmsServices, { debtorId, shard }: Place, facts: CallFacts): Command => {
  const own = ref(messaging, debtorId);
  return command({
    name: 'sms.note-call',
    subject: debtorId,
    shard,
    streams: [own, ref(gate, String(shard))],
    about: { correlationId: facts.caseId },
    decide: ([state, shardState]) =>
      noteCall(facts, state, strategyIn(services, shardState.strategyHash)).map((event) => append(own, event)),
  });
};

const blockedOf = (services: SmsServices, shardState: Gate, debtorId: string, hash: string) => {
  const parked = services.isParked(debtorId) ? 'parked' : null;
  return (one: CaseNote): string | null => {
    const halt = haltOf(shardState, { strategyHash: hash, tier: one.tier?.tier ?? null, debtorId });
    return parked ?? (halt === null ? null : 'halted');
  };
};

/** The plan is looked at; a decision whose strategy is not here waits. */
export const planCommand = (services: SmsServices, { debtorId, shard }: Place): Command => {
  const own = ref(messaging, debtorId);
  return command({
    name: 'sms.plan',
    subject: debtorId,
    shard,
    streams: [own, ref(gate, String(shard))],
    decide: ([state, shardState], context) => {
      const hash = shardState.strategyHash;
      const strategy = hash === null ? undefined : services.strategyOf(hash);
      if (hash === null || strategy === undefined)
        return lookLater(state, context.at, STRATEGY_WAIT_MS).map((event) => append(own, event));
      const events = lookAtPlan(state, {
        at: context.at,
        version: context.versions[0]!,
        cause: context.cause,
        strategy,
        strategyHash: hash,
        chance: services.chance,
        house: services.house,
        blocked: blockedOf(services, shardState, debtorId, hash),
      });
      const policies = [{ kind: 'strategy' as const, hash }];
      return events.map((event) =>
        append(own, event, {
          policies,
          ...('caseId' in event.data ? { correlationId: event.data.caseId } : {}),
        }),
      );
    },
  });
};

/** An SMS that is still on its way is looked for again. */
export const keepCommand = ({ debtorId, shard }: Place): Command => {
  const own = ref(messaging, debtorId);
  return command({
    name: 'sms.keep',
    subject: debtorId,
    shard,
    streams: [own],
    decide: ([{ open }], { at }) => {
      if (open === null || open.keptUntil > at) return [];
      const until = new Date(Date.parse(at) + KEPT_MS).toISOString();
      return [append(own, { type: 'DraftKept', data: { smsId: open.smsId, until } })];
    },
  });
};

export interface SmsPlace extends Place {
  readonly smsId: string;
}

/** States of the debtor's stream and of the SMS, in this order. */
export type SmsStates = readonly [Messaging, Sms, ...unknown[]];

export const smsCommand = (
  services: Pick<SmsServices, 'strategyOf'>,
  { debtorId, smsId, shard }: SmsPlace,
  todo: SmsCommand,
  keyId: string | null = null,
): Command => {
  const plan = ref(messaging, debtorId);
  const own = ref(sms, smsId);
  return command({
    name: `sms.${todo.do}`,
    subject: debtorId,
    shard,
    streams: [plan, own, ref(gate, String(shard))],
    decide: ([planState, state, shardState], { at }) => {
      const { open } = planState;
      const hash = open?.strategyHash ?? shardState.strategyHash;
      const tier = open?.facts.tier ?? null;
      const halt = hash === null ? null : haltOf(shardState, { strategyHash: hash, tier, debtorId });
      const ground = { at, smsId, strategy: strategyIn(services, hash), halted: halt === null ? null : 'halted' };
      const decided = decideSms(todo, planState, state, ground);
      const caseId = state.status === 'none' ? open?.caseId : state.sheet.context.caseId;
      const about = {
        keyId,
        ...(hash === null ? {} : { policies: [{ kind: 'strategy' as const, hash }] }),
        ...(caseId === undefined ? {} : { correlationId: caseId }),
      };
      return [
        ...decided.sms.map((event) => append(own, event, about)),
        ...decided.messaging.map((event) => append(plan, event, { ...about, keyId: null })),
      ];
    },
  });
};

export const unmatchedCommand = (shard: number, one: Unmatched): Command => {
  const own = ref(unmatchedMessages, String(shard));
  return command({
    name: 'sms.keep-unmatched',
    subject: own.stream,
    shard,
    streams: [own],
    about: { correlationId: own.stream },
    decide: ([state]) => keepUnmatched(one, state).map((event) => append(own, event)),
  });
};

/** Adds nothing; its decision carries the states. */
export const readCommand = ({ debtorId, smsId, shard }: SmsPlace): Command =>
  command({
    name: 'sms.read',
    subject: debtorId,
    shard,
    streams: [ref(messaging, debtorId), ref(sms, smsId)],
    decide: () => [],
  });
