/** Loads under way: a caller looks at them as often as he likes, so that nobody has to wait for an answer for an hour. */
import { randomUUID } from 'node:crypto';
import { FileRefused } from './file-refused.js';
import type { LoadOptions, LoadProgress, LoadSummary } from './load-file.js';
import type { RowProblem } from './tally.js';

export interface LoadState {
  /** `refused`: nothing of the file was taken; `failed`: what was taken stays taken, load it again. */
  readonly state: 'loading' | 'done' | 'refused' | 'failed';
  readonly progress: LoadProgress;
  readonly problems: readonly RowProblem[];
  /** Problems found so far, also those that were too many to be kept. */
  readonly problemCount: number;
  /** Of those, how many can be asked for. */
  readonly problemsKept: number;
  /** Of a load that is done. */
  readonly summary: LoadSummary | null;
  /** Why it was refused or failed. */
  readonly reason: string | null;
}

/** This process does not know the load: it was started anew, or it is long over. */
export class LoadUnknown extends Error {
  readonly code = 'LOAD_UNKNOWN';
  constructor(readonly id: string) {
    super(`no load ${id} is known: intake was started anew; load the file again, what was taken is not taken twice`);
    this.name = 'LoadUnknown';
  }
}

interface Load {
  state: LoadState['state'];
  progress: LoadProgress;
  readonly problems: RowProblem[];
  problemCount: number;
  summary: LoadSummary | null;
  reason: string | null;
}

type Start = (path: string, options: LoadOptions) => Promise<LoadSummary>;

const MOST_LOADS = 20;
const MOST_PROBLEMS = 200_000;
/** Problems of one look. */
const PIECE = 500;
const NOTHING: LoadProgress = {
  bytesRead: 0,
  bytesTotal: 0,
  rows: 0,
  read: 0,
  accepted: 0,
  superseded: 0,
  duplicates: 0,
  parked: 0,
};

export class FileLoads {
  private readonly loads = new Map<string, Load>();

  constructor(private readonly start: Start) {}

  begin(path: string, options: LoadOptions): string {
    const id = randomUUID();
    const load: Load = {
      state: 'loading',
      progress: NOTHING,
      problems: [],
      problemCount: 0,
      summary: null,
      reason: null,
    };
    this.forgetOne();
    this.loads.set(id, load);
    void this.run(load, path, options);
    return id;
  }

  /** @throws LoadUnknown */
  look(id: string, after: number): LoadState {
    const load = this.loads.get(id);
    if (!load) throw new LoadUnknown(id);
    const { problems, ...state } = load;
    return { ...state, problems: problems.slice(after, after + PIECE), problemsKept: problems.length };
  }

  private async run(load: Load, path: string, options: LoadOptions): Promise<void> {
    try {
      load.summary = await this.start(path, {
        ...options,
        onProgress: (progress) => {
          load.progress = progress;
        },
        onProblem: (problem) => {
          load.problemCount += 1;
          if (load.problems.length < MOST_PROBLEMS) load.problems.push(problem);
        },
      });
      load.state = 'done';
    } catch (error) {
      load.state = error instanceof FileRefused ? 'refused' : 'failed';
      load.reason = reasonOf(error);
    }
  }

  /** The oldest that is over makes place. */
  private forgetOne(): void {
    if (this.loads.size < MOST_LOADS) return;
    for (const [id, { state }] of this.loads) {
      if (state === 'loading') continue;
      this.loads.delete(id);
      return;
    }
  }
}

/** Only what was worded for people. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.message
    : 'the load broke off by a fault of Mora; what was taken stays taken, load the file again';
