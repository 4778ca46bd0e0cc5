import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BookOptions, openBook } from './book.js';
import { type BookRow, columns } from './columns.js';

const field = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** One CSV line without its end. */
export const csvLine = (row: BookRow): string => columns.map((column) => field(row[column])).join(',');

export const csvHeader = columns.join(',');

export interface WrittenFile {
  readonly path: string;
  readonly entryDate: string;
  readonly rows: number;
}

/** Writes `book-<entry date>.csv` for each of the three days; a file appears under its name only when it is whole. */
export const writeBook = async (folder: string, options: BookOptions): Promise<readonly WrittenFile[]> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const book = await openBook(options);
  const files: WrittenFile[] = [];
  for (const [day, entryDate] of book.entryDates.entries()) {
    const path = join(folder, `book-${entryDate}.csv`);
    let rows = 0;
    const lines = function* (): Generator<string> {
      yield `${csvHeader}\n`;
      for (let index = day; index < book.size; index += book.entryDates.length) {
        rows += 1;
        yield `${csvLine(book.row(index))}\n`;
      }
    };
    await pipeline(Readable.from(lines()), createWriteStream(`${path}.part`, { mode: 0o600 }));
    await rename(`${path}.part`, path);
    files.push({ path, entryDate, rows });
  }
  return files;
};
