/**
 * A reply N or T is acknowledged once: one SMS to the number that it came from, soon after the guard has stopped by it, of the
 * same day, or none. One per kind of reply and number, whatever becomes of it.
 */
import { businessDate, dpdOf } from '@mora/business-time';
import { type DebtorId, smsIdOf } from '@mora/contracts';
import { callsMade } from '@mora/strategy';
import type { LookGround } from './decisions.js';
import type { MessagingEvent } from './events.js';
import { callsOf } from './plan.js';
import type { AckNote, Draft, Messaging } from './records.js';
import { templateFacts } from './template-facts.js';

export const ackKey = ({ reply, phoneRef }: Pick<AckNote, 'reply' | 'phoneRef'>): string => `${reply}|${phoneRef}`;

/** A reply was heard; a second one of its kind from its number is not acknowledged again. */
export const oweAck = (
  of: Omit<AckNote, 'state' | 'fact' | 'dueSince' | 'reply'> & { readonly reply: string },
  { acks }: Messaging,
): readonly MessagingEvent[] => {
  const { reply } = of;
  if ((reply !== 'N' && reply !== 'T') || acks[ackKey({ reply, phoneRef: of.phoneRef })] !== undefined) return [];
  return [{ type: 'AckOwed', data: { ...of, reply } }];
};

/**
 * The guard has stopped by a reply, so that it knows of it.
 * @param phoneRef null: the stop is not of one number
 * @param fact key of the event by which it stopped
 */
export const ackStopped = (
  reply: AckNote['reply'],
  phoneRef: string | null,
  fact: string,
  { acks }: Messaging,
): readonly MessagingEvent[] => {
  if (!fact.startsWith('sms/')) return [];
  const owed = Object.values(acks).find(
    (ack) => ack.state === 'owed' && ack.reply === reply && (phoneRef === null || ack.phoneRef === phoneRef),
  );
  return owed === undefined ? [] : [{ type: 'AckDue', data: { key: ackKey(owed), fact } }];
};

const lapsed = (ack: AckNote, reason: string, debtorId: string): readonly MessagingEvent[] => [
  { type: 'AckOver', data: { key: ackKey(ack) } },
  { type: 'SmsLapsed', data: { debtorId, caseId: ack.caseId, trigger: 'ack', reason } },
];

const draftOf = (state: Messaging, ack: AckNote, ground: LookGround): Draft | null => {
  const { strategy, at } = ground;
  const one = state.cases[ack.caseId];
  const { debtor } = state;
  if (!one?.treatment || !one.tier || debtor === null || ack.fact === null) return null;
  const today = businessDate(at, strategy.about.zone);
  const ordinal = state.ordinal + 1;
  const dpd = dpdOf(today, one.facts.dueDate);
  const calls = callsMade(callsOf(state, one));
  const facts = templateFacts({ strategy, one, calls, at, dpd, house: ground.house, asked: null });
  const { bank = null, hotline = null } = facts.values;
  const templateId = ack.reply === 'N' ? 'ack.n' : 'ack.t';
  return {
    smsId: smsIdOf(debtor.debtorId as DebtorId, 'ack', ordinal),
    debtorId: debtor.debtorId,
    ordinal,
    caseId: ack.caseId,
    accountId: one.accountId,
    trigger: 'ack',
    insteadOf: null,
    templateId,
    variant: templateId,
    kind: 'conversation',
    reason: `replied-${ack.reply}`,
    phoneRef: ack.phoneRef,
    phoneIndex: ack.phoneIndex,
    strategyHash: ground.strategyHash,
    ...one.treatment,
    businessDate: today,
    term: one.tier.term,
    ordinalInEpisode: one.done.filter((d) => d.smsId !== null).length + 1,
    ordinalToday: (state.sent.on === today ? state.sent.all : 0) + 1,
    solicitedBy: ack.fact,
    // Nothing of the debt or of his name can come into its text.
    facts: { ...facts, values: { bank, hotline } },
    surname: debtor.surname,
    salutation: '',
    decision: {
      trigger: ground.cause,
      decidedOnVersion: ground.version,
      inputs: { reply: ack.reply, repliedAt: ack.repliedAt, evidence: ack.fact, templateId },
      options: [],
      chosen: templateId,
      chance: null,
      rules: ['sms.acknowledge-once'],
      desiredAt: at,
      notBefore: null,
      notAfter: null,
      nextReviewAt: null,
    },
  };
};

/** What is due lapses after its day; of what is left the first one goes. */
export const lookAtAcks = (state: Messaging, ground: LookGround): readonly MessagingEvent[] => {
  const { zone } = ground.strategy.about;
  const debtorId = state.debtor?.debtorId ?? '';
  const today = businessDate(ground.at, zone);
  const open = Object.values(state.acks).filter((ack) => ack.state !== 'over');
  const late = open.filter((ack) => businessDate(ack.repliedAt, zone) !== today);
  // Not at the instant of the reply itself: what else follows from it must be known, whatever order it arrives in.
  const [next] = open.filter((ack) => ack.dueSince !== null && ack.dueSince < ground.at && !late.includes(ack));
  const gone = late.flatMap((ack) => lapsed(ack, 'too-late', debtorId));
  if (next === undefined) return gone;
  const data = draftOf(state, next, ground);
  if (data === null) return [...gone, ...lapsed(next, 'nothing-known-of-the-case', debtorId)];
  return [...gone, { type: 'AckOver', data: { key: ackKey(next) } }, { type: 'SmsDrafted', data }];
};
