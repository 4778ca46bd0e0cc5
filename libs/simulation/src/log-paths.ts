/** The logs that `mora start` left in a data directory; nothing needs to run there. */
import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareLogs, isLogKind, type LogComparison, type LogLine } from './compare-logs.js';
import { LogUnreadable } from './errors.js';
import { streamLines } from './log-file.js';

const LOGS = ['carrier.ndjson', 'smsc.ndjson'];

/**
 * Compares the logs of two data directories, or two logs.
 * @throws LogUnreadable
 */
export const comparePaths = (a: string, b: string): LogComparison => {
  if (statOf(a).isDirectory() !== statOf(b).isDirectory())
    throw new LogUnreadable(b, null, `compare two data directories or two logs; ${a} is not of its kind`);
  return compareLogs(linesAt(a), linesAt(b));
};

const statOf = (path: string): Stats => {
  try {
    return statSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
};

const unreadable = (path: string, cause: unknown): LogUnreadable => {
  const { code } = cause as NodeJS.ErrnoException;
  return new LogUnreadable(path, null, code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`, { cause });
};

function* linesAt(path: string): Generator<LogLine> {
  const files = statOf(path).isDirectory() ? LOGS.map((name) => join(path, name)) : [path];
  for (const file of files) {
    let number = 0;
    for (const text of textsOf(file)) {
      number += 1;
      if (text !== '') yield lineOf(text, file, number);
    }
  }
}

function* textsOf(file: string): Generator<string> {
  try {
    yield* streamLines(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

const lineOf = (text: string, file: string, number: number): LogLine => {
  const line = parsed(text);
  if (line === null) throw new LogUnreadable(file, number, 'not a JSON object');
  for (const field of ['number', 'businessAt'])
    if (typeof line[field] !== 'string') throw new LogUnreadable(file, number, `has no ${field}`);
  if (!isLogKind(line['kind'])) throw new LogUnreadable(file, number, `has no kind of a carrier or SMSC`);
  return line as unknown as LogLine;
};

const parsed = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
};
