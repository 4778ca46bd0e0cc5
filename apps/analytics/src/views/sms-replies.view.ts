/** One row per answer to an SMS: what it said, and whether a human reads it. Its words are not here. */
import type { Columns, RowOf } from '../projection/view.js';
import { defineView, emptyRow, isSimulated } from './define.js';

const columns = {
  /** Of the SMS and the instant, or as the SMSC named it. */
  reply_id: 'text',
  sms_id: 'text',
  debtor_id: 'text',
  case_id: 'text',
  account_id: 'text',
  at: 'text',
  day: 'text',
  reply: 'text',
  /** Kinds of the stops that were read in it. */
  stops: 'text',
  hand_over: 'text',
  for_human: 'bool',
  doubtful: 'bool',
  /** Why it belongs to no SMS of ours; null: it does. */
  unmatched: 'text',
  simulated: 'bool',
} as const satisfies Columns;
export type SmsReplyRow = RowOf<typeof columns>;

const kindsOf = (stops: readonly { readonly kind: string }[] = []): string => stops.map(({ kind }) => kind).join(' ');

export const smsRepliesView = defineView({
  name: 'sms_replies',
  version: 1,
  columns,
  key: ['reply_id'],
  indexes: ['day', 'debtor_id', 'case_id'],
  empty: emptyRow(columns, ['reply_id']),
  on: {
    'sms.SmsReplied': {
      keys: ({ smsId, at, reply }) => [[`${smsId}|${at}|${reply}`]],
      evolve: (row, data, { event, place }) => ({
        ...row,
        sms_id: data.smsId,
        debtor_id: data.debtorId,
        case_id: data.context?.caseId ?? null,
        account_id: data.context?.accountId ?? null,
        at: data.at,
        day: place.day(data.at),
        reply: data.reply,
        stops: kindsOf(data.stops),
        hand_over: data.handOver ?? null,
        for_human: data.forHuman ?? data.reply === 'other',
        doubtful: data.doubtful ?? false,
        simulated: isSimulated(event),
      }),
    },
    'sms.SmsReplyUnmatched': {
      keys: ({ replyId }) => [[replyId]],
      evolve: (row, data, { event, place }) => ({
        ...row,
        sms_id: data.smsId,
        debtor_id: data.debtorId,
        at: data.at,
        day: place.day(data.at),
        reply: data.reply,
        stops: kindsOf(data.stops),
        for_human: true,
        doubtful: true,
        unmatched: data.why,
        simulated: isSimulated(event),
      }),
    },
  },
});
