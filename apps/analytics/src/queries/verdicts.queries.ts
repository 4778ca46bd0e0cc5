/** The guard's stored verdicts, every rule with its inputs. */
import { type EventEnvelope, eventKey, type RuleResult, type Verdict } from '@mora/contracts';
import { POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { findArchived } from '../archive/archive.js';
import { callsView } from '../views/calls.view.js';
import type { DataOf } from '../views/define.js';
import { smsView } from '../views/sms.view.js';
import type { VerdictView } from './answers.js';
import { equal, ViewRows } from './view-rows.js';

@Injectable()
export class VerdictsQueries {
  constructor(
    @Inject(POOL) private readonly archive: Pool,
    private readonly rows: ViewRows,
  ) {}

  /** Of a call or an SMS; null: none. */
  async show(contactId: string): Promise<VerdictView | null> {
    const [call] = await this.rows.list(callsView, (query) => equal(query, { attempt_id: contactId }));
    const [contact] = call ? [call] : await this.rows.list(smsView, (query) => equal(query, { sms_id: contactId }));
    return contact?.debtor_id == null ? null : this.ofContact(contact.debtor_id, contactId);
  }

  async ofContact(debtorId: string, contactId: string): Promise<VerdictView | null> {
    const all = await this.ofDebtor(debtorId);
    return all.findLast((verdict) => verdict.contactId === contactId) ?? null;
  }

  /** @param within business time, `[from, to)`; default: ever */
  async ofDebtor(
    debtorId: string,
    within: { readonly from?: string; readonly to?: string } = {},
  ): Promise<readonly VerdictView[]> {
    const types = ['ContactPermitted', 'ContactDenied'];
    const found = await findArchived(this.archive, { subject: debtorId, types, limit: 1_000, ...within });
    return found.map(verdictView);
  }
}

const verdictView = (event: EventEnvelope): VerdictView => {
  const { verdict, contactId, channel } = event.data as DataOf<'guard.ContactDenied'>;
  return {
    contactId,
    key: eventKey(event),
    at: event.meta.at,
    channel,
    result: event.type === 'ContactPermitted' ? 'allowed' : 'denied',
    deniedBy: verdict.deniedBy,
    rules: verdict.rules as readonly RuleResult[],
    verdict: verdict as Verdict,
  };
};
