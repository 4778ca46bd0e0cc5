/** A file of the bank, row by row: bad rows are parked, good ones taken, whatever the file's size. */
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Inbound, Outcome } from '../outcome.js';
import { type Encoding, type EncodingChoice, strayField } from './encoding.js';
import { FileChanged, FileRefused } from './file-refused.js';
import { type ColumnMap, type Header, readHeader } from './header.js';
import { IdColumns } from './id-columns.js';
import { type RowSource, rowsOf, sourceOf } from './read-rows.js';
import { inboundOf } from './row-inbound.js';
import { separatorName } from './separator.js';
import { type LoadCounts, type RowProblem, Tally } from './tally.js';

export interface LoadProgress extends LoadCounts {
  readonly bytesRead: number;
  readonly bytesTotal: number;
  /** Rows of the file below its header. */
  readonly rows: number;
}

export interface LoadOptions {
  /** Validates and counts; nothing is written. */
  readonly dryRun?: boolean | undefined;
  readonly encoding?: EncodingChoice | undefined;
  /** The bank's own words for columns. */
  readonly map?: ColumnMap | undefined;
  /** The source says that its ids are right to the last digit, however they look. */
  readonly exactIds?: boolean | undefined;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Told of every problem, in the order of the rows. */
  readonly onProblem?: (problem: RowProblem) => void;
  /** The first problems in full, for a person to read. */
  readonly showProblems?: number;
  readonly signal?: AbortSignal;
}

export interface LoadSummary extends LoadCounts {
  readonly file: string;
  readonly encoding: Encoding;
  readonly separator: string;
  readonly dryRun: boolean;
  /** Parked rows by their first problem, `field reason`. */
  readonly byReason: Readonly<Record<string, number>>;
  readonly problems: readonly RowProblem[];
  /** Also of those that `problems` leaves out. */
  readonly problemCount: number;
  readonly ignoredColumns: readonly string[];
  /** Words of the mapping that are no columns of the file. */
  readonly unusedWords: readonly string[];
}

export type Submit = (records: readonly Inbound[], dryRun: boolean) => Promise<readonly Outcome[]>;

const CHUNK = 500;

/** @throws FileRefused when the file as a whole cannot be read; then nothing of it was taken @throws FileChanged */
export const loadFile = async (path: string, submit: Submit, options: LoadOptions = {}): Promise<LoadSummary> => {
  const file = basename(path);
  const before = await statOf(path, file);
  const bytesTotal = Number(before.size);
  const source = await sourceOf(path, file, options);
  const { header, rows } = await survey(source, options);
  const tally = new Tally(file, options.showProblems ?? 20, options.onProblem);
  const dryRun = options.dryRun ?? false;
  let chunk: Inbound[] = [];
  let bytesSeen = 0;
  let isHeader = true;

  const flush = async (): Promise<void> => {
    options.signal?.throwIfAborted();
    const sent = chunk;
    chunk = [];
    if (sent.length > 0 && !(await isSame(path, before))) throw new FileChanged(file);
    if (sent.length > 0) tally.add(sent, await submit(sent, dryRun));
    options.onProgress?.({ bytesRead: bytesSeen, bytesTotal, rows, ...tally.counts });
  };
  for await (const { row, bytesRead } of rowsOf(source)) {
    bytesSeen = bytesRead;
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const inbound = inboundOf(source, header, row);
    chunk.push(options.exactIds ? { ...inbound, asIs: true } : inbound);
    if (chunk.length >= CHUNK) await flush();
  }
  bytesSeen = bytesTotal;
  await flush();
  return {
    file,
    encoding: source.detected.encoding,
    separator: separatorName(source.separator),
    dryRun,
    ...tally.counts,
    ...tally.problems(),
    ignoredColumns: header.ignored,
    unusedWords: header.unused,
  };
};

interface Surveyed {
  readonly header: Header;
  readonly rows: number;
}

/** Reads the whole file before anything of it is taken. @throws FileRefused */
const survey = async (source: RowSource, { map, exactIds = false }: LoadOptions): Promise<Surveyed> => {
  const { file, detected } = source;
  let header: Header | null = null;
  let ids: IdColumns | null = null;
  let rows = 0;
  for await (const { row } of rowsOf(source)) {
    if (header === null || ids === null) {
      const stray = row.ok ? strayField(row.fields, detected.encoding) : 0;
      if (stray > 0)
        throw new FileRefused(
          file,
          row.line,
          `header ${stray}`,
          'is not in the encoding of the file; name the --encoding',
        );
      header = readHeader(file, row, map);
      ids = new IdColumns(header.columns);
      continue;
    }
    rows += 1;
    if (row.ok) ids.add(row.fields);
  }
  if (header === null || ids === null) throw new FileRefused(file, 1, 'header', 'the file is empty');
  const [rounded] = exactIds ? [] : ids.rounded();
  if (rounded)
    throw new FileRefused(
      file,
      0,
      rounded.field,
      `all ${rounded.count} values end in zeros after the fifteenth digit, as a spreadsheet leaves them: export the ids as text; if they are right, say --ids-exact`,
    );
  return { header, rows };
};

/** The file is read several times: what was found in it must still hold when its rows are taken. */
const isSame = async (path: string, before: BigIntStats): Promise<boolean> => {
  const now = await stat(path, { bigint: true }).catch(() => null);
  return now !== null && (['dev', 'ino', 'size', 'mtimeNs'] as const).every((each) => now[each] === before[each]);
};

const statOf = async (path: string, file: string): Promise<BigIntStats> => {
  const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    throw new FileRefused(
      file,
      0,
      '',
      error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.code})`,
    );
  });
  if (!found.isFile()) throw new FileRefused(file, 0, '', 'is not a file');
  return found;
};
