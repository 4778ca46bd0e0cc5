/**
 * CSV as banks write it: any line ending, quotes, and rows that are broken. A broken row ends at its own line and the next
 * line is a row again, so one forgotten quote costs one row and not the rest of the file; memory is bounded by one row.
 */
import type { Separator } from './separator.js';

export type CsvRow =
  | { readonly ok: true; readonly line: number; readonly fields: readonly string[] }
  | {
      readonly ok: false;
      readonly line: number;
      /** 1-based; 0: the row as a whole. */
      readonly field: number;
      readonly reason: string;
      /** Beginning of the row's first line. */
      readonly text: string;
    };

export interface CsvLimits {
  /** Characters of a row and of a field. */
  readonly row: number;
  readonly field: number;
}

const LIMITS: CsvLimits = { row: 512 * 1024, field: 64 * 1024 };
/** Characters of a row that are kept of what cannot be read. */
export const KEPT = 16 * 1024;

type Scan =
  | { readonly kind: 'row'; readonly fields: readonly string[]; readonly end: number; readonly lines: number }
  | { readonly kind: 'broken'; readonly field: number; readonly reason: string }
  | { readonly kind: 'more' };

export class CsvRecords {
  private buffer = '';
  private line = 1;
  /** Inside a line that was given up: everything up to its end is dropped. */
  private skipping = false;
  private ended = false;

  private readonly separator: number;

  constructor(
    separator: Separator = ',',
    private readonly limits: CsvLimits = LIMITS,
  ) {
    this.separator = separator.charCodeAt(0);
  }

  /** Rows that are complete with this piece. */
  *add(text: string): Generator<CsvRow> {
    this.buffer += text;
    yield* this.drain();
  }

  *end(): Generator<CsvRow> {
    this.ended = true;
    yield* this.drain();
  }

  private *drain(): Generator<CsvRow> {
    let at = 0;
    for (;;) {
      if (this.skipping) {
        const next = this.lineEnd(at);
        if (next === null) {
          at = this.buffer.endsWith('\r') ? this.buffer.length - 1 : this.buffer.length;
          break;
        }
        at = next;
        this.line += 1;
        this.skipping = false;
      }
      if (at >= this.buffer.length) break;
      const scan = this.scan(at);
      if (scan.kind === 'more') break;
      if (scan.kind === 'row') {
        if (scan.fields.length > 1 || scan.fields[0] !== '') yield { ok: true, line: this.line, fields: scan.fields };
        at = scan.end;
        this.line += scan.lines;
        continue;
      }
      yield { ok: false, line: this.line, field: scan.field, reason: scan.reason, text: this.firstLine(at) };
      this.skipping = true;
    }
    this.buffer = this.buffer.slice(at);
  }

  private firstLine(at: number): string {
    const text = this.buffer.slice(at, at + KEPT);
    const end = text.search(/[\r\n]/);
    return end < 0 ? text : text.slice(0, end);
  }

  /** Position after the line's end; null: not in the buffer yet. */
  private lineEnd(from: number): number | null {
    for (let i = from; i < this.buffer.length; i++) {
      const c = this.buffer.charCodeAt(i);
      if (c === 10 || c === 13) return this.afterBreak(i);
    }
    return null;
  }

  /** Position after the break at `i`; null: a CR at the end may be half of a CRLF. */
  private afterBreak(i: number): number | null {
    if (this.buffer.charCodeAt(i) === 10) return i + 1;
    if (i + 1 < this.buffer.length) return this.buffer.charCodeAt(i + 1) === 10 ? i + 2 : i + 1;
    return this.ended ? i + 1 : null;
  }

  private scan(from: number): Scan {
    const { buffer } = this;
    const fields: string[] = [];
    let i = from;
    let lines = 1;
    for (;;) {
      const field = fields.length + 1;
      let value: string;
      if (buffer.charCodeAt(i) === 34) {
        const quoted = this.quoted(i + 1, from, field);
        if ('kind' in quoted) return quoted;
        value = quoted.value;
        lines += quoted.breaks;
        i = quoted.end;
      } else {
        const start = i;
        while (i < buffer.length) {
          const c = buffer.charCodeAt(i);
          if (c === this.separator || c === 10 || c === 13) break;
          if (c === 34) return { kind: 'broken', field, reason: 'has a quote inside a field that is not quoted' };
          i += 1;
        }
        value = buffer.slice(start, i);
      }
      if (value.length > this.limits.field) {
        return { kind: 'broken', field, reason: `is longer than ${this.limits.field} characters` };
      }
      if (i - from > this.limits.row) {
        return { kind: 'broken', field: 0, reason: `is longer than ${this.limits.row} characters` };
      }
      if (i >= buffer.length) {
        if (!this.ended) return { kind: 'more' };
        return { kind: 'row', fields: [...fields, value], end: i, lines };
      }
      fields.push(value);
      const c = buffer.charCodeAt(i);
      if (c === this.separator) {
        i += 1;
        continue;
      }
      if (c === 34) return { kind: 'broken', field, reason: 'has text after its closing quote' };
      const end = this.afterBreak(i);
      return end === null ? { kind: 'more' } : { kind: 'row', fields, end, lines };
    }
  }

  private quoted(
    from: number,
    rowStart: number,
    field: number,
  ): Scan | { readonly value: string; readonly end: number; readonly breaks: number } {
    const { buffer } = this;
    let value = '';
    let start = from;
    let breaks = 0;
    for (let i = from; ; i++) {
      if (i - rowStart > this.limits.row) {
        const reason = `has a quote that does not close within ${this.limits.row} characters`;
        return { kind: 'broken', field, reason };
      }
      if (i >= buffer.length) {
        if (!this.ended) return { kind: 'more' };
        return { kind: 'broken', field, reason: 'has a quote that never closes' };
      }
      const c = buffer.charCodeAt(i);
      if (c === 10 || (c === 13 && buffer.charCodeAt(i + 1) !== 10)) breaks += 1;
      if (c !== 34) continue;
      if (i + 1 >= buffer.length && !this.ended) return { kind: 'more' };
      value += buffer.slice(start, i);
      const next = buffer.charCodeAt(i + 1);
      if (next === 34) {
        value += '"';
        start = i + 2;
        i += 1;
        continue;
      }
      if (i + 1 < buffer.length && next !== this.separator && next !== 10 && next !== 13) {
        return { kind: 'broken', field, reason: 'has a quote that is not closed properly' };
      }
      return { value, end: i + 1, breaks };
    }
  }
}
