/** A row as a record at the door, or as what could not be read of it. */
import { hintOf } from '../../bank-record/hint.js';
import type { Problem } from '../../bank-record/record.js';
import type { Inbound } from '../outcome.js';
import type { CsvRow } from './csv-records.js';
import { strayField } from './encoding.js';
import type { Header } from './header.js';
import type { RowSource } from './read-rows.js';
import { separatorName } from './separator.js';

type Source = Pick<RowSource, 'file' | 'detected' | 'separator'>;

export const inboundOf = (source: Source, header: Header, row: CsvRow): Inbound => {
  const { columns } = header;
  if (!row.ok) {
    const field = row.field === 0 ? 'row' : nameAt(columns, row.field);
    const problem = { field, reason: row.reason, value: hintOf(row.text) };
    return unread(source, header, row.line, row.text, row.text.split(source.separator), problem);
  }
  const text = row.fields.join(source.separator);
  if (row.fields.length !== columns.length) {
    const problem = {
      field: 'row',
      reason: wrongCount(row.fields.length, columns.length, source),
      value: hintOf(text),
    };
    return unread(source, header, row.line, text, row.fields, problem);
  }
  const stray = strayField(row.fields, source.detected.encoding);
  if (stray > 0) {
    const reason = `is not in the encoding of the file (${source.detected.encoding})`;
    return unread(source, header, row.line, text, row.fields, { field: nameAt(columns, stray), reason, value: '' });
  }
  const raw: Record<string, string> = {};
  columns.forEach((name, i) => {
    if (name !== null) raw[name] = row.fields[i]!;
  });
  return { channel: channelOf(source, row.line), raw };
};

const channelOf = ({ file }: Source, line: number) => ({ kind: 'file', name: file, offset: line }) as const;

const nameAt = (columns: Header['columns'], place: number): string => columns[place - 1] ?? `column ${place}`;

const wrongCount = (fields: number, columns: number, { separator }: Source): string => {
  const hint =
    separator === ';' || separator === '|' ? `; a list with ${separatorName(separator)}s must be in quotes` : '';
  return `has ${fields} fields, the header has ${columns}${hint}`;
};

/** The id stands beside the text, so that the record that replaces it is known. */
const unread = (
  source: Source,
  { columns }: Header,
  line: number,
  row: string,
  cells: readonly string[],
  problem: Problem,
): Inbound => {
  const id = cells[columns.indexOf('bank_event_id')]?.replace(/^"|"$/g, '').trim() ?? '';
  const raw = id === '' ? { row } : { row, bank_event_id: id };
  return { channel: channelOf(source, line), raw, broken: [problem] };
};
