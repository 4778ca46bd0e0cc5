/** What a call comes to for an account: the one it was held about, and, as a conversation, every other one of the debtor. */
import type { DeepReadonly, HandOverReason, SpokenPromise, StopKind, StopScope } from '@mora/contracts';
import { afterCall, type EndedCall, type PastCall, type RedialAdvice } from '@mora/strategy';
import { deskOfStops, handOver, handOverIfDue, stopsTheDebtor } from './hand-over.js';
import { claim, promise, voidPromise } from './promises.js';
import type { Steps } from './steps.js';

export interface CallFacts {
  readonly call: EndedCall;
  readonly promise: DeepReadonly<SpokenPromise> | null;
  readonly claimedPaidOn: string | null;
  readonly stops: readonly { readonly kind: StopKind; readonly scope: StopScope }[];
  /** What the debtor was told at the end of the talk: that a human has it from now on. */
  readonly handOver?: HandOverReason | null;
}

/** @returns false when the call was known before. */
export const noteCall = (facts: CallFacts, steps: Steps): boolean => {
  const { state, ground } = steps;
  const { call } = facts;
  if (state.status === 'none' || state.calls.some((c) => c.attemptId === call.attemptId)) return false;
  const advice = addCall(call, steps);
  if (facts.promise) promise(facts.promise, call, steps);
  if (call.disposition === 'claims-paid') claim(facts.claimedPaidOn ?? steps.today, call.attemptId, steps);
  const stop = facts.stops.find((s) => stopsTheDebtor(s) && s.kind !== 'claims-paid');
  if (stop) voidPromise(stop.kind, steps);
  const reason = deskOfStops(ground.strategy, facts.stops) ?? advice.handOver ?? facts.handOver;
  if (reason) handOver(steps, reason, `call ${call.attemptId}: ${advice.rule}`);
  else if (call.disposition === 'claims-paid' && state.claimUnmet)
    handOver(steps, 'claims-paid', `call ${call.attemptId}: claimed again`);
  else handOverIfDue(steps, `call ${call.attemptId}`);
  return true;
};

/**
 * Held about another account of the debtor: the conversation and what he said of himself count here too, a claim, a stop or
 * a date of that account does not, and its promise only where he said all.
 */
export const noteConversation = (facts: CallFacts, steps: Steps): boolean => {
  const { state, ground } = steps;
  const { attemptId } = facts.call;
  if (state.status === 'none' || state.status === 'ended') return false;
  if (state.calls.some((c) => c.attemptId === attemptId)) return false;
  const advice = addCall({ ...facts.call, tier: state.tier ?? facts.call.tier, deferTo: null }, steps);
  if (facts.promise?.covers === 'all' && state.facts && state.facts.unpaidMinimum > 0) {
    const { unpaidMinimum: amount, currency } = state.facts;
    promise({ ...facts.promise, amount, currency, kind: 'minimum' }, facts.call, steps);
  }
  const ofDebtor = facts.stops.filter((s) => s.scope === 'debtor' && s.kind !== 'claims-paid');
  if (ofDebtor[0]) voidPromise(ofDebtor[0].kind, steps);
  const ofTheOtherAlone = facts.stops.some((s) => s.scope === 'account');
  const reason = deskOfStops(ground.strategy, ofDebtor) ?? (ofTheOtherAlone ? null : advice.handOver);
  if (reason) handOver(steps, reason, `call ${attemptId}: ${advice.rule}`);
  else handOverIfDue(steps, `call ${attemptId}`);
  return true;
};

const addCall = (call: EndedCall, steps: Steps): RedialAdvice => {
  const { state, ground } = steps;
  const dueDate = state.facts?.dueDate ?? steps.today;
  const advice = afterCall(ground.strategy, { call, earlier: state.calls, tier: call.tier, dueDate });
  steps.add({
    type: 'CallNoted',
    data: {
      call: pastOf(call),
      deferTo: call.deferTo,
      unclear: call.disposition === 'unclear' || call.disposition === 'dropped',
      refused: call.disposition === 'refused',
    },
  });
  return advice;
};

const pastOf = ({ callbackAt: _callbackAt, deferTo: _deferTo, ...past }: EndedCall): PastCall => past;
