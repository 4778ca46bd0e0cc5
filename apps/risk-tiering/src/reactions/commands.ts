/** Decisions as commands; the shard's control stream comes along for strategy and watermark. */
import { append, type Command, command, type DecideContext, ref, type TimerRow } from '@mora/eventing';
import { type ChanceSource, type Strategy, StrategyMissing } from '@mora/strategy';
import { accounts, caseOfTimer } from '../accounts/accounts.js';
import { type AccountsCommand, decideAccounts } from '../accounts/decisions.js';
import { type Control, control } from '../control/control.js';
import { type ControlCommand, decideControl } from '../control/decisions.js';
import { decideTreatment, type TreatmentCommand } from '../treatment/decisions.js';
import type { Ground } from '../treatment/steps.js';
import { type Treatment, treatment } from '../treatment/treatment.js';

/** Injection token of {@link TieringGround}. */
export const TIERING_GROUND = Symbol('TieringGround');

export interface TieringGround {
  readonly strategyOf: (hash: string) => Strategy | undefined;
  readonly chance: ChanceSource;
}

interface Place {
  readonly caseId: string;
  readonly debtorId: string;
  readonly shard: number;
}

/** @throws StrategyMissing while the strategy in force has not arrived. */
const groundOf = (ground: TieringGround, shardState: Control, context: DecideContext): Ground => {
  const hash = shardState.strategyHash;
  const strategy = hash === null ? undefined : ground.strategyOf(hash);
  if (hash === null || !strategy) throw new StrategyMissing(hash);
  return {
    at: context.at,
    version: context.versions[0]!,
    cause: context.cause,
    strategy,
    strategyHash: hash,
    postedThrough: shardState.postedThrough,
    chance: ground.chance,
  };
};

const decideIn = (caseId: string, todo: TreatmentCommand, state: Treatment, ground: Ground) => {
  const own = ref(treatment, caseId);
  const about = { policies: [{ kind: 'strategy' as const, hash: ground.strategyHash }] };
  return decideTreatment(todo, state, ground).map((event) => append(own, event, about));
};

export const treatmentCommand = (ground: TieringGround, place: Place, todo: TreatmentCommand): Command =>
  command({
    name: `treatment.${todo.do}`,
    subject: place.debtorId,
    shard: place.shard,
    streams: [ref(treatment, place.caseId), ref(control, String(place.shard))],
    about: { correlationId: place.caseId },
    decide: ([state, shardState], context) =>
      decideIn(place.caseId, todo, state, groundOf(ground, shardState, context)),
  });

/** Takes what waits for one treatment into it. */
export const takeInCommand = (ground: TieringGround, place: Place): Command => {
  const all = ref(accounts, place.debtorId);
  return command({
    name: 'treatment.take-in',
    subject: place.debtorId,
    shard: place.shard,
    streams: [ref(treatment, place.caseId), ref(control, String(place.shard)), all],
    about: { correlationId: place.caseId },
    decide: ([state, shardState, { waiting }], context) => {
      const { caseId } = place;
      const facts = waiting.find((w) => w.caseId === caseId)?.facts;
      if (!facts) return [];
      return [
        ...decideIn(caseId, { do: 'take-in', facts }, state, groundOf(ground, shardState, context)),
        append(all, { type: 'SharedFactsTaken', data: { caseId } }),
      ];
    },
  });
};

export const accountsCommand = (
  { subject, shard }: { readonly subject: string; readonly shard: number },
  todo: AccountsCommand,
): Command => {
  const own = ref(accounts, subject);
  return command({
    name: `accounts.${todo.do}`,
    subject,
    shard,
    streams: [own],
    decide: ([state], { at }) => decideAccounts(todo, state, at).map((event) => append(own, event)),
  });
};

/** A case whose next bill came while humans have it. */
export const keepHandOver = (
  { subject, shard }: { readonly subject: string; readonly shard: number },
  of: { readonly caseId: string; readonly next: string },
): Command => {
  const own = ref(accounts, subject);
  return command({
    name: 'accounts.keep-hand-over',
    subject,
    shard,
    streams: [own, ref(treatment, of.caseId)],
    decide: ([state, { handedOverFor }]) =>
      handedOverFor === null || state.kept[of.next] !== undefined || state.joined.some((a) => a.caseId === of.next)
        ? []
        : [append(own, { type: 'HandOverKept', data: { caseId: of.next, reason: handedOverFor } })],
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

/** Timers of an account's treatment, and of what waits for it among the debtor's accounts. */
export const timerCommand = (
  ground: TieringGround,
  { stream, name, subject, shard }: Pick<TimerRow, 'stream' | 'name' | 'subject' | 'shard'>,
): Command => {
  if (stream.startsWith(`${accounts.category}-`))
    return takeInCommand(ground, { caseId: caseOfTimer(name), debtorId: subject, shard });
  const place = { caseId: stream.slice(`${treatment.category}-`.length), debtorId: subject, shard };
  return treatmentCommand(ground, place, { do: name === 'day-plan' ? 'plan-day' : 'settle' });
};
