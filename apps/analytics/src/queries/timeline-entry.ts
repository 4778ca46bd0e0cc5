/** A fact in one short line, without personal data. */
import { type EventEnvelope, eventKey } from '@mora/contracts';
import { type DataOf, type EventName, nameOf } from '../views/define.js';

export interface TimelineEntry {
  readonly key: string;
  readonly at: string;
  readonly type: string;
  readonly text: string;
}

type Words = { readonly [N in EventName]?: (data: DataOf<N>) => string };

const money = (amount: number, currency: string): string => `${currency} ${(amount / 100).toFixed(2)}`;
const verdictOf = (deniedBy: readonly string[]): string => (deniedBy.length === 0 ? '' : ` by ${deniedBy.join(', ')}`);

const WORDS: Words = {
  'intake.CaseOpened': (d) => `Case opened at DPD ${d.dpd}, unpaid ${money(d.unpaidMinimum, d.facts.currency)}`,
  'intake.AccountReported': (d) => `Bank reports DPD ${d.dpd}, unpaid ${money(d.unpaidMinimum, d.facts.currency)}`,
  'intake.PaymentPosted': (d) => `Payment ${money(d.amount, d.currency)}, unpaid ${money(d.unpaidMinimum, d.currency)}`,
  'intake.PaymentReversed': (d) => `Payment reversed, ${money(d.amount, d.currency)}`,
  'intake.CaseCured': (d) => `Cured at DPD ${d.dpd}`,
  'intake.CaseClosed': (d) => `Case closed: ${d.reason}`,
  'tiering.TreatmentStarted': (d) => `Arm ${d.arm}${d.holdout ? ' (holdout)' : ''}`,
  'tiering.AccountTiered': (d) =>
    `Tier ${d.tier} at DPD ${d.dpd} (base ${d.base}${d.rules
      .filter((r) => r.fired)
      .map((r) => `, ${r.id}`)
      .join('')})`,
  'tiering.PromiseMade': (d) => `Promise of ${money(d.amount, d.currency)} by ${d.date}`,
  'tiering.PromiseMoved': (d) => `Promise moved from ${d.movedFrom} to ${d.date}`,
  'tiering.PromiseKept': (d) => `Promise kept, paid ${money(d.paid, d.currency)}`,
  'tiering.PromisePartlyKept': (d) => `Promise partly kept, paid ${money(d.paid, d.currency)}`,
  'tiering.PromiseBroken': (d) => `Promise broken, paid ${money(d.paid, d.currency)}`,
  'tiering.PromiseReopened': (d) => `Promise open again: it was ${d.was}`,
  'tiering.PromiseVoided': (d) => `Promise voided: ${d.because}`,
  'tiering.HandedOver': (d) => `Handed over to ${d.queue}: ${d.reason}`,
  'tiering.ReturnedToRobot': (d) => `Returned to the robot: ${d.reason}`,
  'dialer.DayPlanned': (d) => `Day plan: ${d.why}${d.nextDialAt === null ? '' : `, next dial ${d.nextDialAt}`}`,
  'dialer.CallIntended': (d) => `Call intended (${d.reason}), ${d.script}, voice ${d.voice}`,
  'dialer.CallDeniedByGuard': (d) => `Call denied${verdictOf(d.deniedBy)}`,
  'dialer.CallWithdrawn': (d) => `Call withdrawn: ${d.because}`,
  'dialer.CallOriginated': (d) => `Call originated on ${d.trunk}`,
  'dialer.CallEnded': (d) => `Call ended: ${d.disposition}, talk ${Math.round(d.talkMs / 1000)} s`,
  'telephony.TurnTaken': (d) => `Turn ${d.turn.index}: ${d.turn.state} → ${d.turn.intent} → ${d.turn.nextState}`,
  'guard.ContactPermitted': (d) => `${d.channel} permitted`,
  'guard.ContactDenied': (d) => `${d.channel} denied${verdictOf(d.verdict.deniedBy)}`,
  'guard.PermitRevoked': (d) => `Permit revoked: ${d.why}`,
  'guard.StopPlaced': (d) => `Stop placed: ${d.kind} (${d.scope})`,
  'guard.StopLifted': (d) => `Stop lifted: ${d.reason}`,
  'sms.SmsPlanned': (d) => `SMS ${d.trigger} planned for ${d.dueAt}`,
  'sms.SmsHeld': (d) => `SMS ${d.trigger} held: ${d.reason}`,
  'sms.SmsLapsed': (d) => `SMS ${d.trigger} lapsed: ${d.reason}`,
  'sms.SmsSubmitted': (d) => `SMS ${d.trigger} submitted, ${d.segments} part(s)`,
  'sms.SmsDelivered': (d) => `SMS ${d.trigger} delivered`,
  'sms.SmsUndelivered': (d) => `SMS ${d.trigger} not delivered`,
  'sms.SmsReplied': (d) => `SMS reply ${d.reply}${(d.stops ?? []).map(({ kind }) => `, ${kind}`).join('')}`,
  'sms.CreditNoticeDelivered': () => 'Notice before a credit report delivered',
  'scoring.AccountScored': (d) => `Score ${d.score} (${d.band})`,
  'scoring.ConversationLabelled': (d) => `Label ${d.intent}, reason ${d.reason}`,
};
const words = new Map(Object.entries(WORDS) as readonly [string, (data: never) => string][]);

/** @returns the type alone where the event has no words or its data cannot be read. */
export const entryOf = (event: EventEnvelope): TimelineEntry => {
  const entry = { key: eventKey(event), at: event.meta.at, type: event.type };
  try {
    return { ...entry, text: words.get(nameOf(event))?.(event.data as never) ?? event.type };
  } catch {
    return { ...entry, text: event.type };
  }
};
