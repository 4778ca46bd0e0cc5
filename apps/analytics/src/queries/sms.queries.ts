/** What people do about SMS: answers that a human reads, notices that need a letter. */
import { Injectable } from '@nestjs/common';
import { type CreditNoticeRow, creditNoticesView } from '../views/credit-notices.view.js';
import { type SmsReplyRow, smsRepliesView } from '../views/sms-replies.view.js';
import { equal, limitOf, ViewRows } from './view-rows.js';

export interface RepliesFilter {
  readonly day?: string;
  readonly reply?: string;
  readonly debtorId?: string;
  readonly forHuman?: boolean;
  readonly limit?: number;
}

@Injectable()
export class SmsQueries {
  constructor(private readonly rows: ViewRows) {}

  /** Newest first. */
  async replies(filter: RepliesFilter = {}): Promise<readonly SmsReplyRow[]> {
    const { day, reply, debtorId, forHuman } = filter;
    return this.rows.list(smsRepliesView, (query) =>
      equal(query, { day, reply, debtor_id: debtorId, for_human: forHuman })
        .orderBy('v.at', 'DESC')
        .addOrderBy('v.reply_id')
        .limit(limitOf(filter)),
    );
  }

  /** Oldest first. */
  async letters(filter: { readonly limit?: number } = {}): Promise<readonly CreditNoticeRow[]> {
    return this.rows.list(creditNoticesView, (query) =>
      query
        .where(NEEDS_LETTER)
        .orderBy('coalesce(v.undelivered_at, v.sent_at)')
        .addOrderBy('v.case_id')
        .limit(limitOf(filter)),
    );
  }
}

/** The same as `needsLetter`. */
const NEEDS_LETTER = 'v.delivered_at is null and (v.undelivered_at is not null or v.not_sent is not null)';
