/**
 * Commands of one SMS, each with the debtor's own stream: what happens to the SMS is told to the plan in the same commit.
 * Order: intended → allowed by the guard → submitting (committed) → handed to the SMSC → submitted, rejected or unknown.
 */
import { addDays, businessDate, localInstant } from '@mora/business-time';
import type { ContactContext } from '@mora/contracts';
import { type FilledTemplate, type Strategy } from '@mora/strategy';
import { oweAck } from '../messaging/acknowledgement.js';
import type { MessagingEvent, SettledAs } from '../messaging/events.js';
import { withdrawal } from '../messaging/notes.js';
import { keyOf, type Messaging, type NumberNote, type OpenSms } from '../messaging/records.js';
import { hearReceipt, joinKept, type KnownSms, type Receipt } from './receipts.js';
import { readReply } from './reply.js';
import { replyKey, type Sms, type SmsFact, type SmsSheet } from './sms.js';

type Filled = Extract<FilledTemplate, { readonly ok: true }>;

export type SmsCommand =
  | {
      readonly do: 'intend';
      readonly filled: Omit<Filled, 'text'>;
      /** Sealed. */
      readonly text: string;
      readonly sender: string;
    }
  | { readonly do: 'lapse'; readonly reason: string }
  | { readonly do: 'deny'; readonly deniedBy: readonly string[]; readonly retryNotBefore: string | null }
  | { readonly do: 'withdraw'; readonly because: string; readonly holdMs: number | null }
  | { readonly do: 'submit' }
  | { readonly do: 'accept'; readonly providerIds: readonly string[]; readonly costUnits: number }
  | { readonly do: 'reject'; readonly error: string }
  | { readonly do: 'lose' }
  | { readonly do: 'find'; readonly debtorId: string; readonly submittedAt: string; readonly by: string }
  | { readonly do: 'receive'; readonly receipt: Receipt }
  | {
      readonly do: 'take-reply';
      /** In the clear: what it says hangs on what is known of the number. Never stored. */
      readonly said: string;
      /** Sealed; null: it could not be. */
      readonly text: string | null;
      readonly repliedAt: string;
    };

export interface SmsGround {
  readonly at: string;
  readonly strategy: Strategy;
  readonly smsId: string;
  /** A halt that covers this SMS. */
  readonly halted: string | null;
}

export interface Decided {
  readonly sms: readonly SmsFact[];
  readonly messaging: readonly MessagingEvent[];
}

const NOTHING: Decided = { sms: [], messaging: [] };
const RETRY_MS = 3_600_000;
const TRIES_A_DAY = 3;

const contextOf = (open: OpenSms): ContactContext => ({
  caseId: open.caseId,
  accountId: open.accountId,
  treatmentId: open.treatmentId,
  businessDate: open.businessDate,
  dpd: open.facts.dpd,
  tier: open.facts.tier,
  term: open.term,
  stage: `sms.${open.trigger}`,
  experimentId: open.experimentId,
  arm: open.arm,
  strategyHash: open.strategyHash,
  channel: 'sms',
  ordinalInEpisode: open.ordinalInEpisode,
  ordinalToday: open.ordinalToday,
});

const refOf = ({ smsId, debtorId, context, trigger }: SmsSheet) => ({
  smsId,
  contactId: smsId,
  debtorId,
  context,
  trigger,
});

const settled = (
  { smsId, at, strategy }: SmsGround,
  as: SettledAs,
  because = '',
  holdUntil: string | null = null,
): MessagingEvent => ({
  type: 'SmsSettled',
  data: { smsId, as, on: businessDate(at, strategy.about.zone), holdUntil, because },
});

/** An acknowledgement that does not go now does not go at all. */
const lapsedAck = ({ trigger, debtorId, caseId }: OpenSms, reason: string): readonly MessagingEvent[] =>
  trigger === 'ack' ? [{ type: 'SmsLapsed', data: { debtorId, caseId, trigger, reason } }] : [];

const withdrawn = (
  open: OpenSms,
  ground: SmsGround,
  because: string,
  holdUntil: string | null,
): readonly MessagingEvent[] => [
  settled(ground, 'withdrawn', because, open.trigger === 'ack' ? null : holdUntil),
  ...lapsedAck(open, because),
];

export const decideSms = (command: SmsCommand, messaging: Messaging, state: Sms, ground: SmsGround): Decided => {
  if (command.do === 'receive') return hearReceipt(command.receipt, state);
  if (command.do === 'take-reply') return takeReply(command, messaging, state);
  if (command.do === 'find') return find(command, messaging, state, ground);
  const open = messaging.open?.smsId === ground.smsId ? messaging.open : null;
  if (open === null) return NOTHING;
  if (command.do === 'intend') return intend(command, open, state, ground);
  if (command.do === 'lapse') return lapse(command.reason, open, state, ground);
  if (state.status === 'none') return command.do === 'withdraw' ? forget(command, open, ground) : NOTHING;
  const { sheet, status } = state;
  switch (command.do) {
    case 'deny':
      return status === 'intended' ? deny(command, messaging, open, sheet, ground) : NOTHING;
    case 'withdraw':
      return status === 'intended'
        ? withdraw(command.because, holdOf(command.holdMs, ground), open, sheet, ground)
        : NOTHING;
    case 'submit':
      return status === 'intended' ? submit(open, sheet, ground) : NOTHING;
    case 'accept':
      return status === 'submitting' ? accept(command, state, ground) : NOTHING;
    case 'reject':
      return status === 'submitting'
        ? {
            sms: [{ type: 'SmsRejected', data: { ...refOf(sheet), error: command.error } }],
            messaging: [settled(ground, 'rejected', command.error)],
          }
        : NOTHING;
    case 'lose':
      return status === 'submitting' ? lose(state, ground) : NOTHING;
    default: {
      const never: never = command;
      return never;
    }
  }
};

const holdOf = (ms: number | null, { at }: SmsGround): string | null =>
  ms === null ? null : new Date(Date.parse(at) + ms).toISOString();

/** Statuses before anything may have left. */
const INSIDE: readonly Sms['status'][] = ['none', 'intended', 'denied', 'withdrawn'];

/** It left, as the SMSC says: whatever is stored of it from before is over. */
const find = (
  { debtorId, submittedAt, by }: Extract<SmsCommand, { do: 'find' }>,
  messaging: Messaging,
  state: Sms,
  ground: SmsGround,
): Decided => {
  if (!INSIDE.includes(state.status) || (state.status === 'none' && state.found)) return NOTHING;
  const { smsId } = ground;
  return {
    sms: [{ type: 'SmsFound', data: { smsId, contactId: smsId, debtorId, submittedAt, by } }],
    messaging: messaging.open?.smsId === smsId ? [settled(ground, 'unknown')] : [],
  };
};

const stopped = (open: OpenSms, { halted }: SmsGround): string | null => open.withdraw ?? halted;

const intend = (
  { filled, text, sender }: Extract<SmsCommand, { do: 'intend' }>,
  open: OpenSms,
  state: Sms,
  ground: SmsGround,
): Decided => {
  if (state.status !== 'none') return NOTHING;
  const stop = state.found ? 'sent-before-restore' : stopped(open, ground);
  if (stop !== null) return { sms: [], messaging: withdrawn(open, ground, stop, null) };
  const { smsId, debtorId, trigger, variant, reason, phoneRef, phoneIndex, ordinal, decision } = open;
  const { templateId, templateHash, parametersHash, encoding, segments } = filled;
  return {
    sms: [
      {
        type: 'SmsIntended',
        data: {
          smsId,
          contactId: smsId,
          debtorId,
          context: contextOf(open),
          trigger,
          variant,
          reason,
          phoneRef,
          phoneIndex,
          templateId,
          templateHash,
          parametersHash,
          text,
          encoding,
          segments,
          sender,
          lifelongOrdinal: ordinal,
          decision,
        },
      },
    ],
    messaging: [],
  };
};

/** There is no text to send: a fact is missing, it would say too much, or the debtor's key is gone. */
const lapse = (reason: string, open: OpenSms, state: Sms, ground: SmsGround): Decided => {
  if (state.status !== 'none') return NOTHING;
  const { debtorId, caseId, insteadOf, trigger } = open;
  return {
    sms: [],
    messaging: [
      settled(ground, 'lapsed', reason),
      { type: 'SmsLapsed', data: { debtorId, caseId, trigger: insteadOf ?? trigger, reason } },
    ],
  };
};

/** Nothing was intended yet: only the plan knows of it. */
const forget = (
  { because, holdMs }: Extract<SmsCommand, { do: 'withdraw' }>,
  open: OpenSms,
  ground: SmsGround,
): Decided => ({ sms: [], messaging: withdrawn(open, ground, because, holdOf(holdMs, ground)) });

const withdraw = (
  because: string,
  holdUntil: string | null,
  open: OpenSms,
  sheet: SmsSheet,
  ground: SmsGround,
): Decided => ({
  sms: [{ type: 'SmsWithdrawn', data: { ...refOf(sheet), because } }],
  messaging: withdrawn(open, ground, because, holdUntil),
});

/** Asked again when the guard says; where it names no time in an hour, and after three denials of a day on the next one. */
const deny = (
  { deniedBy, retryNotBefore }: Extract<SmsCommand, { do: 'deny' }>,
  messaging: Messaging,
  open: OpenSms,
  sheet: SmsSheet,
  ground: SmsGround,
): Decided => {
  const denied: SmsFact = {
    type: 'SmsDeniedByGuard',
    data: { ...refOf(sheet), deniedBy: [...deniedBy], retryNotBefore },
  };
  const because = `denied: ${deniedBy.join(', ')}`;
  if (open.trigger === 'ack')
    return { sms: [denied], messaging: [settled(ground, 'denied', because), ...lapsedAck(open, because)] };
  const { strategy, at } = ground;
  const { zone } = strategy.about;
  const today = businessDate(at, zone);
  const before = messaging.holds[keyOf(open.caseId, open.insteadOf ?? open.trigger)];
  const times = before?.on === today ? before.times : 0;
  const tomorrow = localInstant(addDays(today, 1), strategy.caps.sms.from, zone);
  const inAnHour = new Date(Date.parse(at) + RETRY_MS).toISOString();
  const later = retryNotBefore !== null && retryNotBefore > at ? retryNotBefore : inAnHour;
  const until = times + 1 >= TRIES_A_DAY && later < tomorrow ? tomorrow : later;
  const events: MessagingEvent[] = [settled(ground, 'denied', because, until)];
  if (open.trigger === 'q' && businessDate(until, zone) !== today) {
    const { debtorId, caseId } = open;
    events.push({ type: 'SmsLapsed', data: { debtorId, caseId, trigger: 'q', reason: 'denied-by-guard' } });
  }
  return { sms: [denied], messaging: events };
};

const submit = (open: OpenSms, sheet: SmsSheet, ground: SmsGround): Decided => {
  const stop = stopped(open, ground);
  if (stop !== null) return withdraw(stop, null, open, sheet, ground);
  const { phoneRef, segments } = sheet;
  return {
    sms: [{ type: 'SmsSubmitting', data: { ...refOf(sheet), phoneRef, submitAt: ground.at, segments } }],
    messaging: [],
  };
};

const accept = (
  { providerIds, costUnits }: Extract<SmsCommand, { do: 'accept' }>,
  state: KnownSms,
  ground: SmsGround,
): Decided => {
  const { sheet } = state;
  const kept = joinKept(state, providerIds);
  const submitted: SmsFact = {
    type: 'SmsSubmitted',
    data: {
      ...refOf(sheet),
      providerIds: [...providerIds],
      submittedAt: ground.at,
      segments: sheet.segments,
      costUnits,
    },
  };
  return { sms: [submitted, ...kept.sms], messaging: [settled(ground, 'submitted'), ...kept.messaging] };
};

const lose = (state: KnownSms, ground: SmsGround): Decided => {
  const kept = joinKept(state, null);
  return {
    sms: [{ type: 'SmsUnknown', data: refOf(state.sheet) }, ...kept.sms],
    messaging: [settled(ground, 'unknown'), ...kept.messaging],
  };
};

/** The number may be somebody else's: shared, out of use, answered by another, or not confirmed. */
const isDoubtful = ({ numbers, sharing }: Messaging, phoneRef: string): boolean => {
  const number: NumberNote | undefined = numbers[phoneRef];
  return (sharing[phoneRef] ?? 1) > 1 || (number !== undefined && (number.thirdParty || number.state !== 'ok'));
};

const takeReply = (
  { said, text, repliedAt }: Extract<SmsCommand, { do: 'take-reply' }>,
  messaging: Messaging,
  state: Sms,
): Decided => {
  if (state.status === 'none') return NOTHING;
  const { smsId, debtorId, phoneRef, phoneIndex, context } = state.sheet;
  const before = messaging.numbers[phoneRef];
  const doubtful = isDoubtful(messaging, phoneRef);
  const { stops, ...read } = readReply(said, { doubtful });
  if (state.replies.includes(replyKey(repliedAt, read.reply))) return NOTHING;
  const bars = stops.some(({ kind }) => kind === 'wrong-person') && before?.state !== 'barred';
  const barred: readonly MessagingEvent[] = [
    { type: 'NumberNoted', data: { phoneRef, state: 'barred', thirdParty: before?.thirdParty ?? true } },
    ...withdrawal(messaging.open, messaging.open?.phoneRef === phoneRef ? 'number-barred' : null),
  ];
  const data = {
    ...{ smsId, contactId: smsId, debtorId, text, phoneRef, at: repliedAt, context, doubtful, ...read },
    stops: stops.map(({ channels, ...stop }) => ({ ...stop, channels: [...channels] })),
  };
  return {
    sms: [{ type: 'SmsReplied', data }],
    messaging: [
      ...oweAck({ reply: read.reply, caseId: context.caseId, phoneRef, phoneIndex, repliedAt }, messaging),
      ...(bars ? barred : []),
    ],
  };
};
