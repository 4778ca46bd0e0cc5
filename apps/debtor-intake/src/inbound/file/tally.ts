/** What became of a file's rows, counted. */
import type { Problem } from '../../bank-record/record.js';
import type { Inbound, Outcome } from '../outcome.js';
import { mendOf } from './mend.js';

export interface LoadCounts {
  readonly read: number;
  readonly accepted: number;
  /** Of the accepted: older than what was known, so that they changed nothing. */
  readonly superseded: number;
  readonly duplicates: number;
  readonly parked: number;
}

export interface RowProblem extends Problem {
  readonly file: string;
  readonly line: number;
  /** What a person can do about it. */
  readonly mend: string;
}

const MOST_REASONS = 200;
const NOTHING: LoadCounts = { read: 0, accepted: 0, superseded: 0, duplicates: 0, parked: 0 };

export class Tally {
  counts: LoadCounts = NOTHING;
  private readonly byReason = new Map<string, number>();
  private readonly first: RowProblem[] = [];
  private problemCount = 0;

  /** @param most problems that are kept for the summary */
  constructor(
    private readonly file: string,
    private readonly most: number,
    private readonly tell: (problem: RowProblem) => void = () => undefined,
  ) {}

  add(sent: readonly Inbound[], outcomes: readonly Outcome[]): void {
    outcomes.forEach((outcome, i) => {
      this.counts = counted(this.counts, outcome);
      if (outcome.result === 'parked') this.note(sent[i]!.channel.offset, outcome.problems);
    });
  }

  problems() {
    return {
      byReason: Object.fromEntries(this.byReason),
      problems: [...this.first],
      problemCount: this.problemCount,
    };
  }

  private note(line: number, problems: readonly Problem[]): void {
    const [first] = problems;
    const reason = first ? `${first.field} ${first.reason}` : 'unknown';
    const key = this.byReason.has(reason) || this.byReason.size < MOST_REASONS ? reason : 'others';
    this.byReason.set(key, (this.byReason.get(key) ?? 0) + 1);
    for (const problem of problems) {
      const said = { file: this.file, line, ...problem, mend: mendOf(problem) };
      this.problemCount += 1;
      if (this.first.length < this.most) this.first.push(said);
      this.tell(said);
    }
  }
}

const counted = (counts: LoadCounts, { result }: Outcome): LoadCounts => ({
  read: counts.read + 1,
  accepted: counts.accepted + (result === 'accepted' || result === 'superseded' ? 1 : 0),
  superseded: counts.superseded + (result === 'superseded' ? 1 : 0),
  duplicates: counts.duplicates + (result === 'duplicate' ? 1 : 0),
  parked: counts.parked + (result === 'parked' ? 1 : 0),
});
