/** A file as rows, in its encoding and with its separator; it can be read as often as needed. */
import { CsvRecords, type CsvRow } from './csv-records.js';
import { type Detected, detectEncoding, type EncodingChoice, readText } from './encoding.js';
import { FileRefused } from './file-refused.js';
import { type ColumnMap, wordOf } from './header.js';
import { announcedSeparator, type Separator, separatorOf } from './separator.js';

export interface RowSource {
  readonly path: string;
  readonly file: string;
  readonly detected: Detected;
  readonly separator: Separator;
}

export interface RowRead {
  readonly row: CsvRow;
  /** Bytes of the file behind the piece that ended this row. */
  readonly bytesRead: number;
}

const LONGEST_HEAD = 64 * 1024;
const FIRST_LINE = /^[\r\n]*([^\r\n]+)[\r\n]/;

/** @throws FileRefused when the encoding or the separator cannot be told */
export const sourceOf = async (
  path: string,
  file: string,
  { encoding, map = {} }: { readonly encoding?: EncodingChoice | undefined; readonly map?: ColumnMap | undefined },
): Promise<RowSource> => {
  const detected = await detectEncoding(path, file, encoding);
  const line = await firstLineOf(path, detected);
  if (line === '') throw new FileRefused(file, 1, 'header', 'the file is empty');
  if (line.includes('\u0000') || line.includes('\uFFFD')) return { path, file, detected, separator: ',' };
  const found = separatorOf(line, new Set(Object.keys(map).map(wordOf)));
  if (!found.ok) throw new FileRefused(file, 1, 'header', found.reason);
  return { path, file, detected, separator: found.separator };
};

const firstLineOf = async (path: string, detected: Detected): Promise<string> => {
  let head = '';
  for await (const { text } of readText(path, detected)) {
    head += text;
    const line = FIRST_LINE.exec(head)?.[1];
    if (line !== undefined) return line;
    if (head.length > LONGEST_HEAD) break;
  }
  return head.replace(/^[\r\n]+/, '').split(/[\r\n]/)[0] ?? '';
};

/** Rows in their order, the header first. */
export async function* rowsOf({ path, detected, separator }: RowSource): AsyncGenerator<RowRead> {
  const records = new CsvRecords(separator);
  let isFirst = true;
  let bytesRead = 0;
  const read = function* (rows: Iterable<CsvRow>): Generator<RowRead> {
    for (const row of rows) {
      const isAnnounced = isFirst && row.ok && announcedSeparator(row.fields.join(separator)) !== null;
      isFirst = false;
      if (!isAnnounced) yield { row, bytesRead };
    }
  };
  for await (const piece of readText(path, detected)) {
    bytesRead = piece.bytesRead;
    yield* read(records.add(piece.text));
  }
  yield* read(records.end());
}
