/** Given facts → when a command → then events: a score under the default package, every published event checked. */
import { fileURLToPath } from 'node:url';
import { schemaOf } from '@mora/contracts';
import { readStrategyFolder, type Strategy } from '@mora/strategy';
import {
  type AccountScore,
  type AccountScoreEvent,
  accountScore,
  type ScoredCall,
  type ScoredFacts,
} from '../account-score/account-score.js';
import { decideScore, type ScoreCommand } from '../account-score/decisions.js';

const folder = fileURLToPath(new URL('../../../../strategies/cn-early-delinquency/', import.meta.url));
const loaded = await readStrategyFolder(folder);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1));
export const strategy: Strategy = loaded.strategy;
export const packageHash = loaded.hash;

export const CASE = '6a1e7f6e-5f0c-5b8e-9a44-111111111111';
export const DEBTOR = '1c1e7f6e-5f0c-5b8e-9a44-222222222222';

/** DPD 0 is 2026-11-01; grace ends on DPD 3. */
export const day = (dpd: number): string => `2026-11-${String(1 + dpd).padStart(2, '0')}`;
export const on = (dpd: number, time: string): string => new Date(`${day(dpd)}T${time}:00.000+08:00`).toISOString();

export const scored = (of: Partial<ScoredFacts> = {}): ScoredFacts => ({
  accountId: 'A1',
  currency: 'CNY',
  unpaidMinimum: 50_000,
  minimumDue: 50_000,
  statementBalance: 100_000,
  creditLimit: 1_000_000,
  dueDate: day(0),
  graceDays: 3,
  recordedMonths: 6,
  earlierEpisodes12m: 0,
  earlierCuredEarly: 0,
  earlierCuredLate: 0,
  promisesKept12m: 0,
  brokenBefore6m: 0,
  ...of,
});

export class Scenario {
  state: AccountScore = accountScore.initial;
  private attempts = 0;

  when(at: string, command: ScoreCommand): readonly AccountScoreEvent[] {
    const events = decideScore(command, this.state, { at, strategy, strategyHash: packageHash });
    for (const event of events) {
      schemaOf('scoring', event.type)?.parse(event.data);
      this.state = accountScore.evolve(this.state, event, at);
    }
    return events;
  }

  opened(at: string, of: Partial<ScoredFacts> = {}): readonly AccountScoreEvent[] {
    return this.when(at, { do: 'note-facts', caseId: CASE, debtorId: DEBTOR, facts: scored(of) });
  }

  /** A conversation with the right party unless said otherwise. */
  call(
    at: string,
    of: Partial<ScoredCall> & { readonly conversation?: boolean; readonly labelTurns?: readonly number[] } = {},
  ): readonly AccountScoreEvent[] {
    this.attempts += 1;
    const { conversation = true, labelTurns = [3, 5], ...call } = of;
    return this.when(at, {
      do: 'note-call',
      conversation,
      labelTurns,
      flags: [],
      call: {
        attemptId: `attempt-${this.attempts}`,
        endedAt: at,
        disposition: 'no-promise',
        connected: true,
        rpc: conversation,
        talkSeconds: 20,
        understoodTurns: 2,
        label: 'none',
        labelDate: null,
        reason: 'not-said',
        askedHow: false,
        ...call,
      },
    });
  }

  unanswered(at: string, of: Partial<ScoredCall> = {}): readonly AccountScoreEvent[] {
    return this.call(at, { conversation: false, connected: false, disposition: 'no-answer', talkSeconds: 0, ...of });
  }

  plan(dpd: number): readonly AccountScoreEvent[] {
    return this.when(on(dpd, '06:00'), { do: 'score', trigger: 'day-plan' });
  }
}

export const types = (events: readonly { readonly type: string }[]): readonly string[] => events.map((e) => e.type);

/** Row → points of the score among the events, and the score itself. */
export const reasons = (events: readonly AccountScoreEvent[]): Readonly<Record<string, number>> => {
  const found = events.find((e) => e.type === 'AccountScored');
  if (found?.type !== 'AccountScored') throw new Error(`no AccountScored among ${types(events).join(', ')}`);
  return { ...Object.fromEntries(found.data.reasons.map((r) => [r.row, r.points])), score: found.data.score };
};
