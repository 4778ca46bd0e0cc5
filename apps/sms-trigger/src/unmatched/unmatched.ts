/** What the SMSC tells that belongs to no SMS of ours, per shard: answers for a human, receipts to be counted; each once. */
import type { SmsEvent } from '@mora/contracts';
import type { Aggregate } from '@mora/eventing';

export type Unmatched = Extract<SmsEvent, { readonly type: 'SmsReplyUnmatched' | 'SmsReceiptRefused' }>;

export interface UnmatchedMessages {
  /** Names of the last ones. */
  readonly known: readonly string[];
}

const REMEMBERED = 1_000;

const nameOf = (one: Unmatched): string =>
  one.type === 'SmsReplyUnmatched' ? `reply|${one.data.replyId}` : `receipt|${one.data.smsId}|${one.data.providerId}`;

export const unmatchedMessages: Aggregate<UnmatchedMessages, Unmatched> = {
  category: 'unmatched',
  foldVersion: 1,
  initial: { known: [] },
  evolve: ({ known }, event) => ({ known: [...known, nameOf(event)].slice(-REMEMBERED) }),
};

export const keepUnmatched = (one: Unmatched, { known }: UnmatchedMessages): readonly Unmatched[] =>
  known.includes(nameOf(one)) ? [] : [one];
