/** A file of the bank, row by row: bad rows are parked, good ones taken, whatever the file's size. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { hintOf } from '../../bank-record/hint.js';
import type { Problem } from '../../bank-record/record.js';
import type { Inbound, Outcome } from '../outcome.js';
import { CsvRecords, type CsvRow } from './csv-records.js';
import { detectEncoding, type Encoding, type EncodingChoice, readText } from './encoding.js';
import { FileRefused, type Header, readHeader } from './header.js';

export interface LoadProgress {
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly read: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly parked: number;
}

export interface LoadOptions {
  /** Validates and counts; nothing is written. */
  readonly dryRun?: boolean;
  readonly encoding?: EncodingChoice;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** The first problems in full, for a person to read. */
  readonly showProblems?: number;
  readonly signal?: AbortSignal;
}

export interface RowProblem extends Problem {
  readonly file: string;
  readonly line: number;
}

export interface LoadSummary {
  readonly file: string;
  readonly encoding: Encoding;
  readonly dryRun: boolean;
  readonly read: number;
  readonly accepted: number;
  /** Of the accepted: older than what was known, so that they changed nothing. */
  readonly superseded: number;
  readonly duplicates: number;
  readonly parked: number;
  /** Parked rows by their first problem, `field reason`. */
  readonly byReason: Readonly<Record<string, number>>;
  readonly problems: readonly RowProblem[];
  readonly ignoredColumns: readonly string[];
}

export type Submit = (records: readonly Inbound[], dryRun: boolean) => Promise<readonly Outcome[]>;

const CHUNK = 500;
const MOST_REASONS = 200;

export const loadFile = async (path: string, submit: Submit, options: LoadOptions = {}): Promise<LoadSummary> => {
  const file = basename(path);
  const bytesTotal = await sizeOf(path, file);
  const detected = await detectEncoding(path, options.encoding);
  const tally = new Tally(file, options.showProblems ?? 20);
  const rows = new CsvRecords();
  let header: Header | null = null;
  let chunk: Inbound[] = [];
  let bytesRead = 0;

  const flush = async (): Promise<void> => {
    options.signal?.throwIfAborted();
    const sent = chunk;
    chunk = [];
    if (sent.length > 0) tally.add(sent, await submit(sent, options.dryRun ?? false));
    options.onProgress?.({ bytesRead, bytesTotal, ...tally.counts });
  };
  const take = async (row: CsvRow): Promise<void> => {
    if (header === null) header = readHeader(file, row);
    else {
      chunk.push(inboundOf(file, header, row));
      if (chunk.length >= CHUNK) await flush();
    }
  };

  for await (const piece of readText(path, detected)) {
    bytesRead = piece.bytesRead;
    for (const row of rows.add(piece.text)) await take(row);
  }
  for (const row of rows.end()) await take(row);
  if (header === null) throw new FileRefused(file, 1, 'header', 'the file is empty');
  await flush();
  return tally.summary(detected.encoding, options.dryRun ?? false, (header as Header).ignored);
};

const sizeOf = async (path: string, file: string): Promise<number> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new FileRefused(
      file,
      0,
      '',
      error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.code})`,
    );
  });
  if (!found.isFile()) throw new FileRefused(file, 0, '', 'is not a file');
  return found.size;
};

const inboundOf = (file: string, { columns }: Header, row: CsvRow): Inbound => {
  const channel = { kind: 'file', name: file, offset: row.line } as const;
  if (!row.ok) {
    const field = row.field === 0 ? 'row' : (columns[row.field - 1] ?? `column ${row.field}`);
    return { channel, raw: { row: row.text }, broken: [{ field, reason: row.reason, value: hintOf('row', row.text) }] };
  }
  const raw: Record<string, string> = {};
  columns.forEach((name, i) => {
    const value = row.fields[i];
    if (name !== null && value !== undefined) raw[name] = value;
  });
  if (row.fields.length === columns.length) return { channel, raw };
  const reason = `has ${row.fields.length} fields, the header has ${columns.length}`;
  return { channel, raw: { row: JSON.stringify(row.fields) }, broken: [{ field: 'row', reason, value: '' }] };
};

class Tally {
  counts = { read: 0, accepted: 0, superseded: 0, duplicates: 0, parked: 0 };
  private readonly byReason = new Map<string, number>();
  private readonly problems: RowProblem[] = [];

  constructor(
    private readonly file: string,
    private readonly most: number,
  ) {}

  add(sent: readonly Inbound[], outcomes: readonly Outcome[]): void {
    const counts = { ...this.counts };
    outcomes.forEach((outcome, i) => {
      counts.read += 1;
      if (outcome.result === 'parked') {
        counts.parked += 1;
        this.note(sent[i]!.channel.offset, outcome.problems);
      } else if (outcome.result === 'duplicate') counts.duplicates += 1;
      else {
        counts.accepted += 1;
        if (outcome.result === 'superseded') counts.superseded += 1;
      }
    });
    this.counts = counts;
  }

  private note(line: number, problems: readonly Problem[]): void {
    const first = problems[0];
    const reason = first ? `${first.field} ${first.reason}` : 'unknown';
    const key = this.byReason.has(reason) || this.byReason.size < MOST_REASONS ? reason : 'others';
    this.byReason.set(key, (this.byReason.get(key) ?? 0) + 1);
    for (const problem of problems) {
      if (this.problems.length < this.most) this.problems.push({ file: this.file, line, ...problem });
    }
  }

  summary(encoding: Encoding, dryRun: boolean, ignoredColumns: readonly string[]): LoadSummary {
    return {
      file: this.file,
      encoding,
      dryRun,
      ...this.counts,
      byReason: Object.fromEntries(this.byReason),
      problems: this.problems,
      ignoredColumns,
    };
  }
}
