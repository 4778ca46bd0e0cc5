/**
 * The carrier's and the SMSC's own logs: append-only NDJSON, one `write` a line, so that what was logged outlives a `kill -9`.
 * Invariant: a reader sees every line that was written whole; a torn last line is cut off, never read.
 */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const NEWLINE = 0x0a;

/** Appends records of one kind to one file. */
export class LogFile<T extends object> {
  readonly #fd: number;

  /** Opens or creates the file and cuts off a torn last line. `onAppend` hears each record once it is written. */
  constructor(
    path: string,
    private readonly onAppend: (record: T) => void = () => undefined,
  ) {
    this.#fd = openSync(path, 'a+');
    cutTornLine(this.#fd);
  }

  /** Returns when the operating system has the line. */
  append(record: T): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`, 'utf8');
    let written = 0;
    while (written < line.length) written += writeSync(this.#fd, line, written);
    this.onAppend(record);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

const cutTornLine = (fd: number): void => {
  const { size } = fstatSync(fd);
  const chunk = Buffer.alloc(64 * 1024);
  let end = size;
  while (end > 0) {
    const from = Math.max(0, end - chunk.length);
    const read = readSync(fd, chunk, 0, end - from, from);
    const at = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (at >= 0) {
      if (from + at + 1 < size) ftruncateSync(fd, from + at + 1);
      return;
    }
    end = from;
  }
  if (size > 0) ftruncateSync(fd, 0);
};

/**
 * Every whole record of a log, oldest first; a missing file is an empty log and a torn last line is left out.
 * @throws {SyntaxError} when a whole line is not JSON: the log was tampered with.
 */
export const readLog = <T extends object>(path: string): readonly T[] => {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const records: T[] = [];
  for (const line of whole.split('\n')) if (line !== '') records.push(JSON.parse(line) as T);
  return records;
};
