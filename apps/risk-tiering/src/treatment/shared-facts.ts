/** Facts that reach a treatment from the debtor or from his other accounts (`domain.md` 2.8, 2.10). */
import type { HandOverReason } from '@mora/contracts';
import { type CallFacts, noteConversation } from './calls.js';
import { handOver, handOverStopped } from './hand-over.js';
import { voidPromise } from './promises.js';
import { noteReply } from './replies.js';
import type { Steps } from './steps.js';
import { inForce, type TreatmentStop } from './treatment.js';

export type SharedFact =
  | { readonly what: 'conversation'; readonly call: CallFacts }
  | { readonly what: 'reply'; readonly smsId: string; readonly repliedAt: string; readonly handOver: HandOverReason }
  /** Of the account's last episode. */
  | { readonly what: 'hand-over'; readonly reason: HandOverReason }
  | { readonly what: 'stop'; readonly stop: TreatmentStop }
  | { readonly what: 'lift'; readonly stopId: string };

/** Stops first, so that of several desks the gravest has the account at once. @returns false when nothing was new. */
export const takeIn = (facts: readonly SharedFact[], steps: Steps): boolean => {
  if (steps.state.status === 'none') return false;
  const before = steps.events.length;
  for (const fact of facts) {
    if (fact.what === 'stop') noteStop(fact.stop, steps);
    if (fact.what === 'lift') endStop(fact.stopId, steps);
  }
  handOverStopped(steps);
  for (const fact of facts)
    if (fact.what === 'hand-over') handOver(steps, fact.reason, 'the last episode is still with humans');
  for (const fact of facts) if (fact.what === 'conversation') noteConversation(fact.call, steps);
  for (const fact of facts) if (fact.what === 'reply') noteReply({ ...fact, claimsPaid: false }, steps);
  return steps.events.length > before;
};

/** A stop that leaves calls open (a reply that ends SMS) is known, and changes nothing of promises and hand-over. */
const noteStop = ({ stopId, kind, channels, until }: TreatmentStop, steps: Steps): void => {
  const known = steps.state.stops.some((s) => s.stopId === stopId && s.until === until);
  if (known || !inForce({ until }, steps.ground.at)) return;
  steps.add({ type: 'StopNoted', data: { stop: { stopId, kind, channels, until } } });
  if (channels.includes('call')) voidPromise(kind, steps);
};

/** Only the guard's permission comes back: what humans have stays theirs until they return it, a voided promise is over. */
const endStop = (stopId: string, steps: Steps): void => {
  if (steps.state.stops.some((s) => s.stopId === stopId)) steps.add({ type: 'StopEnded', data: { stopId } });
};
