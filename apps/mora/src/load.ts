/** `mora load`: begins a load and looks at it until it is over, however long that takes. */
import { setTimeout as pause } from 'node:timers/promises';
import type { LoadProgress, LoadState, LoadSummary, RowProblem } from './answers.js';
import { converse } from './ask.js';
import type { Call } from './control.js';
import type { Fault } from './faults.js';
import { table } from './print.js';
import { openProblems, type ProblemsFile } from './problems-file.js';

export interface LoadRequest {
  readonly path: string;
  readonly dryRun: boolean;
  readonly encoding?: string | undefined;
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly exactIds: boolean;
}

export interface LoadOptions {
  /** Where all problems are written; null: nowhere. */
  readonly problemsPath: string | null;
  readonly tell: (progress: LoadProgress) => void;
}

export type LoadEnd = Pick<LoadState, 'state' | 'progress' | 'summary' | 'reason'> & {
  /** Written to the file of problems. */
  readonly written: number;
};

const FIRST_LOOK_MS = 50;
const SLOWEST_LOOK_MS = 1_000;

export const load = async (call: Call, request: LoadRequest, { problemsPath, tell }: LoadOptions): Promise<LoadEnd> => {
  const file = problemsPath === null ? null : await openProblems(problemsPath, request.path);
  try {
    const { loadId } = (await call('load.begin', { ...request })) as { readonly loadId: string };
    return await followed(call, loadId, file, tell);
  } finally {
    await file?.close();
  }
};

const followed = async (
  call: Call,
  id: string,
  file: ProblemsFile | null,
  tell: LoadOptions['tell'],
): Promise<LoadEnd> => {
  let written = 0;
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 2, SLOWEST_LOOK_MS)) {
    const seen = (await call('load.look', { id, after: written })) as LoadState;
    if (file !== null) {
      await file.write(seen.problems);
      written += seen.problems.length;
    }
    tell(seen.progress);
    const isBehind = file !== null && written < seen.problemsKept;
    if (seen.state !== 'loading' && !isBehind) return { ...seen, written };
    if (!isBehind) await pause(waitMs);
  }
};

/** 0: every row is taken; 1: some were parked, or the load broke off; 2: nothing was taken. */
export const exitCodeOf = ({
  state,
  progress,
  summary,
}: Pick<LoadEnd, 'state' | 'progress' | 'summary'>): 0 | 1 | 2 => {
  const { accepted, duplicates, parked } = summary ?? progress;
  if (accepted + duplicates === 0) return 2;
  return state === 'done' && parked === 0 ? 0 : 1;
};

const SHOWN = 20;

const count = (n: number): string => n.toLocaleString('en-US');

const problemsTable = (problems: readonly RowProblem[]): string =>
  table(
    ['line', 'field', 'reason', 'how to mend', 'value'],
    problems.map((p) => [p.line, p.field, p.reason, p.mend, p.value]),
  );

const moreOf = (shown: number, all: number, written: number, path: string | null): readonly string[] => {
  if (path === null) return all > shown ? [`and ${count(all - shown)} more: --problems FILE writes all of them`] : [];
  const lost = all > written ? ` (${count(all - written)} are too many to be kept)` : '';
  return [
    `${all > shown ? `and ${count(all - shown)} more; ` : ''}${count(written)} problems written to ${path}${lost}`,
  ];
};

export const summaryShown = (summary: LoadSummary, written: number, path: string | null): string => {
  const { file, encoding, separator, dryRun, read, accepted, superseded, duplicates, parked } = summary;
  const shown = summary.problems.slice(0, SHOWN);
  return [
    `${file} (${encoding}, ${separator})${dryRun ? ', a rehearsal: nothing is stored' : ''}`,
    `${count(read)} rows: ${count(accepted)} taken${superseded > 0 ? ` (${count(superseded)} older than what is known)` : ''}, ${count(duplicates)} known already, ${count(parked)} parked`,
    ...(summary.ignoredColumns.length > 0 ? [`columns not read: ${summary.ignoredColumns.join(', ')}`] : []),
    ...(summary.unusedWords.length > 0
      ? [`--map names columns that are not there: ${summary.unusedWords.join(', ')}`]
      : []),
    ...Object.entries(summary.byReason).map(([reason, n]) => `  ${count(n)} × ${reason}`),
    ...(shown.length > 0 ? [problemsTable(shown)] : []),
    ...(summary.problemCount > 0 ? moreOf(shown.length, summary.problemCount, written, path) : []),
  ].join('\n');
};

interface RunOptions {
  readonly problemsPath: string | null;
  readonly json: boolean;
  readonly fault: Fault | null;
}

/** @returns the exit code */
export const runLoad = async (
  dataDir: string,
  request: LoadRequest,
  { problemsPath, json, fault }: RunOptions,
): Promise<number> => {
  const progress = loadProgress(process.stderr, Date.now);
  const work = (call: Call) => load(call, request, { problemsPath, tell: progress.tell });
  const ended = await converse(dataDir, work, { fault }).finally(progress.end);
  if (ended.summary === null) process.stderr.write(`mora: ${ended.reason ?? 'the load broke off'}\n`);
  else if (json) process.stdout.write(`${JSON.stringify(ended.summary, null, 2)}\n`);
  else process.stdout.write(`${summaryShown(ended.summary, ended.written, problemsPath)}\n`);
  return exitCodeOf(ended);
};

/** One line, rewritten on a terminal, every few seconds elsewhere. */
export const loadProgress = (out: NodeJS.WriteStream, wall: () => number) => {
  const isTerminal = out.isTTY === true;
  let toldAt = wall();
  return {
    tell: (progress: LoadProgress): void => {
      if (wall() - toldAt < (isTerminal ? 200 : 5_000)) return;
      toldAt = wall();
      out.write(isTerminal ? `\r\u001b[2K${progressLine(progress)}` : `${progressLine(progress)}\n`);
    },
    end: (): void => {
      if (isTerminal) out.write('\r\u001b[2K');
    },
  };
};

export const progressLine = ({ rows, read, accepted, duplicates, parked }: LoadProgress): string =>
  rows === 0
    ? 'reading the file'
    : `${count(read)} of ${count(rows)} rows (${Math.floor((100 * read) / rows)} %) · taken ${count(accepted)} · known ${count(duplicates)} · parked ${count(parked)}`;
