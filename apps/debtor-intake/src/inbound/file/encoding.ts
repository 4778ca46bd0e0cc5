/**
 * Which encoding a file is in, and its text piece by piece. Never guessed silently: UTF-8 where the bytes can be nothing else,
 * GB18030 where what comes out is Chinese; whoever has another says so.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import { FileRefused } from './file-refused.js';
import { isPlausibleChinese } from './plausible.js';

export const ENCODINGS = [
  'utf-8',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'windows-1252',
  'utf-16le',
  'utf-16be',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

const OTHER_NAMES: Readonly<Record<string, Encoding>> = {
  utf8: 'utf-8',
  gbk: 'gb18030',
  gb2312: 'gb18030',
  cp936: 'gb18030',
  cp950: 'big5',
  'big5-hkscs': 'big5',
  sjis: 'shift_jis',
  'shift-jis': 'shift_jis',
  cp932: 'shift_jis',
  cp949: 'euc-kr',
  cp1252: 'windows-1252',
};

/** Of the names that people use; null: none that is read. */
export const encodingNamed = (word: string): Encoding | null => {
  const name = word.trim().toLowerCase();
  return ENCODINGS.find((each) => each === name) ?? OTHER_NAMES[name] ?? null;
};

export interface Detected {
  readonly encoding: Encoding;
  /** Bytes at the beginning that are no text. */
  readonly bom: number;
}

const BOMS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['gb18030', [0x84, 0x31, 0x95, 0x33]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const bomOf = (head: Uint8Array): Detected | null => {
  const found = BOMS.find(([, bom]) => bom.every((byte, i) => head[i] === byte));
  return found ? { encoding: found[0], bom: found[1].length } : null;
};

/** Lines that are not plain ASCII, by what their bytes can be. */
export interface Census {
  readonly utf8: number;
  readonly other: number;
  /** Line of the first that is not UTF-8; 0: none. */
  readonly firstOther: number;
  /** Some of the lines that are not UTF-8. */
  readonly samples: readonly Uint8Array[];
}

const LONGEST_LINE = 1024 * 1024;
const MOST_SAMPLES = 2_000;
const SAMPLE_BYTES = 4_096;

/** Without the character that the end cuts, should it be UTF-8. */
const wholeCharacters = (bytes: Uint8Array): Uint8Array =>
  [0, 1, 2, 3].map((cut) => bytes.subarray(0, bytes.length - cut)).find((each) => isUtf8(each)) ?? bytes;

/** Takes a file's bytes in pieces, however they are cut. */
export class LineCensus {
  private readonly found = { utf8: 0, other: 0, firstOther: 0, samples: [] as Uint8Array[] };
  private rest: Buffer = Buffer.alloc(0);
  private line = 1;
  private afterCr = false;
  /** Of a giant line the beginning was noted; the rest of it tells nothing more. */
  private isNoted = false;

  add(piece: Uint8Array): void {
    const bytes = this.rest.length === 0 ? Buffer.from(piece) : Buffer.concat([this.rest, piece]);
    let from = 0;
    for (let i = this.rest.length; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte !== 10 && byte !== 13) {
        this.afterCr = false;
        continue;
      }
      if (byte === 10 && this.afterCr) this.afterCr = false;
      else {
        this.noteLine(bytes.subarray(from, i));
        this.isNoted = false;
        this.line += 1;
        this.afterCr = byte === 13;
      }
      from = i + 1;
    }
    this.rest = bytes.subarray(from);
    if (this.rest.length <= LONGEST_LINE) return;
    this.noteLine(wholeCharacters(this.rest));
    this.isNoted = true;
    this.rest = Buffer.alloc(0);
  }

  end(): Census {
    this.noteLine(this.rest);
    this.rest = Buffer.alloc(0);
    return this.found;
  }

  private noteLine(line: Uint8Array): void {
    if (!this.isNoted) this.note(line);
  }

  private note(line: Uint8Array): void {
    if (!line.some((byte) => byte >= 0x80)) return;
    if (isUtf8(line)) {
      this.found.utf8 += 1;
      return;
    }
    this.found.other += 1;
    this.found.firstOther ||= this.line;
    if (this.found.samples.length < MOST_SAMPLES) this.found.samples.push(Buffer.from(line.subarray(0, SAMPLE_BYTES)));
  }
}

/** @returns null when it cannot be told for certain. The lines of the other encoding are damage, each parked by itself. */
export const encodingOf = ({ utf8, other, samples }: Census): 'utf-8' | 'gb18030' | null => {
  if (other === 0 || utf8 > other) return 'utf-8';
  if (utf8 === other) return null;
  return isPlausibleChinese(samples.map((bytes) => iconv.decode(Buffer.from(bytes), 'gb18030'))) ? 'gb18030' : null;
};

/** Reads the file once where no byte order mark and no choice tells its encoding. @throws FileRefused */
export const detectEncoding = async (
  path: string,
  file: string,
  choice: EncodingChoice = 'auto',
): Promise<Detected> => {
  const census = new LineCensus();
  let isFirst = true;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    if (isFirst) {
      const marked = bomOf(piece);
      if (marked && choice !== 'auto' && choice !== marked.encoding)
        throw new FileRefused(
          file,
          1,
          'encoding',
          `the file begins with the mark of ${marked.encoding}, not ${choice}`,
        );
      if (marked) return marked;
      if (choice !== 'auto') return { encoding: choice, bom: 0 };
      isFirst = false;
    }
    census.add(piece);
  }
  const counted = census.end();
  const encoding = choice === 'auto' ? encodingOf(counted) : choice;
  if (encoding === null) throw new FileRefused(file, counted.firstOther, 'encoding', unclear(counted));
  return { encoding, bom: 0 };
};

export type EncodingChoice = Encoding | 'auto';

const unclear = ({ utf8, other }: Census): string =>
  `cannot be told for certain (lines that are not UTF-8: ${other}, lines in UTF-8 beyond ASCII: ${utf8}; as GB18030 they are not plain Chinese): name it with --encoding, one of ${ENCODINGS.join(', ')}`;

export interface TextPiece {
  readonly text: string;
  /** Bytes of the file behind this piece, from its beginning. */
  readonly bytesRead: number;
}

/** The file's text, piece by piece; undecodable bytes become U+FFFD. */
export async function* readText(path: string, { encoding, bom }: Detected): AsyncGenerator<TextPiece> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false });
  let bytesRead = bom;
  for await (const piece of createReadStream(path, {
    start: bom,
    highWaterMark: 256 * 1024,
  }) as AsyncIterable<Buffer>) {
    bytesRead += piece.length;
    yield { text: decoder.write(piece), bytesRead };
  }
  const rest = decoder.end();
  if (rest) yield { text: rest, bytesRead };
}

const UNDECODED = /[\uFFFD\p{Cs}]/u;
const UNUSED = /[\uFFFD\p{Cs}\p{Co}\p{Cn}]/u;
const NOT_ASCII = /[^\p{ASCII}]/u;
const EAST_ASIAN =
  /^[\p{ASCII}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef·]*$/u;

/** Text that cannot have been written in the file's encoding: the row was, by another program. */
const isStray = (text: string, encoding: Encoding): boolean => {
  if (!NOT_ASCII.test(text)) return false;
  if (encoding.startsWith('utf-')) return UNDECODED.test(text);
  if (UNUSED.test(text)) return true;
  const bytes = iconv.encode(text, encoding);
  return isUtf8(bytes) && (encoding === 'windows-1252' || EAST_ASIAN.test(bytes.toString('utf8')));
};

/** 1-based place of the first field that is not in the file's encoding; 0: all are. */
export const strayField = (fields: readonly string[], encoding: Encoding): number =>
  fields.findIndex((field) => isStray(field, encoding)) + 1;
