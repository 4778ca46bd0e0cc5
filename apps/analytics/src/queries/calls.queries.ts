/** Calls: the newest, and one turn by turn with the verdict it had. */
import { type EventEnvelope, eventKey } from '@mora/contracts';
import { POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { findArchived } from '../archive/archive.js';
import { type CallRow, callsView } from '../views/calls.view.js';
import type { DataOf } from '../views/define.js';
import type { AnalyticsQueries, CallDetail, CallFilter, SealedWords, TurnLine } from './answers.js';
import { NotFound } from './errors.js';
import { VerdictsQueries } from './verdicts.queries.js';
import { equal, limitOf, ViewRows } from './view-rows.js';

type Questions = AnalyticsQueries['calls'];

@Injectable()
export class CallsQueries implements Questions {
  constructor(
    @Inject(POOL) private readonly archive: Pool,
    private readonly rows: ViewRows,
    private readonly verdicts: VerdictsQueries,
  ) {}

  list(filter: CallFilter = {}): Promise<readonly CallRow[]> {
    const { debtorId, caseId, day, disposition } = filter;
    return this.rows.list(callsView, (query) =>
      equal(query, { debtor_id: debtorId, case_id: caseId, originated_day: day, disposition })
        .orderBy('v.intended_at', 'DESC', 'NULLS LAST')
        .addOrderBy('v.attempt_id')
        .limit(limitOf(filter)),
    );
  }

  async show(attemptId: string): Promise<CallDetail> {
    const { call, debtorId } = await this.find(attemptId);
    const [turns, verdict] = await Promise.all([
      this.turnsOf(debtorId, attemptId),
      this.verdicts.ofContact(debtorId, attemptId),
    ]);
    return { call, turns: turns.map(turnLine).sort((a, b) => a.index - b.index), verdict };
  }

  async words(attemptId: string): Promise<SealedWords> {
    const { debtorId } = await this.find(attemptId);
    const turns = await this.turnsOf(debtorId, attemptId);
    return { debtorId, stream: streamOf(attemptId), turns: turns.map(turnIn) };
  }

  private async find(attemptId: string): Promise<{ readonly call: CallRow; readonly debtorId: string }> {
    const [call] = await this.rows.list(callsView, (query) => equal(query, { attempt_id: attemptId }));
    if (call === undefined || call.debtor_id === null) throw new NotFound('call', attemptId);
    return { call, debtorId: call.debtor_id };
  }

  private turnsOf(debtorId: string, attemptId: string): Promise<readonly EventEnvelope[]> {
    return findArchived(this.archive, {
      subject: debtorId,
      stream: streamOf(attemptId),
      types: ['TurnTaken'],
      limit: 1_000,
    });
  }
}

const streamOf = (attemptId: string): string => `leg-${attemptId}`;

const turnIn = (event: EventEnvelope) => (event.data as DataOf<'telephony.TurnTaken'>).turn;

const turnLine = (event: EventEnvelope): TurnLine => {
  const turn = turnIn(event);
  return {
    index: turn.index,
    at: turn.promptStartAt,
    state: turn.state,
    promptId: turn.promptId,
    wordingId: turn.wordingId,
    intent: turn.intent,
    confidence: turn.confidence,
    nextState: turn.nextState,
    latencyMs: turn.latencyMs.recognise + turn.latencyMs.decide + turn.latencyMs.speak,
    key: eventKey(event),
  };
};
