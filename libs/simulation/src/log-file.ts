/**
 * The carrier's and the SMSC's own logs: append-only NDJSON, one `write` a line, so that what was logged outlives a `kill -9`.
 * Invariant: a reader sees every line that was written whole; a torn last line is cut off, never read.
 */
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const NEWLINE = 0x0a;
const CHUNK = 64 * 1024;

/** Appends records of one kind to one file. */
export class LogFile<T extends object> {
  readonly #fd: number;

  /** Opens or creates the file and cuts off a torn last line. `onAppend` hears each record once it is written. */
  constructor(
    path: string,
    private readonly onAppend: (record: T) => void = () => undefined,
  ) {
    this.#fd = openSync(path, 'a+', 0o600);
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
  const chunk = Buffer.alloc(CHUNK);
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

/** The whole lines of a file, read piece by piece; a torn last line is left out. */
export function* streamLines(path: string): Generator<string> {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest: Buffer = Buffer.alloc(0);
    for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      rest = bytes.subarray(end);
      if (end > 0) yield* bytes.toString('utf8', 0, end - 1).split('\n');
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * The whole records of a log, oldest first: only what is handed out is in memory. A missing file is an empty log, and a torn
 * last line is left out.
 * @throws {SyntaxError} when a whole line is not JSON: the log was tampered with.
 */
export function* streamLog<T extends object>(path: string): Generator<T> {
  if (!existsSync(path)) return;
  for (const line of streamLines(path)) if (line !== '') yield JSON.parse(line) as T;
}

/** All of `streamLog` at once. */
export const readLog = <T extends object>(path: string): readonly T[] => [...streamLog<T>(path)];
