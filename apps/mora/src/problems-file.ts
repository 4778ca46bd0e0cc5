/** All problems of a load as CSV for a spreadsheet: nothing in it is a formula, nothing personal. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { RowProblem } from './answers.js';
import { UsageError } from './errors.js';

const BYTE_ORDER_MARK = '\ufeff';
const HEAD = ['line', 'field', 'reason', 'how to mend', 'value (masked)'];

/** Spreadsheets run what begins so, also behind blanks. */
const FORMULA = /^\s*[=+\-@\t\r|%＝＋－＠]/u;

export const csvCell = (text: string): string => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

export interface ProblemsFile {
  write(problems: readonly RowProblem[]): Promise<void>;
  close(): Promise<void>;
}

const isOneFile = async (a: string, b: string): Promise<boolean> => {
  const [x, y] = await Promise.all([a, b].map((path) => stat(path).catch(() => null)));
  return x != null && y != null && x.dev === y.dev && x.ino === y.ino;
};

/**
 * Before the load begins, so that one that cannot be written stops it.
 * @param loaded path of the file that is loaded: never written over
 * @throws UsageError
 */
export const openProblems = async (path: string, loaded: string): Promise<ProblemsFile> => {
  if (await isOneFile(path, loaded)) throw new UsageError(`--problems: ${path} is the file to be loaded`);
  const file: FileHandle = await open(path, 'w', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--problems: ${path} cannot be written (${error.code})`);
  });
  // One that was there keeps its mode otherwise.
  await file.chmod(0o600);
  await file.write(BYTE_ORDER_MARK + csvLine(HEAD));
  return {
    write: async (problems) => {
      const lines = problems.map(({ line, field, reason, mend, value }) =>
        csvLine([String(line), field, reason, mend, value]),
      );
      if (lines.length > 0) await file.write(lines.join(''));
    },
    close: () => file.close(),
  };
};
