/** Answers that belong to no SMS of ours, per shard: kept for a human, each once. */
import type { NewEvent, SmsEvent } from '@mora/contracts';
import type { Aggregate } from '@mora/eventing';

export type ReplyUnmatched = Extract<SmsEvent, { readonly type: 'SmsReplyUnmatched' }>;

export interface UnmatchedReplies {
  /** Names of the last ones. */
  readonly known: readonly string[];
}

const REMEMBERED = 1_000;

export const unmatchedReplies: Aggregate<UnmatchedReplies, ReplyUnmatched> = {
  category: 'replies',
  foldVersion: 1,
  initial: { known: [] },
  evolve: ({ known }, { data }) => ({ known: [...known, data.replyId].slice(-REMEMBERED) }),
};

export const keepUnmatched = (
  reply: ReplyUnmatched['data'],
  { known }: UnmatchedReplies,
): readonly NewEvent<'SmsReplyUnmatched', ReplyUnmatched['data']>[] =>
  known.includes(reply.replyId) ? [] : [{ type: 'SmsReplyUnmatched', data: reply }];
